"""The resources in somebody else's Pulumi program: another project, another shape, the same care."""

from __future__ import annotations

import pytest

from tests.engine.stack import Stack

PROGRAM = """
import pulumi
from psaas_resources import ClientGrant, Tenant

config = pulumi.Config("psaas")
grant = ClientGrant("provisioning", client_id=config.require("clientId"), scopes=["create:tenants"])
names = ["customer-1", "customer-2"]
for name in names:
    tenant = Tenant(
        name, name=name, owners=["me@email.com"], deletion="forget", opts=pulumi.ResourceOptions(depends_on=[grant])
    )
    pulumi.export(name, {"audience": tenant.audience, "ready": tenant.ready, "problem": tenant.problem})
    pulumi.export(f"{name}-secret", tenant.client_secret)
"""


def test_another_program_declares_tenants_with_the_typed_resources(stack: Stack) -> None:
    for name, text in (
        ("__main__.py", PROGRAM),
        ("Pulumi.yaml", "name: ours\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n"),
    ):
        (stack.project / name).unlink()
        (stack.project / name).write_text(text)
    stack.file.rename(stack.project / stack.file.name)  # this project has no folder of stack files
    stack.pulumi("stack", "init").ok()

    assert stack.up().ok().summary.startswith("+ 4 created")

    shown = stack.pulumi("stack", "output").ok().output
    assert "https://customer-1.appliance.test/api/v2/" in shown
    assert "customer-1-secret" in shown
    assert "[secret]" in shown
    assert stack.up().ok().summary.startswith("4 unchanged")
    assert stack.posts() == ["201", "201"]


def test_a_mistake_in_a_typed_resource_is_shown_at_its_property(stack: Stack) -> None:
    (stack.project / "__main__.py").unlink()
    (stack.project / "__main__.py").write_text(
        PROGRAM.replace('["customer-1", "customer-2"]', '["Customer_2"]')
        .replace('"forget"', '"forgett"')
        .replace("me@email.com", "me@")
    )

    ran = stack.preview()

    ran.failed('"Customer_2" has capital letters', '"me@" is not an e-mail address', '"forgett" is not one of refuse')


@pytest.mark.long
def test_a_text_in_the_place_of_a_list_is_told_as_that_and_not_letter_by_letter(stack: Stack) -> None:
    program = stack.project / "__main__.py"
    program.unlink()
    for lists in ('["me@email.com"]', '["create:tenants"]'):
        program.write_text(PROGRAM.replace(lists, lists.strip("[]")))
        ran = stack.preview()
        ran.failed(f"for example {lists}")
        assert '"m" is not' not in ran.output
