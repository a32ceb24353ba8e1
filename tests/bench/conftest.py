"""The short form runs the real `pulumi` too."""

from __future__ import annotations

from tests.engine.conftest import engine_bin

__all__ = ["engine_bin"]
