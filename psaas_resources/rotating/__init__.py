"""Rotations of credentials that have become old: their markers in stack files, a wave at a time, for a pull request.

ages      what an inventory knows of each credential      markers   a field set in an entry, and nothing else moved
choice    which of them are due, and which come first     plan      all of it together: shown first, then written
"""

from .ages import KINDS
from .plan import Plan, Request, plan

__all__ = ["KINDS", "Plan", "Request", "plan"]
