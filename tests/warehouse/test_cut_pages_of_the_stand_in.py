"""Pages of the stand-in, cut anywhere and seen after the whole page: nothing of it changes."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from extractors.ids import parse_key
from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.pages import parse_page
from extractors.records import Page
from replica.pages.site import open_site
from tests.extractors.parse.cutting import said_by, wrong_in
from tests.extractors.parse.stand_in_pages import StandInPage, pages_of
from tests.warehouse.histories import Seen, loaded, rows
from warehouse.connection import Connection

_NOW = datetime(2016, 6, 15)  # noqa: DTZ001 because every time here is naive UTC
_SEED = 20260  # of the pages and cuts
_CUTS = 20
_LINES = {Representation.CSV, Representation.TEXT, Representation.PIPED_TEXT}
FORMS = ("html", "new_html", "html_xls", "csv", "text", "piped_text")
_TABLES = (
    "core.programme", "core.fund", "core.expenditure_snapshot", "core.cumulative_snapshot",
    "core.voucher", "core.funding_status", "core.narrative", "core.document", "core.contact",
    "core.fund_narrative", "core.fund_document", "mart.restatement",
)  # fmt: skip


@cache
def _pages() -> dict[str, list[StandInPage]]:
    """Pages of each representation that show figures, vouchers or a statement."""
    found: dict[str, list[StandInPage]] = {form: [] for form in FORMS}
    site = open_site(2, 6)
    for time in (_NOW, datetime(2023, 6, 1)):  # noqa: DTZ001 because every time here is naive UTC
        for page in pages_of(site, time, site.records.portfolio.outlines):
            if page.representation in found and page.kind is not PageKind.PORTFOLIO_LIST:
                found[page.representation].append(page)
    return found


def _cuts(page: StandInPage, random: Random) -> Iterator[bytes]:
    """Yield the page cut at some bytes; text and CSV that end with a whole line show no cut."""
    for end in random.sample(range(len(page.body) // 8, len(page.body)), _CUTS):
        if page.representation not in _LINES or not page.body[:end].endswith(b"\n"):
            yield page.body[:end]


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_page_says_nothing_that_the_whole_one_does_not(form: str) -> None:
    """Every row and value is the whole page's, and no table that lacks a row was read in full."""
    random = Random(_SEED)  # noqa: S311 because nothing is secret
    for page in random.sample(_pages()[form], 2):
        whole = said_by(page.body)
        assert whole is not None
        wrong = [found for cut in _cuts(page, random) for found in wrong_in(cut, whole)]
        assert wrong == []


def _seen(page: StandInPage, body: bytes, number: int) -> Seen | None:
    try:
        said: Page | PageRefusedError = parse_page(body)
    except PageRefusedError:
        return None
    url = f"https://gateway.example{page.address.partition(' ')[0]}"
    time = _NOW + timedelta(minutes=number)
    return Seen(time, said, url, body=parse_key("", f"{number:064x}"))


def _dump(con: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return what core says, but for when it was seen last."""
    return {
        table: rows(con, f"SELECT COLUMNS(lambda c: c <> 'last_seen') FROM {table} ORDER BY ALL")  # noqa: S608 because the names are those above
        for table in _TABLES
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_page_seen_after_the_whole_one_changes_and_ends_nothing(form: str) -> None:
    """Cuts in a row: no figure, voucher, list or statement is another, and each is named."""
    random = Random(_SEED)  # noqa: S311 because nothing is secret
    page = max(random.sample(_pages()[form], 3), key=lambda one: len(one.body))
    seen = [_seen(page, body, n) for n, body in enumerate([page.body, *_cuts(page, random)])]
    whole, *cuts = filter(None, seen)
    assert len(cuts) > _CUTS / 4
    before = _dump(loaded(whole))
    con = loaded(whole, *cuts)
    assert _dump(con) == before
    kinds = Counter(one["kind"] for one in rows(con, "FROM meta.finding"))
    named = sum(isinstance(cut.page, Page) and cut.page.cut_short is not None for cut in cuts)
    assert kinds["cut_short"] == named > 0
