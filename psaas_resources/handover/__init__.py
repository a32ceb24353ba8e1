"""Handing a tenant over: its credential, from the state, in the form that the team's tool reads.

tenants     what the state holds of each tenant           formats   exactly what each tool reads, as text
exports     the state, opened by the engine               places    a file for its reader alone, or a pipe
command     one hand-over, or all                         errors    come from the package's own tree
"""

from .command import Request, hand_over
from .formats import FORMATS

__all__ = ["FORMATS", "Request", "hand_over"]
