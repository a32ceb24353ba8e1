"""How this machine proves itself to the sink that teams read: tokens, authorities, commands. Never from a stack file.

Secrets come from `PSAAS_*` variables or encrypted config; commands from the environment only, since they run.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from . import redaction
from .setting_reader import Environment, Reader

COMMAND, LOOK_COMMAND = "PSAAS_SINK_COMMAND", "PSAAS_SINK_LOOK_COMMAND"
EXPECTED = "PSAAS_EXPECTED_SINK"
_SENDABLE = re.compile(r"[\x21-\x7e]*")


@dataclass(frozen=True)
class SinkSettings:
    """`token` is Vault's or the bearer token of a Kubernetes API server; `secret_id` that of Vault's AppRole.

    `expected_host` is the one host that this environment writes to, None where any that the stack file names will do.
    """

    token: str = field(default="", repr=False)
    secret_id: str = field(default="", repr=False)
    ca_bundle: str = ""
    command: tuple[str, ...] = field(default=(), repr=False)
    look_command: tuple[str, ...] = field(default=(), repr=False)
    expected_host: str | None = None
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
        expected_host=expected_host(environment),
        timeout_seconds=timeout_seconds,
    )


def expected_host(environment: Environment) -> str | None:
    """Where a deploying environment names its RTA, it names its sink too; "" if it forgot."""
    given = environment.get(EXPECTED, "").strip().lower()
    return given or ("" if environment.get("PSAAS_EXPECTED_RTA", "").strip() else None)


def host_problem(address: str, expected: str | None) -> str | None:
    """Whether a stack file would lead credentials to another host than the environment expects."""
    host = urlsplit(address).netloc.lower()
    if expected is None or not host or host == expected:
        return None
    if not expected:
        return (
            f"this environment names the RTA that it deploys to (PSAAS_EXPECTED_RTA), so it must name the sink too: "
            f"{EXPECTED}={host}"
        )
    return f'the stack names the sink "{host}", and {EXPECTED} says that this environment writes to "{expected}" only'


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
