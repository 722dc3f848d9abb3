"""The stand-in's world is that of the real Gateway: claims about some hundred programmes."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

from replica.books.moments import day_of, midnight, moment, time_of
from replica.books.portfolio import Outline
from replica.books.programme_books import Books, Cell
from replica.books.shown import MEASURES, StatementBlock, Table
from replica.books.words import load
from replica.pages.site import open_site
from tests.replica.reading import pages
from tests.replica.reading.visits import (
    fetch,
    programme_path,  # fmt: skip
)
from tests.replica.some_world import END, SEED, outlines, world


@cache
def all_books() -> list[Books]:
    return [world().records.books(outline) for outline in world().records.portfolio.outlines]


@cache
def cells() -> list[tuple[Outline, Cell]]:
    return [(books.outline, cell) for books in all_books() for cell in books.cells]


def share_of(hits: int, whole: int) -> float:
    assert whole > 100, "too few to speak of shares"
    return hits / whole


# What there is


# Money over time


def test_many_years_have_interim_figures_that_are_not_the_last_word() -> None:
    """A figure is shown while its year is open, and another one later."""
    interim = 0
    for _, cell in cells():
        by_new_year = cell.expenditure.at(midnight(date(cell.fiscal_year + 1, 1, 1)) - 1)
        interim += bool(by_new_year) and by_new_year != cell.expenditure.at(2**40)
    assert share_of(interim, len(cells())) > 0.2


def test_most_final_figures_are_there_by_30_april_some_come_later_some_never() -> None:
    """Of years that closed on the site: nothing new in that year's spring and summer is never."""
    in_time = late = never = 0
    for outline, cell in cells():
        year = cell.fiscal_year + 1
        if outline.approved > midnight(date(year, 1, 1)) or cell.withdrawn < 2**40:
            continue
        reported = [
            day_of(at) for at in cell.expenditure.moments
            if date(year, 2, 1) <= day_of(at) <= date(year, 9, 30)
        ]  # fmt: skip
        in_time += bool(reported) and reported[0] <= date(year, 4, 30)
        late += bool(reported) and reported[0] > date(year, 4, 30)
        never += not reported
    whole = in_time + late + never
    assert share_of(in_time, whole) > 0.6
    assert share_of(late, whole) > 0.05
    assert share_of(never, whole) > 0.02


def test_some_figures_are_restated_years_later() -> None:
    """After 30 April of the second year after theirs, when they had long been year-end figures."""
    restated = sum(
        any(at > midnight(date(cell.fiscal_year + 2, 5, 1)) for at in cell.expenditure.moments[1:])
        for _, cell in cells()
    )
    assert 0.01 < share_of(restated, len(cells())) < 0.2


def test_what_was_paid_before_2009_is_in_the_figures_and_not_among_the_vouchers() -> None:
    without, with_some = 0, 0
    for outline in outlines():
        at = midnight(date(2008, 12, 31))
        if outline.approved > at:
            continue
        shown = world().records.programme(outline, at)
        assert shown.vouchers == ()
        without += any(table.total.values[2] for table in shown.tables)
        later = world().records.programme(outline, moment(END))
        with_some += bool(later.vouchers)
        assert all(voucher.voucher_date >= date(2009, 1, 1) for voucher in later.vouchers)
    assert without > 20
    assert with_some > 10


def test_vouchers_of_a_programme_that_began_after_2008_sum_up_to_its_transfers() -> None:
    compared = 0
    for outline in outlines():
        if outline.start.year < 2009 or outline.approved > moment(END):
            continue
        shown = world().records.programme(outline, moment(END))
        vouchers = sum(voucher.cents for voucher in shown.vouchers)
        for table in shown.tables:
            assert abs((table.total.values[2] or 0) - vouchers / 100) <= 0.5
            compared += 1
    assert compared > 200


def tables_shown() -> Iterator[Table]:
    """Every table that a factsheet or Excel view of the world shows at some time of each year."""
    records = world().records
    for number, outline in enumerate(outlines()):
        for year in range(2006, 2027, 4):
            now = moment(datetime(year, 1 + number % 12, 1 + number % 28))  # noqa: DTZ001 because it is naive UTC
            if now >= outline.approved:
                yield from records.programme(outline, now).tables


def test_a_total_row_is_the_sum_of_its_rows_within_half_a_dollar_a_row() -> None:
    sums = 0
    for table in tables_shown():
        for column, measure in enumerate(MEASURES[:-1]):
            values = [row.values[column] for row in table.rows]
            known = [value for value in values if value is not None]
            total = table.total.values[column]
            assert (total is None) == (not known), measure
            if total is not None:
                assert abs(total - sum(known)) <= (len(known) + 1) / 2
                sums += 1
    assert sums > 2000


