"""One command when a job failed, given JSON; and the issue of a stack that has drifted."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from pipeline import drift_issue, notify
from pipeline.folder import Folder, write
from tests.pipeline.forge_server import ForgeServer
from tests.pipeline.test_forges import github, gitlab
from tests.pipeline.workspace import Workspace

OF = [pytest.param(github, id="GitHub"), pytest.param(gitlab, id="GitLab")]


def command(folder: Path, program: str) -> str:
    file = folder / "notify.py"
    file.write_text(program)
    return f"{sys.executable} {file}"


def test_the_command_is_told_what_failed_where_and_with_which_error(workspace: Workspace, tmp_path: Path) -> None:
    write(workspace.state / "stacks" / "prod" / "pulumi.log", "Updating\n  error: can't reach it\n  error: another\n")
    seen = tmp_path / "seen.json"
    program = (
        "import json, os, sys\n"
        f"json.dump({{'said': json.load(sys.stdin), 'environment': dict(os.environ)}}, open({str(seen)!r}, 'w'))"
    )

    told = workspace.done(
        "notify", "STACK=prod", WHAT="deploy failed", PSAAS_NOTIFY_COMMAND=command(tmp_path, program),
        PSAAS_NOTIFY_URL="https://hooks.example.com/1", PSAAS_CLIENT_SECRET="canary-secret", GITHUB_SHA="c" * 40,
    )  # fmt: skip

    assert "notified" in told
    got = json.loads(seen.read_text())
    assert got["said"] == {
        "what": "deploy failed", "stack": "prod", "commit": "c" * 40, "actor": "octocat",
        "run": f"{workspace.forge.url}/octo-org/tenants/actions/runs/99/attempts/1", "error": "error: can't reach it",
    }  # fmt: skip
    assert got["environment"]["PSAAS_NOTIFY_URL"] == "https://hooks.example.com/1"
    assert not {"PSAAS_CLIENT_SECRET", "GITHUB_TOKEN"} & set(got["environment"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "is not set"),
        ("/nowhere/notify", "can't be run"),
        ("'unclosed", "no command line"),
        (f"{sys.executable} -c 'raise SystemExit(3)'", "ended with status 3"),
    ],
)
def test_a_command_that_fails_never_fails_the_job(workspace: Workspace, given: str, words: str) -> None:
    assert words in workspace.done("notify", PSAAS_NOTIFY_COMMAND=given)


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    late = f"import time; time.sleep(3); open({str(tmp_path / 'late')!r}, 'w')"
    program = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {late!r}])\ntime.sleep(60)"

    said = notify.send({}, {notify.VARIABLE: command(tmp_path, program)}, seconds=1.0)

    assert "did not end within 1 s" in said
    time.sleep(3.5)
    assert not (tmp_path / "late").exists()


def test_no_error_is_told_where_there_is_no_output(tmp_path: Path) -> None:
    assert notify.first_error(Folder(tmp_path).output("prod")) == ""


@pytest.mark.parametrize("of", OF)
def test_drift_opens_one_issue_keeps_it_up_to_date_and_closes_it(forge: ForgeServer, of: type) -> None:
    def update(*, drifted: bool, report: str = "") -> str:
        return drift_issue.update(of(forge), "prod", drifted=drifted, report=report, run_url="https://run")

    assert "no issue is open" in update(drifted=False)
    assert "opened" in update(drifted=True, report="First report")
    assert "updated" in update(drifted=True, report="Second report")

    assert len(forge.issues) == 1
    text = forge.issues[0].get("body") or forge.issues[0]["description"]
    assert "Second report" in text
    assert "First report" not in str(forge.issues)
    assert "is closed" in update(drifted=False)
    assert forge.issues[0]["state"] == "closed"
    assert "opened" in update(drifted=True, report="Third report")
    assert len(forge.issues) == 2


def test_an_issue_that_somebody_else_opened_with_the_mark_is_left_alone(forge: ForgeServer) -> None:
    planted = {
        "number": 5, "html_url": "", "title": "Drift in prod", "body": drift_issue.mark("prod"), "state": "open",
        "user": {"login": "mallory"}, "author": {"username": "mallory"},
    }  # fmt: skip
    forge.issues.append(dict(planted))

    drift_issue.update(github(forge), "prod", drifted=True, report="Report", run_url="")
    drift_issue.update(github(forge), "prod", drifted=False, report="", run_url="")

    assert forge.issues[0] == planted
    assert forge.issues[1]["state"] == "closed"


def test_two_stacks_have_an_issue_each(forge: ForgeServer) -> None:
    for stack in ("prod", "prod-eu"):
        drift_issue.update(github(forge), stack, drifted=True, report="Report", run_url="")

    assert [issue["title"] for issue in forge.issues] == ["Drift in prod", "Drift in prod-eu"]


def test_a_long_report_fits_into_an_issue(forge: ForgeServer) -> None:
    drift_issue.update(github(forge), "prod", drifted=True, report="a row\n" * 50_000, run_url="")

    assert len(forge.issues[0]["body"]) < 65_536
    assert "is cut here" in forge.issues[0]["body"]
