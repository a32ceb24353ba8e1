"""The command line: `python -m chaos`. Runs until every tenant is in the state or named, and prints the account.

Exit status: 0 nothing delivered was lost, nothing doubled, every unknown outcome named; 1 one of these is not so;
2 it could not be tried.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import engine
from chaos import fault_plans
from chaos.own_appliance import NotOurs, OwnAppliance
from chaos.tally import Tally, twice_in_a_run
from chaos.workshop import REFRESH, UP, Ran, Workshop

MOST_RUNS = 80
REFRESH_EVERY = 4
NOT_TRIED = "was not tried"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Makes tenants while everything goes wrong.")
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kills", type=int, default=3, help="runs that are ended with kill -9 (default: 3)")
    parser.add_argument("--at-once", type=int, default=16, help="maxConcurrentCreates of the stack (default: 16)")
    options = parser.parse_args()
    found = engine.find()
    if found is None:
        print("chaos: there is no engine; run `make engine`", file=sys.stderr)
        return 2
    if sys.platform != "linux":
        print("chaos: finds processes in /proc: Linux only", file=sys.stderr)
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        (Path(folder) / "stack").mkdir()
        try:
            with OwnAppliance(Path(folder) / "appliance") as appliance:
                workshop = Workshop(Path(folder) / "stack", found.bin_folder, appliance, at_once=options.at_once)
                tally = Chaos(appliance, workshop, options).run()
        except (NotOurs, TimeoutError, RuntimeError) as error:
            print(f"chaos: {error}", file=sys.stderr)
            return 2
    print("\n".join(tally.lines()))
    print(f"took                 {time.monotonic() - began:.0f} s, seed {options.seed}")
    print("holds" if tally.holds else "DOES NOT HOLD")
    return 0 if tally.holds else 1


class Chaos:
    """One chaos: the same seed gives the same plans and the same moments of its kills."""

    def __init__(self, appliance: OwnAppliance, workshop: Workshop, options: argparse.Namespace) -> None:
        self._appliance, self._workshop, self._seed = appliance, workshop, options.seed
        self._names = [f"customer-{number}" for number in range(1, options.tenants + 1)]
        self._kill_at = fault_plans.kills(seed=options.seed, tenants=options.tenants, count=options.kills)
        self._tally = Tally(options.tenants)
        self._twice: set[str] = set()

    def run(self) -> Tally:
        self._workshop.declare(self._names, {})
        named: Mapping[str, str] = {}
        in_state: set[str] = set()
        while set(self._names) - in_state - set(named):
            if self._tally.runs >= MOST_RUNS:
                raise TimeoutError(f"not done after {MOST_RUNS} runs; {len(in_state)} tenants are in the state")
            plan = fault_plans.of_run(self._tally.runs + 1, seed=self._seed, tenants=len(self._names))
            ran = self._spoilt_run(UP, plan)
            before, in_state = in_state, set(self._workshop.in_state())
            self._say(f"run {self._tally.runs}", ran, f"{len(in_state)} of {len(self._names)} in the state")
            if before - in_state:
                raise RuntimeError(f"tenants have left the state: {sorted(before - in_state)}")
            ledger = self._appliance.ledger()
            made = {name for name in self._names if name in ledger and ledger[name]["posts_carried_out"]}
            errors = ran.errors_of(self._names)
            named = {name: text for name, text in errors.items() if name in made - in_state and NOT_TRIED not in text}
            if self._tally.runs % REFRESH_EVERY == 0:
                self._refreshed(len(in_state))
        return self._ended()

    def _spoilt_run(self, command: tuple[str, ...], plan: Mapping[str, object]) -> Ran:
        """A run under a fault plan, killed where its moment has come, and all that is to be known of it."""
        before = self._appliance.ledger()
        self._appliance.calls()
        self._appliance.spoil(plan)
        ran = self._workshop.run(command, until=self._moment_has_come)
        happened, calls = self._appliance.happened(), self._appliance.calls()
        self._appliance.spoil({"faults": []})
        after = self._appliance.ledger()
        self._twice |= twice_in_a_run(before, after, happened)
        self._tally.run_ended(
            before=before, after=after, happened=happened, calls=calls, escrow=self._workshop.in_escrow(),
            killed=ran.status is None,
        )  # fmt: skip
        self._tally.cancels += self._workshop.unlock()
        return ran

    def _moment_has_come(self) -> bool:
        if not self._kill_at:
            return False
        made = sum(1 for row in self._appliance.ledger().values() if row["posts_carried_out"])
        if made < self._kill_at[0]:
            return False
        self._kill_at.pop(0)
        return True

    def _refreshed(self, count: int) -> None:
        """A look at all tenants by spoilt lists: it may fail, and must not lose one from the state."""
        ran = self._spoilt_run(REFRESH, fault_plans.of_run(-self._tally.runs, seed=self._seed, tenants=10**6))
        self._tally.runs -= 1  # it made nothing
        kept = len(self._workshop.in_state())
        self._say("refresh", ran, f"{kept} in the state")
        if kept != count:
            raise RuntimeError(f"a refresh has left {kept} of {count} tenants in the state")

    def _ended(self) -> Tally:
        """Without any fault: who is named is named again; then a person resolves these, and all is well."""
        last = self._workshop.run()
        named = last.errors_of(self._names)
        tenants = self._workshop.in_state()
        self._say("a run without faults", last, f"{len(tenants)} in the state, {len(named)} named")
        working = {
            name for name, tenant in tenants.items()
            if self._appliance.gives_token(tenant["domain"], tenant["client_id"], tenant["client_secret"])
        }  # fmt: skip
        ledger = self._appliance.ledger()
        self._tally.end(ledger, working=working, named=named)
        self._tally.doubled |= self._twice
        if self._tally.unknown:
            aside = [name for name in self._tally.unknown if self._workshop.put_entry_aside(name)]
            self._workshop.declare(self._names, {name: {"adopt": "inventory"} for name in self._tally.unknown})
            resolved = self._workshop.run()
            print(
                f"the {len(self._tally.unknown)} unknown outcomes are taken over as `adopt: inventory`, "
                f"{len(aside)} unusable answers set aside from the escrow: exit status {resolved.status}"
            )
            if resolved.status != 0 or self._appliance.ledger() != ledger:
                raise RuntimeError(f"the unknown outcomes could not be resolved:\n{resolved.output[-3000:]}")
        return self._tally

    @staticmethod
    def _say(what: str, ran: Ran, found: str) -> None:
        end = "killed" if ran.status is None else f"exit status {ran.status}"
        print(f"{what}: {end} after {ran.seconds:.0f} s; {found}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
