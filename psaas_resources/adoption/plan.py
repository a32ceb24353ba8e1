"""Taking over many tenants: what would be done, to be shown first, then carried out. Prints nothing.

Credentials are in the escrow before any file names their tenants, and files that are included are written before the
stack file that includes them: a run that is interrupted is run again, and finds what was done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import asking, settings, stack_files
from .. import escrow as escrows
from ..entries import TenantEntry
from ..errors import AnswerUnusable, ConfigError, CouldNotTalk, ToldNo, WrongUse
from ..escrow import Escrow
from ..settings import Credential, Settings
from ..text_diff import unified
from . import candidates, choice, disk, lists, sealing, wording, writing
from .candidates import Candidate
from .choice import Choice, Known, Wanted
from .sealing import Sealing
from .writing import Entries

FROM_A_FILE = "list the tenants in a file: --from FILE (docs/existing-tenants.md)"


@dataclass(frozen=True)
class Request:
    """What a person asked for. `source` is a list's text and name, None for the appliance's own list.

    `into` is a file below stacks/ for new entries, "" for the usual place; `root` is the project's folder.
    """

    stack: str
    wanted: Wanted
    source: tuple[str, str] | None = field(default=None, repr=False)
    into: str = ""
    root: Path = Path()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)


@dataclass(frozen=True)
class Plan:
    """What is to be done. `upgraded` are entries under `adopt: inventory` that now have a credential.

    `already` are tenants whose entries stay as they are. `left_out` says why others are not taken over;
    `needs_a_person` are those of them that were asked for, by name or in a list, or whose escrow entry is in the way.
    `unknown` are tenants of the appliance that no stack file has. `not_compared` says why a person's list could not be
    compared with the appliance's; "" if it was.
    """

    new: tuple[TenantEntry, ...]
    upgraded: tuple[str, ...]
    already: tuple[str, ...]
    left_out: Mapping[str, str]
    needs_a_person: frozenset[str]
    unknown: tuple[str, ...]
    not_compared: str
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)
    credentials: Mapping[str, Credential] = field(repr=False)
    settings: Settings = field(repr=False)
    root: Path = field(repr=False)

    @property
    def changes(self) -> bool:
        return bool(self.after or self.credentials)

    @property
    def diff(self) -> str:
        """What would be written, as a unified diff."""
        return unified(self.before, self.after)

    @property
    def escrow_place(self) -> str:
        """Where the escrow lies, in words that a person can follow."""
        return self._escrow().record_place().rpartition("/")[0]

    def carry_out(self, each: Callable[[str], None] = lambda _: None) -> None:
        """Seal, then write. `each` is told every name whose credential is in the escrow now."""
        sealing.seal(self._escrow(), self.credentials, tenant_domain=self.settings.tenant_domain, each=each)
        for file, text in self.after.items():
            disk.write(self.root, file, text, before=self.before.get(file))

    def _escrow(self) -> Escrow:
        return escrows.of(self.settings)


@dataclass(frozen=True)
class Unknown:
    """What an appliance lists, and which of it no stack file has."""

    rta: str
    listed: int
    tenants: tuple[Candidate, ...]


def plan(request: Request) -> Plan:
    """What would be done. Raises ConfigError for every mistake in what was asked for, and in the stack files."""
    if request.wanted.nothing:
        raise WrongUse("say which tenants: names, --only PATTERN, --except PATTERN, or --all")
    files = stack_files.from_disk(request.root)
    read = _settings(request.stack, files, request.environment)
    known = choice.known_names(files, read.rta)
    not_compared = ""
    if request.source:
        told = lists.read(*request.source)
        listed, not_compared = _to_compare(request, files)
    else:
        told = _listed(request.stack, files, request.environment)
        listed = None
    chosen = choice.choose(told, request.wanted, known, stack=request.stack, rta=read.rta, listed=listed)
    sealed = sealing.look(escrows.of(read), [c for c in chosen.chosen if _may_have_one(chosen.here.get(c.name))])
    entries = _entries(chosen, sealed)
    picked = {entry.name for entry in entries.new}
    left_out = {**chosen.left_out, **sealed.refused}
    return Plan(
        new=tuple(entries.new),
        upgraded=tuple(entries.with_credential),
        already=tuple(name for name in chosen.here if name not in entries.with_credential),
        left_out=left_out,
        needs_a_person=frozenset(left_out if request.source else {*chosen.asked_for, *sealed.refused}),
        unknown=() if request.source else tuple(c.name for c in _strangers(told, known, read) if c.name not in picked),
        not_compared=not_compared,
        before=files,
        after=writing.texts(request.stack, files, entries, into=request.into),
        credentials=sealed.to_seal,
        settings=read,
        root=request.root,
    )


def unknown(stack: str, *, root: Path, environment: Mapping[str, str]) -> Unknown:
    """The tenants of the appliance of `stack` that no stack file has. Changes nothing."""
    files = stack_files.from_disk(root)
    read = _settings(stack, files, environment)
    told = _listed(stack, files, environment)
    return Unknown(read.rta, len(told), tuple(_strangers(told, choice.known_names(files, read.rta), read)))


def _settings(stack: str, files: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """The appliance and the escrow of a stack, as its file and the environment say."""
    return settings.read(stack_files.opened(stack, files).values.get, environment)


def _listed(stack: str, files: Mapping[str, str], environment: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The appliance's list."""
    api = asking.management(stack, files, environment=environment, otherwise=FROM_A_FILE)
    rows = api.tenant_rows()
    if rows is None:
        raise ConfigError(
            f"{api.settings.rta} offers no list of its tenants to this application. Give its client grant read:tenants "
            f"(psaas:scopes), or {FROM_A_FILE}"
        )
    return candidates.of_rows(rows)


def _to_compare(request: Request, files: Mapping[str, str]) -> tuple[frozenset[str] | None, str]:
    """The names on the appliance's list, or why they can't be had: a list in a file may be taken over without it."""
    try:
        rows = asking.management(
            request.stack, files, environment=request.environment, otherwise="the update looks for each of them"
        ).tenant_rows()
    except (ConfigError, CouldNotTalk, ToldNo, AnswerUnusable) as error:
        return None, str(error)
    return (None, "it offers this application no list") if rows is None else (frozenset(rows), "")


def _strangers(told: Iterable[Candidate], known: Mapping[str, Known], read: Settings) -> Iterable[Candidate]:
    """Those that no stack file has; the root tenant authority is no tenant of a stack."""
    root = read.rta.split(".")[0].split(":")[0]
    return (candidate for candidate in told if candidate.name not in known and candidate.name != root)


def _may_have_one(known: Known | None) -> bool:
    """Whether a credential may be given for a tenant: a new entry, or one that was taken over. Not one of our own."""
    return known is None or bool(known.adopt)


def _entries(chosen: Choice, sealed: Sealing) -> Entries:
    new = [
        TenantEntry.model_validate(
            wording.entry(one.name, True if sealed.has(one.name) else "inventory", one.owners, one.labels)
        )
        for one in chosen.chosen if one.name not in chosen.here and one.name not in sealed.refused
    ]  # fmt: skip
    upgraded = {
        name: known.place for name, known in chosen.here.items()
        if known.adopt == "inventory" and sealed.has(name)
    }  # fmt: skip
    return Entries(sorted(new, key=lambda entry: entry.name), upgraded)
