"""Every check in its order, what it needs, and running them. Knows no network and no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import access, calls, files, first_answer, machine, network, sink
from .finding import Finding
from .subject import Subject


@dataclass(frozen=True)
class Check:
    """A check is made where none of those that it needs has failed or was left out."""

    name: str
    look: Callable[[Subject], Finding]
    needs: tuple[str, ...] = ()


ALL = (
    Check("stack-file", files.stack_file),
    Check("settings", files.appliance_settings),
    Check("secrets", files.secrets, ("settings",)),
    Check("name", network.name, ("settings",)),
    Check("connection", network.connect, ("name",)),
    Check("certificate", network.certificate, ("connection",)),
    Check("appliance", network.appliance, ("certificate",)),
    Check("clock", network.clock, ("appliance",)),
    Check("token", access.token, ("certificate",)),
    Check("audience", access.audience, ("token",)),
    Check("scopes", access.scopes, ("token",)),
    Check("admin", access.admin, ("certificate",)),
    Check("management-api", calls.management_api, ("certificate",)),
    Check("list-of-tenants", calls.list_of_tenants, ("token",)),
    Check("one-tenant", calls.one_tenant, ("token",)),
    Check("deletion", calls.deletion, ("token",)),
    Check("connections", calls.connections, ("certificate",)),
    Check("rate-limits", calls.rate_limits, ("certificate",)),
    Check("tenant-domains", network.tenant_domains, ("certificate",)),
    Check("escrow", machine.escrow_writable, ("settings",)),
    Check("escrow-durable", machine.escrow_durable, ("settings",)),
    Check("first-answer", first_answer.shape, ("escrow",)),
    Check("sink", sink.reached, ("stack-file", "settings")),
    Check("sink-rights", sink.rights, ("sink",)),
    Check("engine", machine.engine),
    Check("backend", machine.backend, ("engine",)),
    Check("stack", machine.stack, ("backend",)),
    Check("passphrase", machine.passphrase, ("stack",)),
)


def examine(subject: Subject) -> Iterator[Finding]:
    """Each finding as it comes. A check that can't be made says which one it needs."""
    stopped: dict[str, str] = {}
    for check in ALL:
        blocker = next((need for need in check.needs if need in stopped), None)
        if blocker is not None:
            finding = Finding(check.name, "skip", f"not looked at: needs {stopped[blocker]}")
        else:
            finding = check.look(subject)
        if finding.status in ("fail", "skip") or finding.stops:
            stopped[check.name] = stopped[blocker] if blocker is not None else check.name
        yield finding
        if finding.ends:
            return
