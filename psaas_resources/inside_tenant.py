"""A resource inside of a tenant that the same program declares. Knows no kind of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import ResourceProvider

from .registration import Declared
from .tenant import Tenant


class InsideTenant(Declared):
    """The tenant, and what is named in `after`, come first in every run, so that their credentials are at hand."""

    def __init__(
        self,
        provider: type[ResourceProvider],
        resource_name: str,
        properties: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None,
        *,
        tenant: Tenant,
        rta: str | None,
        outputs: Iterable[str],
        after: Sequence[pulumi.Resource] = (),
        secret_outputs: Sequence[str] = (),
    ) -> None:
        inputs = {
            "rta": rta or pulumi.Config("psaas").require("domain"),
            "tenant": tenant.name,
            "domain": tenant.domain,
            **properties,
        }
        ours = pulumi.ResourceOptions(
            depends_on=[tenant, *after], additional_secret_outputs=list(secret_outputs) or None
        )
        merged = pulumi.ResourceOptions.merge(ours, opts)
        super().__init__(provider, resource_name, inputs | dict.fromkeys(outputs), merged)
