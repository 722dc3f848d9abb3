"""The stand-in's world is that of the real Gateway: claims about some hundred programmes."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import get_args

from replica.books.history import History
from replica.books.moments import day_of, midnight, moment, time_of
from replica.books.portfolio import Outline
from replica.books.programme_books import Books, Cell
from replica.books.shown import MEASURES, FundType, Language, StatementBlock, Table
from replica.books.words import load
from replica.pages.site import open_site
from tests.replica.reading import pages
from tests.replica.reading.visits import (
    ask,
    fetch,
    programme_path,
    visit_list,
    visit_programme,  # fmt: skip
)
from tests.replica.some_world import END, PROGRAMMES, SEED, outlines, sent_back, world


@cache
def all_books() -> list[Books]:
    return [world().records.books(outline) for outline in world().records.portfolio.outlines]


@cache
def cells() -> list[tuple[Outline, Cell]]:
    return [(books.outline, cell) for books in all_books() for cell in books.cells]


def steps(history: History[int]) -> list[tuple[int, int]]:
    """Moments and values."""
    return list(zip(history.moments, history.values, strict=True))


def share_of(hits: int, whole: int) -> float:
    assert whole > 100, "too few to speak of shares"
    return hits / whole


# What there is


def test_funds_are_of_three_types_and_each_has_programmes() -> None:
    types = Counter(outline.fund.fund_type for outline in outlines())
    assert types.keys() == set(get_args(FundType))
    assert len({outline.fund.code for outline in outlines()}) == len(
        world().records.portfolio.funds
    )
    assert all(re.fullmatch("[A-Z0-9]{5}", outline.fund.code) for outline in outlines())


def test_programmes_have_ids_of_eight_digits_each_its_own() -> None:
    ids = {outline.programme_id for outline in outlines()}
    assert len(ids) == PROGRAMMES
    assert all(re.fullmatch("0[0-9]{7}", programme_id) for programme_id in ids)


def test_programmes_begin_in_every_year_from_2005_to_2026() -> None:
    starts = Counter(outline.start.year for outline in outlines())
    assert set(range(2005, 2027)) <= starts.keys() <= set(range(2004, 2028))
    assert max(starts.values()) < PROGRAMMES / 8
    assert all(outline.start < outline.end for outline in outlines())


def test_programmes_have_one_to_eight_organizations_and_most_have_few() -> None:
    counts = Counter(len(set(outline.organizations)) for outline in outlines())
    assert counts.keys() == set(range(1, 9))
    assert counts[1] > counts[2] > sum(counts[n] for n in (6, 7, 8)) > 0


def test_programmes_write_in_five_languages() -> None:
    languages = Counter(outline.language for outline in outlines())
    assert languages.keys() == set(get_args(Language))
    assert languages["en"] > PROGRAMMES / 4


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


def test_some_expenditure_is_negative_and_printed_so() -> None:
    """A correction of an earlier year; it is read below zero on the page as well."""
    below = [(outline, cell) for outline, cell in cells() if (cell.expenditure.at(2**40) or 0) < 0]
    assert len(below) > 20
    read = 0
    for outline, cell in below[:20]:
        visited = visit_programme(world(), outline.programme_id, END)
        (excel,) = visited.views["figures/excel"].tables
        read += any(figure.value < 0 and figure.fiscal_year == cell.fiscal_year
                    for figure in excel.figures if figure.measure == "expenditure")  # fmt: skip
    assert read == sum(cell.expenditure.at(moment(END)) is not None for _, cell in below[:20]) > 5


def test_programmes_close_operationally_and_then_financially() -> None:
    """Never the other way around, and never before they have begun; some do neither."""
    order = ["On Going", "Operationally Closed", "Financially Closed"]
    ends: Counter[str] = Counter()
    for books in all_books():
        assert books.statuses.values == order[: len(books.statuses.values)]
        assert all(before < after for before, after in pairwise(books.statuses.moments))
        assert books.statuses.moments[0] == books.outline.approved
        ends[books.statuses.values[-1]] += 1
    assert ends.keys() == set(order)
    assert ends["Financially Closed"] > PROGRAMMES / 2


def test_some_end_dates_are_extended_and_never_shortened() -> None:
    extended = [books for books in all_books() if len(books.end_dates.values) > 1]
    assert 0.15 < share_of(len(extended), PROGRAMMES) < 0.35
    for books in extended:
        first, second = books.end_dates.values
        assert first == books.outline.end < second


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


def test_transfers_of_a_cell_are_the_sum_of_its_payments_at_every_moment() -> None:
    """Also while several payments of one day are shown one after the other."""
    moments = 0
    for books in all_books():
        paid: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for payment in books.payments:
            paid[payment.organization, payment.day.year].append((payment.moment, payment.cents))
        for cell in books.cells:
            payments = paid.pop((cell.organization, cell.fiscal_year), [])
            for at in {*cell.transfers.moments, *(shown for shown, _ in payments)}:
                due = sum(cents for shown, cents in payments if shown <= at)
                assert cell.transfers.at(at) == due, (books.outline.programme_id, cell.fiscal_year)
                moments += 1
        assert not paid, "payments of no figure"
    assert moments > 2000


def test_rows_entered_by_mistake_go_from_the_pages_at_once() -> None:
    """Read a second before and at that moment; a client that has the earlier page is told."""
    gone = 0
    for outline, cell in cells():
        if cell.withdrawn > moment(END):
            continue
        before, after = time_of(cell.withdrawn - 1), time_of(cell.withdrawn)
        path = programme_path(outline.programme_id, before)
        address = f"{path}/figures/excel"
        first = ask(world(), address, before)
        again = ask(world(), address, after, headers=sent_back(first))
        assert again.status == 200
        counts = Counter(
            (turn, figure.fiscal_year == cell.fiscal_year)
            for turn, answer in enumerate((first, again))
            for table in pages.excel_view(answer.body).tables
            for figure in table.figures if figure.measure == "approved_budget"
        )  # fmt: skip
        assert counts[0, True] == counts[1, True] + 1
        assert counts[0, False] == counts[1, False]
        gone += 1
    assert gone > 20


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


def test_the_list_of_organizations_names_them_as_of_the_day() -> None:
    """As the programmes' pages do: UNIFEM before UN Women."""
    now = datetime.fromisoformat("2010-07-01")
    listed, _ = visit_list(world(), "agency", now)
    names = {row[0].text for row in listed}
    by_then = {
        number for o in outlines() if o.approved <= moment(now) for number in o.organizations
    }
    renamed_later = [load().organizations[number] for number in by_then]
    renamed_later = [
        each for each in renamed_later if each.renamed_on and each.renamed_on > now.date()
    ]
    assert len(renamed_later) > 2
    for organization in renamed_later:
        assert organization.forms[0] not in names
        assert organization.earlier[0] in names
