"""What is done about the provisioning application: made, taken over, looked at, kept off every connection, let go.

Knows the rules; knows no Pulumi. The application is made once: a note with a marker is in the escrow before the POST,
and an application with that marker, left by a run that died, is found again and taken over. Its secret is in the
escrow before anything else happens. How a secret is rotated is in `application_rotation`, and how a key in
`application_keys`.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from . import application_keys, application_rotation, assertion
from . import provisioning_application_state as state
from .applications import Applications
from .enabled_connections import Connection, Connections
from .errors import Conflict, EscrowError, NotFound, OutcomeUnknown, PsaasError, Refused
from .escrow import Escrow
from .provisioning_application_state import Application, Note
from .settings import Credential

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
            live = self._named(wanted.adopt)
            log.info("application %s is taken over, with all its connections off", wanted.adopt)
        else:
            live = self._left_behind(wanted, note) or self._make(wanted, note)
        client_id = str(live["client_id"])
        secret = self._secret_of(live, note, wanted)
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
                "(`pulumi state delete` its URN), then take over the other"
            )
        live = self._named(last.client_id)
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
                f"application {last.client_id} is kept: it makes and looks after tenants, and {why} {last.rta}. "
                f"To stop managing it, `pulumi state delete` its URN; to end it, delete it in the dashboard{way}"
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

    def _named(self, client_id: str) -> dict[str, Any]:
        live = self._applications.get(client_id)
        if live is None:
            raise NotFound(
                f"there is no application {client_id}; if it was deleted, refresh the stack and run the update again",
                status=404,
            )
        return live

    def _left_behind(self, wanted: Application, note: Note) -> dict[str, Any] | None:
        """An application of ours from a run that died. One of the same name that is not ours stops the run."""
        if note.client_id and (live := self._applications.get(note.client_id)):
            log.info("application %s is taken back from the escrow; nothing is posted", note.client_id)
            return live
        same_name = ""
        for one in self._applications.all():
            if (one.get("client_metadata") or {}).get(state.MARKER) == note.marker:
                log.info("application %s was left by an earlier run and is taken over", one.get("client_id"))
                return self._named(str(one.get("client_id")))
            if one.get("name") == wanted.name:
                same_name = str(one.get("client_id"))
        if same_name:
            raise Conflict(
                f'an application "{wanted.name}" exists already: {same_name}. To take it over, which switches all its '
                "connections off, set psaas:adoptApplication to that client ID; or give ours another name "
                "(psaas:applicationName)",
                status=409,
            )
        return None

    def _make(self, wanted: Application, note: Note) -> dict[str, Any]:
        properties = {**state.properties_of(wanted), "client_metadata": {state.MARKER: note.marker}}
        try:
            return self._applications.create(properties)
        except OutcomeUnknown as error:
            self._warn(f"{error}; looking whether the application is there")
            if (live := self._left_behind(wanted, note)) is None:
                raise OutcomeUnknown(
                    f'whether the application "{wanted.name}" was made is not known, and the appliance lists none of '
                    "that mark; run the update again, which looks before it makes another"
                ) from None
            return live

    def _secret_of(self, live: Mapping[str, Any], note: Note, wanted: Application) -> str:
        """Its secret: as the appliance tells it, as the escrow or a person has it, or a new one if it is ours."""
        client_id = str(live["client_id"])
        if told := live.get("client_secret"):
            return str(told)
        given = self._applications.settings.provisioning
        known = [note.client_secret] if note.client_id == client_id else []
        known += [given.client_secret, *given.other_secrets] if given and given.client_id == client_id else []
        for secret in filter(None, known):
            if self._applications.proves(Credential(client_id, secret)):
                return secret
        if wanted.adopt and not wanted.rotate:
            raise Refused(
                f"application {client_id} is not taken over: its secret is not known. Give it (psaas:clientId and "
                "PSAAS_CLIENT_SECRET), let the admin application read it (read:client_keys), or set psaas:rotate to "
                "have it replaced, which ends the old one for everybody who uses it"
            )
        made = secrets.token_urlsafe(48)
        self._noted(wanted, replace(note, client_id=client_id, client_secret=made))
        return self._applications.set_secret(client_id, made)

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
            live = self._named(wanted.client_id)
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
