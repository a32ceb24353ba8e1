"""Every route of the appliance, with the scopes of which a call needs any one. Knows no rule behind them."""

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from appliance import (
    client_credentials,
    client_grants,
    clients,
    connections,
    empty_lists,
    inspection,
    resource_servers,
    single_objects,
    tenant_invitations,
    tenant_settings,
    tenants,
    tokens,
)
from appliance.call import Handler, Operation, Resource
from appliance.errors import not_found
from appliance.gate import Gate
from appliance.state import Appliance

READ_CLIENTS = ("read:clients", "read:client_keys", "read:client_credentials", "read:client_summary")
Method = tuple[Handler, *tuple[str, ...]]


def routes(*, tenant_reads: bool, older_connections: bool = False, invitations: bool = False) -> list[Route]:
    tenant_methods: dict[str, Method] = {"POST": (tenants.create, "create:tenants")}
    one_tenant: dict[str, Method] = {}
    if tenant_reads:
        tenant_methods["GET"] = (tenants.search, "read:tenants")
        one_tenant = {"GET": (tenants.read, "read:tenants"), "DELETE": (tenants.delete, "delete:tenants")}
    clients_of_a_connection = at(
        "/api/v2/connections/{id}/clients",
        GET=(connections.search_clients, "read:connections"),
        PATCH=(connections.switch_clients, "update:connections"),
    )
    invitations_of_a_tenant = at(
        "/api/v2/tenants/invitations",
        GET=(tenant_invitations.search, "read:tenant_invitations"),
        POST=(tenant_invitations.create, "create:tenant_invitations"),
    )
    return [
        at("/__appliance/requests", GET=(inspection.requests,), DELETE=(inspection.forget_requests,)),
        at(
            "/__appliance/faults",
            GET=(inspection.faults,),
            PUT=(inspection.put_faults,),
            POST=(inspection.put_faults,),
            DELETE=(inspection.forget_faults,),
        ),
        at("/__appliance/tenants-ledger", GET=(inspection.tenants_ledger,)),
        at("/__appliance/rotate-signing-key", POST=(inspection.rotate_signing_key,)),
        at("/oauth/token", POST=(tokens.issue,)),
        at("/.well-known/jwks.json", GET=(tokens.jwks,)),
        at("/.well-known/openid-configuration", GET=(tokens.openid_configuration,)),
        at(
            "/api/v2/client-grants",
            GET=(client_grants.search, "read:client_grants"),
            POST=(client_grants.create, "create:client_grants"),
        ),
        at(
            "/api/v2/client-grants/{id}",
            GET=(client_grants.read, "read:client_grants"),
            PATCH=(client_grants.update, "update:client_grants"),
            DELETE=(client_grants.delete, "delete:client_grants"),
        ),
        at(
            "/api/v2/clients",
            GET=(clients.search, *READ_CLIENTS),
            POST=(clients.create, "create:clients"),
        ),
        at(
            "/api/v2/clients/{id}",
            GET=(clients.read, *READ_CLIENTS),
            PATCH=(clients.update, "update:clients", "update:client_keys", "update:client_credentials"),
            DELETE=(clients.delete, "delete:clients"),
        ),
        at("/api/v2/clients/{id}/rotate-secret", POST=(clients.rotate_secret, "update:client_keys")),
        at(
            "/api/v2/clients/{id}/credentials",
            GET=(client_credentials.search, "read:client_credentials"),
            POST=(client_credentials.create, "create:client_credentials"),
        ),
        at(
            "/api/v2/clients/{id}/credentials/{credential}",
            GET=(client_credentials.read, "read:client_credentials"),
            PATCH=(client_credentials.update, "update:client_credentials"),
            DELETE=(client_credentials.delete, "delete:client_credentials"),
        ),
        at(
            "/api/v2/connections",
            GET=(connections.search, "read:connections"),
            POST=(connections.create, "create:connections"),
        ),
        at(
            "/api/v2/connections/{id}",
            GET=(connections.read, "read:connections"),
            PATCH=(connections.update, "update:connections"),
            DELETE=(connections.delete, "delete:connections"),
        ),
        *([] if older_connections else [clients_of_a_connection]),
        at(
            "/api/v2/resource-servers",
            GET=(resource_servers.search, "read:resource_servers"),
            POST=(resource_servers.create, "create:resource_servers"),
        ),
        # An identifier is a URL more often than not, so it may hold slashes.
        at(
            "/api/v2/resource-servers/{id:path}",
            GET=(resource_servers.read, "read:resource_servers"),
            PATCH=(resource_servers.update, "update:resource_servers"),
            DELETE=(resource_servers.delete, "delete:resource_servers"),
        ),
        at(
            "/api/v2/tenants/settings",
            GET=(tenant_settings.read, "read:tenant_settings"),
            PATCH=(tenant_settings.update, "update:tenant_settings"),
        ),
        *(at(f"/api/v2/{kind.path}", GET=(empty_lists.search(kind), kind.scope)) for kind in empty_lists.LISTS),
        at("/api/v2/guardian/factors", GET=(single_objects.factors, "read:guardian_factors")),
        at(
            "/api/v2/guardian/factors/{name}",
            PUT=(single_objects.update(single_objects.FACTOR), "update:guardian_factors"),
        ),
        *(_single(single) for single in single_objects.SINGLES),
        at("/api/v2/tenants/owners", GET=(tenants.owners, "read:owners")),
        *([invitations_of_a_tenant] if invitations else []),
        at("/api/v2/tenants", root_only=True, hides_others=not tenant_reads, **tenant_methods),
        at("/api/v2/tenants/{name}", root_only=True, hides_others=not tenant_reads, **one_tenant),
    ]


def at(path: str, *, root_only: bool = False, hides_others: bool = False, **methods: Method) -> Route:
    """One path. `root_only`: an ordinary tenant doesn't have it. `hides_others`: other methods are 404, not 405."""
    operations = {name: Operation(method[0], method[1:]) for name, method in methods.items()}
    return Route(path, Resource(operations, root_only=root_only, hides_others=hides_others))


def _single(single: single_objects.Single) -> Route:
    path, read = f"/api/v2/{single.path}", (single_objects.read(single), f"read:{single.noun}")
    change = (single_objects.update(single), f"update:{single.noun}")
    return at(path, GET=read, PUT=change) if single.changed_by == "PUT" else at(path, GET=read, PATCH=change)


def application(appliance: Appliance, *, tenant_reads: bool = True, invitations: bool = False) -> ASGIApp:
    older = appliance.older_connections
    known = routes(tenant_reads=tenant_reads, older_connections=older, invitations=invitations)
    return Gate(appliance, Router(known, default=_no_route, redirect_slashes=False))


async def _no_route(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise not_found()
