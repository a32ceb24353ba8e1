"""The HTML report in a real browser, where there is one."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from tests.story import browser, pages

REPORT = pages.FOLDER / f"{pages.SHOWN_AS_HTML}.html"
TELEPHONE = 360


@pytest.fixture
def chromium() -> str:
    return browser.find() or pytest.skip("there is no Chromium here, so the page is not looked at in a browser")


def test_the_page_is_shown_light_and_dark(chromium: str, tmp_path: Path) -> None:
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    browser.screenshot(chromium, REPORT, light, width=1000, height=900)
    browser.screenshot(chromium, REPORT, dark, width=1000, height=900, dark=True)
    assert size(light) == size(dark) == (1000, 900)
    assert ground(light) > 180
    assert ground(dark) < 90


def test_on_a_telephone_nothing_has_to_be_moved_sideways(chromium: str, tmp_path: Path) -> None:
    wanted, had = browser.overflow(chromium, REPORT, tmp_path, width=TELEPHONE)
    assert had == TELEPHONE
    assert wanted <= had


def test_the_documentation_has_its_picture() -> None:
    assert size(pages.PICTURE) == (1000, 900)
    assert ground(pages.PICTURE) > 180


def size(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def ground(picture: Path) -> float:
    """How bright the top left corner of a PNG is, from 0 to 255. No filter of PNG changes an image's first pixel."""
    data, chunks, at = picture.read_bytes(), b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunks += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    return sum(zlib.decompress(chunks)[1:4]) / 3
