"""A credential into its place, if it isn't there: never over what isn't ours, nor over what others just wrote."""

from __future__ import annotations

from ..errors import SinkDown, SinkError
from ..handed_over import HandedOver
from ..sink_place import SinkPlace
from .found import OvertakenError, Sink, Whose

ATTEMPTS = 4


def deliver(sink: Sink, place: SinkPlace, what: HandedOver, *, adopt: bool = False) -> bool:
    """Make `place` hold `what`; False if it did already. It may be done again at any time.

    `adopt` allows to take over a place that isn't ours. Raises SinkError, SinkDown, ConfigError.
    """
    for _ in range(ATTEMPTS):
        found = sink.look(place, Whose(what.tenant, what.domain))
        if found and found.owner and not adopt:
            raise SinkError(
                f"{place} {found.owner}, and is not overwritten with the credential of tenant {what.tenant}; "
                "name another place in the stack file, or set `adopt: true` on its `sink` to take it over"
            )
        if found and found.fingerprint == what.fingerprint and not found.owner:
            return False
        try:
            sink.write(place, what, found)
        except OvertakenError:
            continue
        return True
    raise SinkDown(f"{place} was changed by others {ATTEMPTS} times while it was being written")
