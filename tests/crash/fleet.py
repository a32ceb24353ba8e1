"""What became of a fleet of tenants, by the appliance's own ledger, the escrow and the state. Judges; kills nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from tests.engine.stack import Ran, Stack

NAMES = tuple(f"customer-{number}" for number in range(1, 6))
SKIPPED = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}
LOCKED = "the stack is currently locked"


@dataclass
class Fleet:
    """Five tenants of one stack. `stack.environment` decides about checkpoints."""

    stack: Stack
    names: tuple[str, ...] = NAMES

    def declare(self, *more: dict[str, Any], **config: Any) -> None:
        self.stack.declare(*self.names, *more, **config)

    # -- what others know ---------------------------------------------------------------------------------------

    def ledger(self) -> dict[str, dict[str, Any]]:
        appliance = self.stack.appliance
        rows = appliance.request("GET", "/__appliance/tenants-ledger", token=appliance.token())[1]
        return {row["name"]: row for row in rows}

    def carried_out(self) -> set[str]:
        return {name for name, row in self.ledger().items() if row["posts_carried_out"]}

    def in_escrow(self) -> set[str]:
        folder = self.stack.project / "escrow" / self.stack.appliance.rta
        return {file.stem for file in folder.rglob("customer-*.json")}

    def in_state(self) -> set[str]:
        return {name for name in self.stack.resources() if name in self.names}

    def lost(self) -> set[str]:
        """Tenants that were made, and whose credential is nowhere of ours."""
        return self.carried_out() - self.in_escrow() - self.in_state()

    def faults(self, *rules: dict[str, Any]) -> None:
        """A fault plan in force from now on; none ends the one before."""
        self.stack.appliance.goes_wrong(*rules)

    def happened(self) -> list[dict[str, Any]]:
        appliance = self.stack.appliance
        return list(appliance.request("GET", "/__appliance/faults", token=appliance.token())[1]["happened"])

    # -- what must hold -----------------------------------------------------------------------------------------

    def up(self, *options: str, under_way: Collection[str] = (), **environment: str) -> Ran:
        """A run, in which each name is posted once at most; beside it may end a POST `under_way` of another process."""
        before = _posts(self.ledger())
        ran = self.stack.up("--continue-on-error", *options, **environment)
        after = _posts(self.ledger())
        for name in after:
            assert after[name] - before.get(name, 0) <= 1 + (name in under_way), (name, before, after)
        return ran

    def not_yet_answered(self) -> set[str]:
        """Names whose POST the appliance has not ended, or never heard of."""
        return set(self.names) - set(_posts(self.ledger()))

    def unlocked(self) -> None:
        """`pulumi cancel`, where a killed run has left its lock."""
        self.stack.pulumi("cancel", "--yes").ok()

    def finish(self, *, locked: bool, lost: Collection[str] = ()) -> Ran:
        """What a person does after a kill: `up`, `pulumi cancel` where the stack is locked, `up`."""
        if locked:
            self.stack.up().failed(LOCKED, "pulumi cancel")
            self.unlocked()
        ran = self.up()
        self.holds(ran, lost=lost)
        return ran

    def holds(self, ran: Ran, *, lost: Collection[str] = ()) -> None:
        """Every tenant was made once; all but the lost ones are in the state, working; the lost ones are named."""
        if lost:
            ran.failed("adopt: true")
            assert named(ran, self.names) == set(lost), ran.output
        else:
            ran.ok()
        assert {name: row["posts_carried_out"] for name, row in self.ledger().items()} == dict.fromkeys(self.names, 1)
        assert self.in_state() == set(self.names) - set(lost)
        self.credentials_work(set(self.names) - set(lost))

    def credentials_work(self, names: Iterable[str]) -> None:
        resources = self.stack.resources(show_secrets=True)
        for name in names:
            outputs = resources[name]["outputs"]
            secret = json.loads(outputs["client_secret"]["plaintext"])
            self.stack.appliance.tenant_token(outputs["domain"], client_id=outputs["client_id"], client_secret=secret)
            assert outputs["ready"] is True, outputs["problem"]

    def settles(self) -> None:
        """One more run changes nothing, posts nothing, and leaves nothing waiting in the escrow."""
        before = _posts(self.ledger())
        assert f"{len(self.names) + 2} unchanged" in self.stack.up().ok().summary
        assert _posts(self.ledger()) == before
        folder = self.stack.project / "escrow" / self.stack.appliance.rta
        assert [file.name for file in folder.glob("customer-*.json")] == []
        assert {file.stem for file in (folder / "settled").glob("*.json")} == set(self.names)


def named(ran: Ran, names: Iterable[str]) -> set[str]:
    """Those that an error line of the run names as taken or unknown, and as nothing else."""
    lines = [line for line in ran.output.splitlines() if "error:" in line]
    return {name for name in names if any(f"Tenant {name} " in line for line in lines)}


def _posts(ledger: dict[str, dict[str, Any]]) -> dict[str, int]:
    counts = ("posts_carried_out", "posts_refused", "posts_failed")
    return {name: sum(row[count] for count in counts) for name, row in ledger.items()}
