"""How this machine reaches an appliance: address, credentials, trust, patience.

Read in both processes, by the program (to refuse mistakes early) and by the provider (to act), from the stack's
config and from `PSAAS_*` variables, which win. What defines resources is not here: that comes from the stack
file alone, see `config`. Knows no HTTP and no Pulumi resources.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import rules
from .errors import ConfigError

SHORTEST_KEY = 32
_ADDRESS = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]")
_PORT = re.compile(r"[0-9]{1,5}")
Get = Callable[[str], object]
Environment = Mapping[str, str]

SECRETS = ("clientSecret", "adminClientSecret", "escrowKey", "credentials")
FROM_ENVIRONMENT = (*SECRETS, "escrow", "escrowDir", "escrowDurable", "caBundle", "connectTo", "timeoutSeconds")
KEYS = (
    *FROM_ENVIRONMENT, "domain", "tenantDomain", "clientId", "adminClientId",
    "maxConcurrentCreates", "readyWithinHours",
)  # fmt: skip


@dataclass(frozen=True)
class Credential:
    """A client ID and its secret. The secret stays out of `repr`."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """One appliance as seen from here. Hashable, so that connections can be shared by settings."""

    rta: str
    tenant_domain: str
    provisioning: Credential | None = None
    admin: Credential | None = None
    client_id: str = ""
    credentials: tuple[tuple[str, Credential], ...] = field(default=(), repr=False)
    escrow_keys: tuple[str, ...] = field(default=(), repr=False)
    escrow_dir: Path = Path()
    escrow_url: str = ""
    escrow_command: str = field(default="", repr=False)
    escrow_durable: bool = False
    in_pipeline: bool = False
    ca_bundle: str = ""
    connect_to: tuple[str, int] | None = None
    timeout_seconds: float = 30.0
    max_concurrent_creates: int = 4
    ready_within_hours: float = 24.0
    allow_delete: frozenset[str] = frozenset()
    accept_absent: frozenset[str] = frozenset()

    @property
    def audience(self) -> str:
        """The audience of the RTA's Management API."""
        return f"https://{self.rta}/api/v2/"

    def require_provisioning(self) -> Credential:
        """The provisioning application's credential, or an error that says where to put it."""
        if self.provisioning is None:
            raise ConfigError(_missing("provisioning application's", "clientId", "clientSecret"))
        return self.provisioning

    def require_admin(self) -> Credential:
        """The admin application's credential, or an error that says where to put it."""
        if self.admin is None:
            raise ConfigError(
                _missing("admin application's", "adminClientId", "adminClientSecret")
                + "; or set psaas:manageGrant to false if the client grant is made by hand"
            )
        return self.admin

    def credential_of(self, tenant: str) -> Credential | None:
        """The credential that a person gave for `tenant` in `psaas:credentials`."""
        return dict(self.credentials).get(tenant)


def read(get: Get, environment: Environment | None = None) -> Settings:
    """Settings from a getter of `psaas:` config values and the environment.

    Raises ConfigError with every mistake at once. `PSAAS_EXPECTED_RTA`, where it is set, is compared before any
    secret is looked at, so that a changed stack file can't lead a secret to another appliance.
    """
    environment = os.environ if environment is None else environment
    rta = _text(get("domain"))
    if problem := expected_rta_problem(rta, environment):
        raise ConfigError(problem)
    reader = _Reader(get, environment)
    tenant_domain = _text(get("tenantDomain")) or rules.parent_domain(rta)
    if rta and (problem := rules.host_problem(rta)):
        reader.problems.append(f"psaas:domain: {problem}")
    elif rta and (problem := rules.tenant_domain_problem(tenant_domain, rta=rta)):
        reader.problems.append(f"psaas:tenantDomain: {problem}")
    client_id, admin_id = _text(get("clientId")), _text(get("adminClientId"))
    settings = Settings(
        rta=rta,
        tenant_domain=tenant_domain,
        client_id=client_id,
        provisioning=_pair(client_id, reader.secret("clientSecret")),
        admin=_pair(admin_id, reader.secret("adminClientSecret")),
        credentials=reader.credentials(),
        escrow_keys=reader.escrow_keys(),
        escrow_dir=reader.escrow_dir(),
        escrow_url=reader.escrow_url(),
        escrow_command=environment.get("PSAAS_ESCROW_COMMAND", "").strip(),
        escrow_durable=reader.flag("escrowDurable"),
        in_pipeline=environment.get("CI", "").lower() not in ("", "0", "false"),
        ca_bundle=reader.ca_bundle(),
        connect_to=reader.connect_to(rta),
        timeout_seconds=reader.number("timeoutSeconds", 30, least=1, most=600),
        max_concurrent_creates=int(reader.number("maxConcurrentCreates", 4, least=1, most=64)),
        ready_within_hours=reader.number("readyWithinHours", 24, least=0, most=24 * 365),
        allow_delete=_names(environment.get("PSAAS_ALLOW_DELETE", "")),
        accept_absent=_names(environment.get("PSAAS_ACCEPT_ABSENT", "")),
    )
    if reader.problems:
        raise ConfigError(*reader.problems)
    return settings


