"""The program that `pulumi up` runs: what the stack file declares, as resources. Reads no secret, calls nothing."""

import pulumi

from psaas_resources import (
    Appliance,
    ClientGrant,
    CredentialSink,
    ManagementClient,
    OwnerInvitations,
    ProvisioningApplication,
    Tenant,
    TenantSettings,
    config,
    outcomes,
    registration,
    rules,
)

registration.of_many()
fleet = config.load()

application: ProvisioningApplication | None = None
appliance: Appliance | None = None
if fleet.manage_application:
    application = ProvisioningApplication(
        "application",
        name=fleet.application_name,
        description=fleet.application_description,
        adopt=fleet.adopt_application,
        rotate=fleet.rotate,
        signs=fleet.application_key,
        previous_key_hours=fleet.previous_key_hours,
    )
    key = application.client_key if fleet.application_key else ""
    appliance = Appliance(
        "appliance", client_id=application.client_id, client_secret=application.client_secret, client_key=key
    )
    proof = {"clientKey": key} if fleet.application_key else {"clientSecret": application.client_secret}
    for output, value in outcomes.told(clientId=application.client_id, **proof).items():
        pulumi.export(output, value)

grant: list[pulumi.Resource] = []
if fleet.manage_grant:
    grant = [
        ClientGrant(
            "provisioning",
            client_id=application.client_id if application else fleet.client_id,
            scopes=fleet.scopes,
            adopt=fleet.adopt_grant,
            # Tenants can't be looked at without it, so it doesn't go before the last of them.
            opts=pulumi.ResourceOptions(protect=bool(application or fleet.tenants or fleet.retired)),
        )
    ]

tenant_domain = fleet.tenant_domain or rules.parent_domain(fleet.domain)
tenants = {
    entry.name: Tenant(
        entry.name,
        name=entry.name,
        rta=fleet.domain,
        tenant_domain=tenant_domain,
        owners=entry.owners,
        labels=entry.labels,
        deletion=fleet.deletion_of(entry),
        adopt=entry.adopt,
        recreate=entry.recreate,
        rotate=entry.rotate,
        opts=pulumi.ResourceOptions(depends_on=grant, provider=appliance),
    )
    for entry in fleet.tenants
}

for entry in fleet.retired:
    opts = pulumi.ResourceOptions(depends_on=grant, provider=appliance)
    Tenant(entry.name, name=entry.name, retired=entry.deletion, opts=opts)

settings = {
    entry.name: TenantSettings(
        f"{entry.name}-settings",
        tenant=tenants[entry.name],
        rta=fleet.domain,
        opts=pulumi.ResourceOptions(provider=appliance),  # the tenant's, whose process knows its credential
        **named,
    )
    for entry in fleet.tenants
    if (named := fleet.settings_of(entry))
}

places = {entry.name: place.props() for entry in fleet.tenants if (place := fleet.sink_of(entry))}

clients = {
    entry.name: ManagementClient(
        f"{entry.name}-client",
        tenant=tenants[entry.name],
        rta=fleet.domain,
        sink=places.get(entry.name),  # before which no application of it goes
        opts=pulumi.ResourceOptions(provider=appliance),
        **named,
    )
    for entry in fleet.tenants
    if (named := fleet.management_client_of(entry))
}

written = {
    entry.name: CredentialSink(
        f"{entry.name}-sink",
        tenant=tenants[entry.name],
        client=clients.get(entry.name),
        sink=places[entry.name],
        rta=fleet.domain,
        adopt=entry.sink.adopt,
        opts=pulumi.ResourceOptions(provider=appliance),
    )
    for entry in fleet.tenants
    if entry.name in places
}

invitations = {
    entry.name: OwnerInvitations(
        f"{entry.name}-invitations",
        tenant=tenants[entry.name],
        owners=owners,
        rta=fleet.domain,
        opts=pulumi.ResourceOptions(provider=appliance),
    )
    for entry in fleet.tenants
    if (owners := fleet.invitations_of(entry))
}

pulumi.export(
    "tenants",
    {
        name: outcomes.told(domain=t.domain, clientId=t.client_id, ready=t.ready, problem=t.problem)
        for name, t in tenants.items()
    },
)
if settings:
    pulumi.export("settings", {name: outcomes.told(ready=s.ready, problem=s.problem) for name, s in settings.items()})
if clients:
    pulumi.export(
        "managementClients",
        {name: outcomes.told(clientId=c.client_id, ready=c.ready, problem=c.problem) for name, c in clients.items()},
    )
if written:
    pulumi.export(
        "sinks",
        {name: outcomes.told(writtenAt=s.written_at, ready=s.ready, problem=s.problem) for name, s in written.items()},
    )
if invitations:
    pulumi.export(
        "invitations",
        {name: outcomes.told(invited=i.invited, ready=i.ready, problem=i.problem) for name, i in invitations.items()},
    )
if fleet.export_credentials:
    credentials = {
        name: outcomes.told(domain=t.domain, clientId=t.client_id, clientSecret=t.client_secret)
        for name, t in tenants.items()
    }
    pulumi.export("credentials", pulumi.Output.secret(credentials))
