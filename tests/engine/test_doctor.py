"""`psaas doctor` with the real engine: backend, stack, passphrase, and values that the engine has encrypted."""

from __future__ import annotations

from psaas.doctor import Finding, Subject, examine
from psaas_resources import escrow
from tests.engine.stack import NAME, Stack


def examined(stack: Stack, **environment: str) -> dict[str, Finding]:
    escrow.of.cache_clear()
    return {one.name: one for one in examine(Subject(NAME, stack.project, stack.environment | environment))}


def test_backend_stack_and_passphrase_are_looked_at_by_the_engine(stack: Stack) -> None:
    stack.declare("customer-1")
    secret = stack.environment.pop("PSAAS_CLIENT_SECRET")
    stack.pulumi("config", "set", "--secret", "psaas:clientSecret", secret).ok()

    fine = examined(stack)
    closed = examined(stack, PULUMI_CONFIG_PASSPHRASE="wrong")
    elsewhere = examined(stack, PULUMI_BACKEND_URL="file:///nonexistent/folder")
    own = stack.project / "stacks"
    (own / "Pulumi.absent.yaml").write_text((own / f"Pulumi.{NAME}.yaml").read_text())
    other = {one.name: one for one in examine(Subject("absent", stack.project, stack.environment))}

    assert {fine[name].status for name in ("engine", "backend", "stack", "passphrase", "secrets")} == {"pass"}
    assert fine["token"].status == "warn", fine["token"].message  # the secret is the right one; the grant comes later
    assert closed["secrets"].status == "fail"
    assert "could not be opened here" in closed["secrets"].message
    assert elsewhere["backend"].status == "fail"
    assert elsewhere["stack"].status == "skip"
    assert other["stack"].status == "warn"
    assert (other["passphrase"].status, other["passphrase"].message) == ("skip", "not looked at: needs stack")
    assert "pulumi stack init absent" in other["stack"].mend
    assert secret not in str([fine, closed, elsewhere])
