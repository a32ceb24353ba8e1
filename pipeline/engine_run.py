"""`pulumi up` in a pipeline: a cancel reaches it once, and nothing that the forge does then ends it half way.

GitHub Actions signals the step's first process only (SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL). `make` passes
SIGTERM on but not SIGINT, and when it is killed its children live on. So `pulumi` gets a group of its own and writes
to files, which outlive us; we pass the first signal on, or the death of the process that started us.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from pipeline.errors import PipelineError
from pipeline.folder import Folder, read_json, write, write_json

LOOK_SECONDS = 0.1
CANCELLED = "a cancel has arrived: `pulumi` finishes what is under way, writes its state and ends"


def run(
    command: Sequence[str],
    *,
    root: Path,
    folder: Folder,
    stack: str,
    environment: Mapping[str, str],
    show: Callable[[str], None],
) -> int:
    """Run to its end, showing its output; its exit status."""
    parent = os.getppid()
    asked = False

    def on_signal(_: int, __: FrameType | None) -> None:
        nonlocal asked
        asked = True

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    output = folder.output(stack)
    write(output, "")
    try:
        with output.open("ab") as log, output.open("r", encoding="utf-8", errors="replace") as reader:
            process = subprocess.Popen(
                command, cwd=root, env=dict(environment), process_group=0,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
            write_json(folder.process(stack), {"pid": process.pid, "started": _started(process.pid)})
            told = False
            while process.poll() is None:
                show(reader.read())
                if (asked or os.getppid() != parent) and not told:
                    told = True  # once: a second one would make `pulumi` drop everything
                    process.send_signal(signal.SIGINT)
                    show(f"\n{CANCELLED}\n")
                time.sleep(LOOK_SECONDS)
            show(reader.read())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return process.returncode


def wait_until_ended(folder: Folder, stack: str, *, seconds: float) -> bool:
    """After a cancel: wait for a `pulumi` that may still be at work. False if it is, even then."""
    file = folder.process(stack)
    if not file.exists():
        return True
    described = read_json(file, made_by="make deploy")
    give_up_at = time.monotonic() + seconds
    while _is_running(described):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _is_running(described: Mapping[str, object]) -> bool:
    """Whether that very process lives, not another one that got its number since."""
    try:
        pid = int(str(described["pid"]))
        os.kill(pid, 0)
    except (KeyError, ValueError):
        raise PipelineError("process.json is not what `make deploy` writes") from None
    except (ProcessLookupError, PermissionError):
        return False
    now = _started(pid)
    return now != "gone" and now == described.get("started")


def _started(pid: int) -> str:
    """When a process began, in the system's own words; "gone" for one that has ended; "" where /proc is not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "gone" if Path("/proc/self/stat").exists() else ""
    return "gone" if fields[0] in ("Z", "X") else fields[19]
