"""Runs one command of `psaas` and says with which status it ends.

Every error that is foreseen is one clear line for each thing that is wrong, on standard error. One that isn't is a
mistake of this program: it is told by its place alone, since its text may hold anything.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from typer.exceptions import Abort, TyperException

from psaas.app import command
from psaas.exits import FORBIDDEN, INTERRUPTED, LOOK, WRONG_USE
from psaas.output import Output, clean
from psaas_resources.errors import PsaasError, WrongUse

HERE = Path(__file__).parent.parent


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    os.umask(0o077)
    out = Output()
    try:
        status = command().main(arguments, prog_name="psaas", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except TyperException as error:  # wrong use: no such command, an option that is missing
        return _wrong_use(out, error)
    except WrongUse as error:
        out.error(str(error))
        return WRONG_USE
    except PsaasError as error:
        out.error(str(error))
        return LOOK
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    except OSError as error:  # a folder that may not be written, a disk that is full
        out.error(f"{error.filename or 'this machine'}: {error.strerror or type(error).__name__}")
        return LOOK
    except Exception as error:
        out.error(f"{_own_mistake(error)}; please report it (PSAAS_TRACEBACK=1 shows where it came from)")
        if os.environ.get("PSAAS_TRACEBACK"):
            out.say("".join(traceback.format_tb(error.__traceback__)))
        return FORBIDDEN


def _wrong_use(out: Output, error: TyperException) -> int:
    """One line, and where to look it up. A group of commands without one shows its help instead."""
    message = clean(_words(error)).strip()
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return WRONG_USE
    out.error(message[:1].lower() + message[1:].rstrip("."))
    out.say(f"see: {context.command_path if context else 'psaas'} --help")
    return WRONG_USE


def _words(error: TyperException) -> str:
    """What the parser says, without the words of what it checks values with."""
    said = str(error.format_message() if hasattr(error, "format_message") else error)
    if not isinstance(error.__cause__, ValidationError):
        return said
    found = error.__cause__.errors()[0]
    value, context = json.dumps(str(found["input"])), found.get("ctx", {})
    ours = {
        "int_parsing": f"{value} is not a whole number", "float_parsing": f"{value} is not a number",
        "greater_than_equal": f"{value} is less than {context.get('ge')}", "value_error": str(context.get("error")),
    }  # fmt: skip
    return f"{said.removesuffix(getattr(error, 'message', said))}{ours.get(found['type'], 'has a wrong form')}"


def _own_mistake(error: Exception) -> str:
    """Kind and place of an error that nobody foresaw, without its words."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(HERE))]
    place = f" at {Path(frames[-1].filename).relative_to(HERE)}:{frames[-1].lineno}" if frames else ""
    return f"this is a mistake of psaas itself: {type(error).__name__}{place}"
