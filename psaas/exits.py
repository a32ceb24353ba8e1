"""What the exit status of every command means. Scripts rely on it, so it is the same everywhere."""

from __future__ import annotations

DONE = 0
LOOK = 1
FORBIDDEN = 2
WRONG_USE = 64
INTERRUPTED = 130

MEANINGS = {
    DONE: "done, or everything is fine",
    LOOK: "a person must look, decide or mend something; it is told on standard error or in the output",
    FORBIDDEN: "forbidden, or broken: what was asked for could not be judged or done at all",
    WRONG_USE: "wrong use: no such command or option, one is missing, has a value that can't be meant, or "
    "excludes another",
    INTERRUPTED: "interrupted (Ctrl-C)",
}
