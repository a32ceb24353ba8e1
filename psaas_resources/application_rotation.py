"""A new secret for the provisioning application, none of whose steps a dying run can lose. Knows no Pulumi.

The new secret is made here and is in the escrow before the appliance knows it, so that setting it can be repeated; it
is proved at the token endpoint before the state gets it. For half a minute after the change the appliance may accept
either secret. Source: the vendor's page on rotating client secrets.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from .applications import Applications
from .errors import WrongCredential
from .escrow import Escrow
from .provisioning_application_state import Application, Note
from .settings import Credential

EITHER_SECRET_SECONDS = 30.0
PAUSE_SECONDS = 2.0


def begun(escrow: Escrow, last: Application, rotation: str, *, note: Note) -> Note:
    """The note with the secret that is to come: a new one, or that of an earlier run that died on the way."""
    waits = note.client_id == last.client_id and note.client_secret not in ("", last.client_secret)
    if waits and note.rotation == rotation:
        return note
    note = replace(
        note, client_id=last.client_id, client_secret=secrets.token_urlsafe(48), rotation=rotation,
        previous=last.client_secret,
    )  # fmt: skip
    escrow.keep_note(subject(last), note.stored())
    return note


def finished(
    applications: Applications, escrow: Escrow, last: Application, *, note: Note,
    sleep: Callable[[float], None] = time.sleep,
) -> Note:  # fmt: skip
    """The note, once its secret is in force and proved. Raises WrongCredential where it is refused for too long."""
    in_force = applications.set_secret(last.client_id, note.client_secret)
    if in_force != note.client_secret:
        note = replace(note, client_secret=in_force)
        escrow.keep_note(subject(last), note.stored())
    prove(applications, Credential(last.client_id, in_force), sleep)
    return note


def subject(application: Application) -> str:
    """Under which name the escrow keeps the note about an application."""
    digest = hashlib.sha256(application.name.encode()).hexdigest()[:16]
    return f"application-{digest}"


def prove(applications: Applications, credential: Credential, sleep: Callable[[float], None]) -> None:
    """Wait until a new secret or key is accepted, for as long as the appliance may need."""
    waited, what = 0.0, "key" if credential.private_key else "secret"
    while not applications.proves(credential):
        if waited > EITHER_SECRET_SECONDS:
            raise WrongCredential(
                f"application {credential.client_id} was given a new {what}, and the token endpoint refuses it after "
                f"{waited:.0f} s. The {what} is in the escrow; run the update again",
                status=401,
            )
        sleep(PAUSE_SECONDS)
        waited += PAUSE_SECONDS
