"""What is done about the provisioning application: made, taken over, looked at, kept off every connection, let go.

Knows the rules; knows no Pulumi. Its secret is in the escrow before anything else happens. How it is made once, and
found again, is in `application_creation`; how a secret is rotated in `application_rotation`, and how a key in
`application_keys`.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from . import application_creation, application_keys, application_rotation, assertion
from . import provisioning_application_state as state
from .applications import Applications
from .enabled_connections import Connection, Connections
from .errors import EscrowError, PsaasError, Refused
from .escrow import Escrow
from .provisioning_application_state import Application, Note

log = logging.getLogger("psaas")


class ProvisioningApplicationHandler:
    """Makes the provisioning application be what was declared. Touches no other application."""

    def __init__(
        self,
        applications: Applications,
        connections: Connections,
        escrow: Escrow,
        *,
        warn: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._applications, self._connections, self._escrow = applications, connections, escrow
        self._warn, self._now = warn, now

    def create(self, wanted: Application) -> Application:
        """Make the application, or take over the one that `adopt` names or that a run of ours has left behind."""
        self._escrow.probe()
        note = self._note(wanted) or self._noted(wanted, Note(marker=secrets.token_hex(16)))
        if wanted.adopt:
            live = application_creation.named(self._applications, wanted.adopt)
            log.info("application %s is taken over, with all its connections off", wanted.adopt)
        else:
            live = application_creation.made_once(self._applications, wanted, note, warn=self._warn)
        client_id = str(live["client_id"])
        secret = application_creation.secret_of(self._applications, self._escrow, live, note=note, wanted=wanted)
        note = self._noted(wanted, replace(note, client_id=client_id, client_secret=secret))
        ours = not wanted.adopt
        made = replace(
            wanted, client_id=client_id, client_secret=secret, secret_since=self._time() if ours else ""
        )  # fmt: skip
        if wanted.signs:
            made = self._with_a_new_key(made, made, note)
        return self._brought_in_line(made, live)

    def read(self, last: Application) -> Application | None:
        """The application as it is now; None on proof that it is gone. A secret set by hand is taken into the state."""
        live = self._applications.get(last.client_id)
        if live is None:
            return None
        enabled = [connection.name for connection in self._connections.enabled_for(last.client_id)]
        drift = state.drift_of(last, live, enabled)
        if last.client_key:
            wrong = application_keys.problem(self._applications, last)
            return replace(last, drift=(*drift, wrong) if wrong else drift)
        if secret := live.get("client_secret"):
            if secret != last.client_secret:
                self._warn(f"application {last.client_id}: its secret was changed out of band; the state follows")
                last = replace(last, secret_since=self._time())
            return replace(last, drift=drift, client_secret=str(secret))
        if not self._applications.proves(last.credential):
            drift = (*drift, "its secret in the state is refused")
        return replace(last, drift=drift)

    def update(self, last: Application, wanted: Application) -> Application:
        """Rotate where another marker asks for it, then put right what is not as declared."""
        if wanted.adopt and wanted.adopt != last.client_id:
            raise Refused(
                f"application {last.client_id} is managed already, and adopt names {wanted.adopt}: let go of the first "
                "(`pulumi state delete --force` its URN), then take over the other"
            )
        live = application_creation.named(self._applications, last.client_id)
        kept = replace(wanted, client_id=last.client_id, client_secret=last.client_secret)
        kept = replace(kept, rotate=wanted.rotate or last.rotate, secret_since=last.secret_since)
        broken = any("refused" in words for words in last.drift)
        note = self._note(last) or Note(marker=secrets.token_hex(16))
        rotates = bool(wanted.rotate and wanted.rotate != last.rotate) or broken
        kept = replace(
            kept, client_key=last.client_key, previous_key_id=last.previous_key_id, key_rotated_at=last.key_rotated_at
        )
        if wanted.signs:
            if rotates or not last.client_key:
                kept = self._with_a_new_key(last, kept, note)
                note = self._note(last) or note
            elif kept.key_had_its_time(self._now()):
                kept = replace(kept, previous_key_id="")
        elif last.client_key:
            application_keys.given_up(self._applications, last.client_id)
            kept = replace(kept, client_key="", previous_key_id="", key_rotated_at="")
            rotates = True
        if rotates and not wanted.signs:
            note = application_rotation.begun(self._escrow, last, kept.rotate, note=note)
            note = application_rotation.finished(self._applications, self._escrow, last, note=note)
            kept = replace(kept, client_secret=note.client_secret, secret_since=self._time())
        if wanted.name != last.name:
            self._noted(wanted, note)  # notes lie under the application's name
        return self._brought_in_line(kept, live)

    def _with_a_new_key(self, last: Application, kept: Application, note: Note) -> Application:
        """The application with another key, beside the one that it has."""
        given = self._applications.settings.application_private_key
        note = application_keys.begun(self._escrow, last, kept.rotate, note=note, given=given)
        application_keys.finished(self._applications, last, note=note)
        if application_keys.is_in_use(note.client_key, last):
            return kept
        before = assertion.key_id(last.client_key) if last.client_key else ""
        return replace(
            kept, client_key=note.client_key, previous_key_id=before, key_rotated_at=self._time() if before else "",
            secret_since=self._time(),
        )  # fmt: skip

    def delete(self, last: Application) -> None:
        """Delete the application, unless tenants remain that only it can look after."""
        allowed = last.client_id in self._applications.settings.allow_delete
        remain = self._applications.tenants_remain(last.credential)
        if remain or (remain is None and not allowed):
            why = "tenants remain on" if remain else "nothing proves that no tenant remains on"
            way = "" if remain else f", or name it for this run (PSAAS_ALLOW_DELETE={last.client_id})"
            raise Refused(
                f"application {last.client_id} is kept: it makes and looks after tenants, and {why} {last.rta}. To "
                f"stop managing it, `pulumi state delete --force` its URN; to end it, delete it in the dashboard{way}"
            )
        self._applications.delete(last.client_id)
        self._escrow.drop_note(application_rotation.subject(last))

    def settle(self, last: Application) -> None:
        """Forget the secret before a rotation, once the durable state has the one after it."""
        try:
            note = self._note(last)
            if note and note.previous and note.client_secret == last.client_secret:
                note = self._noted(last, replace(note, previous=""))
            if note and note.previous_key and note.client_key == last.client_key:
                self._noted(last, replace(note, previous_key=""))
        except EscrowError as error:
            self._warn(f"application {last.client_id}: its note in the escrow is left alone: {error}")

    def _brought_in_line(self, wanted: Application, live: Mapping[str, Any]) -> Application:
        """The application with everything as declared. What can't be put right now is drift, and mended by the next
        update: an exception would lose the application from the state.
        """
        failed: list[str] = []
        try:
            if wrong := state.out_of_line(wanted, live):
                self._applications.update(wanted.client_id, wrong)
            if wanted.client_key:
                application_keys.put_right(self._applications, wanted)
            for connection in self._connections.enabled_for(wanted.client_id):
                self._disable(wanted, connection)
            live = application_creation.named(self._applications, wanted.client_id)
            enabled = [connection.name for connection in self._connections.enabled_for(wanted.client_id)]
            failed += state.drift_of(wanted, live, enabled)
        except PsaasError as error:
            failed.append(f"could not be put right: {error}")
        for words in failed:
            self._warn(f"application {wanted.client_id}: {words}; the next update puts it right")
        return replace(wanted, drift=tuple(failed))

    def _disable(self, wanted: Application, connection: Connection) -> None:
        log.info('application %s is taken off the connection "%s"', wanted.client_id, connection.name)
        self._connections.disable(wanted.client_id, connection)

    def _time(self) -> str:
        return self._now().isoformat(timespec="seconds")

    def _note(self, wanted: Application) -> Note | None:
        found = self._escrow.find_note(application_rotation.subject(wanted))
        return Note.of(found) if found else None

    def _noted(self, wanted: Application, note: Note) -> Note:
        self._escrow.keep_note(application_rotation.subject(wanted), note.stored())
        return note
