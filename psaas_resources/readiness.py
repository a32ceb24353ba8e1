"""Whether a tenant's domain works with its credential: a bounded look, never an exception. Knows no Pulumi.

A new domain may need a while: DNS, the load balancer's certificate, the token endpoint, each with failures of
its own. A look says what it saw, and whether the appliance refused the credential outright.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import ConfigError, PsaasError, Untrusted, WrongCredential, WrongTenant
from .management import Management
from .settings import Credential

NEW_TENANT_WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0)
# After a rotation either secret may be accepted, for up to 30 s.
ROTATION_WAITS_SECONDS = (2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True)
class Look:
    """`problem` is "" when ready. `refused`: the domain answered, and the credential is not good there."""

    ready: bool
    problem: str = ""
    refused: bool = False


def look(
    api: Management,
    domain: str,
    credential: Credential,
    *,
    waits_seconds: Sequence[float] = (),
    while_refused: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    before_waiting: Callable[[], None] = lambda: None,
) -> Look:
    """Ask `domain` for a token, again after each of `waits_seconds` while that may help.

    `while_refused`: only a credential that is refused is tried again, not a domain that does not answer.
    `before_waiting` is called once, where the first try was not enough.
    """
    seen = Look(False, "not looked at")
    for tried, wait in enumerate((0.0, *waits_seconds)):
        if tried == 1:
            before_waiting()
        sleep(wait)
        try:
            api.tenant_token(domain, credential)
        except (Untrusted, ConfigError) as error:
            return Look(False, str(error))
        except WrongTenant as error:
            return Look(False, str(error), refused=True)
        except PsaasError as error:
            # A new domain may refuse, answer with a load balancer's page, or not answer, for a while.
            seen = Look(False, str(error), refused=isinstance(error, WrongCredential))
            if while_refused and not seen.refused:
                return seen
        else:
            return Look(True)
    return seen


def look_from_outside(api: Management, domain: str) -> Look:
    """Whether `domain` publishes its OpenID configuration: a look that needs no credential, and says nothing of it."""
    if api.tenant_answers(domain):
        return Look(True)
    return Look(False, f"{domain} publishes no OpenID configuration of its own")


def look_without_credential(api: Management, name: str, domain: str) -> Look:
    """Whether a tenant whose credential nobody holds is there: by the list, else by its OpenID configuration."""
    listed = api.tenant_listed(name)
    if listed is None:
        listed = api.tenant_answers(domain)
    if listed is None:
        return Look(False, f"{domain} could not be seen: no list of tenants, and no OpenID configuration there")
    return Look(listed, "" if listed else f"the appliance has no tenant {name}", refused=not listed)
