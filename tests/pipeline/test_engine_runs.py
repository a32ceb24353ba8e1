"""A cancel in a pipeline, as GitHub's runner sends it; and the audit lines of runs of every end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline import audit, job
from pipeline.engine_run import CANCELLED
from pipeline.folder import Folder
from tests.crash.running import wait_for
from tests.engine.conftest import stack  # noqa: F401
from tests.engine.snapshots import Made
from tests.engine.stack import NAME, ROOT, Stack

SLOW = {"name": "slow", "route": {"method": "POST", "path": "/api/v2/tenants"}, "do": {"latency_ms": 2000}}
LOST = {"name": "lost", "route": {"method": "POST", "path": "/api/v2/tenants"}, "do": {"reset": "after"}}
# What `make deploy` does once everything is approved, behind `make` as in a job.
PROGRAM = """
import os, sys
from pathlib import Path
from pipeline import engine_run
from pipeline.__main__ import _show
from pipeline.deploy import UP
from pipeline.folder import Folder, write
root, stack = Path.cwd(), sys.argv[1]
folder = Folder(root / ".psaas" / "pipeline")
write(folder.events(stack), "")
sys.exit(engine_run.run(
    ["pulumi", *UP, "--stack", stack, "--event-log", str(folder.events(stack))], root=root, folder=folder, stack=stack,
    environment=os.environ | {"PULUMI_DEBUG_COMMANDS": "true"}, show=_show,
))
"""
JOB = job.Job(forge="github", actor="octocat", commit="c" * 40, run_url="https://run")


class Deploy:
    """A step `exec make deploy` of a job, with a pipe for its output as a runner holds one."""

    def __init__(self, stack: Stack) -> None:  # noqa: F811
        self.stack, self.folder = stack, Folder(stack.project / ".psaas" / "pipeline")
        (stack.project / "program.py").write_text(PROGRAM)
        (stack.project / "Makefile").write_text(f"deploy:\n\t@exec {sys.executable} program.py {NAME}\n")
        self.process = subprocess.Popen(
            ["bash", "-e", "-c", "exec make deploy"], cwd=stack.project,
            env=stack.environment | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def posts(self, number: int) -> None:
        wait_for(f"{number} POSTs", lambda: len(self.stack.posts()) >= number, why=self.output)

    def output(self) -> str:
        file = self.folder.output(NAME)
        return file.read_text() if file.exists() else ""

    def lines(self) -> list[dict[str, str]]:
        return list(audit.lines(self.folder.events(NAME).read_text(), stack=NAME, job=JOB))

    def pid(self) -> int:
        return int(json.loads(self.folder.process(NAME).read_text())["pid"])

    def wait(self) -> str:
        """What `make audit` waits for: the end of `pulumi`, whoever lives."""
        wait_for("the end of `pulumi`", lambda: not alive(self.pid()), why=self.output)
        return self.output()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended_cleanly(deploy: Deploy) -> None:
    """What was under way is in the state, nothing is locked, and the next update makes the rest."""
    stack = deploy.stack  # noqa: F811
    made = {name for name in stack.resources() if name.startswith("customer-")}
    assert made == {line["tenant"] for line in deploy.lines() if line.get("tenant") and line["result"] == "done"}
    assert 1 <= len(made) < 12
    assert not list((stack.project / "state" / ".pulumi" / "locks").rglob("*.json"))
    stack.appliance.goes_wrong()
    stack.up().ok()
    assert stack.posts() == ["201"] * 12


@pytest.fixture
def deploy(stack: Stack) -> Any:  # noqa: F811
    stack.declare(*(f"customer-{number}" for number in range(1, 13)))
    stack.appliance.goes_wrong(SLOW)
    begun = Deploy(stack)
    yield begun
    for pid in (begun.process.pid, begun.pid()):
        if alive(pid):
            os.killpg(pid, signal.SIGKILL)
    begun.process.wait(30)


def test_a_cancel_as_githubs_runner_sends_it_ends_the_run_with_its_state_written(deploy: Deploy) -> None:
    deploy.posts(2)

    deploy.process.send_signal(signal.SIGINT)  # to the step's own process, which is make, and which keeps it
    time.sleep(0.5)
    deploy.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    deploy.process.kill()  # the runner's patience is 10 s; then it reads no more
    assert deploy.process.stdout
    deploy.process.stdout.close()

    said = deploy.wait()
    assert "received; terminating" not in said
    assert "error: update canceled" in said
    ended_cleanly(deploy)


@pytest.mark.long
def test_a_step_that_is_killed_at_once_still_cancels_the_run(deploy: Deploy) -> None:
    deploy.posts(2)

    deploy.process.kill()

    deploy.wait()
    ended_cleanly(deploy)


@pytest.mark.long
def test_a_cancel_to_the_whole_group_is_passed_on_once(deploy: Deploy) -> None:
    deploy.posts(2)

    os.killpg(deploy.process.pid, signal.SIGTERM)
    said, _ = deploy.process.communicate(timeout=60)

    assert CANCELLED in said
    assert deploy.process.returncode != 0
    ended_cleanly(deploy)


@pytest.mark.long
def test_every_write_has_a_line_with_its_end_and_no_secret(stack: Stack) -> None:  # noqa: F811
    stack.declare("customer-1")
    first = logged(stack)
    secret = stack.credential("customer-1")["client_secret"]

    assert [(line.get("tenant") or line["grant"], line["action"], line["result"]) for line in first] == [
        ("provisioning", "create", "done"), ("customer-1", "create", "done"),
    ]  # fmt: skip
    assert first[1] == {
        "time": first[1]["time"], "actor": "octocat", "commit": "c" * 40, "run": "https://run", "stack": NAME,
        "appliance": stack.appliance.rta, "tenant": "customer-1", "action": "create", "result": "done",
    }  # fmt: skip
    assert logged(stack) == []
    stack.appliance.api(
        "POST", "tenants", {"name": "customer-2", "owners": ["me@email.com"]}, application="provisioning"
    )
    stack.declare("customer-1", {"name": "customer-2", "adopt": "inventory"})
    assert [(line["tenant"], line["action"]) for line in logged(stack)] == [("customer-2", "inventory")]
    stack.declare(retired=[{"name": "customer-1"}, {"name": "customer-2"}])
    third = logged(stack)
    assert [line["time"] for line in third] == sorted(line["time"] for line in third)  # whichever the engine ends first
    ended = sorted((line["tenant"], line["action"]) for line in third)
    assert ended == [("customer-1", "forget"), ("customer-2", "forget")]
    for secret_ in (secret, *stack.appliance.secrets):
        assert secret_ not in "".join(file.read_text() for file in stack.project.glob("events-*"))


@pytest.mark.long
def test_a_creation_whose_answer_was_lost_is_an_unknown_outcome(made: Made) -> None:
    stack = made("customer-1")  # noqa: F811
    stack.appliance.goes_wrong(LOST)
    stack.declare("customer-1", "customer-2")

    lines = logged(stack, ok=False)

    assert [(line["tenant"], line["action"], line["result"]) for line in lines] == [("customer-2", "create", "unknown")]


@pytest.mark.long
def test_a_refused_creation_failed_and_a_log_that_ends_within_a_line_leaves_its_last_action_unknown(
    made: Made,
) -> None:
    stack = made("customer-1")  # noqa: F811
    refused = {"name": "no", "route": {"method": "POST", "path": "/api/v2/tenants"}, "do": {"status": 403}}
    stack.appliance.goes_wrong(refused)
    stack.declare("customer-1", "customer-2")

    assert [line["result"] for line in logged(stack, ok=False)] == ["failed"]
    log = max(stack.project.glob("events-*")).read_text()
    begun = next(line for line in log.splitlines() if "resourcePreEvent" in line and '"op":"create"' in line)
    killed = log[: log.index(begun) + len(begun) + 40]
    assert [line["result"] for line in audit.lines(killed, stack=NAME, job=JOB)] == ["unknown"]


def logged(stack: Stack, *, ok: bool = True) -> list[dict[str, str]]:  # noqa: F811
    """The lines of an update."""
    file = stack.project / f"events-{len(stack.said):03}"
    ran = stack.up("--continue-on-error", "--event-log", str(file), PULUMI_DEBUG_COMMANDS="true")
    assert (ran.status == 0) is ok, ran.output
    return list(audit.lines(file.read_text(), stack=NAME, job=JOB))
