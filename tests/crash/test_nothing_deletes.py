"""What the engine offers to destroy or replace things: none of it deletes a tenant, and none makes a second POST."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.fleet import Fleet
from tests.engine.stack import ROOT, Ran

NAME = "customer-2"
URN = "urn:pulumi:test::psaas::pulumi-python:dynamic/psaas:Tenant::"


def destroyed(fleet: Fleet) -> Ran:
    return fleet.stack.pulumi("destroy", "--yes", "--skip-preview")


def destroyed_unprotected(fleet: Fleet) -> Ran:
    fleet.stack.pulumi("state", "unprotect", "--all", "--yes").ok()
    return destroyed(fleet)


def destroyed_by_target(fleet: Fleet) -> Ran:
    fleet.stack.pulumi("state", "unprotect", f"{URN}{NAME}", "--yes").ok()
    return fleet.stack.pulumi("destroy", "--yes", "--skip-preview", "--target", f"{URN}{NAME}")


def replaced(fleet: Fleet) -> Ran:
    return fleet.stack.up("--replace", f"{URN}{NAME}")


def replaced_unprotected(fleet: Fleet) -> Ran:
    fleet.stack.pulumi("state", "unprotect", f"{URN}{NAME}", "--yes").ok()
    return replaced(fleet)


def tainted(fleet: Fleet) -> Ran:
    fleet.stack.pulumi("state", "taint", f"{URN}{NAME}", "--yes").ok()
    return fleet.stack.up()


def renamed(fleet: Fleet) -> Ran:
    """Another logical name for the same tenant, as a careless change of the program would give it."""
    return with_program(
        fleet, "    entry.name: Tenant(\n        entry.name,", '    entry.name: Tenant(\n        "t-" + entry.name,'
    )


def moved(fleet: Fleet) -> Ran:
    """Another parent."""
    return with_program(fleet, "ResourceOptions(depends_on=grant, ", "ResourceOptions(parent=grant[0], ")


def targeted(fleet: Fleet) -> Ran:
    return fleet.stack.up("--target", f"{URN}{NAME}").ok()


WAYS: list[tuple[Callable[[Fleet], Ran], bool]] = [
    (destroyed, False), (destroyed_unprotected, False), (destroyed_by_target, False), (replaced, False),
    (replaced_unprotected, False), (tainted, True), (renamed, False), (moved, False), (targeted, False),
]  # fmt: skip


@pytest.mark.parametrize(
    "way", [pytest.param(way, id=way.__name__, marks=() if always else pytest.mark.long) for way, always in WAYS]
)
def test_nothing_is_deleted_and_nothing_is_posted_again(fleet: Fleet, way: Callable[[Fleet], Ran]) -> None:
    fleet.up().ok()
    fleet.settles()
    before = fleet.ledger()

    way(fleet)

    assert fleet.ledger() == before
    assert fleet.stack.appliance.calls("DELETE", "/api/v2/tenants") == []
    repaired(fleet)
    fleet.holds(fleet.up())
    assert fleet.ledger() == before
    assert "7 unchanged" in fleet.stack.up().ok().summary


def with_program(fleet: Fleet, old: str, new: str) -> Ran:
    source = (ROOT / "__main__.py").read_text(encoding="utf-8")
    assert old in source
    program = fleet.stack.project / "__main__.py"
    program.unlink()
    program.write_text(source.replace(old, new), encoding="utf-8")
    return fleet.stack.up()


def repaired(fleet: Fleet) -> None:
    """The way back: the program as it was, no taint, and out of the state what is there twice."""
    program = fleet.stack.project / "__main__.py"
    program.unlink()
    program.symlink_to(ROOT / "__main__.py")
    exported = json.loads(fleet.stack.pulumi("stack", "export").ok().output)
    resources = exported["deployment"]["resources"]
    for resource in resources:
        resource.pop("taint", None)
    exported["deployment"]["resources"] = [resource for resource in resources if not strays(resource)]
    file = fleet.stack.project / "mended.json"
    file.write_text(json.dumps(exported))
    fleet.stack.pulumi("stack", "import", "--file", str(file)).ok()


def strays(resource: dict[str, Any]) -> bool:
    """A tenant under a name or parent that the program no longer has, or an old copy that shall be deleted."""
    is_tenant = resource["type"].endswith("dynamic/psaas:Tenant")
    return is_tenant and ("$" in resource["urn"] or "::t-" in resource["urn"] or bool(resource.get("delete")))
