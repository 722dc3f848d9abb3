"""Rows of API answers to typed rows: the figures of organizations, and contributions.

A row belongs to a table by the columns that it has, not by the method that it came from: a row that
names a contributor is a contribution; one that names an organization, and neither a fund nor a
programme, is that organization's figures over all funds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from extractors.records import Page, PrintedFinding, PrintedRow
from transforms.amounts import parse_machine_amount, parse_machine_rate
from transforms.contributions import SINCE_THE_START
from transforms.contributors import canonical_contributor
from transforms.dates import parse_fiscal_year
from transforms.organizations import canonical_organization
from transforms.quarantine import RejectedError
from transforms.typed import Row

AnswerTable = Literal["observed.organization_figure", "observed.contribution"]
ORGANIZATIONS: AnswerTable = "observed.organization_figure"
CONTRIBUTIONS: AnswerTable = "observed.contribution"

# The table of the warehouse that an observed row belongs to.
CORE_OF: dict[str, str] = {
    ORGANIZATIONS: "core.organization_snapshot",
    CONTRIBUTIONS: "core.contribution_snapshot",
}
ALL = "(all)"  # a fund where the answer names none
NO_CODE = "(none)"
_OF_ORGANIZATION = ("approved_budget", "net_funded", "expenditure", "delivery_rate")
_OF_CONTRIBUTION = ("commitments", "deposits")
# The columns that tell rows of one answer apart.
_KEYS: dict[AnswerTable, tuple[str, ...]] = {
    ORGANIZATIONS: ("agency_code", "organization", "from_year", "to_year"),
    CONTRIBUTIONS: ("fund_code", "contributor", "from_year", "to_year"),
}
# Columns without which a row would count as another organization's, or as a sum over all funds.
_TOLD_BY: dict[AnswerTable, tuple[Literal["agency_code", "organization", "fund_code"], ...]] = {
    ORGANIZATIONS: ("agency_code", "organization"),
    CONTRIBUTIONS: ("fund_code",),
}
_TOTALS = frozenset(
    {
        "total", "totals", "grand total", "grand totals", "all", "all agencies", "all contributors",
        "all donors", "all funds", "all organizations", "sub total", "sub-total", "subtotal",
    }
)  # fmt: skip
# Columns by which an organization's figures are divided: a row is then a part of them.
_DIVIDING = frozenset({"country", "fund_type", "programme_title", "status", "theme"})


Fact = tuple[Row, PrintedRow]


class AnswerFacts(NamedTuple):
    """The typed rows of an answer, each with its printed row, and those that break a rule."""

    rows: list[tuple[AnswerTable, Row, PrintedRow]]
    rejected: list[tuple[AnswerTable, PrintedRow, RejectedError]]
    findings: list[PrintedFinding]


def answer_facts(page: Page) -> AnswerFacts:
    """Return what the rows of an answer say, table by table.

    Rows with equal keys that say different things are rejected, all of them: which one is right,
    or whether their sum is, cannot be told.
    """
    facts = AnswerFacts([], [], [])
    hidden = {table: hidden_column(page, names) for table, names in _TOLD_BY.items()}
    by_key: defaultdict[tuple[AnswerTable, tuple[object, ...]], list[Fact]] = defaultdict(list)
    for printed in page.rows:
        table = _table_of(printed)
        if table is None:
            continue
        try:
            check_told(hidden[table])
            row = _ROWS[table](printed)
        except RejectedError as error:
            facts.rejected.append((table, printed, error))
            continue
        if row is not None:
            by_key[table, tuple(row[name] for name in _KEYS[table])].append((row, printed))
    for (table, _), found in by_key.items():
        contradiction = contradiction_in(found)
        if contradiction is None:
            facts.rows.append((table, *found[0]))
        else:
            facts.rejected.extend((table, printed, contradiction) for _, printed in found)
    facts.findings.extend(_unused(page))
    return facts


def hidden_column(
    page: Page, names: Iterable[Literal["agency_code", "organization", "fund_code"]]
) -> str | None:
    """Return the first of some columns that no row has, if one of unknown name may be it."""
    if all(finding.kind != "unknown_column" for finding in page.findings):
        return None
    return next(
        (name for name in names if all(getattr(row, name) is None for row in page.rows)), None
    )


def check_told(hidden: str | None) -> None:
    """Check that no column by which rows are told apart may have another name.

    Raises:
        RejectedError: one may.
    """
    if hidden is not None:
        message = f"no column is known as {hidden}, and one that is not known may be it"
        raise RejectedError("column_renamed", message)


def contradiction_in(found: Sequence[Fact]) -> RejectedError | None:
    """Return why rows with one key cannot be loaded; None if they all say the same."""
    if all(row == found[0][0] for row, _ in found):
        return None
    return RejectedError("contradicting_rows", f"{len(found)} rows have this key")


def is_whole(page: Page) -> bool:
    """Return whether an answer shows every row: none set aside, not one of several pages."""
    on_one_page = all(
        paging.whole is not None and int(paging.whole) <= len(page.rows) for paging in page.paging
    )
    return on_one_page and rows_set_aside(page) == 0 and not page.cut_short


def rows_set_aside(page: Page) -> int:
    """Return how many rows of an answer could not be parsed."""
    return sum(finding.kind == "row_set_aside" for finding in page.findings)


def _table_of(printed: PrintedRow) -> AnswerTable | None:
    if printed.programme_id is not None or is_total(printed):
        return None
    names_organization = printed.organization or printed.agency_code or printed.organization_group
    if printed.contributor is not None:  # a part of a contribution, if for one organization
        return None if names_organization else CONTRIBUTIONS
    names_fund = printed.fund_code is not None or printed.fund_name is not None
    is_part = names_fund or not _DIVIDING.isdisjoint(name for name, _ in printed.details)
    return ORGANIZATIONS if names_organization and not is_part else None


def is_total(printed: PrintedRow) -> bool:
    """Return whether a row is a sum of others."""
    names = (printed.organization, printed.contributor, printed.fund_name)
    return any(name is not None and name.casefold().strip(" :-") in _TOTALS for name in names)


def _organization_row(printed: PrintedRow) -> Row | None:
    """Return an organization's figures, or None if the row has none.

    A row without a name takes that of its group: `Unidentified` and `Fiscal Agent` share the code
    `-`, and are two.
    """
    name = printed.organization or printed.organization_group
    code = printed.agency_code or NO_CODE
    if name is None:
        raise RejectedError("organization_missing", f"agency {code} has no name")
    amounts = amounts_of(printed, _OF_ORGANIZATION)
    funds = printed.measures.get("fund_count")
    amounts["fund_count"] = None if funds is None else _count(funds)
    if all(value is None for value in amounts.values()):
        return None
    return {
        "agency_code": code,
        "organization": canonical_organization(name, printed.agency_code)[0],
        "organization_printed": name,
        "organization_group": printed.organization_group,
        **years_of(printed),
        **amounts,
    }


def _contribution_row(printed: PrintedRow) -> Row | None:
    """Return a contribution, or None if the row has no amount."""
    amounts = amounts_of(printed, _OF_CONTRIBUTION)
    if all(value is None for value in amounts.values()):
        return None
    if printed.fund_code is None and printed.fund_name is not None:
        raise RejectedError("fund_code_missing", f"the fund {printed.fund_name!r} has no code")
    return {
        "fund_code": printed.fund_code.upper() if printed.fund_code else ALL,
        "contributor": canonical_contributor(printed.contributor or ""),
        "contributor_printed": printed.contributor,
        "contributor_fund_code": None,
        **years_of(printed),
        **amounts,
    }


_ROWS = {ORGANIZATIONS: _organization_row, CONTRIBUTIONS: _contribution_row}


def amounts_of(printed: PrintedRow, measures: Iterable[str]) -> Row:
    """Return some measures of a row by their columns; one that is not shown is None, never 0.

    Raises:
        RejectedError: an amount is no decimal of US$ and cents, or a rate is none.
    """
    row: Row = {}
    for measure in measures:
        text = printed.measures.get(measure)
        if measure == "delivery_rate":
            row["delivery_rate_pct"] = None if text is None else parse_machine_rate(text)
        else:
            row[f"{measure}_usd"] = None if text is None else parse_machine_amount(text)
    return row


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):  # noqa: PLR2004 because no site has a million funds
        raise RejectedError("count", f"{text!r} is not a number of funds")
    return int(text)


def years_of(printed: PrintedRow) -> Row:
    """Return the first and last year of a row, 0 where it counts from the start.

    The year in the row counts before those that were asked for. A span that ends on the day of the
    answer is named by no year.
    """
    if printed.fiscal_year is not None:
        year = parse_fiscal_year(printed.fiscal_year)
        return {"from_year": year, "to_year": year}
    if printed.from_year is not None and printed.to_year is None:
        raise RejectedError("years_open", f"the years from {printed.from_year} on have no end")
    first = parse_fiscal_year(printed.from_year) if printed.from_year else SINCE_THE_START
    last = parse_fiscal_year(printed.to_year) if printed.to_year else SINCE_THE_START
    if first > last:
        raise RejectedError("years", f"{first} to {last} is no span of years")
    return {"from_year": first, "to_year": last}


def _unused(page: Page) -> Iterator[PrintedFinding]:
    """Yield one finding for each kind of row that belongs to no table."""
    totals = sum(map(is_total, page.rows))
    if totals:
        yield PrintedFinding("total_row", "answer", f"{totals} rows are sums of others")
    unplaced = [
        row
        for row in page.rows
        if (row.programme_id is None or row.contributor is not None)
        and row.measures
        and not is_total(row)
        and not _table_of(row)
    ]
    if unplaced:
        detail = f"{len(unplaced)} rows belong to no table, such as {unplaced[0].text[:200]}"
        yield PrintedFinding("unplaced_rows", "answer", detail)
