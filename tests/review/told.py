"""What the engine tells, made by hand in the words of its event log."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

TENANT, GRANT = "pulumi-python:dynamic/psaas:Tenant", "pulumi-python:dynamic/psaas:ClientGrant"
SETTINGS = "pulumi-python:dynamic/psaas:TenantSettings"
TEAM = "pulumi-python:dynamic/psaas:ManagementClient"
SINK = "pulumi-python:dynamic/psaas:CredentialSink"
INVITATIONS = "pulumi-python:dynamic/psaas:OwnerInvitations"
APPLICATION = "pulumi-python:dynamic/psaas:ProvisioningApplication"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}


def urn(name: str, kind: str = TENANT) -> str:
    return f"urn:pulumi:test::psaas::{kind}::{name}"


def inputs(name: str, **changed: Any) -> dict[str, Any]:
    return {
        "name": name, "owners": ["me@email.com"], "labels": {}, "deletion": "refuse", "adopt": False,
        "rta": "rta.appliance.test", "tenant_domain": "appliance.test", "__provider": "gASV",
    } | changed  # fmt: skip


def outputs(name: str, **changed: Any) -> dict[str, Any]:
    return inputs(name) | {
        "applied_owners": ["me@email.com"], "domain": f"{name}.appliance.test", "client_id": "a client",
        "audience": f"https://{name}.appliance.test/api/v2/", "client_secret": SECRET, "ready": True, "problem": "",
        "vanished_at": "", "retired": "", "recreate": False, "created_at": "2026-11-24T18:51:24+00:00",
    } | changed  # fmt: skip


def grant(*scopes: str, **changed: Any) -> dict[str, Any]:
    return {
        "rta": "rta.appliance.test", "client_id": "the client", "audience": "https://rta.appliance.test/api/v2/",
        "scopes": list(scopes or ("create:tenants",)), "adopt": False,
    } | changed  # fmt: skip


def step(
    op: str,
    name: str,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    kind: str = TENANT,
    protect: bool = False,
    identity: str = "its ID",
) -> EngineEvent:
    """A step of a preview: `old` are the outputs of the state, `new` the inputs that are declared."""
    return EngineEvent.from_json({"resourcePreEvent": {"metadata": _metadata(
        op, name, kind,
        old and {"id": identity, "protect": protect, "inputs": old, "outputs": old},
        new and {"id": "", "inputs": new, "outputs": {}},
    )}})  # fmt: skip


def looked_at(
    op: str, name: str, *, old: dict[str, Any], new: dict[str, Any] | None, kind: str = TENANT, identity: str = "its ID"
) -> EngineEvent:
    """The end of a look at a resource in a refresh: its outputs before and after."""
    return EngineEvent.from_json({"resOutputsEvent": {"metadata": _metadata(
        op, name, kind,
        {"id": "its ID", "inputs": old, "outputs": old},
        new and {"id": identity, "inputs": new, "outputs": new},
    )}})  # fmt: skip


def _metadata(op: str, name: str, kind: str, old: Any, new: Any) -> dict[str, Any]:
    return {"op": op, "urn": urn(name, kind), "type": kind, "old": old, "new": new}


def said(message: str, severity: str = "error", *, about: str = "", ephemeral: bool = False) -> EngineEvent:
    return EngineEvent.from_json({"diagnosticEvent": {
        "message": message, "severity": severity, "ephemeral": ephemeral, **({"urn": about} if about else {}),
    }})  # fmt: skip


def end() -> EngineEvent:
    return EngineEvent.from_json({"summaryEvent": {"resourceChanges": {}}})


def began(**config: str) -> EngineEvent:
    given = {"psaas:domain": "rta.appliance.test"} | {f"psaas:{key}": value for key, value in config.items()}
    return EngineEvent.from_json({"preludeEvent": {"config": given}})
