"""A fleet for tests: two stacks, with everything that a view must tell, and names that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from review import inventory
from review.declared import Declared
from review.fleet import FleetView, Looked, assembled
from review.fleet.assembly import Source
from tests.review import told

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
HOSTILE = "</code><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'\u202e"
PROD = "stacks/Pulumi.prod.yaml"
HEAD = "config:\n  psaas:domain: rta.appliance.test\n  psaas:clientId: provisioning\n  psaas:manageGrant: false\n"
ENTRIES = (
    "  psaas:tenants:\n"
    "    - {name: customer-1, owners: [a@example.com], labels: {team: billing}}\n"
    "    - {name: customer-2, owners: [b@example.com]}\n"
    "    - {name: customer-3, adopt: inventory}\n"
    "    - {name: customer-10, owners: [c@example.com]}\n"
    "  psaas:retired: [{name: customer-9}]\n"
)


def state(*tenants: dict[str, Any], stack: str = "prod", text: str = HEAD) -> dict[str, Any]:
    """The inventory of a state with these tenants."""
    resources = [
        {"urn": told.urn(props["name"], told.TENANT), "type": told.TENANT, "inputs": {}, "outputs": props}
        for props in tenants
    ]
    return inventory.of_state({"deployment": {"resources": resources}}, stack=stack, stack_file=text)


def tenant(name: str, **changes: Any) -> dict[str, Any]:
    given = {
        "owners": ["a@example.com"],
        "applied_owners": ["a@example.com"],
        "created_at": "2026-11-01T00:00:00+00:00",
    }
    return told.outputs(name, **(given | changes))


def source(text: str = HEAD + ENTRIES, **rest: Any) -> Source:
    return Source(Declared.of_files("prod", {PROD: text}), **rest)


def whole() -> FleetView:
    """A fleet with something of everything."""
    stands = state(
        tenant("customer-1", labels={"team": "billing"}),
        tenant("customer-2", owners=["b@example.com"], ready=False, problem="the domain does not resolve"),
        tenant("customer-3", owners=[], adopt="inventory", client_id="", created_at=""),
    )
    looked = Looked(frozenset({"customer-1", "customer-2", "customer-3", "other-1", "rta"}), {"customer-3": False})
    owner = HOSTILE.replace("'", "''").replace("\u202e", "")
    evil = (
        HEAD.replace("rta.app", "rta.evil") + "  psaas:tenants:\n    - name: customer-66\n      adopt: inventory\n"
        f"      owners: ['{owner}']\n" + '      labels: {"<b>": "<i>&amp;"}\n'
    )
    hostile = Declared.of_files("evil", {"stacks/Pulumi.evil.yaml": evil})
    first = source(state=stands, looked=looked, read=("stack file", "state"))
    return assembled(
        [first, Source(hostile, read=("stack file",), gaps=("state: <i>its passphrase</i> is missing",))], at=AT
    )
