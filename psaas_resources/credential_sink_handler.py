"""What is done about a credential's place in a sink: written, looked at, put right, let be. Knows no Pulumi.

A sink that gives no usable answer is a `problem`, and every update tries again; what it refuses is an error, since a
person must mend it. Nothing is ever taken out of a sink: a team may still read there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import sinks, tenant_access
from .credential_sink_state import CredentialSinkState
from .errors import PsaasError, SinkDown
from .escrow import Escrow
from .handed_over import HandedOver
from .keyring import Keyring
from .settings import Credential, Settings

log = logging.getLogger("psaas")


class CredentialSinkHandler:
    """Makes a place in a sink hold a tenant's present credential."""

    def __init__(
        self,
        settings: Settings,
        escrow: Escrow,
        keyring: Keyring,
        *,
        warn: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._escrow, self._keyring = settings, escrow, keyring
        self._warn, self._now = warn, now

    def create(self, wanted: CredentialSinkState) -> CredentialSinkState:
        """Write the credential, unless it lies there. Raises only for what a person must mend."""
        return self._put_right(wanted)

    def read(self, last: CredentialSinkState) -> CredentialSinkState:
        """What lies there now. A look that fails leaves the state as it is, with a warning."""
        if not last.fingerprint:
            return last
        whose = sinks.Whose(last.tenant, last.domain)
        try:
            found = sinks.of(last.sink, self._settings.sink).look(last.sink, whose)
        except PsaasError as error:
            self._warn(f"the sink of tenant {last.tenant} could not be looked at, its state is kept: {error}")
            return last
        if found is None or (found.fingerprint == last.fingerprint and not found.owner):
            return replace(last, seen=last.fingerprint)
        return replace(last, seen="" if found.owner else found.fingerprint)

    def update(self, last: CredentialSinkState, wanted: CredentialSinkState) -> CredentialSinkState:
        """Write what differs, at the place of today. What lies at an earlier place stays there, and is named."""
        if wanted.sink != last.sink and last.fingerprint:
            self._warn(
                f"tenant {last.tenant}: the credential that lies in {last.sink} stays there; remove it once nobody "
                "reads it there"
            )
            return self._put_right(replace(wanted, written_at=last.written_at))
        kept = replace(wanted, fingerprint=last.fingerprint, seen=last.seen, written_at=last.written_at)
        return self._put_right(kept)

    def delete(self, last: CredentialSinkState) -> None:
        """Nothing is sent: what lies there stays, and nobody keeps it up to date."""
        if last.fingerprint:
            log.info("the credential of tenant %s stays in %s, not kept up to date", last.tenant, last.sink)

    def _put_right(self, state: CredentialSinkState) -> CredentialSinkState:
        credential = self.credential(state)
        if credential is None:
            return self._not_yet(state, _nothing_to_write(state))
        what = HandedOver(state.tenant, state.domain, credential.client_id, credential.client_secret)
        try:
            written = sinks.deliver(sinks.of(state.sink, self._settings.sink), state.sink, what, adopt=state.adopt)
        except SinkDown as error:
            return self._not_yet(state, str(error))
        at = self._now().isoformat(timespec="seconds") if written or not state.written_at else state.written_at
        known = replace(state, fingerprint=what.fingerprint, seen=what.fingerprint, written_at=at)
        return replace(known, ready=True, problem="")

    def credential(self, state: CredentialSinkState) -> Credential | None:
        """The credential that belongs there, as this run has met it; None where it has not."""
        if state.client:
            return self._keyring.find(state.rta, state.holder)
        return tenant_access.credential_of(state.tenant, rta=state.rta, keyring=self._keyring, escrow=self._escrow)

    def _not_yet(self, state: CredentialSinkState, problem: str) -> CredentialSinkState:
        self._warn(f"the credential of tenant {state.tenant} is not in its sink, each update tries again: {problem}")
        return state.failed(problem)


def _nothing_to_write(state: CredentialSinkState) -> str:
    if state.client:
        return (
            f"the application {state.client} of tenant {state.tenant} has no credential yet, or was left out of this "
            "run (`--target`)"
        )
    return tenant_access.no_credential(state.tenant)
