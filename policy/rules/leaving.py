"""How tenants leave. A deleted tenant is gone for ever, and its name with it."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from ..facts import StackFacts
from ..rule import Rule, TenantRuleSettings, Violation
from ..wording import quoted
from .names import named


class RefusedSettings(TenantRuleSettings):
    stacks: tuple[str, ...] = Field(("local",), description="Stacks in which tenants need no protection.")


def refused(facts: StackFacts, settings: RefusedSettings) -> Iterator[Violation]:
    """`delete` is the business of deletion-delete-stacks."""
    for tenant in named(facts):
        if facts.stack in settings.stacks or tenant.deletion == "delete":
            continue
        if tenant.deletion != "refuse":
            yield Violation(
                tenant.name, f"has `deletion: {quoted(tenant.deletion)[1:-1]}`: removing its entry is enough to lose it"
            )
        elif tenant.protect is False:
            yield Violation(
                tenant.name,
                "its resource is not protected",
                mend="Leave the resource option `protect` out, or set it to true.",
            )


class DeleteStacksSettings(TenantRuleSettings):
    stacks: tuple[str, ...] = Field((), description="Stacks in which tenants may be deleted.")


def delete_stacks(facts: StackFacts, settings: DeleteStacksSettings) -> Iterator[Violation]:
    for tenant in facts.tenants:
        if facts.stack not in settings.stacks and "delete" in (tenant.deletion, tenant.retired):
            where = "is retired with" if tenant.retired == "delete" else "has"
            yield Violation(tenant.name, f"{where} `deletion: delete`, in stack {quoted(facts.stack)}")


RULES = (
    Rule(
        name="deletion-refused",
        why="A tenant that is protected can't be lost by removing a line.",
        mend="Leave `deletion` at `refuse`; a tenant leaves by moving its name to psaas:retired.",
        scope="tenant",
        check=refused,
        settings=RefusedSettings,
        level="advisory",
    ),
    Rule(
        name="deletion-delete-stacks",
        why="A deleted tenant can't be brought back, with all its users, and its name is never free again.",
        mend="Use `deletion: forget`, or have the stack named in this rule's `stacks`.",
        scope="tenant",
        check=delete_stacks,
        settings=DeleteStacksSettings,
    ),
)
