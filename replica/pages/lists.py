"""HTML of a fund's factsheet with its Funding Status, and of the portfolio lists."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Literal, NamedTuple

from replica.books.shown import Fund, StatementBlock, StatementLine
from replica.pages.furniture import FOOTER, clock, page
from replica.pages.grids import Row, day, head
from replica.pages.skins import plain_table

SignStyle = Literal["operator_column", "glued_minus", "parentheses"]
# Lines that open a sum of their own in the middle of a block, or stand beside another as its parts.
_FIRST = frozenset(
    {"Transferred to Participating Organizations", "Transfers to MDTFs",
     "Participating Organizations' Expenditure"}
)  # fmt: skip
_SUBTRACTED_TOTALS = frozenset({"Total use of funds", "Total expenses"})


class FundStyle(NamedTuple):
    """The style in which a fund's statement is printed."""

    signs: SignStyle
    dashed_subtotals: bool


def statement_grid(blocks: Iterable[StatementBlock], style: FundStyle) -> list[Row]:
    """Return both blocks as one grid, each under its heading."""
    with_operators = style.signs == "operator_column"
    rows: list[Row] = []
    for block in blocks:
        rows.append([head(block.heading, colspan=3 if with_operators else 2)])
        for line in block.lines:
            operator, amount = _signed(line, style.signs, opens=line is block.lines[0])
            label = f"- {line.label}" if _is_dashed(line, style) else line.label
            rows.append([label, *([operator] if with_operators else []), amount])
    return rows


def _is_dashed(line: StatementLine, style: FundStyle) -> bool:
    return style.dashed_subtotals and line.label.startswith("Sub-total")


def _signed(line: StatementLine, signs: SignStyle, *, opens: bool) -> tuple[str, str]:
    """Return the operator, and the amount with its sign if the style glues it on.

    An operator tells how a line enters the sum; the first line has none. A balance below zero
    has a sign of its own in every style.
    """
    if line.role == "percentage":
        sign = "-" if line.value < 0 else ""
        return "", f"{sign}{abs(line.value) // 10}.{abs(line.value) % 10}%"
    taken = line.role == "subtracts" or line.label in _SUBTRACTED_TOTALS
    magnitude = f"{abs(line.value):,}"
    if signs == "operator_column":
        unsigned = opens or line.role in {"total", "balance"} or line.label in _FIRST
        return "-" if taken else "" if unsigned else "+", f"{line.value:,}"
    if not taken and line.value >= 0:
        return "", magnitude
    return "", f"-{magnitude}" if signs == "glued_minus" else f"({magnitude})"


ROWS_A_PAGE = 50


class Rows(NamedTuple):
    """One page of a list: its range of rows, the number of all rows, and its path."""

    first: int
    shown: int
    whole: int
    here: str
    number: int
    more: bool


def page_of(whole: int, number: int, here: str, *, short: bool) -> Rows:
    """Return the page with this number (from 1). A short one ends midway, as if that were all."""
    first = min((number - 1) * ROWS_A_PAGE, whole)
    shown = max(0, min(ROWS_A_PAGE, whole - first))
    if short:
        return Rows(first, (shown + 1) // 2, first + (shown + 1) // 2, here, number, more=False)
    return Rows(first, shown, whole, here, number, more=first + shown < whole)


def fund_factsheet(
    fund: Fund,
    rows: Rows,
    style: FundStyle,
    addresses: Sequence[str],
    contributors: str,
    now: datetime,
) -> bytes:
    """Return a fund's factsheet.

    Args:
        fund: its content.
        rows: the range of its programmes that is on this page.
        style: the style of its statement.
        addresses: those of the programmes on this page.
        contributors: the part of the page about its contributors, as HTML.
        now: the site's time.
    """
    listed = fund.programmes[rows.first : rows.first + rows.shown]
    body = [
        f"<h1>{fund.fund_type} Factsheet</h1>\n<p>Tools for » {escape(fund.name)}</p>\n",
        f"<table><tr><td>Start Date *:</td><td>{day(fund.start_date)}</td><td>End Date*:</td>"
        f"<td>{day(fund.end_date) if fund.end_date else ''}</td></tr></table>\n",
        f"<h2>About</h2>\n<p>{escape(fund.overview, quote=False)}</p>\n",
        "<h2>Funding Status</h2>\n<p>All amounts in US$</p>\n",
        *(plain_table(statement_grid([block], style)) for block in fund.statement),
        f'<p><a href="{rows.here}/status/excel">View as Excel</a></p>\n',
        contributors,
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
    *,
    has_view: bool,
) -> bytes:
    """Return a list; every entry is a row of texts, each with the path it links to or None.

    One that `has_view` links to the Excel view of the whole list.
    """
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{_linked(text, address)}</td>' for text, address in entry)}</tr>\n"
        for entry in entries
    )
    table = f"<table><tr>{head}</tr>\n{body}</table>\n"
    view = f'<p><a href="{rows.here}/excel">View as Excel</a></p>\n' if has_view else ""
    content = f"<h1>Portfolio of {title}</h1>\n{table}{view}{_pager(rows)}{FOOTER}"
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
