"""All rules, in the order in which they are told. Pure functions on facts; no Pulumi."""

from __future__ import annotations

from ..rule import Rule
from . import grants, leaving, limits, names, owners, stacks

ALL: tuple[Rule, ...] = (*names.RULES, *owners.RULES, *leaving.RULES, *grants.RULES, *stacks.RULES, *limits.RULES)
BY_NAME = {rule.name: rule for rule in ALL}

__all__ = ["ALL", "BY_NAME"]
