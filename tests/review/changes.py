"""Changes of stack files, by name: each is two sets of files, and what else a review of them depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policy import settings as rule_settings
from review.comparison import Judgement, compare
from review.declared import Declared
from review.model import Review

Files = Mapping[str, str]
TODAY = date(2026, 3, 1)
PROD = """\
config:
  psaas:domain: rta.example.com
  psaas:clientId: provisioning-client
  psaas:adminClientId: admin-client
  psaas:escrow: s3://example-escrow/psaas
  psaas:tenants:
    - name: customer-1
      owners: [ops@example.com]
      labels: {team: billing}
    - name: customer-2
      owners: [ops@example.com, second@example.com]
      deletion: forget
"""
RULES = {"settings-change": {"approvers": ["octo-lead"]}, "owners-domains": {"allowed": ["example.com"]}}


def prod(*changes: tuple[str, str], more: str = "") -> Files:
    """The stack file of `prod`, with each text replaced by another, and more at its end."""
    text = PROD
    for old, new in changes:
        if old not in text:
            raise ValueError(f"there is no {old!r}")
        text = text.replace(old, new)
    return {"stacks/Pulumi.prod.yaml": text + more}


def entry(name: str, owners: str = "ops@example.com", more: str = "") -> str:
    return f"    - name: {name}\n      owners: [{owners}]\n{more}"


@dataclass(frozen=True)
class Change:
    """`inventory` turns what the base declares into what the last deploy has published; None: made without it."""

    after: Files
    before: Files = field(default_factory=prod)
    rules: Mapping[str, Any] = field(default_factory=lambda: RULES)
    approved_by: tuple[str, ...] = ()
    inventory: Callable[[Declared], Declared] | None = None
    other_files: tuple[str, ...] = ()

    def review(self, stack: str = "prod") -> Review:
        before, after = (Declared.of_files(stack, files) for files in (self.before, self.after))
        return compare(
            self.inventory(before) if self.inventory else before,
            after,
            judgement=Judgement(rule_settings.parse(self.rules, place="policy.json"), TODAY, self.approved_by),
            source="inventory" if self.inventory else "files",
            base="1" * 40,
            head="2" * 40,
            other_files=self.other_files,
        )


def deployed(before: Declared) -> Declared:
    from dataclasses import replace

    return replace(before, commit="3" * 40, seconds_per_tenant=0.4)


def of_version_1(before: Declared) -> Declared:
    """What a deploy has published before settings, rotations and applications were told."""
    from dataclasses import replace

    inside = {"settings": None, "managementClient": None}
    tenants = {name: replace(t, inside=inside, rotate=None) for name, t in before.tenants.items()}
    return replace(deployed(before), tenants=tenants, applications=None)


def _bootstrap(*more: str) -> Files:
    """A stack that declares the application that makes tenants, and no tenant."""
    keys = [
        "psaas:domain: rta.example.com",
        "psaas:adminClientId: admin-client",
        "psaas:manageApplication: true",
        *more,
    ]
    return {"stacks/Pulumi.prod.yaml": "".join(["config:\n", *(f"  {key}\n" for key in keys)])}


MORE = ("  psaas:tenants:", "  psaas:maxNewTenants: 300\n  psaas:tenants:")
MAY_DELETE = "  psaas:scopes: [create:tenants, read:tenants, delete:tenants]\n"
TEAM = "{scopes: [read:clients, update:clients]}"
SETTINGS = "{sessionLifetime: 12, flags: {enable_sso: true}}"
HOSTILE = "x`|<b>@octo-org/admins</b> #1 https://example.com -->\\u202e![i](https://example.com/i.png)"
LONG = "".join(
    entry(
        f"shop-of-region-{chr(97 + n // 26)}{chr(97 + n % 26)}-site",
        "ops@example.com, second@example.com",
        more="      labels: {team: sales, ticket: OPS-7}\n",
    )
    for n in range(300)
)
WAIVER = {"tenant": "abroad", "reason": "a customer abroad, see OPS-7", "approver": "octo-lead"}

CHANGES: Mapping[str, Change] = {
    "plain-addition": Change(prod(more=entry("new-shop")), inventory=deployed),
    "plain-addition-without-the-state": Change(prod(more=entry("new-shop"))),
    "bad-name": Change(prod(more=entry("New_Shop", "me@"))),
    "removal-refused": Change(
        prod(("    - name: customer-1\n      owners: [ops@example.com]\n      labels: {team: billing}\n", "")),
        inventory=deployed,
    ),
    "removal-forgotten": Change(
        prod(("    - name: customer-2\n      owners: [ops@example.com, second@example.com]\n"
              "      deletion: forget\n", "")),
        inventory=deployed,
    ),
    "retire-with-delete": Change(
        prod(
            ("    - name: customer-1\n      owners: [ops@example.com]\n      labels: {team: billing}\n", ""),
            ("  psaas:tenants:", "  psaas:retired: [{name: customer-1, deletion: delete}]\n  psaas:tenants:"),
            more=MAY_DELETE,
        ),
        before=prod(more=MAY_DELETE),
        rules={**RULES, "deletion-delete-stacks": {"stacks": ["prod"]}},
        inventory=deployed,
    ),
    "name-no-longer-retired": Change(
        prod(), before=prod(("  psaas:tenants:", "  psaas:retired: [{name: customer-0}]\n  psaas:tenants:")),
        inventory=deployed,
    ),
    "takeover": Change(
        prod(more="    - name: acquired\n      adopt: true\n    - name: listed\n      adopt: inventory\n"),
        inventory=deployed,
    ),
    "grant-widened": Change(
        prod(("  psaas:tenants:", "  psaas:scopes: [create:tenants, read:tenants, update:users]\n  psaas:tenants:")),
        inventory=deployed,
    ),
    "guarded-setting": Change(prod(("s3://example-escrow/psaas", "s3://another-bucket/psaas")), inventory=deployed),
    "guarded-setting-approved": Change(
        prod(("s3://example-escrow/psaas", "s3://another-bucket/psaas")), approved_by=("octo-lead",),
        inventory=deployed,
    ),
    "settings": Change(
        prod(
            ("  psaas:tenants:", f"  psaas:settings: {SETTINGS}\n  psaas:tenants:"),
            ("{team: billing}\n", "{team: billing}\n      settings: {friendlyName: Customer 1}\n"),
            more=entry("new-shop", more="      settings: {supportEmail: help@example.com, sessionLifetime: 8}\n"),
        ),
        before=prod(("{team: billing}\n", "{team: billing}\n      settings: {friendlyName: One, pictureUrl: ''}\n")),
        inventory=deployed,
    ),
    "teams-applications": Change(
        prod(
            ("  psaas:tenants:", f"  psaas:managementClient: {TEAM}\n  psaas:tenants:"),
            ("{team: billing}\n", "{team: billing}\n      managementClient: {rotate: OPS-8}\n"),
            more=entry("new-shop", more="      managementClient: {name: Shop, previousHours: 24}\n"),
        ),
        before=prod(
            ("{team: billing}\n", "{team: billing}\n      managementClient: {scopes: [read:clients], rotate: OPS-7}\n"),
            ("deletion: forget\n", "deletion: forget\n      managementClient: {scopes: [read:users]}\n"),
        ),
        inventory=deployed,
    ),
    "teams-applications-that-end": Change(
        prod(
            ("    - name: customer-2\n      owners: [ops@example.com, second@example.com]\n"
             "      deletion: forget\n", "")
        ),
        before=prod(
            ("{team: billing}\n", "{team: billing}\n      managementClient: {scopes: [read:clients]}\n"),
            ("deletion: forget\n", "deletion: forget\n      managementClient: {scopes: [read:users]}\n"),
        ),
        inventory=deployed,
    ),
    "rotation": Change(
        prod(("{team: billing}\n", "{team: sales}\n      rotate: OPS-7\n"),
             more=entry("new-shop", more="      rotate: OPS-7\n")),
        inventory=deployed,
    ),
    "application": Change(
        _bootstrap("psaas:rotate: '2026-03-01'", "psaas:applicationDescription: Makes tenants"),
        before=_bootstrap(), inventory=deployed,
    ),
    "application-new": Change(
        _bootstrap(),
        before={"stacks/Pulumi.prod.yaml": "config: {psaas:domain: rta.example.com, psaas:clientId: x}\n"},
        approved_by=("octo-lead",),
    ),
    "older-inventory": Change(
        prod(("{team: billing}\n", "{team: sales}\n      settings: {friendlyName: Customer 1}\n      rotate: OPS-7\n")),
        inventory=of_version_1,
    ),
    "owners-and-labels": Change(
        prod(("[ops@example.com]\n", "[new@example.com]\n"), ("team: billing", "team: sales"),
             ("deletion: forget", "deletion: refuse")),
        inventory=deployed, other_files=("README.md", "psaas_resources/tenant.py"),
    ),
    "waiver-used": Change(
        prod(more=entry("abroad", "ops@example.net")),
        rules={**RULES, "owners-domains": {"allowed": ["example.com"], "waivers": [{**WAIVER, "until": "2026-04-01"}]}},
        inventory=deployed,
    ),
    "waiver-expired": Change(
        prod(more=entry("abroad", "ops@example.net")),
        rules={**RULES, "owners-domains": {"allowed": ["example.com"], "waivers": [{**WAIVER, "until": "2026-02-01"}]}},
        inventory=deployed,
    ),
    "hostile-values": Change(
        prod(
            ("team: billing", f'"{HOSTILE}": "{HOSTILE}"'),
            ("s3://example-escrow/psaas", f's3://example-escrow/psaas\n  psaas:unheard: "{HOSTILE}"'),
            more=f'    - name: "{HOSTILE}"\n      owners: ["{HOSTILE}"]\n',
        ),
        other_files=("docs/`|@octo-org #1.md", "a\nb"),
    ),
    "hostile-labels": Change(
        prod(
            ("team: billing", f'"{HOSTILE}": "{HOSTILE}"'),
more=entry("new-shop", more=f'      labels: {{"{HOSTILE}": "a|b"}}\n'),
        ),
        other_files=("docs/`|@octo-org #1.md", "a\nb"),
    ),
    "three-hundred-additions": Change(
        prod(MORE, more=LONG), before=prod(MORE), rules={**RULES, "new-tenants-limit": {"maximum": 300}},
                                      inventory=deployed),
    "nothing-to-do": Change(prod(), inventory=deployed),
}  # fmt: skip


def several() -> list[Review]:
    """One report on three stacks."""
    staging = {path.replace("prod", "staging"): text.replace("rta.example", "rta.staging.example")
               for path, text in prod().items()}  # fmt: skip
    new = {path: text + entry("new-shop") for path, text in staging.items()}
    return [
        CHANGES["takeover"].review(),
        Change(new, before=staging, inventory=deployed).review("staging"),
        CHANGES["nothing-to-do"].review(),
    ]


def reports() -> dict[str, list[Review]]:
    """Every report that stands in tests/golden/review."""
    return {**{name: [change.review()] for name, change in CHANGES.items()}, "several-stacks": several()}
