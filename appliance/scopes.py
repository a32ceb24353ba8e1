"""The scopes of a Management API. Knows their names; knows nobody who was granted one."""

_CRUD = ("create", "read", "update", "delete")

_VERBS: dict[str, tuple[str, ...]] = {
    "actions": _CRUD,
    "attack_protection": ("read", "update"),
    "branding": ("read", "update"),
    "client_credentials": _CRUD,
    "client_grants": _CRUD,
    "client_keys": _CRUD,
    "client_summary": ("read",),
    "clients": _CRUD,
    "connection_profiles": _CRUD,
    "connections": _CRUD,
    "custom_domains": _CRUD,
    "directory_provisionings": _CRUD,
    "email_provider": _CRUD,
    "email_templates": ("create", "read", "update"),
    "event_streams": _CRUD,
    "flows": _CRUD,
    "flows_vault_connections": _CRUD,
    "forms": _CRUD,
    "grants": ("read", "delete"),
    "guardian_factors": ("read", "update"),
    "hooks": _CRUD,
    "log_streams": _CRUD,
    "logs": ("read",),
    "mfa_policies": ("read", "update"),
    "network_acls": _CRUD,
    "organizations": _CRUD,
    "owners": ("read", "delete"),
    "phone_providers": _CRUD,
    "phone_templates": _CRUD,
    "prompts": ("read", "update"),
    "rate_limit_policies": _CRUD,
    "resource_servers": _CRUD,
    "roles": _CRUD,
    "rules": _CRUD,
    "rules_configs": ("read", "update", "delete"),
    "self_service_profiles": _CRUD,
    "signing_keys": _CRUD,
    "stats": ("read",),
    "tenant_invitations": ("create", "read", "delete"),
    "tenant_settings": ("read", "update"),
    "token_exchange_profiles": _CRUD,
    "user_attribute_profiles": _CRUD,
    "user_tickets": ("create",),
    "users": _CRUD,
}

OF_A_TENANT: tuple[str, ...] = tuple(f"{verb}:{noun}" for noun, verbs in _VERBS.items() for verb in verbs)

# Only the root tenant authority lists these: tenants are made there and nowhere else.
OF_THE_ROOT: tuple[str, ...] = OF_A_TENANT + tuple(f"{verb}:tenants" for verb in _CRUD)

OF_THE_ADMIN: tuple[str, ...] = (
    *(f"{verb}:client_grants" for verb in _CRUD),
    *(f"{verb}:clients" for verb in _CRUD),
    *(f"{verb}:client_credentials" for verb in _CRUD),
    "read:client_keys",
    "update:client_keys",
    *(f"{verb}:connections" for verb in _CRUD),
    "read:resource_servers",
)


def of_management_api(*, is_root: bool) -> tuple[str, ...]:
    return OF_THE_ROOT if is_root else OF_A_TENANT
