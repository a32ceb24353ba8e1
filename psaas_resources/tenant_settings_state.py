"""What is declared and known of a tenant's settings, what is in order, what makes a change. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import tenant_settings_values as values
from . import times

INPUTS = ("rta", "tenant", "domain", "settings", "tenant_created_at")
OUTPUTS = ("applied", "ready", "problem", "managed_since")
IMMUTABLE = ("tenant",)


@dataclass(frozen=True)
class TenantSettingsState:
    """The settings of one tenant: those that are declared, and what the appliance was last seen to have of them.

    `ready`: the appliance has what is declared. If not, `problem` says why, and the next updates look again.
    `managed_since` and `tenant_created_at` are times in ISO 8601 (UTC); by the second, a tenant that was made again
    under its name is known.
    """

    rta: str
    tenant: str
    domain: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    applied: Mapping[str, Any] = field(default_factory=dict)
    ready: bool = False
    problem: str = ""
    managed_since: str = ""
    tenant_created_at: str = ""

    @staticmethod
    def of(props: Mapping[str, Any]) -> TenantSettingsState:
        """From the engine's properties, of which outputs may be missing or None."""
        given = {key: props[key] for key in (*INPUTS, *OUTPUTS) if props.get(key) is not None}
        for name in ("settings", "applied"):
            given[name] = values.plain(given.get(name, {}))
        return TenantSettingsState(**given)

    def is_of_another_tenant_than(self, last: TenantSettingsState) -> bool:
        """Whether the tenant that bears the name now was made since, so that nothing of ours is in it."""
        return times.made_again(self.tenant_created_at, last.tenant_created_at)

    def outputs(self) -> dict[str, Any]:
        """For the engine."""
        dicts = {"settings": dict(self.settings), "applied": dict(self.applied)}
        return {name: getattr(self, name) for name in (*INPUTS, *OUTPUTS)} | dicts


def check(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the inputs, by property. `olds` are the old inputs, empty for new ones."""
    found: dict[str, str] = {}
    if "rta" in olds and "rta" in news and olds["rta"] != news["rta"]:
        found["rta"] = f"the settings belong to a tenant on {olds['rta']}; a stack can't move to another appliance"
    settings = news.get("settings", {})
    if not isinstance(settings, Mapping):
        found["settings"] = "expected an object of settings"
    elif mistakes := [f"{path}: {words}" for path, words in values.problems(settings)]:
        found["settings"] = "; ".join(mistakes)
    return found


def diff(
    last: TenantSettingsState,
    news: Mapping[str, Any],
    *,
    ready_within_hours: float,
    warn: Callable[[str], None],
    now: datetime | None = None,
) -> list[str]:
    """The properties that make an update: settings that are declared otherwise or were seen to be otherwise.

    For `ready_within_hours` after they came to us, also that they are not ready; after that this is a warning.
    `news` lacks what is not known yet.
    """
    compared = ("tenant", "domain", "tenant_created_at")
    changed = [name for name in compared if name in news and news[name] != getattr(last, name)]
    wanted = values.plain(news["settings"]) if "settings" in news else None
    if wanted is None or wanted != last.settings or wanted != last.applied:
        changed.append("settings")
    if not last.ready and not changed:
        if times.within(ready_within_hours, last.managed_since, now or datetime.now(UTC)):
            changed.append("ready")
        else:
            warn(f"the settings of tenant {last.tenant} are still not in order: {last.problem}")
    return changed
