"""The truth of the pages that show contributions, in whole dollars.

A fact of page `factsheet` or `excel` is of one fund, and of one year or of all (null); one of
`portfolio` is of all funds. A deposit rate is in tenths of a percent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

from replica.books.contributions import Contribution
from replica.books.contributor_layouts import ContributorsSetting, contributors_setting
from replica.books.contributors import contributors_table, fund_contributors
from replica.books.facts import Facts, Value, spells
from replica.books.layouts import ERAS, TableLayout
from replica.books.moments import day_of, midnight, moment
from replica.books.portfolio import FundOutline
from replica.books.portfolio_form import portfolio_form
from replica.books.records import Records
from replica.books.shown import CONTRIBUTION_MEASURES, Table

_DECEMBER = 12


def truth_of_contributors(
    records: Records, fund: FundOutline, until: datetime
) -> Iterator[dict[str, Value]]:
    """Yield every contribution that a fund's page and the Excel view of it showed."""
    opened = records.portfolio.opened(fund)
    if opened is None:
        return
    setting = contributors_setting(records.seed, fund, opened)
    moments = {opened, *setting.begins, *setting.without_tables}
    moments |= {_next_statement(at) for one in records.contributions(fund) for at in one.changes}
    shown = sorted(at for at in moments if opened <= at <= moment(until))
    yield from spells(shown, lambda at: contributor_facts(records, fund, setting, at))


def contributor_facts(
    records: Records, fund: FundOutline, setting: ContributorsSetting, at: int
) -> Facts:
    """Return the contributions that a fund's page and its Excel view show at a moment."""
    facts: Facts = {}
    layout = setting.at(at)
    tables = () if setting.without_tables.holds(at) else layout.layout.tables
    for how in tables:
        facts |= _table_facts("factsheet", fund.code, fund_contributors(records, fund, how, at))
    if layout.heading:
        shown = fund_contributors(records, fund, layout.view, at)
        facts |= _table_facts("excel", fund.code, shown)
    return facts


def truth_of_portfolio(records: Records, until: datetime) -> Iterator[dict[str, Value]]:
    """Yield every contribution that the portfolio of contributors showed."""
    own: defaultdict[str, list[Contribution]] = defaultdict(list)
    for one in records.all_contributions():
        own[one.contributor].append(one)
    end = moment(until)
    begins = [midnight(day) for day in ERAS]
    for contributions in own.values():
        moments = {*begins, *(at for one in contributions for at in one.changes)}
        yield from spells(
            sorted(at for at in moments if at <= end), _portfolio_facts(records, contributions)
        )


def _portfolio_facts(records: Records, own: Iterable[Contribution]) -> Callable[[int], Facts]:
    def facts_at(at: int) -> Facts:
        how: TableLayout = portfolio_form(records.seed, at).table
        return _table_facts("portfolio", None, contributors_table(own, how, at))

    return facts_at


def _next_statement(at: int) -> int:
    """Return when the first statement was drawn that a change at a moment is in."""
    day = day_of(at)
    if midnight(day.replace(day=1)) == at:
        return at
    is_last = day.month == _DECEMBER
    return midnight(date(day.year + is_last, 1 if is_last else day.month + 1, 1))


def _table_facts(page: str, fund_code: str | None, table: Table) -> Facts:
    return {
        (
            ("kind", "contribution"), ("page", page), ("fund_code", fund_code),
            ("contributor", row.organization), ("fiscal_year", row.fiscal_year),
            ("measure", measure),
        ): value
        for row in table.rows
        for measure, value in zip(CONTRIBUTION_MEASURES, row.values, strict=True)
        if value is not None and measure in table.measures
    }  # fmt: skip
