"""Contributions on pages: typed rows, and the sums that the pages print of them.

A row that breaks a rule is set aside whole, one amount of it alone. Rows of one contributor, fund
and year that complement each other are one; those that contradict each other are all set aside.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from extractors.records import (
    ContributionMeasure,
    Page,
    PageKind,
    PrintedContribution,
    PrintedFinding,
)
from transforms.amounts import parse_amount, parse_rate
from transforms.contributors import canonical_contributor
from transforms.dates import parse_fiscal_year
from transforms.quarantine import Quarantined, RejectedError
from transforms.sums import says_sum
from transforms.typed import Row, check_currency, check_name

# The fund of a row on a page that has no column of funds: the page's own, or all on a list of all.
OF_THE_PAGE = "(page)"
SINCE_THE_START = 0  # as a year
_COLUMNS: dict[ContributionMeasure, str] = {
    "commitments": "commitments_usd",
    "deposits": "deposits_usd",
}
_OF_ONE_FUND = frozenset({PageKind.FUND_FACTSHEET, PageKind.FUND_PAGE, PageKind.STATEMENT_EXCEL})
_MAY_BE_TOTAL = re.compile(r"[-–\s]*(?:grand\s+|sub-?\s*)?totals?\b", re.IGNORECASE)
_LARGEST_SUM = Decimal(10) ** 16  # what DECIMAL(18,2) holds
_RATE_TOLERANCE = Decimal("0.1")  # printed to one decimal at least

_Typed = tuple[Row, PrintedContribution]


class Contributions(NamedTuple):
    """Facts with where they stood, totals beside their sums, tables of each kind, and the rest."""

    facts: list[_Typed]
    totals: list[Row]
    tables: list[Row]
    quarantined: list[Quarantined]
    findings: list[PrintedFinding]


@dataclass
class _SetAside:
    """Rows that are set aside, and the tables that lack some."""

    parse_key: str
    rows: list[Quarantined] = field(default_factory=list)
    tables: set[int] = field(default_factory=set)

    def add(self, printed: PrintedContribution, error: RejectedError) -> None:
        """Set a row aside, or one amount of it."""
        yearly = printed.fiscal_year is not None
        table = "core.contribution_snapshot" if yearly else "core.contribution_cumulative_snapshot"
        self.tables.add(printed.table_no)
        self.rows.append(
            Quarantined(self.parse_key, table, printed.where, printed.text, error.rule, str(error))
        )


def reconcile_contributions(page: Page, parse_key: str) -> Contributions:
    """Sort the printed rows of a page's tables of contributors into facts and sums."""
    aside = _SetAside(parse_key)
    by_fund = {table.table_no for table in page.contribution_tables if table.by_fund}
    typed = [
        typed
        for printed in page.contributions
        if (typed := _typed(page, printed, printed.table_no in by_fund, aside)) is not None
    ]
    shown = [typed for typed in typed if not _is_sum(typed[1])]
    facts = _agreeing(shown, aside)
    totals = [typed for typed in typed if _is_sum(typed[1]) and not page.cut_short]
    return Contributions(
        facts,
        [
            row
            for total in _first_of_each(totals)
            if total[1].table_no not in aside.tables
            for row in _beside_sums(total, shown)
        ],
        _tables(page, {printed.table_no for _, printed in shown} - aside.tables),
        aside.rows,
        [finding for row, printed in shown for finding in _rate_findings(row, printed)],
    )


def _typed(
    page: Page, printed: PrintedContribution, by_fund: bool, aside: _SetAside
) -> _Typed | None:
    """Return a row that can be read, without its unreadable amounts; None for any other."""
    try:
        row = _keys(page, printed, by_fund=by_fund)
    except RejectedError as error:
        aside.add(printed, error)
        return None
    for measure, column in _COLUMNS.items():
        try:
            row[column] = parse_amount(printed.measures.get(measure))
        except RejectedError as error:
            aside.add(printed, RejectedError(error.rule, f"{measure}: {error}"))
            row[column] = None
    return row, printed


def _keys(page: Page, printed: PrintedContribution, *, by_fund: bool) -> Row:
    """Return what a row is about.

    Raises:
        RejectedError: it is not known who gave, to which fund or in which year, or the amounts are
            not US$.
    """
    check_currency(page.currency)
    check_currency(printed.currency)
    check_name(printed.contributor)
    is_sum = _is_sum(printed)
    if printed.contributor is None and not is_sum:
        raise RejectedError("contributor_missing", "the row names no contributor")
    if not is_sum and _MAY_BE_TOTAL.match(printed.contributor or ""):
        raise RejectedError("may_be_total", f"{printed.contributor!r} may sum other rows")
    if by_fund and page.kind in _OF_ONE_FUND:
        raise RejectedError("fund_unclear", f"a fund's page names the fund {printed.fund_name!r}")
    if by_fund and printed.fund_code is None and not is_sum:
        raise RejectedError("fund_code_missing", f"the fund {printed.fund_name!r} has no code")
    year = SINCE_THE_START
    if printed.fiscal_year is not None:
        year = parse_fiscal_year(printed.fiscal_year)
    name = printed.contributor
    return {
        "fund_code": (printed.fund_code or OF_THE_PAGE).upper() if by_fund else OF_THE_PAGE,
        "contributor": canonical_contributor(name) if name else None,
        "contributor_printed": name,
        "contributor_fund_code": printed.contributor_fund_code,
        "from_year": year,
        "to_year": year,
    }


