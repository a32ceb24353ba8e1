"""The rules' settings of a project's folder, as a review takes them. Prints nothing."""

from __future__ import annotations

from pathlib import Path

from policy import Settings
from policy import settings as rule_settings
from review import change


def is_there(root: Path) -> bool:
    return (root / change.POLICY_SETTINGS).is_file()


def read(root: Path) -> Settings:
    """What stacks/policy.json says, or every rule's defaults where there is none. Raises SettingsError."""
    return rule_settings.load(root / change.POLICY_SETTINGS) if is_there(root) else Settings()


def told(root: Path) -> str:
    """A line about a file that is in order. Raises SettingsError."""
    waived = len(read(root).waivers)
    there = "fine" if is_there(root) else "not there, so every rule has its defaults"
    return f"{change.POLICY_SETTINGS}: {waived} {'waiver' if waived == 1 else 'waivers'}, {there}"
