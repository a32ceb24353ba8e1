"""A provider of ours whose creations end only when eight of them are under way at once."""

from __future__ import annotations

import threading

from pulumi.dynamic import CreateResult

from psaas_resources import dynamic

AT_ONCE = 8
_all_here = threading.Barrier(AT_ONCE, timeout=30)


class WaitingProvider(dynamic.Provider):
    def create(self, props: dynamic.Props) -> CreateResult:
        _all_here.wait()
        return CreateResult(str(props["name"]), {})
