"""A tenant and what is inside of it, in one program: the tenant's outputs are the settings of the provider auth0."""

import pulumi
import pulumi_auth0 as auth0

from psaas_resources import Tenant

tenant = Tenant("customer-1", name="customer-1", owners=["me@email.com"])

inside = auth0.Provider(
    "customer-1",
    domain=tenant.domain,
    client_id=tenant.client_id,
    client_secret=tenant.client_secret,
    audience=tenant.audience,
)

billing = auth0.Client(
    "billing",
    name="Billing",
    app_type="regular_web",
    callbacks=["https://billing.example.com/callback"],
    opts=pulumi.ResourceOptions(provider=inside),
)

pulumi.export("domain", tenant.domain)
pulumi.export("billingClientId", billing.client_id)
