"""The command line as a whole: its help, its version, its commands. Runs nothing by itself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from psaas import commands
from psaas.version import version

HELP = """Tenants of an Auth0 Private SaaS appliance, declared in stack files and each created once.

Run it in a project's folder, the one that holds stacks/. `psaas COMMAND --help` shows examples.

What the exit status means, for every command: 0 done or fine, 1 a person must look or mend something, 2 forbidden or
broken, 64 wrong use, 130 interrupted. Answers are on standard output, with --json as one document; talk and errors are
on standard error. Secrets are never printed unless you ask for one.
"""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"psaas {version()}")
        raise typer.Exit


def _root(
    _: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")] = False,
) -> None:
    """Its options are all that it has: without a command, the help is shown."""


app = typer.Typer(
    name="psaas", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
app.callback()(_root)
commands.register_all(app)


def command() -> Any:
    """The command line as an object that parses arguments."""
    return typer.main.get_command(app)
