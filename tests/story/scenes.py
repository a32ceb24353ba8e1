"""A team and its pull requests: what each of them does, what the review says, and what then happens.

Everything goes through the make targets that pipelines call: on a bare repository, a forge that stands in for GitHub,
a local appliance and the real engine. What differs between two tellings (commits, measured seconds) is put at rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.engine.stack import NAME, Stack
from tests.local_appliance import LocalAppliance
from tests.pipeline.forge_server import TOKEN, ForgeServer
from tests.pipeline.team import Team
from tests.pipeline.workspace import Workspace

FIRST = ["customer-1", "customer-2"]
HOSTILE = "</td>|<b>@octo-org/admins</b> closes #1 ![x](https://example.com/x.png)"
_COMMIT = re.compile(r"\b[0-9a-f]{12}\b")
_SECONDS = re.compile(r"about [\d.]+ (?:s|min)(: at )?(?:[\d.]+ s a tenant)?")
_LINE = re.compile(r"(?<=Pulumi\.test\.yaml:)\d+")
_MEASURED = ", as earlier deploys have measured"  # by a deploy that took long enough, on a machine that is slow
_ASSUMED = ", an assumption, since no deploy has measured it"


@dataclass(frozen=True)
class Scene:
    """One pull request, or one look at the appliance. `status` is the review's verdict: 0, 1 or 2."""

    name: str
    title: str
    status: int
    markdown: str
    html: str = ""


@dataclass
class Story:
    """The scenes in their order, and what else can be asked once it has been told."""

    team: Team
    tell: Callable[[str], None]
    scenes: dict[str, Scene] = field(default_factory=dict)
    audit: list[dict[str, Any]] = field(default_factory=list)
    deployed: dict[str, list[str]] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def review(self, name: str, title: str, *tenants: Any, **config: Any) -> Scene:
        """A pull request whose stack file lists these tenants."""
        self.tell(f"\n# {title}\n")
        self.team.propose(*tenants, **config)
        report, page = (
            (self.team.workspace.state / f"review.{kind}").read_text(encoding="utf-8") for kind in ("md", "html")
        )
        return self._kept(Scene(name, title, _verdict(report), report, page))

    def deploy(self, name: str) -> None:
        """Merge the last pull request, and let the pipeline do what was reviewed."""
        self.team.merge()
        self.tell(self.team.plan())
        self.tell(self.team.step("deploy"))
        self.audit += [json.loads(line) for line in self.team.step("audit").splitlines() if line.startswith("{")]
        self.team.step("publish-inventory")
        self.deployed[name] = sorted(self.team.stack.outputs())

    def look(self, name: str, title: str) -> Scene:
        """What the nightly pipeline says of the appliance."""
        self.tell(f"\n# {title}\n")
        self.team.step("drift-issue")
        report = (self.team.workspace.state / "stacks" / NAME / "drift.md").read_text(encoding="utf-8")
        return self._kept(Scene(name, title, _verdict(report), report))

    def _kept(self, scene: Scene) -> Scene:
        kept = replace(scene, markdown=at_rest(scene.markdown), html=at_rest(scene.html))
        self.scenes[scene.name] = kept
        self.tell(kept.markdown)
        return kept


def tell(
    folder: Path, appliance: LocalAppliance, engine_bin: Path, forge: ForgeServer, say: Callable[[str], None]
) -> Story:
    """The whole story, in a folder of its own."""
    stack = Stack.create(folder / "project", engine_bin, appliance)
    stack.up().ok()
    story = Story(Team(Workspace(folder, forge), stack, forge), say)
    story.review("first", "The first pull request", *FIRST)
    story.deploy("first")
    story.review("good-tenant", "A good tenant is added", *FIRST, "customer-3")
    story.deploy("good-tenant")
    known = [*FIRST, "customer-3"]
    story.review("bad-name", "A name that no tenant can have, and a field that is misspelt", *known, _misspelt())
    story.review("look-alike", "A name that looks like another one, and a private mailbox", *known, _look_alike())
    story.review("removal", "An entry is removed", "customer-1", "customer-3")
    leaves = {"retired": [{"name": "customer-2"}]}
    story.review("retirement", "The same tenant leaves in the reviewed way", "customer-1", "customer-3", **leaves)
    story.team.stack.config.pop("retired")
    _from_a_fork(story, known)
    _behind_its_back(story)
    story.look("drift", "Somebody changed the appliance by hand")
    _remember(story)
    return story


def _remember(story: Story) -> None:
    """What can't be asked any more once the appliance has stopped."""
    stack = story.team.stack
    ledger = stack.appliance.request("GET", "/__appliance/tenants-ledger", token=stack.appliance.token())[1]
    story.posted = [entry["name"] for entry in ledger if entry["posts_carried_out"]]
    story.secrets = [
        *stack.appliance.secrets, TOKEN,
        *(stack.credential(name)["client_secret"] for name in stack.outputs()),
        *(value for name, value in story.team.secrets.items() if "PASSPHRASE" in name or "SECRET" in name),
    ]  # fmt: skip


def at_rest(text: str) -> str:
    """Without what no two tellings have in common: measured seconds, and commits."""
    for number, commit in enumerate(dict.fromkeys(_COMMIT.findall(text)), start=1):
        text = text.replace(commit, str(number) * len(commit))
    text = text.replace("as earlier deploys have measured", "an assumption, since no deploy has measured it")
    text = text.replace(_MEASURED, _ASSUMED)
    # The salt that the engine writes above the tenants takes one line or two.
    first = min((int(line) for line in _LINE.findall(text)), default=0)
    text = _LINE.sub(lambda line: str(int(line[0]) - first + 9), text)
    return _SECONDS.sub(lambda found: f"about 5 s{': at 0.4 s a tenant' if found[1] else ''}", text)


def _misspelt() -> dict[str, Any]:
    return {"name": "Customer_4", "owner": ["ops@example.com"]}


def _look_alike() -> dict[str, Any]:
    return {"name": "custorner-3", "owners": ["ops@example.com", "somebody@gmail.com"]}


def _from_a_fork(story: Story, known: list[str]) -> None:
    """A stranger's pull request: no secret is near it, and its values are only values."""
    stranger = {"name": "customer-4", "owners": ["ops@example.com", "me@example.com"], "labels": {"team": HOSTILE}}
    story.review(
        "fork",
        "A fork's pull request, with a label that would like to be more than a label",
        *known,
        stranger,
        fork="octo-stranger/tenants",
    )


def _behind_its_back(story: Story) -> None:
    """Somebody widens the client grant and deletes a tenant in the dashboard."""
    appliance = story.team.stack.appliance
    grant = next(g for g in appliance.api("GET", "client-grants") if "create:tenants" in g["scope"])
    appliance.api("PATCH", f"client-grants/{grant['id']}", {"scope": [*grant["scope"], "delete:tenants"]})
    appliance.api("DELETE", "tenants/customer-3", application="provisioning")
    appliance.api("PATCH", f"client-grants/{grant['id']}", {"scope": [*grant["scope"], "update:tenants"]})


def _verdict(report: str) -> int:
    found = re.search(r"<!-- psaas-review: .*verdict=([012]) -->", report)
    assert found, report
    return int(found[1])
