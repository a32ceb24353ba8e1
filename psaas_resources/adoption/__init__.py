"""Taking over tenants that exist: from a list of them to entries in stack files, and credentials in the escrow.

lists        a CSV or JSON of tenants             wording     what their entries say
candidates   what may be taken over               writing     which file gets which entries, checked by re-reading
choice       which of them are, and why others    sealing     what the escrow has of them, and what goes in
             are not                              plan        all of it together: shown first, then carried out
"""

from .choice import Wanted
from .plan import Plan, Request, Unknown, plan, unknown

__all__ = ["Plan", "Request", "Unknown", "Wanted", "plan", "unknown"]
