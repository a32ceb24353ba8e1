"""Exactly what each tool reads. Pure: a tenant in, text out.

Sources: the documentation of the Terraform provider auth0/auth0 and of the Pulumi provider auth0 (their variables and
config keys), of auth0-deploy-cli (its configuration file), of Kubernetes (Secret, v1) and of Vault (KV version 2,
`POST /v1/MOUNT/data/PATH`).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from ..errors import ConfigError
from ..handed_over import HandedOver


@dataclass(frozen=True)
class Format:
    """How a tenant is written, how its file is called, and how it is used (for `--help` and the documentation)."""

    text: Callable[[HandedOver], str]
    suffix: str
    use: str


def env(tenant: HandedOver) -> str:
    """For a shell: `. ./customer-1.sh`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in tenant.variables().items())


def dotenv(tenant: HandedOver) -> str:
    """For programs that read `.env`; single quotes, since such files expand `$` within others."""
    for value in tenant.variables().values():
        if not value.isprintable() or "'" in value:
            raise ConfigError(f"the credential of {tenant.tenant} has characters that a .env file can't hold; use json")
    return "".join(f"{name}='{value}'\n" for name, value in tenant.variables().items())


def as_json(tenant: HandedOver) -> str:
    """For programs: the same names as the stack file has."""
    return _json(
        {
            "tenant": tenant.tenant, "domain": tenant.domain, "audience": tenant.audience,
            "clientId": tenant.client_id, "clientSecret": tenant.client_secret,
        }
    )  # fmt: skip


def pulumi(tenant: HandedOver) -> str:
    """Sets the provider's config of the stack that is selected, or named behind it: `sh customer-1.pulumi.sh -s dev`.

    The secret goes through standard input, so that it is in no list of processes.
    """
    plain = {"auth0:domain": tenant.domain, "auth0:clientId": tenant.client_id, "auth0:audience": tenant.audience}
    lines = [f'pulumi config set "$@" {key} -- {shlex.quote(value)}' for key, value in plain.items()]
    secret = f'printf %s {shlex.quote(tenant.client_secret)} | pulumi config set --secret "$@" auth0:clientSecret'
    return "\n".join(["set -e", *lines, secret, ""])


def deploy_cli(tenant: HandedOver) -> str:
    """The file that `a0deploy --config_file` reads. Nothing that is missing locally is deleted by it."""
    named = {name: value for name, value in tenant.variables().items() if name != "AUTH0_AUDIENCE"}
    return _json(named | {"AUTH0_ALLOW_DELETE": False})


def kubernetes(tenant: HandedOver) -> str:
    """A Secret for `kubectl apply -f`, whose keys are the variables (`envFrom`)."""
    name = re.sub(r"[^a-z0-9-]", "-", f"auth0-{tenant.tenant}").strip("-")
    manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": tenant.labels()},
        "type": "Opaque",
        "stringData": tenant.variables(),
    }
    return str(yaml.safe_dump(manifest, sort_keys=False, width=1000))


def vault(tenant: HandedOver) -> str:
    """The body of a write to KV version 2."""
    return _json({"data": tenant.variables()})


FORMATS: Mapping[str, Format] = {
    "env": Format(env, ".sh", "a shell: . ./FILE"),
    "dotenv": Format(dotenv, ".env", "programs that read .env files"),
    "json": Format(as_json, ".json", "programs"),
    "terraform": Format(env, ".terraform.sh", "Terraform's provider auth0/auth0: . ./FILE && terraform plan"),
    "pulumi": Format(pulumi, ".pulumi.sh", "Pulumi's provider auth0, in that project: sh FILE --stack NAME"),
    "deploy-cli": Format(deploy_cli, ".deploy-cli.json", "auth0-deploy-cli: a0deploy export --config_file FILE …"),
    "kubernetes": Format(kubernetes, ".secret.yaml", "kubectl apply -f FILE"),
    "vault": Format(vault, ".vault.json", "Vault, KV version 2: curl --data @FILE $VAULT_ADDR/v1/secret/data/PATH"),
}


def _json(document: Mapping[str, object]) -> str:
    return json.dumps(document, indent=2) + "\n"
