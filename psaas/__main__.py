"""`psaas COMMAND`, and in a clone `python -m psaas COMMAND`. Talks to people, also where what it is made of is missing.

The package can be installed for programs alone (`pip install CLONE`), without what the command line needs; the script
`psaas` comes with it all the same.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

from psaas.exits import LOOK

NEEDED = ("typer", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        print(
            f"error: the command psaas needs {' and '.join(missing)}, which this environment lacks: "
            "pip install '<clone>[command]' adds what is missing",
            file=sys.stderr,
        )
        return LOOK
    from psaas.running import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
