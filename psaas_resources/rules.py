"""What a tenant may be called, who may own it, and which domains belong together. Pure functions on text.

Sources: the appliance's DNS requirements (reserved names, no underscores) and the rules for tenant names of
the Auth0 documentation (3 to 63 lower-case letters, digits and hyphens; never reused once deleted).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

RESERVED_NAMES = frozenset(
    "login admin app manage blog ftp mail pop pop3 imap smtp stage stats status dev logs www docs sdk ci docker "
    "styleguide ask it cdn api releases release spf feedback help support int config webtask".split()
)
DELETIONS = ("refuse", "forget", "delete")
CREATE_TENANTS, READ_TENANTS, DELETE_TENANTS = "create:tenants", "read:tenants", "delete:tenants"
APPLICATION_NAME = "Tenant Provisioning"

# Also read by other implementations of regular expressions, in editors, which search: so with both ends.
NEW_NAME = r"^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$"
EXISTING_NAME = r"^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$"
EMAIL = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
_HOST = re.compile(
    r"(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[0-9]{1,5})?"
)


def name_problem(name: str, *, rta: str) -> str | None:
    """Why a new tenant can't be called `name` on the appliance of `rta`; None if it can."""
    if name != name.lower():
        return f'"{name}" has capital letters; tenant names are lower case: "{name.lower().replace("_", "-")}"'
    if "_" in name:
        return f'"{name}" has an underscore, which no host name may have; use "{name.replace("_", "-")}"'
    if not 3 <= len(name) <= 63:
        return f'"{name}" has {len(name)} characters; a tenant name has 3 to 63'
    if not re.fullmatch(NEW_NAME, name):
        return f'"{name}" is not a tenant name: lower-case letters, digits and "-", no "-" at either end'
    if name in RESERVED_NAMES:
        return f'"{name}" is a reserved name on a PSaaS appliance'
    if name == rta.split(".")[0].split(":")[0]:
        return f'"{name}" is the name of the root tenant authority itself'
    return None


def existing_name_problem(name: str) -> str | None:
    """Why `name` can't be the name of a tenant that exists already, of which more forms are about."""
    if re.fullmatch(EXISTING_NAME, name):
        return None
    return f'"{name}" is not a host name label, so no tenant can be called that'


def owner_problem(owner: str) -> str | None:
    """Why `owner` can't be an owner; None if it can."""
    return None if re.fullmatch(EMAIL, owner) else f'"{owner}" is not an e-mail address'


def host_problem(host: str) -> str | None:
    """Why `host` can't be the host of an appliance; None if it can."""
    if "://" in host or "/" in host:
        return f'"{host}" is an address; give the host alone: "{host.split("://")[-1].split("/")[0]}"'
    if host != host.lower():
        return f'"{host}" has capital letters; write "{host.lower()}"'
    if not _HOST.fullmatch(host) or host.partition(":")[0].rpartition(".")[2].isdecimal():
        return f'"{host}" is not a host name'
    port = host.partition(":")[2]
    if port and not is_local(host):
        return f'"{host}" has a port; only a local appliance may have one'
    if port and not 0 < int(port) < 65536:
        return f'"{host}" has a port that does not exist'
    return None


def is_local(rta: str) -> bool:
    """Whether an appliance is one for development: its RTA lies under `.test` or on `localhost`."""
    name = rta.split(":")[0]
    return name in ("localhost", "test") or name.endswith((".test", ".localhost"))


def parent_domain(rta: str) -> str:
    """The domain under which an RTA's tenants lie: `appliance.test` for `rta.appliance.test`."""
    first, _, rest = rta.partition(".")
    return rest or first


def tenant_domain_problem(tenant_domain: str, *, rta: str) -> str | None:
    """Why tenants can't lie under `tenant_domain`; None if they can.

    RTA, dashboard and tenants share a parent domain on every documented appliance. A tenant's credential is
    sent to its domain, so one elsewhere would be a way to collect credentials.
    """
    if problem := host_problem(tenant_domain):
        return problem
    shared = parent_domain(rta)
    if "." not in shared and not is_local(rta):
        return f'"{rta}" has no parent domain of its own, below which tenants could lie; an RTA has three parts or more'
    if tenant_domain == shared or tenant_domain.endswith(f".{shared}"):
        return None
    return f'"{tenant_domain}" is not "{shared}", the parent domain of {rta}, and does not lie below it'


def lies_under(domain: str, tenant_domain: str) -> bool:
    """Whether `domain` is a host below `tenant_domain` (the port, where there is one, must be the same)."""
    return host_problem(domain) is None and domain.endswith(f".{tenant_domain}")


def printable(text: str, most: int = 300) -> str:
    """A stranger's text as one short line that can't move a cursor or forge another line."""
    return "".join(c if c.isprintable() else " " for c in text[: most * 4])[:most].strip()


def near_miss(word: str, known: Sequence[str], *, cutoff: float = 0.6) -> str:
    """`; did you mean "owners"?` where a known word is close, else nothing."""
    close = get_close_matches(word, known, n=1, cutoff=cutoff)
    return f'; did you mean "{close[0]}"?' if close else ""
