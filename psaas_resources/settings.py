"""How this machine reaches an appliance: address, credentials, trust, patience.

Read in both processes, by the program (to refuse mistakes early) and by the provider (to act), from the stack's
config and from `PSAAS_*` variables, which win. What defines resources is not here: that comes from the stack
file alone, see `config`. Knows no HTTP and no Pulumi resources.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import rules, sink_settings
from .credential import Credential
from .errors import ConfigError
from .setting_reader import BOUNDS, FROM_ENVIRONMENT, SECRETS, Environment, Get, Reader, text_of, variable
from .sink_settings import SinkSettings

__all__ = [
    "BOUNDS", "FROM_ENVIRONMENT", "KEYS", "LIVENESS", "SECRETS", "Credential", "Environment", "Settings",
    "expected_rta_problem", "read", "variable", "variables",
]  # fmt: skip

KEYS = (
    *FROM_ENVIRONMENT, "domain", "tenantDomain", "clientId", "adminClientId",
    "maxConcurrentCreates", "maxNewTenants", "maxDeletions", "readyWithinHours", "checkOwners",
)  # fmt: skip
LIVENESS = ("none", "oidc", "token")


@dataclass(frozen=True)
class Settings:
    """One appliance as seen from here. Hashable, so that connections can be shared by settings.

    `liveness` says what a refresh asks the own domain of a tenant that the list has: nothing, its OpenID
    configuration, or a token for its credential. `check_owners`: a new tenant is asked who administers it.
    """

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
    checkpoints_skipped: bool = False
    ca_bundle: str = ""
    connect_to: tuple[str, int] | None = None
    timeout_seconds: float = 30.0
    max_concurrent_creates: int = 4
    max_new_tenants: int | None = None
    max_deletions: int | None = None
    ready_within_hours: float = 24.0
    liveness: str = LIVENESS[0]
    check_owners: bool = False
    allow_delete: frozenset[str] = frozenset()
    accept_absent: frozenset[str] = frozenset()
    application_managed: bool = False
    application_private_key: str = field(default="", repr=False)
    sink: SinkSettings = field(default_factory=SinkSettings)

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
                + "; or declare no client grant where it is made by hand (in a stack file psaas:manageGrant: false)"
            )
        return self.admin

    @property
    def escrow_problem(self) -> str:
        """Why this stack's escrow is not good enough for a tenant's one-time credential; "" if it is.

        Outside of local stacks it needs a key of its own, so that rotating the provisioning secret loses nothing; and
        on a machine of a pipeline (CI is set) a plain directory must be declared to outlive the job.
        """
        if not rules.is_local(self.rta) and not self.escrow_keys:
            return (
                "the escrow of this stack needs a key of its own: make one with `openssl rand -hex 32`, keep it where "
                "the other secrets are, and give it as PSAAS_ESCROW_KEY, PSAAS_ESCROW_KEY_FILE or psaas:escrowKey"
            )
        remote = bool(self.escrow_url or self.escrow_command)
        if self.in_pipeline and not (remote or self.escrow_durable):
            return (
                f"this runs in a pipeline (CI is set), and the escrow is the directory {self.escrow_dir}: if the job's "
                "disk goes before the state is written, new credentials go with it. Name a store that stays "
                "(psaas:escrow: s3://…, or PSAAS_ESCROW_COMMAND), or declare that this directory does with "
                "psaas:escrowDurable: true"
            )
        kept = remote or (self.escrow_durable and not self.in_pipeline)
        if self.checkpoints_skipped and not (kept or rules.is_local(self.rta)):
            return (
                "the state is written only at the end (PULUMI_SKIP_CHECKPOINTS is set), so that until then new "
                f"credentials are nowhere but in the escrow, and that is the directory {self.escrow_dir}. Name a "
                "store that stays (psaas:escrow: s3://…, or PSAAS_ESCROW_COMMAND), or unset that variable; outside "
                "of pipelines psaas:escrowDurable: true declares that the directory is as safe"
            )
        return ""

    def credential_of(self, tenant: str) -> Credential | None:
        """The credential that a person gave for `tenant` in `psaas:credentials`."""
        return dict(self.credentials).get(tenant)


def read(get: Get, environment: Environment | None = None) -> Settings:
    """Settings from a getter of `psaas:` config values and the environment.

    Raises ConfigError with every mistake at once. `PSAAS_EXPECTED_RTA`, where it is set, is compared before any
    secret is looked at, so that a changed stack file can't lead a secret to another appliance.
    """
    environment = os.environ if environment is None else environment
    rta = text_of(get("domain"))
    if problem := expected_rta_problem(rta, environment):
        raise ConfigError(problem)
    reader = Reader(get, environment)
    tenant_domain = text_of(get("tenantDomain")) or rules.parent_domain(rta)
    if rta and (problem := rules.host_problem(rta)):
        reader.problems.append(f"psaas:domain: {problem}")
    elif rta and (problem := rules.tenant_domain_problem(tenant_domain, rta=rta)):
        reader.problems.append(f"psaas:tenantDomain: {problem}")
    client_id, admin_id = text_of(get("clientId")), text_of(get("adminClientId"))
    managed = reader.application()
    settings = Settings(
        rta=rta,
        tenant_domain=tenant_domain,
        client_id=managed.client_id if managed else client_id,
        provisioning=managed or _provisioning(client_id, reader),
        application_managed=managed is not None,
        application_private_key=reader.private_key("applicationPrivateKey"),
        admin=_pair(admin_id, reader.secret("adminClientSecret")),
        credentials=reader.credentials(),
        escrow_keys=reader.escrow_keys(),
        escrow_dir=reader.escrow_dir(),
        escrow_url=reader.escrow_url(),
        escrow_command=environment.get("PSAAS_ESCROW_COMMAND", "").strip(),
        escrow_durable=reader.flag("escrowDurable"),
        in_pipeline=_is_on(environment, "CI"),
        checkpoints_skipped=_is_on(environment, "PULUMI_EXPERIMENTAL")
        and _is_on(environment, "PULUMI_SKIP_CHECKPOINTS"),
        ca_bundle=reader.ca_bundle(),
        connect_to=reader.connect_to(rta),
        timeout_seconds=(timeout_seconds := reader.number("timeoutSeconds")),
        max_concurrent_creates=int(reader.number("maxConcurrentCreates")),
        max_new_tenants=reader.limit("maxNewTenants", local=rules.is_local(rta)),
        max_deletions=reader.limit("maxDeletions", local=rules.is_local(rta)),
        ready_within_hours=reader.number("readyWithinHours"),
        liveness=reader.one_of("liveness", LIVENESS),
        check_owners=reader.flag("checkOwners"),
        allow_delete=_names(environment.get("PSAAS_ALLOW_DELETE", "")),
        accept_absent=_names(environment.get("PSAAS_ACCEPT_ABSENT", "")),
        sink=sink_settings.read(reader, environment, timeout_seconds=timeout_seconds),
    )
    if reader.problems:
        raise ConfigError(*reader.problems)
    return settings


def variables() -> frozenset[str]:
    """Every `PSAAS_*` variable that anything here reads."""
    secrets = {variable(key) for key in SECRETS}
    others = {"PSAAS_EXPECTED_RTA", "PSAAS_ALLOW_DELETE", "PSAAS_ACCEPT_ABSENT", "PSAAS_ESCROW_COMMAND"}
    others |= {sink_settings.COMMAND, sink_settings.LOOK_COMMAND, sink_settings.EXPECTED}
    return frozenset({variable(key) for key in FROM_ENVIRONMENT} | {f"{name}_FILE" for name in secrets} | others)


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


def _missing(whose: str, key: str, secret_key: str) -> str:
    return (
        f"the {whose} credential is missing: set psaas:{key} in the stack file, and its secret by "
        f"{variable(secret_key)}, {variable(secret_key)}_FILE or `pulumi config set --secret psaas:{secret_key}`"
    )


def _provisioning(client_id: str, reader: Reader) -> Credential | None:
    """The provisioning application's credential: a secret or a private key, never both."""
    secret, key = reader.secret("clientSecret"), reader.private_key("clientKey")
    if secret and key:
        reader.problems.append(
            "psaas:clientKey: is given beside clientSecret; an application proves itself in one way, so give only one"
        )
    return Credential(client_id, "", private_key=key) if client_id and key else _pair(client_id, secret)


def _pair(client_id: str, client_secret: str) -> Credential | None:
    """An application's credential; its secret may be several, apart by white space, tried in their order."""
    secrets = client_secret.split()
    return Credential(client_id, secrets[0], tuple(secrets[1:])) if client_id and secrets else None


def _is_on(environment: Environment, name: str) -> bool:
    return environment.get(name, "").lower() not in ("", "0", "false")


def _names(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[\s,]+", text)) - {""}
