"""The commands, a file each, in the order of the help. Each knows its arguments and its output only."""

from __future__ import annotations

import typer

from psaas.commands import adopt, appliance, credentials, doctor, escrow, fleet, review, rotate, schema, urns, validate

ALL = (
    doctor,
    validate,
    review,
    fleet,
    adopt,
    rotate,
    credentials,
    escrow,
    urns,
    schema,
    appliance,
)


def register_all(app: typer.Typer) -> None:
    for module in ALL:
        module.register(app)
