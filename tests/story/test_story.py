"""The story, told once on the real engine, and held to its expected reports."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import cmarkgfm
import pytest

from tests.local_appliance import LocalAppliance
from tests.pipeline.forge_server import BOT, ForgeServer
from tests.story import pages, scenes
from tests.story.scenes import HOSTILE, Story


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, engine_bin: Path) -> Story:
    folder, forge = tmp_path_factory.mktemp("story"), ForgeServer()
    stop = forge.start()
    try:
        with LocalAppliance.start(folder / "appliance") as appliance:
            return scenes.tell(folder, appliance, engine_bin, forge, lambda _: None)
    finally:
        stop()


def test_every_report_of_the_story_is_the_expected_one(story: Story) -> None:
    told = pages.expected(story.scenes)
    assert sorted(told) == sorted(pages.on_disk())
    for name, text in pages.on_disk().items():
        assert told[name] == text, f"{name} differs; if that is right: make story WRITE=1"


def test_the_documentation_shows_the_reports_as_they_are(story: Story) -> None:
    shown = pages.shown()
    assert set(shown) == set(story.scenes)
    for name, text in shown.items():
        assert text == pages.in_page(story.scenes[name].markdown)


@pytest.mark.parametrize(
    ("scene", "status"),
    [
        ("first", 0), ("good-tenant", 0), ("bad-name", 2), ("look-alike", 2), ("removal", 2), ("retirement", 1),
        ("fork", 0), ("drift", 1),
    ],
)  # fmt: skip
def test_the_verdict_is_what_a_person_would_say(story: Story, scene: str, status: int) -> None:
    assert story.scenes[scene].status == status


def test_what_was_approved_exists_and_nothing_else(story: Story) -> None:
    assert story.deployed == {
        "first": ["customer-1", "customer-2"],
        "good-tenant": ["customer-1", "customer-2", "customer-3"],
    }
    # The first two are made at once, in no order.
    assert (sorted(story.posted[:2]), story.posted[2:]) == (["customer-1", "customer-2"], ["customer-3"])
    assert sorted(line["tenant"] for line in story.audit if "tenant" in line) == sorted(story.posted)


def test_a_fork_gets_its_report_from_the_default_branch_and_cannot_shape_it(story: Story) -> None:
    number, comments = story.team.number, story.team.forge.comments
    assert [comment["user"]["login"] for comment in comments[number]] == [BOT]
    shown = cmarkgfm.github_flavored_markdown_to_html(story.scenes["fork"].markdown)
    assert f"<code>team={escape(HOSTILE)}</code>" in shown
    assert not re.search(r"<(?!!--)(?:b|a|img)\b", shown)


def test_no_secret_is_in_any_report(story: Story) -> None:
    secrets = story.secrets
    assert len(secrets) > 4
    for scene in story.scenes.values():
        for secret in secrets:
            assert secret not in scene.markdown + scene.html
