"""What several commands ask for in the same way, with help and completion. Knows names of stacks and tenants.

A completion must never fail or talk: it offers what can be read, and nothing where nothing can.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer


def stack_names(incomplete: str) -> Iterator[str]:
    """The stacks that have a file below stacks/ of this folder."""
    for file in sorted(Path("stacks").glob("Pulumi.*.yaml")):
        name = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        if name.startswith(incomplete):
            yield name


def tenant_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The tenants of the stack that was named before them, or else of all stacks."""
    stack = ctx.params.get("stack")
    stacks = [stack] if isinstance(stack, str) and stack else list(stack_names(""))
    return sorted({name for one in stacks for name in _tenants_of(one) if name.startswith(incomplete)})


def _tenants_of(stack: str) -> list[str]:
    from psaas_resources import stack_files
    from psaas_resources.errors import PsaasError

    try:
        return [tenant.name for tenant in stack_files.read(stack, stack_files.from_disk(Path())).tenants]
    except PsaasError:
        return []


_STACK: Any = typer.Option(
    "--stack", metavar="NAME", help="The NAME of stacks/Pulumi.NAME.yaml.", autocompletion=stack_names
)
Stack = Annotated[str, _STACK]
_TENANT: Any = typer.Argument(metavar="TENANT", help="The name of a tenant.", autocompletion=tenant_names)
Tenant = Annotated[str, _TENANT]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of lines.")]
