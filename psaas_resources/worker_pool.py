"""How many calls of the engine a provider process answers at once. Knows the SDK's executor; nothing of ours.

The SDK serves four, whatever `--parallel` says, and the check of the next resource waits behind creations that wait
for the appliance. No setting of the SDK changes that, so the number is changed in its running executor: this is the one
place that touches it. Where it can't be done, four remain; `tests/unit/test_worker_pool.py` fails then.

What is sent at once is not decided here: the engine's `--parallel` and `psaas:maxConcurrentCreates` bound it.
"""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

WORKERS = 80  # the most that maxConcurrentCreates may be, and some for checks


def widen(workers: int = WORKERS) -> bool:
    """Called on a thread of the executor, let it start as many threads as are needed. Whether that was possible."""
    arguments = getattr(threading.current_thread(), "_args", None) or (None,)
    executor = arguments[0]() if isinstance(arguments[0], weakref.ref) else None
    if not isinstance(executor, ThreadPoolExecutor) or not isinstance(getattr(executor, "_max_workers", None), int):
        return False
    executor._max_workers = max(executor._max_workers, workers)
    return True
