"""Judge many pages: those that there are, and those drawn or cut at random."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from playwright.sync_api import Page

from extractors.page_kinds import PageKind, Representation
from tests.extractors.parse.crawled import decoded
from tests.extractors.parse.expectations import small_pages
from tests.extractors.parse.fuzz.corpus import stand_in_pages
from tests.extractors.parse.oracle.drawing import draw, figure_tables
from tests.extractors.parse.oracle.judging import Read, Verdict, judge, read
from tests.extractors.parse.oracle.reading import Number, figures_shown
from tests.extractors.parse.oracle.seen import seen_tables

_HTML = frozenset({Representation.HTML, Representation.NEW_HTML, Representation.HTML_XLS})
_OF_PROGRAMMES = frozenset(
    {PageKind.PROGRAMME_FACTSHEET, PageKind.PRINT_VIEW, PageKind.FIGURES_EXCEL}
)
_CUTS_IN = 8  # one page of so many is cut, not drawn


class Fault(NamedTuple):
    """A page with figures that are wrong, lost or set aside without need."""

    page: str
    text: str
    wrong: list[str]
    lost: list[str]
    needless: Sequence[str]


class Found:
    """What became of the figures of many pages."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[Fault] = []

    def add(
        self,
        page: str,
        text: str,
        verdict: Verdict,
        refused: str | None = None,
        needless: Sequence[str] = (),
    ) -> None:
        """Count a page's figures; keep the page if some are wrong, lost or needlessly set aside."""
        self.counts.update(
            pages=1, refused=refused is not None, shown=verdict.shown, loaded=verdict.loaded,
            aside=verdict.aside, wrong=len(verdict.wrong), lost=len(verdict.lost),
            needless=len(needless),
        )  # fmt: skip
        if verdict.wrong or verdict.lost or needless:
            self.faults.append(Fault(page, text, verdict.wrong, verdict.lost, needless))


def judge_real(browser: Page, *, share: int = 1) -> Found:
    """Judge the stand-in's pages of every kind and layout, and the HTML among the small pages.

    No fact of the stand-in's may be set aside: nothing on its pages is odd.

    Args:
        browser: a page of Chromium.
        share: judge one page of so many.
    """
    found = Found()
    pages = [
        (page.address, page.body, True) for page in stand_in_pages() if page.representation in _HTML
    ]
    pages += [
        (path.name, path.read_bytes(), False) for path in small_pages() if path.suffix == ".html"
    ]
    for name, body, is_plain in pages[::share]:
        text = decoded(body)
        result = read(body)
        verdict = judge(numbers(browser, text), result)
        needless = verdict.facts_aside if is_plain else ()
        found.add(name, text, verdict, result.refused, needless)
    return found


def judge_drawn(browser: Page, count: int, seed: int, *, first: int = 0) -> Found:
    """Judge pages of the stand-in with tables drawn at random, and pages that are cut anywhere.

    All of their amounts are US$, so none may be set aside for its unit.
    """
    found = Found()
    sources = programme_sources()
    for number in range(first, first + count):
        dice = random.Random(f"{seed} {number}")  # noqa: S311 because it must repeat
        source = dice.choice(sources)
        if number % _CUTS_IN == 0:
            _judge_cut(browser, source, dice.randrange(len(source)), f"{number} cut", found)
            continue
        drawn = draw(source, dice)
        result = read(drawn.text.encode())
        verdict = judge(numbers(browser, drawn.text), result)
        verdict.wrong.extend(_summed(result, drawn.not_loaded))
        name = f"{number} {' '.join(drawn.kinds)}"
        found.counts.update(dict.fromkeys(drawn.kinds, 1))
        needless = ["set aside for its unit"] if result.has_unit else []
        found.add(name, drawn.text, verdict, result.refused, needless)
    return found


def programme_sources() -> list[str]:
    """Return the stand-in's pages with tables of figures of a programme, as HTML source."""
    pages = (page for page in stand_in_pages() if page.representation in _HTML)
    texts = [decoded(page.body) for page in pages if page.kind in _OF_PROGRAMMES]
    return list(filter(figure_tables, texts))


def numbers(browser: Page, text: str) -> list[Number]:
    """Return the figures that Chromium shows of a page."""
    return [number for table in seen_tables(browser, text) for number in figures_shown(table)]


def _judge_cut(browser: Page, source: str, end: int, name: str, found: Found) -> None:
    """Judge a page that is cut: it says nothing that the whole one does not show.

    Its last row may be neither loaded nor set aside: the finding that it is cut short says so.
    """
    cut = source[:end]
    result = read(cut.encode())
    wrong = judge(numbers(browser, source), result).wrong
    if result.in_full and not _has_all_tables(source, cut):
        wrong.append("a table counts as read in full")
    shown = numbers(browser, cut)
    verdict = judge(_without_last_row(shown), result)
    found.counts["cut"] += 1
    found.add(name, cut, verdict._replace(wrong=wrong), result.refused)


def _has_all_tables(source: str, cut: str) -> bool:
    return len(figure_tables(source)) == len(figure_tables(cut))


def _without_last_row(shown: Sequence[Number]) -> list[Number]:
    last = shown[-1][:2] if shown else None
    end = len(shown)
    while end and shown[end - 1][:2] == last:
        end -= 1
    return list(shown[:end])


def _summed(result: Read, names: Iterable[str]) -> list[str]:
    names = set(names)
    return [
        f"{key}: {value}, which is a sum" for key, value in result.loaded.items() if key[0] in names
    ]
