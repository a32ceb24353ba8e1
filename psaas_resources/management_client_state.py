"""What is declared and known of a team's application in its tenant, and what makes a change. Sends nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import times

INPUTS = ("rta", "tenant", "domain", "name", "scopes", "rotate", "previous_hours", "tenant_created_at")
OUTPUTS = (
    "client_id", "client_secret", "applied_scopes", "previous_client_id", "rotated_at", "ready", "problem",
    "managed_since",
)  # fmt: skip
IMMUTABLE = ("tenant",)
_SCOPE = re.compile(r"[!-~]{1,280}")


@dataclass(frozen=True)
class ManagementClientState:
    """An application with named scopes in a tenant, and the one before it while both are good.

    `rotate` is a marker: another one makes another application, and the one before stays for `previous_hours`.
    `rotated_at`, `managed_since` and `tenant_created_at` are times in ISO 8601 (UTC); by the last one, a tenant that
    was made again under its name is known.
    """

    rta: str
    tenant: str
    domain: str
    name: str
    scopes: tuple[str, ...] = ()
    rotate: str = ""
    previous_hours: float = 168.0
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    applied_scopes: tuple[str, ...] = ()
    previous_client_id: str = ""
    rotated_at: str = ""
    ready: bool = False
    problem: str = ""
    managed_since: str = ""
    tenant_created_at: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> ManagementClientState:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        for name in ("scopes", "applied_scopes"):
            given[name] = tuple(sorted(set(given.get(name, ()))))
        return ManagementClientState(**given)

    def outputs(self) -> dict[str, Any]:
        """For the engine."""
        return asdict(self) | {"scopes": list(self.scopes), "applied_scopes": list(self.applied_scopes)}

    def is_of_another_tenant_than(self, last: ManagementClientState) -> bool:
        """Whether the tenant that bears the name now was made since, so that nothing of ours is in it."""
        return times.made_again(self.tenant_created_at, last.tenant_created_at)

    @property
    def marker(self) -> str:
        """By which an application is known to be ours, and of this rotation."""
        return f"{self.name} / {self.rotate}"


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for new ones."""
    problems: dict[str, str] = {}
    if "rta" in olds and "rta" in news and olds["rta"] != news["rta"]:
        problems["rta"] = f"the application belongs to a tenant on {olds['rta']}; a stack stays on its appliance"
    name = news.get("name", "x")
    if not isinstance(name, str) or not re.fullmatch(r"[^<>\x00-\x1f]{1,100}", name) or name != name.strip():
        problems["name"] = "expected a name of 1 to 100 characters, without < and >"
    elif "name" in olds and olds["name"] != name:
        problems["name"] = f'it is called "{olds["name"]}" and keeps that name, by which it is found again'
    scopes = news.get("scopes", ["x"])
    if not isinstance(scopes, list | tuple) or not scopes or not all(_is_scope(scope) for scope in scopes):
        problems["scopes"] = "expected a list of scopes, for example [read:clients]"
    rotate = news.get("rotate", "")
    if not isinstance(rotate, str) or not re.fullmatch(r"[ -~]{0,100}", rotate):
        problems["rotate"] = 'expected a marker of up to 100 plain characters, for example "2026-11"'
    hours = news.get("previous_hours", 1)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 1 <= hours <= 24 * 365:
        problems["previous_hours"] = "expected a number of hours, 1 to 8760"
    return problems


def diff(
    last: ManagementClientState,
    news: Mapping[str, Any],
    *,
    ready_within_hours: float,
    warn: Callable[[str], None],
    now: datetime | None = None,
) -> list[str]:
    """The properties that make an update; `news` lacks what is not known yet.

    Also that it isn't ready, for `ready_within_hours`, and that the one before has had its time.
    """
    now = now or datetime.now(UTC)
    compared = ("tenant", "domain", "rotate", "previous_hours", "tenant_created_at")
    changed = [name for name in compared if name in news and news[name] != getattr(last, name)]
    wanted = tuple(sorted(set(news.get("scopes", ()))))
    if wanted != last.scopes or (last.ready and wanted != last.applied_scopes):
        changed.append("scopes")
    if last.previous_client_id and had_its_time(last, now):
        changed.append("previous_client_id")
    if not last.ready and not changed:
        if times.within(ready_within_hours, last.managed_since, now):
            changed.append("ready")
        else:
            warn(f"the application of tenant {last.tenant} is still not in order: {last.problem}")
    return changed


def had_its_time(state: ManagementClientState, now: datetime) -> bool:
    """Whether everybody has had `previous_hours` to take the new credential."""
    return not times.within(state.previous_hours, state.rotated_at, now)


def _is_scope(scope: object) -> bool:
    return isinstance(scope, str) and _SCOPE.fullmatch(scope) is not None
