"""The documentation names every rule, with its level and all its settings, and its examples are settings."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from policy import rules, settings
from policy.rule import Rule

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([a-z-]+)`\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))


def test_the_page_describes_the_rules_and_no_others() -> None:
    assert list(SECTIONS) == [rule.name for rule in rules.ALL]


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.name)
def test_every_rule_is_described_with_its_level_its_reason_the_way_to_mend_and_its_settings(rule: Rule) -> None:
    section = " ".join(SECTIONS[rule.name].split())

    assert f"Level: {rule.level}." in section
    assert rule.why in section
    assert rule.mend in section
    for name, field in rule.settings.model_fields.items():
        assert f"`{field.alias or name}`" in section


def test_every_example_is_a_settings_file_without_mistakes() -> None:
    examples = re.findall(r"^```json\n(.*?)^```", PAGE, re.M | re.S)

    assert examples
    for example in examples:
        settings.parse(json.loads(example), place="docs/policy.md")
