"""The branch `psaas-inventory`, on a bare repository on disk."""

from __future__ import annotations

import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline import inventory_branch, job
from pipeline.errors import PipelineError
from pipeline.git import Git
from tests.pipeline.workspace import Workspace

BRANCH = "refs/heads/psaas-inventory"
COMMIT = "c" * 40


def publish(workspace: Workspace, stack: str, text: str, *, at: Path | None = None) -> bool:
    file = workspace.folder.parent / f"{stack}-{threading.get_ident()}.json"
    file.write_text(text)
    git = Git(at or workspace.folder, job.Job())
    return inventory_branch.publish(git, stack, file, commit=COMMIT, sleep=lambda _: None)


def listed(workspace: Workspace) -> dict[str, str]:
    """The published files, as the origin has them."""
    names = workspace.git("ls-tree", "--name-only", BRANCH, at=workspace.origin).split()
    return {name: workspace.git("cat-file", "blob", f"{BRANCH}:{name}", at=workspace.origin) for name in names}


def test_an_inventory_is_published_without_a_checkout_and_fetched_again(workspace: Workspace) -> None:
    before = workspace.git("status", "--porcelain"), workspace.git("rev-parse", "HEAD")

    assert publish(workspace, "prod", '{"stack": "prod"}\n')
    assert publish(workspace, "stage", '{"stack": "stage"}\n')

    assert listed(workspace) == {"prod.json": '{"stack": "prod"}', "stage.json": '{"stack": "stage"}'}
    assert (workspace.git("status", "--porcelain"), workspace.git("rev-parse", "HEAD")) == before
    target = workspace.folder.parent / "fetched"
    target.mkdir()
    (target / "gone.json").write_text("{}")
    assert "prod, stage" in workspace.done("fetch-inventory", f"FOLDER={target}")
    assert sorted(file.name for file in target.iterdir()) == ["prod.json", "stage.json"]
    assert (target / "prod.json").read_text() == '{"stack": "prod"}\n'


def test_the_same_inventory_makes_no_second_commit(workspace: Workspace) -> None:
    publish(workspace, "prod", "{}\n")
    first = workspace.git("rev-parse", BRANCH, at=workspace.origin)

    assert not publish(workspace, "prod", "{}\n")
    assert workspace.git("rev-parse", BRANCH, at=workspace.origin) == first


def test_where_nothing_is_published_yet_the_folder_is_empty(workspace: Workspace) -> None:
    assert "no stack" in workspace.done("fetch-inventory")
    assert list((workspace.state / "inventories").iterdir()) == []


def test_deploys_that_publish_at_once_all_keep_theirs(workspace: Workspace) -> None:
    stacks = [f"stack-{number}" for number in range(6)]
    clones = [workspace.folder.parent / stack for stack in stacks]
    for clone in clones:
        workspace.git("clone", "--quiet", str(workspace.origin), str(clone), at=clone.parent)

    with ThreadPoolExecutor(6) as pool:
        texts = [f'{{"of": "{stack}"}}\n' for stack in stacks]
        published = pool.map(lambda *each: publish(workspace, each[0], each[1], at=each[2]), stacks, texts, clones)
        assert all(published)

    assert sorted(listed(workspace)) == [f"{stack}.json" for stack in stacks]
    assert workspace.git("rev-list", "--count", BRANCH, at=workspace.origin) == "6"


def test_it_works_in_a_shallow_clone(workspace: Workspace, tmp_path: Path) -> None:
    workspace.commit("Another")
    workspace.push()
    shallow = tmp_path / "shallow"
    workspace.git("clone", "--quiet", "--depth=1", workspace.origin.as_uri(), str(shallow), at=tmp_path)

    assert publish(workspace, "prod", "{}\n", at=shallow)
    assert publish(workspace, "stage", "{}\n", at=shallow)
    assert sorted(listed(workspace)) == ["prod.json", "stage.json"]


def test_a_refused_push_is_told_and_never_forced(workspace: Workspace) -> None:
    publish(workspace, "prod", "{}\n")
    hook = workspace.origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(PipelineError, match="may this job write to the branch"):
        publish(workspace, "prod", '{"new": 1}\n')
    assert listed(workspace) == {"prod.json": "{}"}


def test_git_gets_the_token_for_the_forge_only_and_by_its_environment(workspace: Workspace) -> None:
    forge = job.Job(forge="github", server="https://github.example.com", token="canary-token")
    environment = Git(workspace.folder, forge)._environment
    asked = ["git", "config", "--get-urlmatch", "http.extraheader"]

    def header(url: str) -> str:
        ran = subprocess.run([*asked, url], env=environment, capture_output=True, text=True, check=False)
        return ran.stdout

    assert header("https://github.example.com/octo-org/tenants").startswith("Authorization: Basic ")
    assert header("https://elsewhere.example.com/octo-org/tenants") == ""
    assert "canary-token" not in "".join(environment.values())
    assert os.environ.get("GIT_CONFIG_COUNT") is None


def test_what_git_says_is_told_without_a_credential_in_an_address(workspace: Workspace) -> None:
    with pytest.raises(PipelineError) as told:
        Git(workspace.folder, job.Job(), remote="http://me:hunter2@127.0.0.1:9/x.git").fetch("main", doing="fetch it")

    assert "fetch it" in str(told.value)
    assert "hunter2" not in str(told.value)
