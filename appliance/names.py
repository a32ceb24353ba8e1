"""Which host is which. Knows how the names of the root tenant authority and of the tenants follow from the domain.

Knows no tenant and no network: a host that follows the pattern may still belong to nobody.
"""

import re
from dataclasses import dataclass

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
DEFAULT_DOMAIN = "appliance.test"


@dataclass(frozen=True)
class Names:
    """The parent domain of all tenants; `port` is "" or ":8443" and is part of every name, issuer and audience."""

    hostname: str
    port: str

    @property
    def domain(self) -> str:
        return self.hostname + self.port

    @property
    def rta_hostname(self) -> str:
        return "localhost" if self.hostname == "localhost" else f"rta.{self.hostname}"

    @property
    def rta(self) -> str:
        return self.rta_hostname + self.port

    @property
    def rta_label(self) -> str:
        return self.rta_hostname.partition(".")[0]

    @property
    def wildcard_works(self) -> bool:
        """OpenSSL and browsers refuse a wildcard directly under a top-level name such as `*.localhost`."""
        return "." in self.hostname

    def tenant_domain(self, name: str) -> str:
        return f"{name}.{self.domain}"

    def is_rta(self, host: str) -> bool:
        """Whether a Host header names the root tenant authority; its port says nothing and is ignored."""
        hostname = without_port(host)
        return hostname == self.rta_hostname or (self.hostname == "localhost" and hostname == "127.0.0.1")

    def tenant_label(self, host: str) -> str | None:
        """The name of the tenant that a Host header or a TLS server name asks for, whether it exists or not."""
        label, _, parent = without_port(host).partition(".")
        return label if parent == self.hostname and LABEL.fullmatch(label) else None


@dataclass(frozen=True)
class Tenant:
    """A tenant that exists, the root tenant authority being one of them. `domain` carries the port, if any."""

    name: str
    domain: str
    is_root: bool

    @property
    def issuer(self) -> str:
        return f"https://{self.domain}/"

    @property
    def audience(self) -> str:
        """The identifier of the tenant's own Management API."""
        return f"https://{self.domain}/api/v2/"


def parse(domain: str, *, port: int) -> Names:
    """Read `--domain`, filling in the port that is listened on where the domain asks for it.

    That is where it says `:0`, and for a bare `localhost`, whose port no DNS entry can hide.
    Raises ValueError when it is no domain.
    """
    hostname, _, own_port = domain.lower().partition(":")
    if len(hostname) > 200 or not all(LABEL.fullmatch(label) for label in hostname.split(".")):
        raise ValueError(f'"{domain}" is not a domain name')
    if own_port and not (own_port.isascii() and own_port.isdigit() and int(own_port) < 65536):
        raise ValueError(f'"{domain}": the port must be a number below 65536')
    if follows_port(domain):
        return Names(hostname, f":{port}")
    return Names(hostname, f":{int(own_port)}" if own_port else "")


def follows_port(domain: str) -> bool:
    hostname, _, own_port = domain.lower().partition(":")
    return own_port == "0" or (hostname == "localhost" and not own_port)


def without_port(host: str) -> str:
    return host.lower().partition(":")[0]