def test_net_funded_is_transfers_less_refunds_and_delivery_rate_is_expenditure_over_net() -> None:
    """In each row and total: within a dollar, and within what half dollars do to a rate."""
    nets = rates = 0
    for table in tables_shown():
        for row in (*table.rows, table.total):
            _, net, transfers, refunds, spent, rate = row.values
            assert (net is None) == (transfers is None and refunds is None)
            if net is None:
                assert rate is None
                continue
            assert abs(net - (transfers or 0) + (refunds or 0)) <= 1
            nets += 1
            if net > 1 and spent is not None:
                assert rate is not None
                exact = 1000 * spent / net
                assert abs(rate - exact) <= 0.5 + (500 + abs(exact) / 2) / (net - 0.5)
                rates += 1
    assert nets > 3000
    assert rates > 2000


@cache
def statements() -> list[tuple[StatementBlock, StatementBlock]]:
    """The statements of some thirty funds, one of each year."""
    records = open_site(SEED, 1600).records
    shown = []
    for fund in records.portfolio.funds:
        for year in range(2005, 2027):
            now = moment(datetime(year, 7, 9))  # noqa: DTZ001 because it is naive UTC
            if (records.portfolio.opened(fund) or now + 1) <= now:
                first, second = records.fund(fund, now).statement
                shown.append((first, second))
    return shown


def summed(block: StatementBlock, total: str) -> int:
    """The lines above a total, up to the total before, that enter its sum."""
    sums = 0
    for line in block.lines:
        if line.label == total:
            return sums
        if line.role == "adds":
            sums += line.value
        elif line.role == "subtracts":
            sums -= line.value
        elif line.role == "total" and not line.label.startswith("Sub-total"):
            sums = 0
    raise AssertionError(f"no {total}")


def test_statements_add_up_exactly() -> None:
    """Each total is the sum of the lines above it, each balance the difference of two totals."""
    lines_seen: set[str] = set()
    count = 0
    for first, second in statements():
        agent = {line.label: line.value for line in first.lines}
        organizations = {line.label: line.value for line in second.lines}
        source, use = agent["Total source of funds"], agent["Total use of funds"]
        resources, expenses = organizations["Total resources"], organizations["Total expenses"]
        assert source == summed(first, "Total source of funds")
        assert use == summed(first, "Total use of funds")
        assert resources == summed(second, "Total resources")
        assert expenses == summed(second, "Total expenses")
        transfers = ("Transferred to Participating Organizations", "Transfers to MDTFs")
        assert agent["Sub-total Transfers"] == sum(agent.get(label, 0) for label in transfers)
        balance = agent["Balance with Administrative Agent"]
        with_organizations = organizations["Balance with Participating Organizations"]
        assert balance == source - use
        assert with_organizations == resources - expenses
        whole = organizations["Total Balance of Funds"]
        assert whole == balance + with_organizations
        if deposits := agent.get("Contributions from Donors"):
            for lines, amount in ((agent, balance), (organizations, whole)):
                rate = lines.get("As a percentage of deposits", 0)
                assert abs(rate - 1000 * amount / deposits) <= 0.5
        if resources:
            rate = organizations.get("As a percentage of transfers", 0)
            assert abs(rate - 1000 * with_organizations / resources) <= 0.5
        lines_seen |= agent.keys() | organizations.keys()
        count += 1
    assert count > 100
    assert len(lines_seen) == 22


def test_the_blocks_of_some_statements_are_drawn_at_different_times() -> None:
    """So that they differ in what both tell of, as those of the real one do."""
    differing = same = 0
    for first, second in statements():
        agent = {line.label: line.value for line in first.lines}
        transferred = agent.get("Transferred to Participating Organizations", 0)
        same += transferred == second.lines[0].value
        differing += transferred != second.lines[0].value
    assert same > differing > 0


# Names


def test_an_organization_is_printed_under_its_earlier_name_until_the_day_of_the_new_one() -> None:
    """Read on the pages a second before that day and at its beginning."""
    renamed = {
        number: organization
        for number, organization in enumerate(load().organizations)
        if organization.renamed_on
    }
    assert len(renamed) > 3
    seen: Counter[str] = Counter()
    for outline in outlines():
        for number in renamed.keys() & set(outline.organizations):
            organization = renamed[number]
            assert organization.renamed_on
            day = time_of(midnight(organization.renamed_on))
            if outline.approved >= moment(day):
                continue
            before, after = (
                {
                    figure.organization
                    for table in pages.excel_view(
                        fetch(
                            world(),
                            f"{programme_path(outline.programme_id, now)}/figures/excel",
                            now,
                        )
                    ).tables
                    for figure in table.figures
                }
                for now in (day - timedelta(seconds=1), day)
            )
            assert before.isdisjoint(organization.forms)
            assert after.isdisjoint(organization.earlier)
            seen[organization.name] += bool(before & set(organization.earlier)) and bool(
                after & set(organization.forms)
            )
    assert sum(count > 0 for count in seen.values()) > 3
    assert seen.total() > 10
