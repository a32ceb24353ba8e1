"""What a process has one of, however many threads ask for it first. Knows threads; nothing of what it keeps.

`lru_cache` alone lets two threads that ask at the same time each make one of their own: two sets of turns, two tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, ParamSpec, TypeVar

KEPT = 16
Asked = ParamSpec("Asked")
Kept = TypeVar("Kept")


class Once(Generic[Asked, Kept]):
    """A function whose result is made once for equal arguments, and kept; used as a decorator."""

    def __init__(self, make: Callable[Asked, Kept]) -> None:
        self.__doc__ = make.__doc__
        made = lru_cache(maxsize=KEPT)(make)
        self._made: Callable[Asked, Kept] = made
        self._forget = made.cache_clear
        self._lock = threading.RLock()

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Kept:
        with self._lock:
            return self._made(*args, **kwargs)

    def cache_clear(self) -> None:
        """Forget what was made, as another process would."""
        self._forget()
