"""The commands behind the make targets of pipelines: `python -m pipeline COMMAND`. Talks to people and to CI's files.

What a job is about comes from its environment, never from a command line that a title or a branch name could enter.
Exit status: 0 done, 1 an error (one clear line on stderr), 2 stopped on purpose or forbidden, 64 wrong use.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline import on_branches, on_changes
from pipeline.errors import PipelineError, Stopped
from pipeline.here import Here

COMMANDS: Mapping[str, Callable[[Here], int]] = {
    "change": on_changes.find_change,
    "fetch-inventory": on_changes.fetch_inventory,
    "review-change": on_changes.review_change,
    "comment": on_changes.write_comment,
    "approvals": on_changes.approvals,
    "affected": on_branches.find_affected,
    "plan": on_branches.make_plans,
    "deploy": on_branches.run_deploy,
    "audit": on_branches.write_audit,
    "publish-inventory": on_branches.publish_inventory,
    "drift-issue": on_branches.drift,
    "notify": on_branches.send_notification,
    "packages": on_branches.build_packages,
    "release": on_branches.publish_release,
}


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1 or given[0] not in COMMANDS:
        _tell(f"usage: python -m pipeline {{{','.join(COMMANDS)}}}\nMake targets of the same names say what they do.")
        return 64
    try:
        return COMMANDS[given[0]](Here(Path.cwd(), os.environ, tell=_tell, show=_show))
    except Stopped as error:
        _tell(f"stopped: {error}")
        return 2
    except PipelineError as error:
        _tell(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(text: str) -> None:
    """Output of others. A reader that went away must not end us before they have ended."""
    if not text:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
