"""Key pairs of the provisioning application, rotated by overlap: no moment at which a run of a fleet fails.

A private key is made here, or given by a person. An application has room for two. The new key is in the escrow before
the appliance knows it; it is added beside the old one and proved at the token endpoint before the state gets it; the
old one goes later. Every step can be repeated, so a run that dies is continued. Knows no Pulumi. Source: the vendor's
pages on Private Key JWT and on rotating credentials.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from . import application_rotation, assertion, redaction
from .applications import Applications, PublicKey
from .errors import Refused
from .escrow import Escrow
from .provisioning_application_state import Application, Note
from .settings import Credential

ROOM = 2


def begun(escrow: Escrow, last: Application, rotation: str, *, note: Note, given: str = "") -> Note:
    """The note with the key that is to come: `given`, or a new one, or that of an earlier run that died on the way.

    Raises Refused where another key is asked for, and the one in use is given.
    """
    if given and is_in_use(given, last):
        if rotation != last.rotate:
            raise Refused(
                f"application {last.client_id}: psaas:rotate asks for another key, and the one that is given as "
                "psaas:applicationPrivateKey is in use. Give another one, or none to have it made here"
            )
        return replace(note, client_id=last.client_id, client_key=given)
    waits = note.client_id == last.client_id and note.client_key not in ("", last.client_key)
    if waits and note.rotation == rotation and given in ("", note.client_key):
        return note
    note = replace(
        note, client_id=last.client_id, client_key=given or assertion.new_key(), rotation=rotation,
        previous_key=last.client_key,
    )  # fmt: skip
    redaction.remember(note.client_key)
    escrow.keep_note(application_rotation.subject(last), note.stored())
    return note


def is_in_use(key: str, last: Application) -> bool:
    """Whether it is the key that the state has, however it is written."""
    return bool(last.client_key) and assertion.key_id(key) == assertion.key_id(last.client_key)


def finished(
    applications: Applications, last: Application, *, note: Note, sleep: Callable[[float], None] = time.sleep
) -> None:
    """The note's key is in force beside the one of `last`, and proved. Raises WrongCredential where it is refused."""
    wanted = assertion.key_id(note.client_key)
    there = applications.keys(last.client_id)
    if wanted not in [key.key_id for key in there]:
        _make_room(applications, last, there)
        applications.add_key(last.client_id, assertion.public_key(note.client_key), key_id=wanted)
    in_force = [wanted, assertion.key_id(last.client_key)] if last.client_key else [wanted]
    _sign_with(applications, last.client_id, in_force)
    application_rotation.prove(applications, Credential(last.client_id, "", private_key=note.client_key), sleep)


def problem(applications: Applications, application: Application) -> str:
    """What is not as declared of the keys that the application may sign with; "" if nothing is."""
    named = applications.signs_with(application.client_id)
    known = {key.name: key.key_id for key in applications.keys(application.client_id)}
    wanted = application.key_ids
    if wanted[0] not in [known.get(name, "") for name in named]:
        return "its key in the state is refused"
    others = sorted(set(known.values()) - set(wanted))
    return f"it has {len(others)} keys that are not ours" if others else ""


def put_right(applications: Applications, application: Application) -> None:
    """Only its own keys are left: the one in the state, and the one before it while that is good."""
    _sign_with(applications, application.client_id, application.key_ids)
    for key in applications.keys(application.client_id):
        if key.key_id not in application.key_ids:
            applications.delete_key(application.client_id, key)


def given_up(applications: Applications, client_id: str) -> None:
    """It proves itself by its secret again, and no key is left."""
    applications.prove_by_secret(client_id)
    for key in applications.keys(client_id):
        applications.delete_key(client_id, key)


def _make_room(applications: Applications, last: Application, there: Sequence[PublicKey]) -> None:
    """A second key that is not the state's goes, so that the new one has its place."""
    if len(there) < ROOM:
        return
    own = assertion.key_id(last.client_key) if last.client_key else ""
    kept = next((key for key in there if key.key_id == own), there[0])
    applications.sign_with(last.client_id, [kept])
    for key in there:
        if key != kept:
            applications.delete_key(last.client_id, key)


def _sign_with(applications: Applications, client_id: str, key_ids: Sequence[str]) -> None:
    applications.sign_with(client_id, [key for key in applications.keys(client_id) if key.key_id in key_ids])
