"""The workflows of GitHub Actions and GitLab CI: valid, pinned, with the least rights, and make targets only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.stack import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITLAB = ROOT / ".gitlab-ci.yml"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
ACTIONS = {
    "actions/checkout", "actions/setup-python", "actions/cache", "actions/upload-artifact",
    "actions/attest-build-provenance",
}  # fmt: skip
# Whatever is not here has no right to write anything.
WRITES = {
    ("review.yml", "review"): {"pull-requests"},
    ("review-fork.yml", "review"): {"pull-requests"},
    ("deploy.yml", "deploy"): {"contents"},
    ("drift.yml", "drift"): {"issues"},
    ("release.yml", "release"): {"contents", "id-token", "attestations"},
}
UNTRUSTED = re.compile(
    r"github\.(event\.(?!pull_request\.(number|base\.ref|head\.repo\.full_name)|workflow_run\.)|head_ref)"
)


def load(file: Path) -> dict[str, Any]:
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["on"] = document.pop(True, document.get("on"))  # YAML 1.1 reads `on` as a truth
    return dict(document)


def jobs() -> Iterator[Any]:
    for file in WORKFLOWS:
        for name, job in load(file)["jobs"].items():
            yield pytest.param(file, name, job, id=f"{file.name}-{name}")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_there_is_a_workflow_for_each_purpose() -> None:
    names = {file.name for file in WORKFLOWS}
    assert names == {"review.yml", "review-fork.yml", "deploy.yml", "drift.yml", "release.yml", "test.yml"}


@pytest.mark.parametrize(("schema", "files"), [("vendor.github-workflows", WORKFLOWS), ("vendor.gitlab-ci", [GITLAB])])
def test_workflows_are_valid_by_their_published_schema(schema: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_actionlint_has_nothing_to_say() -> None:
    """Built from its Go module into the user's cache, once."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go here, so actionlint is not built; CI runs it")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "psaas" / "tools" / "actionlint-1.7.12"
    if not (cache / "actionlint").exists():
        environment = os.environ | {"GOBIN": str(cache), "GOFLAGS": "-mod=mod", "GOWORK": "off"}
        built = subprocess.run([go, "install", ACTIONLINT], env=environment, cwd="/", capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
    ran = subprocess.run(
        [cache / "actionlint", "-shellcheck=", "-pyflakes=", *map(str, WORKFLOWS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_workflow_runs_with_rights_on_code_of_a_pull_request(file: Path) -> None:
    workflow = load(file)

    assert workflow["permissions"] == {}
    assert "pull_request_target" not in workflow["on"]
    assert "pull_request_target" not in file.read_text(encoding="utf-8")
    assert workflow["defaults"]["run"]["shell"] == "bash"  # with -e and pipefail


@pytest.mark.parametrize(("file", "name", "job"), list(jobs()))
def test_a_job_has_an_end_and_no_more_rights_than_it_needs(file: Path, name: str, job: dict[str, Any]) -> None:
    assert job["timeout-minutes"] <= 120
    writes = {what for what, right in job["permissions"].items() if right == "write"}
    assert writes == WRITES.get((file.name, name), set())


@pytest.mark.parametrize(("file", "name", "job"), list(jobs()))
def test_actions_are_few_and_pinned_by_commit(file: Path, name: str, job: dict[str, Any]) -> None:
    for step in job["steps"]:
        if "uses" in step:
            action, _, pin = step["uses"].partition("@")
            assert action in ACTIONS
            assert re.fullmatch(r"[0-9a-f]{40}", pin)
            line = next(line for line in file.read_text(encoding="utf-8").splitlines() if step["uses"] in line)
            assert re.search(r"# v\d+\.\d+\.\d+$", line), line
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("file", "name", "job"), list(jobs()))
def test_every_step_is_one_make_target_and_no_value_of_others_is_in_it(
    file: Path, name: str, job: dict[str, Any]
) -> None:
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs
    for run in runs:
        match = re.fullmatch(r"(?:exec )?make ([a-z-]+)", run)
        assert match, run
        assert match[1] in TARGETS
    # Elsewhere, what others may write is a value of the environment, or compared.
    for step in job["steps"]:
        assert not [text for text in strings(step.get("with", {})) if UNTRUSTED.search(text)]


@pytest.mark.parametrize(("file", "name", "job"), list(jobs()))
def test_secrets_are_in_steps_of_protected_environments_only(file: Path, name: str, job: dict[str, Any]) -> None:
    def secrets(value: Any) -> list[str]:
        return [text for text in strings(value) if re.search(r"\bsecrets\b", text)]

    outside = {key: value for key, value in job.items() if key != "steps"}
    assert not secrets(outside), "a secret of a whole job is in every step of it"
    if "environment" not in job:
        assert not secrets(job)
    for step in job["steps"]:
        if secrets(step):
            assert set(step) <= {"run", "env", "if", "id"}
            assert set(secrets(step)) == set(secrets(step["env"]))


def test_the_review_of_a_pull_request_runs_what_the_base_branch_holds() -> None:
    job = load(ROOT / ".github" / "workflows" / "review.yml")["jobs"]["review"]
    assert job["steps"][0]["with"]["ref"] == "${{ github.event.pull_request.base.ref }}"
    fork = load(ROOT / ".github" / "workflows" / "review-fork.yml")
    assert "ref" not in fork["jobs"]["review"]["steps"][0]["with"]  # the default branch
    assert not any("download" in step.get("uses", "") for step in fork["jobs"]["review"]["steps"])


def test_two_deploys_of_a_stack_never_run_at_once_and_none_is_cut_off_by_the_next() -> None:
    for name, job in (("deploy.yml", "deploy"), ("drift.yml", "drift")):
        assert load(ROOT / ".github" / "workflows" / name)["jobs"][job]["concurrency"] == {
            "group": "deploy-${{ matrix.stack }}", "cancel-in-progress": False,
        }  # fmt: skip
    gitlab = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    assert gitlab["deploy"]["resource_group"] == gitlab["drift"]["resource_group"] == "deploy-$STACK"
    assert not gitlab["default"]["interruptible"]


def test_many_stacks_are_a_bounded_matrix_in_which_one_that_fails_stops_no_other() -> None:
    for name, job in (("deploy.yml", "deploy"), ("drift.yml", "drift")):
        strategy = load(ROOT / ".github" / "workflows" / name)["jobs"][job]["strategy"]
        assert strategy["fail-fast"] is False
        assert strategy["max-parallel"] == "${{ fromJSON(vars.PSAAS_STACKS_AT_ONCE || '10') }}"
        assert list(strategy["matrix"]) == ["stack"]


def test_the_deploy_is_cancelled_gently_and_accounted_for_whatever_its_end() -> None:
    steps = load(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]["deploy"]["steps"]
    runs = {step["run"]: step for step in steps if "run" in step}

    assert "exec make deploy" in runs
    for target in ("make audit", "make publish-inventory"):
        assert runs[target]["if"] == "${{ always() }}"
    assert "pulumi cancel" not in "".join(file.read_text(encoding="utf-8") for file in [*WORKFLOWS, GITLAB])


def test_neither_escrow_nor_state_is_ever_cached_or_kept_as_an_artifact() -> None:
    for file in WORKFLOWS:
        for job in load(file)["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith(("actions/cache", "actions/upload-artifact")):
                    assert step["with"]["path"] in (
                        "~/.cache/psaas/engine", ".psaas/pipeline/review.*", ".psaas/pipeline/stacks/*/audit.jsonl"
                    )  # fmt: skip


def test_gitlabs_lines_are_make_targets_too() -> None:
    document = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    checkout = 'git checkout --quiet --detach "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"'
    named = {"workflow", "stages", "default", "variables"}
    for name, job in document.items():
        if name in named or name.startswith("."):
            continue
        for key in ("before_script", "script", "after_script"):
            for line in job.get(key, []):
                match = re.fullmatch(r"(?:exec )?make ([a-z-]+)", line)
                assert line == checkout or (match and match[1] in TARGETS), line
        if name in ("review", "comment"):
            assert job["script"][0] == checkout
        if any("make deploy" in line or "make drift" in line for line in job["script"]):
            assert "environment" in job


@pytest.mark.parametrize("file", [*WORKFLOWS, GITLAB], ids=lambda file: file.name)
def test_every_target_that_a_pipeline_calls_is_run_for_real_by_a_test(file: Path) -> None:
    """Of `make test` and `make engine` themselves the whole of the tests is made."""
    called = set(re.findall(r"make ([a-z-]+)$", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    tests = "".join(
        test.read_text(encoding="utf-8")
        for folder in ("pipeline", "engine")
        for test in (ROOT / "tests" / folder).glob("*.py")
    )
    for target in called - {"test", "engine"}:
        assert re.search(rf'(done|failed|make|step)\([^)]*"{target}"', tests), target
