"""All tenants of all stacks in one view: what is declared, what stands, and what a look at the appliances found.

model      the view as a value                     sources     stack files, states and inventories, read
assembly   from what was read to the view          page        the view as one HTML page (with its style and script)
rows       its words, for a terminal and the page
"""

from .assembly import assembled
from .model import FleetTenant, FleetView, Looked, StackView

__all__ = ["FleetTenant", "FleetView", "Looked", "StackView", "assembled"]
