"""Where teams read their credentials: a Vault, a Kubernetes Secret, or behind a command. Knows no Pulumi.

delivery    a credential into its place, and nothing that isn't ours overwritten
vault, kubernetes, command    how each of them is looked at and written
found       what lies in a place            web    HTTPS to a sink, and what its failures mean
"""

from __future__ import annotations

from functools import lru_cache

from ..errors import ConfigError
from ..sink_place import SinkPlace
from ..sink_settings import SinkSettings, host_problem
from .command import Command
from .delivery import deliver
from .found import Found, Rights, Sink, Whose
from .kubernetes import Kubernetes
from .vault import Vault

__all__ = ["Found", "Rights", "Sink", "Whose", "deliver", "of"]


def of(place: SinkPlace, settings: SinkSettings) -> Sink:
    """The sink in which a place is; one for a process, with one pool of connections. Raises ConfigError."""
    if problem := host_problem(place.address, settings.expected_host):
        raise ConfigError(f"psaas:sink.address: {problem}")
    return _of(place.kind, place.address, place.namespace if place.kind == "vault" else "", place.role_id, settings)


@lru_cache
def _of(kind: str, address: str, namespace: str, role_id: str, settings: SinkSettings) -> Sink:
    if kind == "vault":
        return Vault(address, namespace, role_id, settings)
    if kind == "kubernetes":
        return Kubernetes(address, settings)
    if kind == "command":
        return Command(settings)
    raise ConfigError(f'psaas:sink.kind: "{kind}" is not one of vault, kubernetes and command')
