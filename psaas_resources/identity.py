"""Which appliance this is: the one that was met before, or another under its name. Knows no Pulumi.

The first run that gets a token notes the RTA's signing keys beside the escrow, and each list of tenants what it
held. Later runs compare. A rotated key is a warning. No known key at all, or a list that has lost many tenants at
once, looks like a restored backup, another installation or a fault, and stops: what follows from such answers could
not be taken back.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from . import answers
from .errors import AnswerUnusable, CouldNotTalk, EscrowError, ToldNo, WrongAppliance
from .escrow import Escrow
from .transport import Transport

log = logging.getLogger("psaas")

MISSING_TOLERATED = 2
SMALLEST_FLEET_FOR_SHARE = 20
SHARE_TOLERATED = 0.05


@dataclass(frozen=True)
class Record:
    """What was seen of an appliance: its issuer, the IDs of its signing keys, and the tenants that it listed.

    `published`: whether those that it publishes are among the keys. The first run notes the one of its token alone, so
    that making tenants costs no request more; the next run asks.
    """

    issuer: str
    key_ids: tuple[str, ...]
    tenants: tuple[str, ...] = field(default=())
    published: bool = True


class Identity:
    """Compares an RTA with what was noted of it. Safe for several threads."""

    def __init__(self, escrow: Escrow, transport: Transport, rta: str) -> None:
        self._escrow, self._transport, self._rta = escrow, transport, rta
        self._lock = threading.Lock()
        self._known: Record | None = None
        self._asked = False  # whether this process is done with asking what keys are published

    def check_token(self, token: str) -> None:
        """Raise WrongAppliance where an RTA token is signed by a key that this appliance never had.

        A token of another form than a JWT says nothing, and passes.
        """
        issuer, key_id = answers.claims(token).get("iss"), answers.header(token).get("kid")
        if not isinstance(issuer, str) or not isinstance(key_id, str):
            return
        if issuer != f"https://{self._rta}/":
            raise WrongAppliance(
                f"{self._rta} gave a token of the issuer {answers.quoted(issuer)}; is psaas:domain the RTA's own host?"
            )
        with self._lock:
            known = self._record()
            if known is None:
                self._asked = True
                self._note(Record(issuer, (key_id,), published=False))
                return
            if key_id in known.key_ids and (known.published or self._asked):
                return
            self._asked = True
            published = self._published_keys()
            keys = published | {key_id}
            if key_id in known.key_ids:
                both = tuple(sorted(keys.union(known.key_ids)))
                self._note(replace(known, key_ids=both, published=bool(published)))
            elif keys.isdisjoint(known.key_ids):
                shown = answers.words(", ".join(sorted(keys)))
                raise WrongAppliance(
                    f"{self._rta} signs with keys that were never seen there ({shown}): another "
                    "appliance under this name, or one that was made anew. Nothing else is sent to it. If that is "
                    f"meant to be, remove the note {self._escrow.record_place()} and run again"
                )
            else:
                log.warning("%s has rotated its signing key; its other keys are known, so this is accepted", self._rta)
                self._note(replace(known, key_ids=tuple(sorted(keys)), published=True))

    def check_list(self, listed: Collection[str], accepted: Collection[str]) -> None:
        """Raise AnswerUnusable where a list lacks more tenants than are deleted by hand between two looks.

        That is more than two, or more than 5 % of a fleet of at least 20. `accepted` are names that a person says
        are really gone.
        """
        with self._lock:
            known = self._record()
            if known is None:
                return
            missing = sorted(set(known.tenants) - set(listed) - set(accepted))
            share = len(known.tenants) >= SMALLEST_FLEET_FOR_SHARE and len(missing) > SHARE_TOLERATED * len(
                known.tenants
            )
            if len(missing) > MISSING_TOLERATED or share:
                names = f"{', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}"
                raise AnswerUnusable(
                    f"{self._rta} lists {len(listed)} tenants and lacks {len(missing)} that it had before ({names}): "
                    "that looks like a fault or a restored backup, so nothing is concluded from it. If they are "
                    "really gone, name them in PSAAS_ACCEPT_ABSENT"
                )
            if set(known.tenants) != set(listed):
                self._note(replace(known, tenants=tuple(sorted(listed))))

    def _record(self) -> Record | None:
        if self._known is None and (content := self._escrow.read_record()) is not None:
            try:
                given: Mapping[str, Any] = json.loads(content)
                key_ids, tenants = tuple(given["key_ids"]), tuple(given["tenants"])
                self._known = Record(given["issuer"], key_ids, tenants, given.get("published") is not False)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise EscrowError(
                    f"the note {self._escrow.record_place()} about {self._rta} is not whole; remove it and run again"
                ) from None
        return self._known

    def _note(self, record: Record) -> None:
        """Keep a record. A run that can't write one goes on: nothing is lost but the comparison."""
        self._known = record
        try:
            self._escrow.write_record(json.dumps(asdict(record), indent=1).encode() + b"\n")
        except EscrowError as error:
            log.warning("which appliance this is could not be noted: %s", error)

    def _published_keys(self) -> set[str]:
        try:
            answer = self._transport.send("GET", f"https://{self._rta}/.well-known/jwks.json")
            rows = answers.items(answer.json(), "keys") if answer.ok else []
        except (CouldNotTalk, AnswerUnusable, ToldNo):
            return set()
        return {str(key["kid"]) for key in rows if key.get("kid")}
