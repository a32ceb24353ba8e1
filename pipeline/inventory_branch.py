"""The Git branch `psaas-inventory`: what each deploy published of its stack, without secrets, as `<stack>.json`.

Written by plumbing, so that nothing is checked out; never forced, so that of two deploys both are kept.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.folder import named, write
from pipeline.git import Git

BRANCH = "psaas-inventory"
REFERENCE = f"refs/heads/{BRANCH}"
TRIES = 10
LONGEST_PAUSE_SECONDS = 8.0
LARGEST = 20_000_000  # bytes
AUTHOR = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in {"NAME": "psaas-tenants", "EMAIL": "psaas-tenants@example.com"}.items()
}


def publish(git: Git, stack: str, file: Path, *, commit: str, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Put the inventory on the branch; False if it is there. Tries again when another deploy was faster."""
    name = f"{named(stack)}.json"
    blob = git.out("hash-object", "-w", "--no-filters", str(file.resolve()), doing="store the inventory")
    for tried in range(1, TRIES + 1):
        parent = _tip(git)
        entries = _entries(git, parent)
        if entries.get(name) == blob:
            return False
        listed = "".join(
            f"100644 blob {hashed}\t{entry}\n" for entry, hashed in sorted({**entries, name: blob}.items())
        )
        tree = git.out("mktree", doing="write the inventory's tree", text=listed)
        parents = ("-p", parent) if parent else ()
        _, made = git.run(
            "commit-tree", tree, *parents, "-m", f"Inventory of {stack} at {commit[:12]}",
            doing="write the inventory's commit", environment=AUTHOR,
        )  # fmt: skip
        pushed = (git.remote, f"{made}:{REFERENCE}")
        status, _ = git.run("push", "--quiet", "--no-verify", *pushed, doing="push the inventory", accept=(0, 1))
        if status == 0:
            return True
        # By chance, so that many deploys that end at once don't meet again.
        sleep(random.uniform(0.5, 1) * min(0.2 * 2**tried, LONGEST_PAUSE_SECONDS))  # noqa: S311
    raise PipelineError(
        f"push the inventory: {git.remote} refused it {TRIES} times; may this job write to the branch {BRANCH}?"
    )


def fetch(git: Git, folder: Path) -> list[str]:
    """Write every published inventory into a folder; the stacks' names. None is published yet: an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    tip = _tip(git)
    found = []
    for name, blob in sorted(_entries(git, tip).items()):
        stack = name.removesuffix(".json")
        if int(git.out("cat-file", "-s", blob, doing="look at an inventory")) > LARGEST:
            raise PipelineError(f"the inventory {name} is larger than {LARGEST} bytes")
        write(folder / f"{named(stack)}.json", git.out("cat-file", "blob", blob, doing="read an inventory") + "\n")
        found.append(stack)
    return found


def _tip(git: Git) -> str:
    """The branch's last commit, fetched, under no reference of ours; "" where there is no such branch."""
    listed = git.out("ls-remote", "--heads", git.remote, REFERENCE, doing="look for the inventory")
    if not listed:
        return ""
    fetched = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", git.remote, REFERENCE)
    git.out("fetch", *fetched, doing="fetch the inventory")
    return git.commit(listed.split()[0])


def _entries(git: Git, commit: str) -> dict[str, str]:
    """File name to blob: the plain JSON files at the top."""
    if not commit:
        return {}
    entries = {}
    for line in git.out("ls-tree", "-z", f"{commit}^{{tree}}", doing="read the inventory").split("\0"):
        described, _, name = line.partition("\t")
        mode, _, rest = described.partition(" ")
        if mode == "100644" and name.endswith(".json") and "/" not in name:
            entries[name] = rest.split()[1]
    return entries
