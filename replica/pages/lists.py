"""A fund's factsheet with its Funding Status and programmes, and the portfolio lists."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple

from replica.books.shown import Fund
from replica.pages.furniture import FOOTER, clock, page
from replica.pages.grids import day
from replica.pages.skins import plain_table
from replica.pages.statements import FundStyle, statement_grid

ROWS_A_PAGE = 50


class Rows(NamedTuple):
    """One page of a list: what it shows of how much, and where the others are."""

    first: int
    shown: int
    whole: int
    here: str
    number: int
    more: bool


def page_of(whole: int, number: int, here: str, *, short: bool) -> Rows:
    """The page with this number (from 1). A short one ends in the middle, as if that were all."""
    first = min((number - 1) * ROWS_A_PAGE, whole)
    shown = max(0, min(ROWS_A_PAGE, whole - first))
    if short:
        return Rows(first, (shown + 1) // 2, first + (shown + 1) // 2, here, number, more=False)
    return Rows(first, shown, whole, here, number, more=first + shown < whole)


def fund_factsheet(
    fund: Fund, rows: Rows, style: FundStyle, addresses: Sequence[str], now: datetime
) -> bytes:
    """The factsheet; `addresses` are those of the programmes on this page of its list."""
    listed = fund.programmes[rows.first : rows.first + rows.shown]
    body = [
        f"<h1>{fund.fund_type} Factsheet</h1>\n<p>Tools for » {escape(fund.name)}</p>\n",
        f"<table><tr><td>Start Date *:</td><td>{day(fund.start_date)}</td><td>End Date*:</td>"
        f"<td>{day(fund.end_date) if fund.end_date else ''}</td></tr></table>\n",
        f"<h2>About</h2>\n<p>{escape(fund.overview, quote=False)}</p>\n",
        "<h2>Funding Status</h2>\n<p>All amounts in US$</p>\n",
        *(plain_table(statement_grid([block], style)) for block in fund.statement),
        f'<p><a href="{rows.here}/status/excel">View as Excel</a></p>\n',
        "<h2>Projects</h2>\n<table><tr><th>Project ID</th><th>Title</th></tr>\n",
        *(
            f'<tr><td>{programme_id}</td><td><a href="{address}">{escape(title)}</a></td></tr>\n'
            for (programme_id, title), address in zip(listed, addresses, strict=True)
        ),
        "</table>\n",
        _pager(rows),
        FOOTER,
    ]
    return page("Gateway", "".join(body), clock(now), "utf8")


def portfolio_list(
    title: str,
    headings: Sequence[str],
    entries: Sequence[Sequence[tuple[str, str | None]]],
    rows: Rows,
    now: datetime,
) -> bytes:
    """A list; every entry is a row of texts, each with the address that it links to or None."""
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{_linked(text, address)}</td>' for text, address in entry)}</tr>\n"
        for entry in entries
    )
    table = f"<table><tr>{head}</tr>\n{body}</table>\n"
    content = f"<h1>Portfolio of {title}</h1>\n{table}{_pager(rows)}{FOOTER}"
    return page(f"Portfolio of {title}", content, clock(now), "utf8")


def _linked(text: str, address: str | None) -> str:
    shown = escape(text, quote=False)
    return f'<a href="{address}">{shown}</a>' if address else shown


def _pager(rows: Rows) -> str:
    last = rows.first + rows.shown
    shown = f"Showing {min(rows.first + 1, last)} to {last} of {rows.whole}"
    if rows.more:
        shown += f' <a href="{rows.here}?page={rows.number + 1}" rel="next">Next</a>'
    return f"<p>{shown}</p>\n"
