"""The program that `pulumi up` runs: what the stack file declares, as resources. Reads no secret, calls nothing."""

import pulumi

from psaas_resources import ClientGrant, Tenant, TenantSettings, config

fleet = config.load()

grant: list[pulumi.Resource] = []
if fleet.manage_grant:
    grant = [
        ClientGrant(
            "provisioning",
            client_id=fleet.client_id,
            scopes=fleet.scopes,
            adopt=fleet.adopt_grant,
            # Tenants can't be looked at without it, so it doesn't go before the last of them.
            opts=pulumi.ResourceOptions(protect=bool(fleet.tenants or fleet.retired)),
        )
    ]

tenants = {
    entry.name: Tenant(
        entry.name,
        name=entry.name,
        owners=entry.owners,
        labels=entry.labels,
        deletion=fleet.deletion_of(entry),
        adopt=entry.adopt,
        recreate=entry.recreate,
        opts=pulumi.ResourceOptions(depends_on=grant),
    )
    for entry in fleet.tenants
}

for entry in fleet.retired:
    Tenant(entry.name, name=entry.name, retired=entry.deletion, opts=pulumi.ResourceOptions(depends_on=grant))

settings = {
    entry.name: TenantSettings(f"{entry.name}-settings", tenant=tenants[entry.name], **named)
    for entry in fleet.tenants
    if (named := fleet.settings_of(entry))
}

pulumi.export(
    "tenants",
    {
        name: {"domain": t.domain, "clientId": t.client_id, "ready": t.ready, "problem": t.problem}
        for name, t in tenants.items()
    },
)
if settings:
    pulumi.export("settings", {name: {"ready": s.ready, "problem": s.problem} for name, s in settings.items()})
if fleet.export_credentials:
    credentials = {
        name: {"domain": t.domain, "clientId": t.client_id, "clientSecret": t.client_secret}
        for name, t in tenants.items()
    }
    pulumi.export("credentials", pulumi.Output.secret(credentials))
