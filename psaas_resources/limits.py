"""How many tenants one update may make, and delete from the appliance. Knows threads; no HTTP, no Pulumi.

A list that was cut in half by an accident, or a template that went wrong, burns no more names and deletes no more
tenants than these. What can be seen in a preview stops it there, before anything was done; the rest is stopped by the
process that acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import escrow
from .errors import PsaasError, Refused, Stopped
from .once import Once
from .settings import Settings

Kept = Callable[[], Collection[str]]


class Limits:
    """The counts of one run on one appliance; None is no limit. A run is a process: the engine starts a new one."""

    def __init__(self, new: int | None = None, deletions: int | None = None) -> None:
        self._new, self._deletions = new, deletions
        self._lock = threading.Lock()
        self._planned_new: set[str] = set()
        self._planned_deletions: set[str] = set()
        self._asked = False
        self._kept: frozenset[str] = frozenset()
        self._posted: set[str] = set()
        self._deleted: set[str] = set()

    def plan_new(self, tenant: str, kept: Kept) -> str | None:
        """Why a tenant that is about to be made goes beyond the limit; None if it doesn't.

        `kept` tells the tenants of which the escrow has a credential, for which nothing is posted. It is only asked
        when the limit seems to be reached, and once.
        """
        with self._lock:
            if tenant in self._kept or _room(self._planned_new, tenant, self._new):
                return None
            if not self._asked:
                self._asked, self._kept = True, frozenset(kept())
                self._planned_new -= self._kept
                if tenant in self._kept or _room(self._planned_new, tenant, self._new):
                    return None
        return (
            f"tenant {tenant} is one more than the {self._new} new tenants that psaas:maxNewTenants allows for one "
            "update; leave it to the next update, or raise the number in the stack file"
        )

    def plan_deletion(self, tenant: str) -> str | None:
        """Why a tenant that is about to be deleted from the appliance goes beyond the limit; None if it doesn't."""
        with self._lock:
            if _room(self._planned_deletions, tenant, self._deletions):
                return None
        return (
            f"tenant {tenant} is one more than the {self._deletions} deletions that psaas:maxDeletions allows for one "
            "update; leave it to the next update, or raise the number in the stack file"
        )

    def post(self, tenant: str) -> None:
        """Count a tenant POST that is about to be sent. Raises Stopped where it would be one too many."""
        with self._lock:
            if not _room(self._posted, tenant, self._new):
                raise Stopped(
                    f"tenant {tenant} was not tried: this update has sent the {self._new} tenant POSTs that "
                    "psaas:maxNewTenants allows. Nothing was sent for it; it follows in the next update"
                )

    def delete(self, tenant: str) -> None:
        """Count a deletion that is about to be sent. Raises Refused where it would be one too many."""
        with self._lock:
            if not _room(self._deleted, tenant, self._deletions):
                raise Refused(
                    f"tenant {tenant} is not deleted: this update has deleted the {self._deletions} tenants that "
                    "psaas:maxDeletions allows. It is as it was; it follows in the next update"
                )


def check(olds: Mapping[str, Any], news: Mapping[str, Any], settings: Settings | None) -> dict[str, str]:
    """What of a declared tenant goes beyond the limits, by property. `olds` are the old inputs, {} for a new tenant."""
    name = news.get("name")
    if settings is None or not isinstance(name, str):
        return {}
    limits, problem = of(settings), None
    if not olds and not news.get("adopt") and not news.get("retired"):
        problem = limits.plan_new(name, lambda: _kept(settings))
    elif olds and not olds.get("retired") and news.get("retired") == "delete":
        problem = limits.plan_deletion(name)
    return {"name": problem} if problem else {}


def of(settings: Settings) -> Limits:
    """The one set of counts of this process for an appliance."""
    return _of(settings.rta, settings.max_new_tenants, settings.max_deletions)


@Once
def _of(_rta: str, new: int | None, deletions: int | None) -> Limits:
    return Limits(new, deletions)


def _room(counted: set[str], tenant: str, most: int | None) -> bool:
    """Whether there is room for one more, which is then taken."""
    if most is None or tenant in counted or len(counted) < most:
        counted.add(tenant)
        return True
    return False


def _kept(settings: Settings) -> Collection[str]:
    """The tenants in the escrow; none where it can't be looked into, as on a machine that only previews."""
    try:
        return escrow.of(settings).kept()
    except PsaasError:
        return ()
