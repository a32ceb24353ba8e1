"""The credentials of tenants that this process has seen in the state, for what else is managed inside a tenant.

Those of teams' applications too, under `customer-1/Team`, for the sinks that they are written to.

A tenant's credential stands in one place of the state, with the tenant. The engine hands it to us with every call
about that tenant, and calls about things inside of it come later in the same process: so they find it here, and no
second copy is stored. Knows no Pulumi, no HTTP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .settings import Credential

WAIT_SECONDS = 3.0


class Keyring:
    """Safe for several threads. One per process, see `OF_THIS_PROCESS`."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._credentials: dict[tuple[str, str], Credential | None] = {}
        self._changed = threading.Condition()
        self._clock = clock

    def hold(self, rta: str, tenant: str, credential: Credential | None) -> None:
        """The state, or a call that ends in the state, names this as the tenant's credential, or none."""
        with self._changed:
            self._credentials[rta, tenant] = credential
            self._changed.notify_all()

    def find(self, rta: str, tenant: str, *, wait_seconds: float = 0.0) -> Credential | None:
        """The credential of a tenant, None where this process knows of none.

        `wait_seconds`: a plain `pulumi refresh` reads everything at once and in no order.
        """
        key, until = (rta, tenant), self._clock() + wait_seconds
        with self._changed:
            while key not in self._credentials and (rest := until - self._clock()) > 0:
                self._changed.wait(rest)
            return self._credentials.get(key)


OF_THIS_PROCESS = Keyring()
