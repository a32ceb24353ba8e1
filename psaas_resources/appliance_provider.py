"""The explicit provider of tenants whose application is managed by the same stack. Knows Pulumi; talks to nobody.

A tenant's provider process gets its settings from the stack's config. The secret of an application that the stack
itself makes is not there. So it goes into one provider resource, with every setting beside it, since an explicit
provider gets its own properties only: there it is stored once, encrypted, and in no tenant's state.
"""

from __future__ import annotations

import json

import pulumi

from . import settings


class Appliance(pulumi.ProviderResource):
    """How tenants of this program reach the appliance: by the stack's `psaas:` config, as the given application.

    With `client_key` it proves itself by that key, and the secret isn't used. Give it to tenants in their options:
    `pulumi.ResourceOptions(provider=appliance)`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        client_id: pulumi.Input[str],
        client_secret: pulumi.Input[str],
        client_key: pulumi.Input[str] = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        config = pulumi.Config("psaas")
        properties: dict[str, pulumi.Input[str | None]] = {}
        for key in settings.KEYS:
            value = config.get_secret(key) if key in settings.SECRETS else config.get(key)
            if value is not None:
                properties[f"psaas:{key}"] = value
        pair = pulumi.Output.all(clientId=client_id, clientSecret=client_secret, clientKey=client_key)
        properties["psaas:application"] = pulumi.Output.secret(pair.apply(json.dumps))
        super().__init__("pulumi-python", resource_name, properties, opts)
