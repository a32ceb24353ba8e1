"""What time it is for the appliance. Knows that a fault may set the clock wrong for one call; knows no fault.

Tokens, expiry, `date` and the rate-limit headers follow this clock; records and the times of creation follow the true
one.
"""

import time
from contextvars import ContextVar

SKEW_SECONDS: ContextVar[float] = ContextVar("SKEW_SECONDS", default=0.0)


def seconds() -> float:
    """Seconds since 1970, as the appliance would say during the call that asks."""
    return time.time() + SKEW_SECONDS.get()
