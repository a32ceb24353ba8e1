"""The HTML report: one file that loads nothing and runs nothing, in which what others wrote is only text."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from review import page
from review.page_style import STYLE
from review.visible import visible
from tests.review.filled import filled
from tests.review.hostile import NASTY, hostile

VOID = ("meta", "path", "br", "hr", "img", "link")


class Elements(HTMLParser):
    """The elements of a page, without its code and the texts in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[object] = []
        self.values: list[str] = []
        self.open: list[str] = []
        self.others: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "code":
            self.values.append("")
        else:
            self.elements.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
        if tag != "code":
            self.elements.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code":
            self.values[-1] += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)


HARMLESS = Elements(page.render([filled(lambda: "aaa")]))


def unchanged(text: str) -> Elements:
    found = Elements(text)
    assert found.elements == HARMLESS.elements
    assert (found.open, found.others) == ([], [])
    return found


@given(st.lists(hostile, min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_hostile_values_change_nothing_of_a_pages_elements(values: list[str]) -> None:
    texts = itertools.cycle(values)

    unchanged(page.render([filled(lambda: next(texts))]))


def test_every_nasty_value_is_shown_as_it_is_written() -> None:
    for nasty in NASTY:
        assert visible(nasty, 120) in unchanged(page.render([filled(lambda nasty=nasty: nasty)])).values


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = page.render([filled(lambda: "aaa")])
    style = re.search(r"<style>(.*?)</style>", text, re.S)

    assert style is not None
    hashed = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{hashed}&#x27;" in text
    tags = {element[0] for element in Elements(text).elements if isinstance(element, tuple)}
    assert not tags & {"script", "link", "img", "iframe", "a", "object", "form", "base"}
    assert not re.search(r"url\(|@import|\son\w+=|\sstyle=", text)


def test_headings_go_down_one_step_at_a_time_and_the_page_has_a_language_and_a_title() -> None:
    text = page.render([filled(lambda: "aaa"), filled(lambda: "bbb")])

    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert '<html lang="en">' in text
    assert "<title>psaas review · aaa, bbb: forbidden</title>" in text


def test_the_verdict_is_said_in_words_and_with_a_sign_beside_its_colour() -> None:
    assert re.search(r'<div class="verdict stop">\n<h2 id="verdict-1"><svg.*?</svg>Forbidden</h2>',
                     page.render([filled(lambda: "aaa")]))  # fmt: skip


def test_text_keeps_a_contrast_of_four_and_a_half_to_one_in_light_and_dark() -> None:
    tones = ("fine", "ask", "stop")
    pairs = [("ink", "paper"), ("ink", "card"), ("soft", "paper"), ("soft", "card"), ("ink", "code"), ("stop", "card")]
    pairs += [
        ("ask", "paper"),
        *((tone, f"{tone}-wash") for tone in tones),
        *(("ink", f"{tone}-wash") for tone in tones),
    ]
    for block in STYLE.partition("* {")[0].split("prefers-color-scheme: dark"):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for text, ground in pairs:
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
