"""Any program that keeps credentials: it reads JSON on standard input. No shell, bounded time, bounded output.

To write: the program is given tenant, path, credential and fingerprint, and ends with status 0 once it keeps them. To
look, where another program for that is named: it is given tenant and path, prints the fingerprint that it keeps, and
ends with status 4 where it keeps none. Any other status is that of a sink which is down: a program can't say more.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from .. import redaction
from ..errors import ConfigError, SinkDown, SinkError
from ..handed_over import HandedOver
from ..rules import printable
from ..sink_place import SinkPlace
from ..sink_settings import COMMAND, LOOK_COMMAND, SinkSettings
from .found import Found, Rights, Whose

SECONDS = 60.0
MOST_BYTES = 64 * 1024
NOTHING_THERE = 4


class Command:
    """A program of the user's."""

    def __init__(self, settings: SinkSettings, *, seconds: float = SECONDS) -> None:
        self._settings, self._seconds = settings, seconds

    def look(self, place: SinkPlace, whose: Whose) -> Found | None:
        """What the second program says; None where there is none."""
        if not self._settings.look_command:
            return None
        doing = f"look at {place}"
        given = {"action": "look", "tenant": whose.tenant, "domain": whose.domain, "path": place.path}
        status, said = self._run(doing, self._settings.look_command, given, LOOK_COMMAND)
        if status == NOTHING_THERE:
            return Found()
        if status:
            raise SinkDown(_failed(doing, self._settings.look_command, status, said))
        return Found(said.strip().lower())

    def write(self, place: SinkPlace, what: HandedOver, found: Found | None) -> None:  # noqa: ARG002
        """Hand it to the program."""
        if not self._settings.command:
            raise ConfigError(f"psaas:sink is a command, which is never taken from a file: set {COMMAND}")
        doing = f"write {place}"
        given = {
            "action": "write", "tenant": what.tenant, "path": place.path, "domain": what.domain,
            "audience": what.audience, "clientId": what.client_id, "clientSecret": what.client_secret,
            "fingerprint": what.fingerprint,
        }  # fmt: skip
        status, said = self._run(doing, self._settings.command, given, COMMAND)
        if status:
            raise SinkDown(_failed(doing, self._settings.command, status, said))

    def rights(self, place: SinkPlace) -> Rights | None:  # noqa: ARG002
        """Nothing: a program that is not started says nothing."""
        return None

    def _run(self, doing: str, command: Sequence[str], given: Mapping[str, str], variable: str) -> tuple[int, str]:
        """Its status and what it printed. What it starts ends with it."""
        hidden = ("PSAAS_", "PULUMI_CONFIG_PASSPHRASE")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ConfigError(f"could not {doing}: {variable}: {command[0]} can't be started: {why}") from None
        try:
            with process:
                self._give(process, given)
                said = self._watched(process, doing=doing, name=command[0])
        finally:
            _end(process)
        return process.wait(), said

    @staticmethod
    def _give(process: subprocess.Popen[bytes], given: Mapping[str, str]) -> None:
        """A line of JSON, which is less than a pipe holds; a program need not read it."""
        assert process.stdin
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(given).encode() + b"\n")
            process.stdin.flush()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()

    def _watched(self, process: subprocess.Popen[bytes], *, doing: str, name: str) -> str:
        """What it prints until it ends. Raises SinkDown where it takes too long, SinkError where it says too much."""
        assert process.stdout
        give_up_at = time.monotonic() + self._seconds
        said = bytearray()
        with selectors.DefaultSelector() as output:
            output.register(process.stdout, selectors.EVENT_READ)
            while True:
                ended = process.poll() is not None
                if output.get_map() and output.select(0 if ended else 0.1):
                    piece = os.read(process.stdout.fileno(), 65536)
                    said += piece
                    if not piece:
                        output.unregister(process.stdout)
                elif ended:
                    return said.decode("utf-8", "replace")
                elif not output.get_map():
                    time.sleep(0.02)
                if len(said) > MOST_BYTES or time.monotonic() > give_up_at:
                    _end(process)
                if len(said) > MOST_BYTES:
                    raise SinkError(f"could not {doing}: {name} printed more than {MOST_BYTES // 1024} KiB")
                if time.monotonic() > give_up_at:
                    raise SinkDown(f"could not {doing}: {name} did not end within {self._seconds:g} seconds")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and what it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failed(doing: str, command: Sequence[str], status: int, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    words = printable(redaction.redacted(lines[-1] if lines else ""), 200)
    return f"could not {doing}: {command[0]} ended with status {status}" + (f": {words}" if words else "")
