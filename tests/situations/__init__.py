"""The numbered situations of docs/situations.md: each is produced, and what the tool does about it is looked at."""

from __future__ import annotations

import pytest


def situation(*numbers: int) -> pytest.MarkDecorator:
    """Marks a test with the numbers of the situations that it holds."""
    return pytest.mark.situation(*numbers)
