"""Contributions on pages: typed rows, and the sums that the pages print of them.

A row that breaks a rule is set aside whole, one amount of it alone. Rows of one contributor, fund
and year that complement each other are one; those that contradict each other are all set aside.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from extractors.page_kinds import PageKind
from extractors.records import ContributionMeasure, Page, PrintedContribution, PrintedFinding
from transforms.amounts import parse_amount, parse_rate
from transforms.contribution_sums import TypedContribution, summing_rows
from transforms.contributors import canonical_contributor
from transforms.dates import parse_fiscal_year
from transforms.organizations import names_statistic
from transforms.quarantine import Quarantined, RejectedError
from transforms.sums import says_sum
from transforms.totals import of_all_years
from transforms.typed import LARGEST_SUM, Row, check_currency, check_name, check_text, names_none

# The fund of a row on a page that has no column of funds: the page's own, or all on a list of all.
OF_THE_PAGE = "(page)"
SINCE_THE_START = 0  # as a year
_COLUMNS: dict[ContributionMeasure, str] = {
    "commitments": "commitments_usd",
    "deposits": "deposits_usd",
}
_OF_ONE_FUND = frozenset({PageKind.FUND_FACTSHEET, PageKind.FUND_PAGE, PageKind.STATEMENT_EXCEL})
_MAY_BE_TOTAL = re.compile(r"[-–\s]*(?:\(all\)|(?:grand\s+|sub-?\s*)?totals?\b)", re.IGNORECASE)
_MAY_BE_PART = re.compile(r"(?:of which|thereof|including|incl\.|dont)\b|[-–—•]", re.IGNORECASE)
_RATE_TOLERANCE = Decimal("0.1")  # printed to one decimal at least

# Amounts by table, contributor (None: all), year (0: all) and measure.
_Sums = dict[tuple[int, str | None, int, ContributionMeasure], list[Decimal]]


class Contributions(NamedTuple):
    """Facts with where they stood, totals beside their sums, tables of each kind, and the rest."""

    facts: list[TypedContribution]
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
    all_totals = [typed for typed in typed if _is_sum(typed[1])]
    shown = _without_sums([one for one in typed if not _is_sum(one[1])], all_totals, aside)
    facts = _agreeing(shown, aside)
    totals = [] if page.cut_short else of_all_years(all_totals, shown, "from_year")
    sums = _sums_of(shown)
    return Contributions(
        facts,
        [
            row
            for total in _first_of_each(totals)
            if total[1].table_no not in aside.tables
            for row in _beside_sums(total, sums)
        ],
        _tables(page, {printed.table_no for _, printed in shown} - aside.tables),
        aside.rows,
        [finding for row, printed in shown for finding in _rate_findings(row, printed)],
    )


def _typed(
    page: Page, printed: PrintedContribution, by_fund: bool, aside: _SetAside
) -> TypedContribution | None:
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
    check_text(printed.fund_name or "")
    is_sum = _is_sum(printed)
    if not is_sum and names_none(printed.contributor or ""):
        raise RejectedError("contributor_missing", "the row names no contributor")
    if printed.contributor is not None:
        check_name(printed.contributor, of_sum=is_sum)
    if names_statistic(printed.contributor):
        raise RejectedError("not_a_contributor", f"{printed.contributor!r} is no contributor")
    if not is_sum and _MAY_BE_TOTAL.match(printed.contributor or ""):
        raise RejectedError("may_be_total", f"{printed.contributor!r} may sum other rows")
    if not is_sum and _MAY_BE_PART.match(printed.contributor or ""):
        raise RejectedError("may_be_part", f"{printed.contributor!r} may be a part of another row")
    if by_fund and page.kind in _OF_ONE_FUND:
        raise RejectedError("fund_unclear", f"a fund's page names the fund {printed.fund_name!r}")
    if by_fund and printed.fund_code is None and not is_sum:
        raise RejectedError("fund_code_missing", f"the fund {printed.fund_name!r} has no code")
    year = SINCE_THE_START
    if printed.fiscal_year is not None:
        year = parse_fiscal_year(printed.fiscal_year)
    name = printed.contributor
    own = printed.contributor_fund_code == page.fund_code  # no fund contributes to itself
    return {
        "fund_code": (printed.fund_code or OF_THE_PAGE).upper() if by_fund else OF_THE_PAGE,
        "contributor": canonical_contributor(name) if name else None,
        "contributor_printed": name,
        "contributor_fund_code": None if own else printed.contributor_fund_code,
        "from_year": year,
        "to_year": year,
    }


def _is_sum(printed: PrintedContribution) -> bool:
    return printed.total or (printed.contributor is not None and says_sum(printed.contributor))


def _without_sums(
    shown: list[TypedContribution], totals: list[TypedContribution], aside: _SetAside
) -> list[TypedContribution]:
    """Return the rows that sum no others of their table; set the others aside."""
    of_page = [typed for typed in shown if typed[0]["fund_code"] == OF_THE_PAGE]
    summing = summing_rows(of_page, [total for total in totals if _summed(*total) is None])
    for printed in summing:
        aside.add(printed, RejectedError("may_be_total", f"{printed.contributor!r} sums others"))
    places = set(map(id, summing))
    return [typed for typed in shown if id(typed[1]) not in places]


def _key(row: Row) -> tuple[object, ...]:
    return row["fund_code"], row["contributor"], row["from_year"]


def _agreeing(shown: list[TypedContribution], aside: _SetAside) -> list[TypedContribution]:
    """Return a row for each contributor, fund and year, without those that contradict each other.

    A row without amounts stays: it is no fact, but it is not gone.
    """
    groups: defaultdict[tuple[object, ...], list[TypedContribution]] = defaultdict(list)
    for row, printed in shown:
        groups[_key(row)].append((row, printed))
    merged: list[TypedContribution] = []
    for group in groups.values():
        if (one := _merged(group)) is not None:
            merged.append((one, group[0][1]))
            continue
        error = RejectedError("contradicting_rows", f"{len(group)} rows have this key")
        for _, printed in group:
            aside.add(printed, error)
    return merged


def _merged(group: Sequence[TypedContribution]) -> Row | None:
    """Return the one row that rows of one key are, None if they contradict each other.

    Those of one table with the same measure may be two contributions, even of the same amount: in
    two windows, or by two agreements.
    """
    merged = dict(group[0][0])
    shown: set[tuple[int, str]] = set()
    for row, printed in group:
        for name in (*_COLUMNS.values(), "contributor_fund_code"):
            if None not in {merged[name], row[name]} and merged[name] != row[name]:
                return None
            merged[name] = row[name] if merged[name] is None else merged[name]
        own = {(printed.table_no, name) for name in _COLUMNS.values() if row[name] is not None}
        if own & shown:
            return None
        shown |= own
    return merged


def _first_of_each(totals: Iterable[TypedContribution]) -> list[TypedContribution]:
    """Return the first of the totals of one name and year, which a table may print twice."""
    firsts: dict[tuple[object, ...], TypedContribution] = {}
    for row, printed in totals:
        firsts.setdefault(
            (printed.table_no, _summed(row, printed), row["from_year"]), (row, printed)
        )
    return list(firsts.values())


def _summed(row: Row, printed: PrintedContribution) -> str | None:
    """Return the contributor whose rows a total sums; None if it sums those of all."""
    return row["contributor"] if printed.total else None


def _sums_of(shown: Iterable[TypedContribution]) -> _Sums:
    """Return the amounts of each table, by contributor and year, of all of either too."""
    sums: _Sums = defaultdict(list)
    for row, printed in shown:
        names = {None, row["contributor"]}
        years = {SINCE_THE_START, row["from_year"]}
        for measure, column in _COLUMNS.items():
            if row[column] is not None:
                for name, year in product(names, years):
                    sums[printed.table_no, name, year, measure].append(row[column])
    return sums


def _beside_sums(total: TypedContribution, sums: _Sums) -> Iterator[Row]:
    """Yield a printed total beside the sum of the rows of its table, measure by measure."""
    row, printed = total
    name, year = _summed(row, printed), row["from_year"]
    for measure, column in _COLUMNS.items():
        values = sums.get((printed.table_no, name, year, measure), [])
        summed = sum(values, start=Decimal(0))
        if row[column] is not None and values and abs(summed) < LARGEST_SUM:
            yield {
                "subject": f"table {printed.table_no}, {name or '(all)'}, {year or 'all years'}",
                "measure": measure,
                "printed_usd": row[column],
                "summed_usd": summed,
                "figures": len(values) + 1,
            }


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
