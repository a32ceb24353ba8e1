"""The fleet's page in a real browser, used as a person would, where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from review.fleet import page
from tests.review.fleets import whole
from tests.story import browser

DESKTOP, TELEPHONE = 1280, 360
HELP = """
const names = () => Array.from(page.querySelectorAll('tbody tr')).filter((row) => view.getComputedStyle(row).display
  !== 'none').map((row) => row.cells[0].querySelector('code').textContent);
const head = (text) => Array.from(page.querySelectorAll('th')).find((one) => one.textContent === text);
const press = (text) => { head(text).querySelector('button').click(); return names(); };
const write = (words) => { const box = page.getElementById('search'); box.value = words;
  box.dispatchEvent(new view.Event('input')); return names(); };
const shown = () => page.getElementById('shown').textContent;
"""


@pytest.fixture
def chromium() -> str:
    return browser.find() or pytest.skip("there is no Chromium here, so the page is not used in a browser")


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    file = tmp_path / "fleet.html"
    file.write_text(page.render(whole()), encoding="utf-8")
    return file


def test_a_press_on_a_heading_sorts_and_another_one_turns_it_round(chromium: str, fleet: Path, tmp_path: Path) -> None:
    script = (
        HELP
        + """return [names(), press('Tenant'), press('Credential'), head('Credential').ariaSort,
      press('Credential'), head('Credential').ariaSort, head('Tenant').ariaSort];"""
    )
    begin, down, young, first, old, second, tenant = browser.played(chromium, fleet, tmp_path, script, width=DESKTOP)
    # names are sorted by their numbers; the page begins in the order of texts
    assert begin == ["customer-1", "customer-10", "customer-2", "customer-3", "customer-66", "other-1"]
    assert down == ["other-1", "customer-66", "customer-10", "customer-3", "customer-2", "customer-1"]
    assert (first, second, tenant) == ("ascending", "descending", "none")
    assert set(young[-2:]) == set(old[:2]) == {"customer-1", "customer-2"}


def test_a_search_looks_into_all_columns_and_needs_every_word(chromium: str, fleet: Path, tmp_path: Path) -> None:
    script = (
        HELP
        + """const found = [write('BILLING'), shown(), write('customer resolve'), write('nobody'), write('x9'),
      shown()]; write(''); page.getElementById('only').click(); return [...found, names(), shown()];"""
    )
    told = browser.played(chromium, fleet, tmp_path, script, width=DESKTOP)
    assert told == [
        ["customer-1"], "1 of 6 shown", ["customer-2"], ["customer-3"], [], "0 of 6 shown",
        ["customer-2", "customer-3", "other-1"], "3 of 6 shown",
    ]  # fmt: skip


def test_what_people_write_is_shown_and_never_run(chromium: str, fleet: Path, tmp_path: Path) -> None:
    script = HELP + "return [page.title.slice(0, 11), page.images.length, page.scripts.length, write('onerror=alert')];"
    assert browser.played(chromium, fleet, tmp_path, script, width=DESKTOP) == ["psaas fleet", 0, 1, ["customer-66"]]


def test_the_policy_of_the_page_forbids_any_other_script_and_every_request(
    chromium: str, fleet: Path, tmp_path: Path
) -> None:
    script = (
        HELP
        + """const more = page.createElement('script'); more.textContent = "document.title = 'owned'";
      page.body.append(more); let sent = 'sent'; try { const ask = new view.XMLHttpRequest();
      ask.open('GET', 'report.html', false); ask.send(); } catch { sent = 'forbidden'; }
      return [page.title.slice(0, 11), sent];"""
    )
    assert browser.played(chromium, fleet, tmp_path, script, width=DESKTOP) == ["psaas fleet", "forbidden"]


def test_on_a_telephone_rows_are_cards_and_can_be_ordered_and_searched(
    chromium: str, fleet: Path, tmp_path: Path
) -> None:
    wanted, had = browser.overflow(chromium, fleet, tmp_path, width=TELEPHONE)
    assert wanted <= had == TELEPHONE
    script = (
        HELP
        + """const order = page.getElementById('order'); order.value = '0-';
      order.dispatchEvent(new view.Event('change')); const turned = names();
      const style = view.getComputedStyle(page.querySelector('td'), '::before');
      return [turned[0], write('customer-3'), style.content, order.getBoundingClientRect().height >= 40];"""
    )
    assert browser.played(chromium, fleet, tmp_path, script, width=TELEPHONE) == [
        "other-1", ["customer-3"], '"Tenant"', True,
    ]  # fmt: skip
