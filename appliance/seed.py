"""What exists before anybody asked for it. Knows the first rows of a new root tenant authority and of a new tenant."""

import json

from appliance import scopes
from appliance.clients import Credential, add
from appliance.identifiers import fixed_client_id, new_id, new_secret
from appliance.names import Names
from appliance.resource_servers import TOKEN_LIFETIME_SECONDS
from appliance.store import Store, Value, now

ADMIN = "Appliance Admin"
PROVISIONING = "Tenant Provisioning"
MACHINE_TO_MACHINE = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}


def root_tenant_authority(store: Store, names: Names) -> None:
    """The RTA, its administrator and the application that is to provision tenants, which has no client grant yet."""
    with store.transaction():
        store.put_meta("domain", names.domain)
        _tenant(store, names.rta_label, domain=names.rta, is_root=True, owners=[])
        admin = new_client(store, names.rta_label, ADMIN, client_id=fixed_client_id(names.rta, ADMIN))
        provisioning_id = fixed_client_id(names.rta, PROVISIONING)
        provisioning = new_client(store, names.rta_label, PROVISIONING, client_id=provisioning_id)
        # The administrator's own grant is a system grant: nobody can lock themselves out of a local appliance.
        audience = f"https://{names.rta}/api/v2/"
        _grant(store, names.rta_label, admin.client_id, audience, scopes.OF_THE_ADMIN, is_system=True)
        for key, credential in (("admin", admin), ("provisioning", provisioning)):
            store.put_meta(key, credential.client_id)


def tenant(store: Store, names: Names, name: str, owners: list[str]) -> Credential:
    """A tenant and the application that manages it; to be called inside a transaction."""
    domain = names.tenant_domain(name)
    _tenant(store, name, domain=domain, is_root=False, owners=owners)
    manager = new_client(store, name, "Tenant Management")
    _grant(store, name, manager.client_id, f"https://{domain}/api/v2/", scopes.OF_A_TENANT, is_system=False)
    return manager


def credential(store: Store, role: str) -> Credential:
    """The credential of a seeded application: `admin` or `provisioning`."""
    row = store.one(
        "SELECT client_id, client_secret FROM clients JOIN meta ON client_id = value WHERE key = ?", (role,)
    )
    return Credential("", "") if row is None else Credential(row["client_id"], row["client_secret"])


def new_client(store: Store, tenant: str, name: str, *, client_id: str | None = None) -> Credential:
    made = Credential(client_id or new_id(length=32), new_secret())
    add(store, tenant, made, {"name": name, **MACHINE_TO_MACHINE})
    return made


def _tenant(store: Store, name: str, *, domain: str, is_root: bool, owners: list[str]) -> None:
    values: dict[str, Value] = {"name": name, "id": new_id("ten_"), "is_root": int(is_root), "created_at": now()}
    store.insert("tenants", {**values, "owners": json.dumps(owners)})
    api = {"name": "Auth0 Management API", "token_lifetime": TOKEN_LIFETIME_SECONDS}
    identifier = f"https://{domain}/api/v2/"
    server: dict[str, Value] = {
        "tenant": name,
        "id": new_id(length=24).lower(),
        "identifier": identifier,
        "is_system": 1,
    }
    store.insert("resource_servers", {**server, "properties": json.dumps(api)})
    database = "Initial-Connection" if is_root else "Username-Password-Authentication"
    for connection, strategy in ((database, "auth0"), ("google-oauth2", "google-oauth2")):
        row: dict[str, Value] = {"tenant": name, "id": new_id("con_"), "name": connection, "strategy": strategy}
        store.insert("connections", {**row, "properties": json.dumps({"options": {}}), "for_new_clients": 1})


def _grant(
    store: Store, tenant: str, client_id: str, audience: str, scope: tuple[str, ...], *, is_system: bool
) -> None:
    grant: dict[str, Value] = {"tenant": tenant, "id": new_id("cgr_"), "client_id": client_id, "audience": audience}
    kind: dict[str, Value] = {"subject_type": "client", "is_system": int(is_system)}
    store.insert("client_grants", {**grant, **kind, "scope": json.dumps(scope)})
