"""How this machine proves itself to the sink that teams read: tokens, authorities, commands. Never from a stack file.

Secrets come from `PSAAS_*` variables or encrypted config; commands from the environment only, since they run.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field

from . import redaction
from .setting_reader import Environment, Reader

COMMAND, LOOK_COMMAND = "PSAAS_SINK_COMMAND", "PSAAS_SINK_LOOK_COMMAND"
_SENDABLE = re.compile(r"[\x21-\x7e]*")


@dataclass(frozen=True)
class SinkSettings:
    """`token` is Vault's or the bearer token of a Kubernetes API server; `secret_id` that of Vault's AppRole."""

    token: str = field(default="", repr=False)
    secret_id: str = field(default="", repr=False)
    ca_bundle: str = ""
    command: tuple[str, ...] = field(default=(), repr=False)
    look_command: tuple[str, ...] = field(default=(), repr=False)
    timeout_seconds: float = 30.0


def read(reader: Reader, environment: Environment, *, timeout_seconds: float) -> SinkSettings:
    """What is wrong goes to the reader's problems."""
    token, secret_id = reader.secret("sinkToken"), reader.secret("sinkSecretId")
    redaction.remember(token, secret_id)
    if not _SENDABLE.fullmatch(token):
        reader.problems.append("psaas:sinkToken: has characters that no token has; is it the right file?")
    return SinkSettings(
        token=token,
        secret_id=secret_id,
        ca_bundle=reader.ca_bundle("sinkCaBundle"),
        command=_command(COMMAND, reader, environment),
        look_command=_command(LOOK_COMMAND, reader, environment),
        timeout_seconds=timeout_seconds,
    )


def _command(variable: str, reader: Reader, environment: Environment) -> tuple[str, ...]:
    """A program and its arguments: a JSON list, or words as a shell would split them. No shell is started."""
    given = environment.get(variable, "").strip()
    try:
        words = json.loads(given) if given.startswith("[") else shlex.split(given)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) and "\0" not in word for word in words):
        reader.problems.append(f'{variable}: is neither a list in JSON, such as ["keep", "-v"], nor words of a command')
        return ()
    return tuple(words)
