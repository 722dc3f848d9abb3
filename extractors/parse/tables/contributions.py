"""Tables of contributors: what each committed and deposited, by year or since the start.

A bare `Contributions` is what a fund's statement calls Contributions from Donors, that is deposits;
so it is read only where no other column is of deposits. `Pledges` are commitments only where no
other column is.
"""

import re
from collections.abc import Iterator, Sequence

from extractors.ids import fund_code_of
from extractors.parse.base.blocks import Block, Line
from extractors.parse.tables.headings import (
    CONTRIBUTIONS,
    Heading,
    is_total,
    total_of,
)
from extractors.parse.tables.named_rows import NamedRow, NamedRows, is_subtotal
from extractors.parse.tables.tables import HeadedTable
from extractors.records import (
    ContributionMeasure,
    Page,
    PrintedContribution,
    PrintedContributionTable,
    PrintedFinding,
)

_HEADINGS: tuple[Heading, ...] = (
    "contributor", "year", "commitments", "pledges", "deposits", "contributions", "deposit_rate",
    "fund", "fund_code", "total", "currency", "detail", "status",
)  # fmt: skip
_GLUED_HEADINGS = re.compile(
    r"(?:Contributors?|Donors?)[^.]{0,40}(?:Commitments?|Deposits?|Pledges|Contributions?)[^.]{0,80}",
    re.IGNORECASE,
)
_PARTS: tuple[Heading, ...] = ("organization", "programme_id", "programme_title", "date")
_CODE = re.compile(r"(?!TOTAL)[A-Z0-9]{5}")  # unlike a word, such as `Other`
_FUND_PAGE = re.compile(r"/fund/[A-Za-z0-9]{5}/?$", re.IGNORECASE)
# A contributor may be called `Total Energies`; a total has nothing else to say.
_GRAND_TOTAL = re.compile(
    r"[-–\s]*(?:grand\s+)?totals?"
    r"(?:\s+(?:contributions?|commitments?|deposits?|pledges?|amounts?|contributors?|donors?|all|for|"
    r"of|in|from|year|fy|(?:19|20)[0-9]{2}|\(?(?:US\s?\$|USD)\)?))*\s*:?",
    re.IGNORECASE,
)


def is_contribution_table(table: HeadedTable) -> bool:
    """Return whether a table has contributors, and a measure of what they gave."""
    return table.has("contributor") and any(
        column.heading in CONTRIBUTIONS for column in table.columns
    )


def add_contributions(page: Page, table: HeadedTable, table_no: int, fewest_rows: float) -> None:
    """Add a table of contributors to a page, and findings on what is unread.

    What they gave to one organization or programme, or on one day, is a part of their
    contributions, which is not read.

    Args:
        page: the page.
        table: the table.
        table_no: its number on the page.
        fewest_rows: how many rows it has at least if none of its list is on another page.
    """
    where = f"Contributors, table {table_no}"
    if any(map(table.has, _PARTS)):
        detail = f"parts of contributions: {' / '.join(row.text for row in table.rows)}"
        page.findings.append(PrintedFinding("unplaced_rows", where, detail))
        return
    rows = NamedRows(table, "contributor", _measures_of(table))
    for row in table.rows:
        for said in rows.said_by(row):
            page.contributions += _contributions(table, table_no, where, said)
    repeated = list(table.repeated_columns(("contributor", "year", *_measures_of(table)), where))
    page.contribution_tables.append(
        PrintedContributionTable(
            table_no=table_no,
            by_year=rows.by_year,
            by_fund=table.has("fund") or table.has("fund_code"),
            read_in_full=rows.all_named
            and not (rows.has_unread_year or repeated or table.partial)
            and len(table.rows) >= fewest_rows,
            where=where,
        )
    )
    page.findings += [*repeated, *unread_columns(table, where)]


def glued_tables(blocks: Sequence[Block]) -> Iterator[PrintedFinding]:
    """Yield a finding for each table of contributors whose cells are glued together in lines."""
    table: list[str] = []
    for block in [*blocks, Line("")]:
        line = block.text if isinstance(block, Line) else ""
        if table and any(map(str.isdigit, line)):
            table.append(line)
            continue
        if len(table) > 1:
            yield PrintedFinding("unread_text", "Contributors", " / ".join(table))
        table = [line] if _GLUED_HEADINGS.fullmatch(line) else []


def _measures_of(table: HeadedTable) -> dict[Heading, ContributionMeasure]:
    """Return the measures of a table's headings."""
    commitments: Heading = "commitments" if table.has("commitments") else "pledges"
    deposits: Heading = "deposits" if table.has("deposits") else "contributions"
    return {commitments: "commitments", deposits: "deposits"}


def _contributions(
    table: HeadedTable, table_no: int, where: str, said: NamedRow[ContributionMeasure]
) -> Iterator[PrintedContribution]:
    """Yield what a row says; nothing for a sub-total, whose rows are not known."""
    row, name, is_sum = said.row, said.name, said.total
    if row.kind == "total" and is_total(row.first):
        if is_subtotal(row):
            return
        is_sum = _GRAND_TOTAL.fullmatch(row.first) is not None
        name = None if is_sum else row.first
    elif row.kind == "total":
        name = total_of(row.first)
    fund_url = table.href(row, "fund") or table.href(row, "fund_code") or ""
    code = table.text(row, "fund_code")
    yield PrintedContribution(
        table_no=table_no,
        contributor=name,
        contributor_fund_code=_fund_of_page(table.href(row, "contributor") or ""),
        fund_name=table.text(row, "fund"),
        fund_code=code if _CODE.fullmatch(code or "") else fund_code_of(fund_url),
        fiscal_year=said.fiscal_year,
        measures=said.measures,
        deposit_rate=table.text(row, "deposit_rate") if said.fiscal_year is None else None,
        currency=table.text(row, "currency"),
        total=is_sum,
        where=f"{where}, row {row.number}",
        text=row.text,
    )


def _fund_of_page(url: str) -> str | None:
    """Return the code of the fund whose page a URL is; None for a page below it, or with a query.

    There a fund's site may say more of one of its contributors.
    """
    return fund_code_of(url) if _FUND_PAGE.search(url) else None


def unread_columns(table: HeadedTable, where: str) -> Iterator[PrintedFinding]:
    """Yield a finding for each column of a list of contributors that may hold amounts unread."""
    yield from table.unknown_columns(_HEADINGS, where)
    measures = _measures_of(table)
    for at, column in enumerate(table.columns):
        is_unread = column.heading in CONTRIBUTIONS and column.heading not in measures
        if is_unread and any(row.cells[at] for row in table.rows):
            yield table.column_finding(at, "unknown_heading", where)
