"""How many tenant POSTs may be under way, and when to stop. Knows threads; no HTTP, no Pulumi.

Nobody knows a real appliance's answer before it was seen. So the first POST of a run goes alone, and others
follow only when it delivered a usable credential. An answer without one, or two unknown outcomes, ends all
POSTs of the run: a wrong guess burns one name, not sixty.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import AnswerUnusable, OutcomeUnknown, Stopped
from .limits import Limits
from .once import Once

UNKNOWN_OUTCOMES_ALLOWED = 1


class Posting:
    """The turns of one run on one appliance. A run is a process: the engine starts a new one each time."""

    def __init__(self, at_once: int, limits: Limits | None = None) -> None:
        self._at_once = at_once
        self.limits = limits or Limits()
        self._proven = False
        self._under_way = 0
        self._unknown = 0
        self._stopped_by = ""
        self.declared: set[str] = set()  # tenants that `create` has given to the state in this run
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, tenant: str) -> Iterator[None]:
        """Wait for a turn, then POST inside. Leave normally only with a usable credential in hand.

        Raises Stopped where an earlier answer made further POSTs unsafe, or the run has sent as many as it may.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopped_by or self._under_way < self._places())
            if self._stopped_by:
                raise Stopped(
                    f"tenant {tenant} was not tried: {self._stopped_by}. Nothing was sent for it; once that is "
                    "cleared up, run the update again"
                )
            self.limits.post(tenant)
            self._under_way += 1
        try:
            yield
            self._proven = True
        except AnswerUnusable as error:
            self.stop(f"the appliance's answer for {tenant} could not be used ({type(error).__name__})")
            raise
        except OutcomeUnknown:
            with self._changed:
                self._unknown += 1
            if self._unknown > UNKNOWN_OUTCOMES_ALLOWED:
                self.stop(f"{self._unknown} requests of this run have an unknown outcome, the last for {tenant}")
            raise
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def stop(self, why: str) -> None:
        """No further POST in this run; `why` is what the tenants that were not tried will say."""
        with self._changed:
            self._stopped_by = self._stopped_by or why

    def _places(self) -> int:
        return self._at_once if self._proven else 1


@Once
def of(_rta: str, at_once: int, limits: Limits | None = None) -> Posting:
    """The one set of turns of this process for an appliance."""
    return Posting(at_once, limits)