def _is_sum(printed: PrintedContribution) -> bool:
    return printed.total or (printed.contributor is not None and says_sum(printed.contributor))


def _key(row: Row) -> tuple[object, ...]:
    return row["fund_code"], row["contributor"], row["from_year"]


def _agreeing(shown: list[_Typed], aside: _SetAside) -> list[_Typed]:
    """Return a row for each contributor, fund and year, without those that contradict each other.

    A row without any amount is there, and is no fact.
    """
    groups: defaultdict[tuple[object, ...], list[_Typed]] = defaultdict(list)
    for row, printed in shown:
        groups[_key(row)].append((row, printed))
    merged: list[_Typed] = []
    for group in groups.values():
        row = dict(group[0][0])
        agree = True
        for other, _ in group[1:]:
            for name in (*_COLUMNS.values(), "contributor_fund_code"):
                agree &= None in {row[name], other[name]} or row[name] == other[name]
                row[name] = other[name] if row[name] is None else row[name]
        if agree:
            merged.append((row, group[0][1]))
            continue
        error = RejectedError("contradicting_rows", f"{len(group)} rows have this key")
        for _, printed in group:
            aside.add(printed, error)
    return merged


def _first_of_each(totals: Iterable[_Typed]) -> list[_Typed]:
    """Return the first of the totals of one name and year, which a table may print twice."""
    firsts: dict[tuple[object, ...], _Typed] = {}
    for row, printed in totals:
        firsts.setdefault(
            (printed.table_no, _summed(row, printed), row["from_year"]), (row, printed)
        )
    return list(firsts.values())


def _summed(row: Row, printed: PrintedContribution) -> str | None:
    """Return the contributor whose rows a total sums; None if it sums those of all."""
    return row["contributor"] if printed.total else None


def _beside_sums(total: _Typed, shown: list[_Typed]) -> list[Row]:
    """Return a printed total beside the sum of the rows of its table, measure by measure."""
    row, printed = total
    name, year = _summed(row, printed), row["from_year"]
    covered = [
        other
        for other, beside in shown
        if beside.table_no == printed.table_no
        and name in {None, other["contributor"]}
        and year in {SINCE_THE_START, other["from_year"]}
    ]
    rows = []
    for measure, column in _COLUMNS.items():
        values = [other[column] for other in covered if other[column] is not None]
        summed = sum(values, start=Decimal(0))
        if row[column] is not None and values and abs(summed) < _LARGEST_SUM:
            about = f"table {printed.table_no}, {name or '(all)'}, {year or 'all years'}"
            rows.append(
                {
                    "subject": about,
                    "measure": measure,
                    "printed_usd": row[column],
                    "summed_usd": summed,
                    "figures": len(values) + 1,
                }
            )
    return rows


def _tables(page: Page, full: set[int]) -> list[Row]:
    """Return how each kind of table was parsed: in full only if every one of it was.

    A table without a single fact is no evidence that a row is gone.
    """
    kinds: defaultdict[tuple[bool, bool], list[bool]] = defaultdict(list)
    for table in page.contribution_tables:
        kinds[table.by_year, table.by_fund].append(table.read_in_full and table.table_no in full)
    return [
        {"by_year": by_year, "by_fund": by_fund, "read_in_full": all(read)}
        for (by_year, by_fund), read in kinds.items()
    ]


def _rate_findings(row: Row, printed: PrintedContribution) -> list[PrintedFinding]:
    """Return a finding if a row's deposit rate is not that of its deposits and commitments."""
    commitments, deposits = row["commitments_usd"], row["deposits_usd"]
    try:
        rate = parse_rate(printed.deposit_rate)
    except RejectedError as error:
        return [PrintedFinding("unread_text", printed.where, str(error))]
    if rate is None or not commitments or deposits is None:
        return []
    expected = 100 * deposits / commitments
    if abs(rate - expected) <= _RATE_TOLERANCE + abs(100 / commitments):
        return []
    detail = f"{rate}% printed, {expected:.1f}% by the row's amounts: {printed.text}"
    return [PrintedFinding("deposit_rate_differs", printed.where, detail)]
