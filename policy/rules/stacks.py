"""What holds for a stack as a whole, and for what its state may show."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from ..facts import StackFacts
from ..rule import Rule, RuleSettings, Violation
from ..wording import quoted

SECRET_OUTPUTS = ("client_secret",)


def secret_outputs(facts: StackFacts, _settings: RuleSettings) -> Iterator[Violation]:
    for tenant in facts.tenants:
        given = SECRET_OUTPUTS if tenant.secret_outputs is None else tenant.secret_outputs
        for name in sorted(set(SECRET_OUTPUTS) - set(given)):
            yield Violation(tenant.name, f"its output `{name}` would stand in the state as plain text")


class LocalOnlySettings(RuleSettings):
    stacks: tuple[str, ...] = Field(("local",), description="The stacks that are for development.")


def local_only(facts: StackFacts, settings: LocalOnlySettings) -> Iterator[Violation]:
    if facts.stack in settings.stacks:
        return
    if _is_local(facts.rta):
        yield Violation("", f"{quoted(facts.rta)} is a local appliance, and {quoted(facts.stack)} is no local stack")
    if facts.connect_to:
        yield Violation("", f"connectTo is set, and {quoted(facts.stack)} is no local stack")


def _is_local(rta: str) -> bool:
    return rta.partition(":")[0].rpartition(".")[2] in ("test", "localhost")


RULES = (
    Rule(
        name="secret-outputs",
        why="A tenant's secret that isn't declared one is in the state, in clear, for everybody who can read it.",
        mend="Use the class Tenant of psaas_resources, or give `additional_secret_outputs=['client_secret']`.",
        scope="tenant",
        check=secret_outputs,
    ),
    Rule(
        name="local-only",
        why="What makes a local appliance easy (another address, an empty passphrase) makes a real one unsafe.",
        mend="Take psaas:connectTo (PSAAS_CONNECT_TO) away and name a real appliance, or name the stack in `stacks`.",
        scope="stack",
        check=local_only,
        settings=LocalOnlySettings,
    ),
)