def variables() -> frozenset[str]:
    """Every `PSAAS_*` variable that anything here reads."""
    secrets = {variable(key) for key in SECRETS}
    others = {"PSAAS_EXPECTED_RTA", "PSAAS_ALLOW_DELETE", "PSAAS_ACCEPT_ABSENT", "PSAAS_ESCROW_COMMAND"}
    return frozenset({variable(key) for key in FROM_ENVIRONMENT} | {f"{name}_FILE" for name in secrets} | others)


def variable(key: str) -> str:
    """The environment variable of a config key: `PSAAS_CLIENT_SECRET` for `clientSecret`."""
    return "PSAAS_" + "".join(f"_{c}" if c.isupper() else c for c in key).upper()


def expected_rta_problem(rta: str, environment: Environment) -> str | None:
    """Whether the deploying environment expects another appliance than the stack file names."""
    expected = environment.get("PSAAS_EXPECTED_RTA")
    if expected is None or expected.strip().lower() == rta:
        return None
    if not expected.strip():
        return "PSAAS_EXPECTED_RTA is set and empty; give it the RTA that this environment deploys to, or unset it"
    return (
        f'psaas:domain: the stack names "{rta}", and PSAAS_EXPECTED_RTA says that this environment deploys to '
        f'"{expected}" only; no secret was read'
    )


class _Reader:
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
            return _text(self.value(key)[0])
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
            return tuple(sorted(((name, _given_credential(pair)) for name, pair in given.items()), key=lambda i: i[0]))
        except (ValueError, TypeError, AttributeError, RecursionError):
            self.problems.append(
                f"{place}: expected, for each tenant's name, an object with clientId and clientSecret, "
                'for example {"customer-1": {"clientId": "…", "clientSecret": "…"}}'
            )
            return ()

    def escrow_keys(self) -> tuple[str, ...]:
        """One key or more, apart by white space: the first writes, the others open older entries."""
        keys = tuple(self.secret("escrowKey").split())
        if any(len(key) < SHORTEST_KEY for key in keys):
            self.problems.append(
                f"psaas:escrowKey: a key has at least {SHORTEST_KEY} random characters and no blanks; make one "
                "with `openssl rand -hex 32`"
            )
        return keys

    def escrow_url(self) -> str:
        """A bucket for the escrow, `s3://bucket/prefix`."""
        given, place = self.value("escrow")
        url = _text(given)
        if url and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?", url):
            self.problems.append(f'{place}: "{url}" is not s3://bucket or s3://bucket/prefix')
        return url

    def flag(self, key: str) -> bool:
        given, place = self.value(key)
        text = _text(given).lower()
        if text not in ("", "true", "false"):
            self.problems.append(f'{place}: "{text}" is not true or false')
        return text == "true"

    def escrow_dir(self) -> Path:
        """Where one-time credentials wait until the state has them."""
        if given := _text(self.value("escrowDir")[0]):
            return self.path(given, self.value("escrowDir")[1])
        state = self.environment.get("XDG_STATE_HOME") or "~/.local/state"
        return self.path(state, "XDG_STATE_HOME") / "psaas" / "escrow"

    def ca_bundle(self) -> str:
        """A file of PEM certificates: the only authorities trusted, where it is given."""
        given, place = self.value("caBundle")
        if not _text(given):
            return ""
        path = self.path(_text(given), place)
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
        if not (text := _text(given)):
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

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A number between `least` and `most`; durations are in the unit of the key's name."""
        given, place = self.value(key)
        if given is None or given == "":
            return default
        try:
            number = float(_text(given))
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            self.problems.append(f'{place}: "{_text(given)}" is not a number from {least:g} to {most:g}')
            return default
        return number


def _missing(whose: str, key: str, secret_key: str) -> str:
    return (
        f"the {whose} credential is missing: set psaas:{key} in the stack file, and its secret by "
        f"{variable(secret_key)}, {variable(secret_key)}_FILE or `pulumi config set --secret psaas:{secret_key}`"
    )


def _pair(client_id: str, client_secret: str) -> Credential | None:
    return Credential(client_id, client_secret) if client_id and client_secret else None


def _given_credential(pair: object) -> Credential:
    """A credential as a person gives it. Raises TypeError for anything else, without repeating it."""
    if not isinstance(pair, dict) or set(pair) != {"clientId", "clientSecret"}:
        raise TypeError
    if not all(isinstance(part, str) and part.strip() for part in pair.values()):
        raise TypeError
    return Credential(pair["clientId"].strip(), pair["clientSecret"].strip())


def _names(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[\s,]+", text)) - {""}


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value).strip()
