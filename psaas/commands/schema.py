"""`psaas schema`: the JSON schemas that editors use."""

from __future__ import annotations

from pathlib import Path

import typer

from psaas.arguments import Json
from psaas.exits import DONE
from psaas.output import Output


def register(app: typer.Typer) -> None:
    app.command("schema")(schema)


def schema(as_json: Json = False) -> int:
    """Write the JSON schemas of stack files and included files below stacks/schema/, for completion in editors.

    **Examples**

    ```
    psaas schema
    git diff stacks/schema
    ```

    Exit status: 0 they are written.
    """
    from psaas_resources import schema as schemas
    from psaas_resources.errors import ConfigError

    out = Output(as_json=as_json)
    try:
        names = schemas.write(Path())
    except OSError as error:
        raise ConfigError(f"{error.filename} can't be written: {error.strerror}") from None
    out.document({"wrote": names})
    for name in names:
        out.line(f"wrote {name}")
    return DONE
