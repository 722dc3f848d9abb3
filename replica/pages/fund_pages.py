"""A fund's pages, and the portfolio lists."""

import re
from collections.abc import Sequence
from datetime import datetime

from replica.books.dice import Dice, share
from replica.books.funds import deposited
from replica.books.moments import DAY, day_of, moment, time_of
from replica.books.portfolio import FundOutline
from replica.books.programme import forms_at
from replica.books.records import Records
from replica.http import Answer, ContentFault, Request
from replica.pages.answers import (
    HTML,
    NOT_FOUND,
    Validators,
    fund_address,
    page_number,
    programme_address,
    tag_of,
    validators,
)
from replica.pages.contributor_pages import (
    CONTRIBUTORS_VIEW,
    contributors_part,
    contributors_view,
    portfolio_rows,
    portfolio_view,
)
from replica.pages.grids import day
from replica.pages.lists import (
    FundStyle,
    SignStyle,
    fund_factsheet,
    page_of,
    portfolio_list,
    statement_grid,
)
from replica.pages.sheets import MEDIA_TYPES, spreadsheet

Entry = Sequence[tuple[str, str | None]]  # texts, each with what it links to
_SIGN_STYLES: tuple[SignStyle, ...] = ("operator_column", "glued_minus", "parentheses")
FUND_VIEWS = ("", "status/excel", CONTRIBUTORS_VIEW)
_MONTH, _YEAR = re.compile(r"0?[1-9]|1[0-2]"), re.compile(r"20[0-9]{2}")
_WITH_TAGS = 0.7  # of the funds


def fund_page(
    records: Records,
    fund: FundOutline,
    view: str,
    request: Request,
    now: int,
    fault: ContentFault | None,
) -> Answer:
    """Return a page of a fund that the site shows; `view` is one of FUND_VIEWS."""
    if view == CONTRIBUTORS_VIEW:
        return _contributors_page(records, fund, request, now)
    shown = records.fund(fund, now)
    then = _asked_month(request)
    if then is not None:
        if not (records.portfolio.opened(fund) or then) <= then <= now:
            return NOT_FOUND
        shown = shown._replace(statement=records.fund(fund, then).statement)
    style = fund_style(records.seed, fund)
    if view:
        checked = _checked(records, fund, f"{shown}{view}", request, now)
        if checked.unchanged:
            return Answer(304, checked.headers, b"")
        body = spreadsheet("xls", fund.name, statement_grid(shown.statement, style))
        return Answer(200, (("Content-Type", MEDIA_TYPES["xls"]), *checked.headers), body)
    here = fund_address(fund, now)
    number = page_number(request.parameters.get("page"))
    rows = page_of(len(shown.programmes), number, here, short=fault == "short_list")
    part = contributors_part(records, fund, here, now, with_tables=fault != "no_tables")
    checked = _checked(records, fund, f"{shown}{rows}{part}", request, now)
    if checked.unchanged:
        return Answer(304, checked.headers, b"")
    listed = shown.programmes[rows.first : rows.first + rows.shown]
    addresses = [programme_address(programme_id, now) for programme_id, _ in listed]
    body = fund_factsheet(shown, rows, style, addresses, part, time_of(now))
    return Answer(200, (("Content-Type", HTML), *checked.headers), body)


def _contributors_page(records: Records, fund: FundOutline, request: Request, now: int) -> Answer:
    """Return the Excel view of a fund's contributors, if it has one."""
    found = contributors_view(records, fund, now)
    if found is None:
        return NOT_FOUND
    form, body = found
    checked = _checked(records, fund, body.hex(), request, now)
    if checked.unchanged:
        return Answer(304, checked.headers, b"")
    return Answer(200, (("Content-Type", MEDIA_TYPES[form]), *checked.headers), body)


def _checked(
    records: Records, fund: FundOutline, version: str, request: Request, now: int
) -> Validators:
    """Return the validators of one version of a fund's page; some funds' pages have none."""
    has_tag = share(records.seed, "fund validator", fund.code) < _WITH_TAGS
    return validators("weak" if has_tag else "none", tag_of(version), now, now, request)


def _asked_month(request: Request) -> int | None:
    """Return a moment right behind the month whose statement is asked for; None for today's."""
    month = request.parameters.get("fund_status_month_to", "")
    year = request.parameters.get("fund_status_year_to", "")
    if not (_MONTH.fullmatch(month) and _YEAR.fullmatch(year)):
        return None
    return moment(datetime(int(year), int(month), 28)) + 4 * DAY  # noqa: DTZ001 because it is naive UTC


def fund_style(seed: int, fund: FundOutline) -> FundStyle:
    """Return the style in which a fund's statement is printed."""
    dice = Dice(seed, "style", fund.code)
    return FundStyle(dice.pick(_SIGN_STYLES), dice.chance(0.5))


def list_page(
    records: Records, what: str, request: Request, now: int, fault: ContentFault | None
) -> Answer | None:
    """Return one page of `/portfolio/<what>`; None if there is no such list."""
    headings: tuple[str, ...]
    match what:
        case "fund":
            title, headings = "Funds", ("Fund", "Type", "Start Date", "Contributions (US$)")
            entries = [_fund_entry(records, f, now) for f in records.portfolio.open_funds(now)]
        case "agency":
            title, headings = "Participating Organizations", ("Organization", "Programmes")
            entries = _organizations(records, now)
        case "donor":
            title = "Contributors"
            headings, entries = portfolio_rows(records, now)
        case _:
            return None
    number = page_number(request.parameters.get("page"))
    rows = page_of(len(entries), number, f"/portfolio/{what}", short=fault == "short_list")
    shown = entries[rows.first : rows.first + rows.shown]
    has_view = what == "donor"
    body = portfolio_list(title, headings, shown, rows, time_of(now), has_view=has_view)
    return Answer(200, (("Content-Type", HTML),), body)


def list_view(records: Records, what: str, now: int) -> Answer | None:
    """Return the Excel view of `/portfolio/<what>`; None if there is no such view."""
    if what != "donor":
        return None
    form, body = portfolio_view(records, now)
    return Answer(200, (("Content-Type", MEDIA_TYPES[form]),), body)


def _fund_entry(records: Records, fund: FundOutline, now: int) -> Entry:
    deposits = deposited(records.deposits(fund), now)
    opened = records.portfolio.opened(fund) or now
    return (
        (fund.name, fund_address(fund, now)), (fund.fund_type, None),
        (day(day_of(opened)), None), (f"{deposits:,}", None),
    )  # fmt: skip


def _organizations(records: Records, now: int) -> list[Entry]:
    counts: dict[int, int] = {}
    for outline in records.portfolio.outlines:
        if outline.approved <= now:
            for organization in outline.organizations:
                counts[organization] = counts.get(organization, 0) + 1
    names = records.words.organizations
    listed = sorted((forms_at(names[number], now)[0], count) for number, count in counts.items())
    return [((name, None), (f"{count:,}", None)) for name, count in listed]
