"""The provisioning application made once, or found where a run that died has left it, and its secret. Knows no Pulumi.

A note with a marker is in the escrow before the POST, and an application with that marker is taken over by the next
run.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from . import application_rotation
from . import provisioning_application_state as state
from .applications import Applications
from .errors import Conflict, NotFound, OutcomeUnknown, Refused
from .escrow import Escrow
from .provisioning_application_state import Application, Note
from .settings import Credential

log = logging.getLogger("psaas")


def named(applications: Applications, client_id: str) -> dict[str, Any]:
    """The application with this client ID. Raises NotFound."""
    live = applications.get(client_id)
    if live is None:
        raise NotFound(
            f"there is no application {client_id}; if it was deleted, refresh the stack and run the update again",
            status=404,
        )
    return live


def made_once(
    applications: Applications, wanted: Application, note: Note, *, warn: Callable[[str], None]
) -> dict[str, Any]:
    """The application that a run of ours has left behind, or a new one.

    Raises Conflict where another has its name, OutcomeUnknown where nobody knows whether it is there.
    """
    return _left_behind(applications, wanted, note) or _posted(applications, wanted, note, warn=warn)


def secret_of(
    applications: Applications, escrow: Escrow, live: Mapping[str, Any], *, note: Note, wanted: Application
) -> str:
    """Its secret: as the appliance tells it, as the escrow or a person has it, or a new one if it is ours.

    A new one is in the escrow first. Raises Refused where a person must say that it may be replaced.
    """
    client_id = str(live["client_id"])
    if told := live.get("client_secret"):
        return str(told)
    given = applications.settings.provisioning
    known = [note.client_secret] if note.client_id == client_id else []
    known += [given.client_secret, *given.other_secrets] if given and given.client_id == client_id else []
    for secret in filter(None, known):
        if applications.proves(Credential(client_id, secret)):
            return secret
    if wanted.adopt and not wanted.rotate:
        raise Refused(
            f"application {client_id} is not taken over: its secret is not known. Give it (psaas:clientId and "
            "PSAAS_CLIENT_SECRET), let the admin application read it (read:client_keys), or set psaas:rotate to "
            "have it replaced, which ends the old one for everybody who uses it"
        )
    new = secrets.token_urlsafe(48)
    kept = replace(note, client_id=client_id, client_secret=new)
    escrow.keep_note(application_rotation.subject(wanted), kept.stored())
    return applications.set_secret(client_id, new)


def _left_behind(applications: Applications, wanted: Application, note: Note) -> dict[str, Any] | None:
    """An application of ours from a run that died. One of the same name that is not ours stops the run."""
    if note.client_id and (live := applications.get(note.client_id)):
        log.info("application %s is taken back from the escrow; nothing is posted", note.client_id)
        return live
    same_name = ""
    for one in applications.all():
        if (one.get("client_metadata") or {}).get(state.MARKER) == note.marker:
            log.info("application %s was left by an earlier run and is taken over", one.get("client_id"))
            return named(applications, str(one.get("client_id")))
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


def _posted(
    applications: Applications, wanted: Application, note: Note, *, warn: Callable[[str], None]
) -> dict[str, Any]:
    """A new application, with the note's marker."""
    properties = {**state.properties_of(wanted), "client_metadata": {state.MARKER: note.marker}}
    try:
        return applications.create(properties)
    except OutcomeUnknown as error:
        warn(f"{error}; looking whether the application is there")
        if (live := _left_behind(applications, wanted, note)) is None:
            raise OutcomeUnknown(
                f'whether the application "{wanted.name}" was made is not known, and the appliance lists none of '
                "that mark; run the update again, which looks before it makes another"
            ) from None
        return live
