"""A rule that is waived for one tenant until a day. Expired, it fails for as long as it stands there."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Waiver(BaseModel):
    """Reason and approver are required: a waiver is somebody's decision."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: Said = Field(description="The tenant for which the rule is waived.")
    reason: Said = Field(description="Why, in a sentence.")
    approver: Said = Field(description="Who decided it.")
    until: date = Field(description="The last day on which it holds (UTC), as 2026-12-31.")
    stack: str = Field("", description="The stack of the tenant; left out, a tenant of that name in any stack.")

    def holds(self, tenant: str, *, stack: str, today: date) -> bool:
        """Whether it is in force for a tenant of a stack."""
        return self.tenant == tenant and self.stack in ("", stack) and not self.expired(today)

    def expired(self, today: date) -> bool:
        return today > self.until
