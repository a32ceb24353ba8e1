"""Which version of this program runs."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The version of the installed package; a clone that isn't installed has none."""
    try:
        return metadata.version("psaas-tenants")
    except metadata.PackageNotFoundError:
        return "of this clone"
