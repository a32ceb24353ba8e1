"""What an appliance tells of its tenants at this moment: its list, and whether their domains are served. Only reads.

No tenant's credential is used: its domain is asked for its OpenID configuration, which is public.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import asking
from .errors import PsaasError
from .settings import Environment

AT_ONCE = 8


@dataclass(frozen=True)
class FleetLook:
    """`listed` is None where the appliance offers us no list; `served` is None where it can't be told."""

    listed: frozenset[str] | None = None
    served: Mapping[str, bool | None] = field(default_factory=dict)


def look(
    stack: str,
    files: Mapping[str, str],
    domains: Mapping[str, str],
    *,
    environment: Environment,
    each: Callable[[], None] = lambda: None,
) -> FleetLook:
    """Ask the appliance of a stack, and each tenant's domain, given by the tenant's name.

    `each` is called when one is done. Raises PsaasError where the appliance can't be asked at all.
    """
    otherwise = f"`psaas drift --stack {stack}` looks with it"
    api = asking.management(stack, files, environment=environment, otherwise=otherwise)
    rows = api.tenant_rows()

    def served(domain: str) -> bool | None:
        try:
            return api.tenant_answers(domain)
        except PsaasError:
            return None
        finally:
            each()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(served, domains.values()))
    return FleetLook(None if rows is None else frozenset(rows), dict(zip(domains, answers, strict=True)))
