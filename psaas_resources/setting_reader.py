"""One setting after the other, from config or environment, and what is wrong with it. Knows no HTTP and no Pulumi.

A value comes with the place where it was found, so that a mistake names it. What the settings mean together is in
`settings`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from . import assertion, credential, redaction, rules
from .credential import Credential

SHORTEST_KEY = 32
_ADDRESS = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]")
_PORT = re.compile(r"[0-9]{1,5}")
Get = Callable[[str], object]
Environment = Mapping[str, str]

SECRETS = (
    "clientSecret", "clientKey", "applicationPrivateKey", "adminClientSecret", "escrowKey", "credentials", "sinkToken",
    "sinkSecretId",
)  # fmt: skip
FROM_ENVIRONMENT = (
    *SECRETS,
    "escrow",
    "escrowDir",
    "escrowDurable",
    "caBundle",
    "sinkCaBundle",
    "connectTo",
    "timeoutSeconds",
    "liveness",
)
# Numbers: what holds without them, the least and the most that may be said.
BOUNDS = {
    "timeoutSeconds": (30.0, 1.0, 600.0),
    "maxConcurrentCreates": (4.0, 1.0, 64.0),
    "maxNewTenants": (25.0, 0.0, 100_000.0),
    "maxDeletions": (5.0, 0.0, 100_000.0),
    "readyWithinHours": (24.0, 0.0, 24.0 * 365),
}


class Reader:
    """Reads one key after the other and collects what is wrong with them."""

    def __init__(self, get: Get, environment: Environment) -> None:
        self.get = get
        self.environment = environment
        self.problems: list[str] = []

    def value(self, key: str) -> tuple[object, str]:
        """A setting and the place where it was found; the environment wins for what it may set."""
        if key in FROM_ENVIRONMENT and (given := self.environment.get(variable(key), "")):
            return given, variable(key)
        return self.get(key), f"psaas:{key}"

    def secret(self, key: str) -> str:
        """A secret: from `PSAAS_KEY`, from the file that `PSAAS_KEY_FILE` names, or from the config."""
        file = self.environment.get(f"{variable(key)}_FILE", "")
        if not file or self.environment.get(variable(key)):
            return text_of(self.value(key)[0])
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            self.problems.append(f"{variable(key)}_FILE: {rules.printable(file)} can't be read: {reason}")
            return ""
        if not secret:
            self.problems.append(f"{variable(key)}_FILE: {file} is empty")
        return secret

    def credentials(self) -> tuple[tuple[str, Credential], ...]:
        """`credentials`: an object of tenant name to `clientId` and `clientSecret`."""
        name = variable("credentials")
        place = next((n for n in (name, f"{name}_FILE") if self.environment.get(n)), "psaas:credentials")
        try:
            given = json.loads(self.secret("credentials") or "{}")
            return tuple(sorted(((name, credential.given(pair)) for name, pair in given.items()), key=lambda i: i[0]))
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.problems.append(
                f"{place}: expected, for each tenant's name, an object with clientId and clientSecret, "
                'for example {"customer-1": {"clientId": "…", "clientSecret": "…"}}'
            )
            return ()

    def private_key(self, key: str) -> str:
        """A private key in PEM, or "" where there is none."""
        pem = self.secret(key)
        if pem and (wrong := assertion.problem(pem)):
            self.problems.append(f"psaas:{key}: {wrong}")
            return ""
        return pem

    def application(self) -> Credential | None:
        """An application that the stack manages itself, from `appliance_provider`; no stack file may say it."""
        given = text_of(self.get("application"))
        try:
            return credential.managed(json.loads(given)) if given else None
        except (ValueError, TypeError, RecursionError):
            self.problems.append("psaas:application: is for programs, and has a wrong form")
            return None

    def escrow_keys(self) -> tuple[str, ...]:
        """One key or more, apart by white space: the first writes, the others open older entries."""
        keys = tuple(self.secret("escrowKey").split())
        redaction.remember(*keys)
        if any(len(key) < SHORTEST_KEY for key in keys):
            self.problems.append(
                f"psaas:escrowKey: a key has at least {SHORTEST_KEY} random characters and no blanks; make one "
                "with `openssl rand -hex 32`"
            )
        return keys

    def escrow_url(self) -> str:
        """A bucket for the escrow, `s3://bucket/prefix`."""
        given, place = self.value("escrow")
        url = text_of(given)
        if url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", url):
            self.problems.append(f'{place}: "{url}" is not s3://bucket or s3://bucket/prefix')
        return url

    def flag(self, key: str) -> bool:
        given, place = self.value(key)
        text = text_of(given).lower()
        if text not in ("", "true", "false"):
            self.problems.append(f'{place}: "{text}" is not true or false')
        return text == "true"

    def one_of(self, key: str, values: tuple[str, ...]) -> str:
        """One of a few words; the first is the default."""
        given, place = self.value(key)
        if (word := text_of(given)) and word not in values:
            near = rules.near_miss(word, values)
            self.problems.append(f'{place}: "{rules.printable(word)}" is not one of {", ".join(values)}{near}')
        return word if word in values else values[0]

    def escrow_dir(self) -> Path:
        """Where one-time credentials wait until the state has them."""
        if given := text_of(self.value("escrowDir")[0]):
            return self.path(given, self.value("escrowDir")[1])
        state = self.environment.get("XDG_STATE_HOME") or "~/.local/state"
        return self.path(state, "XDG_STATE_HOME") / "psaas" / "escrow"

    def ca_bundle(self, key: str = "caBundle") -> str:
        """A file of PEM certificates: the only authorities trusted, where it is given."""
        given, place = self.value(key)
        if not text_of(given):
            return ""
        path = self.path(text_of(given), place)
        if path == Path():
            return ""
        try:
            if b"-----BEGIN CERTIFICATE-----" not in path.read_bytes():
                self.problems.append(f"{place}: {rules.printable(str(path))} holds no PEM certificates")
        except (OSError, ValueError):
            self.problems.append(f"{place}: {rules.printable(str(path))} is not a file that can be read")
        return str(path)

    def path(self, text: str, place: str) -> Path:
        """An absolute path, `~` resolved; relative ones are taken from the project's folder."""
        try:
            if "\0" not in text:
                return Path(text).expanduser().absolute()
        except RuntimeError:
            pass
        self.problems.append(f'{place}: "{rules.printable(text)}" is not a path here')
        return Path()

    def connect_to(self, rta: str) -> tuple[str, int] | None:
        """`host:port` to connect to instead of what the name resolves to; for local appliances only."""
        given, place = self.value("connectTo")
        if not (text := text_of(given)):
            return None
        if rta and not rules.is_local(rta):
            self.problems.append(
                f"{place}: only a local appliance (below .test, or localhost) may be reached by another address; "
                f"{rta} is not one"
            )
        host, _, port = text.rpartition(":")
        if not _ADDRESS.fullmatch(host) or not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
            self.problems.append(f'{place}: "{rules.printable(text)}" is not host:port')
            return None
        return host.strip("[]"), int(port)

    def limit(self, key: str, *, local: bool) -> int | None:
        """A count, which on a local stack is no limit (None) unless it is set."""
        return None if local and self.get(key) in (None, "") else int(self.number(key))

    def number(self, key: str) -> float:
        """A number within the bounds of its key; durations are in the unit of the key's name."""
        default, least, most = BOUNDS[key]
        given, place = self.value(key)
        if given is None or given == "":
            return default
        try:
            number = float(text_of(given))
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            self.problems.append(f'{place}: "{text_of(given)}" is not a number from {least:g} to {most:g}')
            return default
        return number


def variable(key: str) -> str:
    """The environment variable of a config key: `PSAAS_CLIENT_SECRET` for `clientSecret`."""
    return "PSAAS_" + "".join(f"_{c}" if c.isupper() else c for c in key).upper()


def text_of(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value).strip()
