"""What others wrote can't be more than a text in a Markdown report: two parsers of GitHub's Markdown say so."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from review import markdown
from tests.review.filled import filled
from tests.review.hostile import NASTY, hostile

OTHER_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What a forge makes of text outside of code, after the Markdown is read.
FILTERS = re.compile(r"@[\w-]|#\d|\bGH-\d|https?:|www\.|:\w+:|\$|\b[0-9a-f]{7,}\b|[\u200b-\u200f\u202a-\u202e]", re.I)


class Structure(HTMLParser):
    """The elements of a page without its code spans, its comments, and the text outside of code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[object] = []
        self.comments: list[str] = []
        self.outside = ""
        self._in_code = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag == "code"
        if tag != "code":
            self.elements.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"
        if tag != "code":
            self.elements.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.comments.append(re.sub(r"stack=\S*|actions=\S*", "", data))

    def handle_data(self, data: str) -> None:
        if not self._in_code:
            self.outside += data


def as_github(report: str) -> Structure:
    return Structure(cmarkgfm.github_flavored_markdown_to_html(report, Options.CMARK_OPT_UNSAFE))


def as_others(report: str) -> Structure:
    return Structure(OTHER_READER.render(report))


HARMLESS = markdown.render([filled(lambda: "aaa")])


def unchanged(report: str) -> None:
    for reader in (as_github, as_others):
        expected, found = reader(HARMLESS), reader(report)
        assert found.elements == expected.elements
        assert found.comments == expected.comments
        assert FILTERS.search(found.outside) is None


@given(st.lists(hostile, min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_hostile_values_change_nothing_of_a_reports_structure(values: list[str]) -> None:
    texts = itertools.cycle(values)

    unchanged(markdown.render([filled(lambda: next(texts))], most_bytes=10**7))


def test_every_nasty_value_stays_a_value_in_every_place() -> None:
    for nasty in NASTY:
        unchanged(markdown.render([filled(lambda nasty=nasty: nasty)], most_bytes=10**7))


def test_a_value_is_read_as_it_was_written_with_backslashes_doubled_and_hidden_characters_told() -> None:
    for nasty in NASTY:
        for in_table in (True, False):
            text = markdown.span(markdown.Value(nasty), in_table=in_table)
            page = f"| a |\n|---|\n| {text} |\n" if in_table else f"x {text} y\n"
            read = re.findall("<code>(.*?)</code>", cmarkgfm.github_flavored_markdown_to_html(page))
            assert [unescaped(one) for one in read] == [markdown.visible(nasty)]


def unescaped(html: str) -> str:
    return html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def test_the_sticky_marker_of_a_stack_can_not_end_its_comment() -> None:
    report = markdown.render([filled(lambda: "--> # x\n")])

    assert report.startswith("<!-- psaas-review: stack=--%3E%20%23%20x%0A -->\n<!-- psaas-review: actions=")
