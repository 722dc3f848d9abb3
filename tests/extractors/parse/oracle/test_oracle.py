"""A real Chromium shows what is loaded: of pages as they are, and of pages drawn at random."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from tests.extractors.parse.oracle.drawing import KINDS
from tests.extractors.parse.oracle.judging import Read, judge
from tests.extractors.parse.oracle.proof import judge_drawn, judge_real, numbers
from tests.flows.browser import CHROMIUM, opened_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")

TABLE = """<style>.gone { display: none } small { font-size: 60% }</style>
<table>
<tr><th rowspan=2>Organization<th rowspan=2>Year<th colspan=2>Figures
<tr><th>Transfers<th>Expenditure
<tr><td>FAO<td>2013<td>1,000<small>1</small><td>(20)
<tr class=gone><td>ILO<td>2013<td>3<td>4
<tr><td>WFP<td>2013<td colspan=2>5
<tr><td>Total<td><td>6<td>7
</table>"""
FAO_TRANSFERS = ("FAO", 2013, "transfers")


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with opened_page() as page:
        yield page


def found(loaded: dict[tuple[str, int | None, str], Decimal], aside: list[str]) -> Read:
    return Read(None, loaded, aside, in_full=True, cut_short=False)  # type: ignore[arg-type]


def test_the_browser_tells_what_each_number_is_of(browser: Page) -> None:
    """By the places of cells alone: hidden rows and footnotes are not there."""
    shown = numbers(browser, TABLE)
    assert [(one.organization, one.role, one.text) for one in shown] == [
        ("FAO", "fact", "1,000"),
        ("FAO", "fact", "(20)"),
        ("WFP", "unclear", "5"),
        ("Total", "total", "6"),
        ("Total", "total", "7"),
    ]
    assert [one[1:3] for one in shown[:2]] == [(2013, "transfers"), (2013, "expenditure")]


def test_a_figure_that_is_not_shown_is_wrong_and_one_without_a_name_is_lost(browser: Page) -> None:
    """Another value is wrong, as is a hidden row's; what is set aside by name is neither."""
    shown = numbers(browser, TABLE)
    aside = ["FAO | 2013 | 1,000 | (20)", "WFP | 2013 | 5", "6", "7"]
    right = judge(shown, found({FAO_TRANSFERS: Decimal(1000)}, aside))
    assert (right.loaded, right.aside, right.wrong, right.lost) == (1, 4, [], [])
    assert len(judge(shown, found({FAO_TRANSFERS: Decimal(10001)}, aside)).wrong) == 1
    assert len(judge(shown, found({("ILO", 2013, "transfers"): Decimal(3)}, aside)).wrong) == 1
    assert len(judge(shown, found({("WFP", 2013, "transfers"): Decimal(5)}, aside)).wrong) == 1
    assert len(judge(shown, found({FAO_TRANSFERS: Decimal(1000)}, aside[1:])).lost) == 1


def test_pages_say_what_the_browser_shows(browser: Page) -> None:
    """A sample of the stand-in's layouts and of the small pages."""
    result = judge_real(browser, share=8)
    assert not result.faults
    assert result.counts["pages"] > 20
    assert result.counts["loaded"] > 200


def test_pages_drawn_at_random_say_what_the_browser_shows(browser: Page) -> None:
    """Spans, headings, hiding, footnotes, characters, nesting, sums and cuts, a few of each."""
    result = judge_drawn(browser, 24, seed=2)
    assert not result.faults
    assert all(result.counts[kind] for kind in (*KINDS, "cut"))
    assert result.counts["loaded"] > 200
