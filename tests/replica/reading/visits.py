"""Walks over a subject's pages by the links on them, and what is read on all of them together."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from replica.http import Answer, ContentFault, Request, Site
from tests.replica.reading import pages
from tests.replica.reading.figures import Table, Voucher, figures_table
from tests.replica.reading.grids import Row, spreadsheet_rows

_NEW_SCHEME = datetime.fromisoformat("2022-07-01")


class Visited(NamedTuple):
    """All of a programme's pages at one time; `vouchers` None: the factsheet has no table."""

    factsheet: pages.Factsheet
    body: bytes
    media_type: str
    vouchers: list[Voucher] | None
    voucher_pages: int
    reports: dict[str, list[Table]]
    views: dict[str, pages.View]  # such as `figures/excel`
    excel_bodies: list[bytes]


class VisitedFund(NamedTuple):
    """All pages of a fund's factsheet, and the Excel views of its statement and contributors.

    `contributors` are the tables of the page and of the view, by the names that the truth has.
    """

    first: pages.Fund
    programmes: list[tuple[str, str, str | None]]
    list_pages: int
    excel: list[pages.Line]
    contributors: dict[str, list[Table]]


def programme_path(programme_id: str, now: datetime) -> str:
    """Where a programme's factsheet is, in the scheme of the time."""
    return f"{'' if now >= _NEW_SCHEME else '/factsheet'}/project/{programme_id}"


def fund_path(code: str, now: datetime) -> str:
    """Where a fund's factsheet is, in the scheme of the time."""
    return f"/fund/{code.lower()}" if now >= _NEW_SCHEME else f"/factsheet/fund/{code}"


def ask(
    site: Site,
    address: str,
    now: datetime,
    fault: ContentFault | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    """The answer to a GET of a path, perhaps with a query."""
    path, _, query = address.partition("?")
    return site.answer(Request("GET", path, query, headers), now, fault)


def fetch(site: Site, address: str, now: datetime, fault: ContentFault | None = None) -> bytes:
    """The body of a page that must be there."""
    answer = ask(site, address, now, fault)
    assert answer.status == 200, f"{address} at {now}: {answer.status}"
    return answer.body


def visit_programme(site: Site, programme_id: str, now: datetime) -> Visited:
    """Read a programme's factsheet, its voucher pages, reports, Excel and print views."""
    answer = ask(site, programme_path(programme_id, now), now)
    assert answer.status == 200
    first = sheet = pages.factsheet(answer.body)
    vouchers = list(first.vouchers.lines) if first.vouchers else None
    voucher_pages = 1
    while sheet.pager and sheet.pager.following:
        sheet = pages.factsheet(fetch(site, sheet.pager.following, now))
        voucher_pages += 1
        assert sheet.pager
        assert sheet.pager.first == voucher_pages <= sheet.pager.whole
        assert vouchers is not None
        assert sheet.vouchers
        vouchers += sheet.vouchers.lines
        assert _but_vouchers(sheet) == _but_vouchers(first)
    assert voucher_pages == (first.pager.whole if first.pager else 1)
    reports = {
        name: pages.factsheet(fetch(site, first.links["Key Figures", name], now)).tables
        for name in ("by participating organization", "by year")
    }
    views: dict[str, pages.View] = {}
    excel_bodies = []
    for section, what in (("Key Figures", "figures"), ("Latest Vouchers", "vouchers")):
        body = fetch(site, first.links[section, "View as Excel"], now)
        excel_bodies.append(body)
        views[f"{what}/excel"] = pages.excel_view(body)
        printed = fetch(site, first.links[section, "Print friendly format"], now)
        views[f"{what}/print"] = pages.print_view(printed)
    media_type = dict(answer.headers)["Content-Type"]
    return Visited(
        first, answer.body, media_type, vouchers, voucher_pages, reports, views, excel_bodies
    )


def _but_vouchers(sheet: pages.Factsheet) -> pages.Factsheet:
    return sheet._replace(vouchers=None, pager=None, links={})


def visit_fund(
    site: Site, code: str, now: datetime, fault: ContentFault | None = None
) -> VisitedFund:
    """Read all pages of a fund's factsheet, and the Excel views of its statement and contributors.

    Every page shows the same contributors.
    """
    first = page = pages.fund(fetch(site, fund_path(code, now), now, fault))
    programmes = list(page.programmes)
    list_pages = 1
    while page.pager.following:
        page = pages.fund(fetch(site, page.pager.following, now, fault))
        list_pages += 1
        assert page.pager.first == len(programmes) + 1
        programmes += page.programmes
        assert page.statement == first.statement
        assert page.contributors == first.contributors
    assert page.pager.last == page.pager.whole == len(programmes)
    rows = spreadsheet_rows(fetch(site, first.excel, now))
    assert rows[0][0].text == " ".join(first.name.split())
    contributors = {"factsheet": first.contributors, "excel": list[Table]()}
    if first.contributors_excel:
        caption, *below = spreadsheet_rows(fetch(site, first.contributors_excel, now))
        assert caption[0].text == " ".join(first.name.split())
        view = figures_table(below)
        contributors["excel"] = [view] if view else []
    return VisitedFund(first, programmes, list_pages, pages.statement(rows), contributors)


def visit_list(
    site: Site, what: str, now: datetime, fault: ContentFault | None = None
) -> tuple[list[Row], int]:
    """All rows of a portfolio list, and on how many pages they are."""
    page = pages.portfolio_list(fetch(site, f"/portfolio/{what}", now, fault))
    rows, list_pages = list(page.rows), 1
    while page.pager.following:
        page = pages.portfolio_list(fetch(site, page.pager.following, now, fault))
        assert page.pager.first == len(rows) + 1
        rows += page.rows
        list_pages += 1
    assert page.pager.last == page.pager.whole == len(rows)
    return rows, list_pages
