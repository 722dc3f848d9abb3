"""The stand-in's world is that of docs/gateway.md: claims about some hundred programmes."""

import gzip
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import pages
from reading.visits import (
    ask,
    fetch,
    fund_path,
    programme_path,
    visit_fund,
    visit_list,
    visit_programme,  # fmt: skip
)

from replica.books.history import History
from replica.books.moments import day_of, midnight, moment, time_of
from replica.books.portfolio import Outline
from replica.books.programme_books import Books, Cell
from replica.books.shown import MEASURES, FundType, Language, StatementBlock, Table
from replica.books.words import load
from replica.gateway.site import Gateway, open_site
from replica.gateway.validators import Habit
from replica.http import Answer, ContentFault

SEED, PROGRAMMES = 1, 400
END = datetime.fromisoformat("2026-12-31")
NEW_SCHEME = datetime.fromisoformat("2022-07-01")
VIEWS = ("", "/figures/excel", "/figures/print", "/vouchers/excel", "/vouchers/print")
CLOCK = re.compile(rb'<span id="clock">[^<]*</span>')


@cache
def world() -> Gateway:
    return open_site(SEED, PROGRAMMES)


@cache
def all_books() -> list[Books]:
    return [world().records.books(outline) for outline in world().records.portfolio.outlines]


@cache
def cells() -> list[tuple[Outline, Cell]]:
    return [(books.outline, cell) for books in all_books() for cell in books.cells]


def outlines() -> list[Outline]:
    return world().records.portfolio.outlines


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


# Addresses


def test_a_programmes_pages_answer_404_before_its_approval() -> None:
    """And 200 from that second on, each of them."""
    asked = 0
    for outline in outlines()[:60]:
        now = time_of(outline.approved)
        for view in VIEWS:
            for at, status in ((now - timedelta(seconds=1), 404), (now, 200)):
                address = programme_path(outline.programme_id, at) + view
                assert ask(world(), address, at).status == status
                asked += 1
    assert asked == 600


def test_the_old_addresses_lead_to_the_new_ones_which_are_not_there_before_mid_2022() -> None:
    """From the very second on; a query is kept, and a fund's code becomes lower case."""
    before = NEW_SCHEME - timedelta(seconds=1)
    outline = next(o for o in outlines() if o.approved < moment(before))
    code = outline.fund.code
    addresses = [
        *((f"/project/{outline.programme_id}{view}",) * 2 for view in VIEWS),
        (f"/project/{outline.programme_id}?report=year",) * 2,
        (f"/fund/{code}?page=2", f"/fund/{code.lower()}?page=2"),
        (f"/fund/{code}/status/excel", f"/fund/{code.lower()}/status/excel"),
    ]
    for old, new in addresses:
        assert ask(world(), f"/factsheet{old}", before).status == 200
        assert ask(world(), new, before).status == 404
        moved = ask(world(), f"/factsheet{old}", NEW_SCHEME)
        assert (moved.status, dict(moved.headers)["Location"]) == (301, new)
        assert ask(world(), new, NEW_SCHEME).status == 200


@pytest.mark.parametrize(
    "day", ["2005-01-01", "2009-06-01", "2022-06-30", "2022-07-01", "2026-12-31"]
)
def test_every_address_listed_is_answered_and_no_programme_is_left_out(day: str) -> None:
    now = datetime.fromisoformat(day)
    addresses = world().addresses(now)
    visible = sum(outline.approved <= moment(now) for outline in outlines())
    funds = len(world().records.portfolio.open_funds(moment(now)))
    statuses = Counter(ask(world(), address, now).status for address in addresses)
    assert statuses.keys() == ({200, 301} if now >= NEW_SCHEME else {200})
    assert statuses[200] == 3 + visible + funds
    assert len(addresses) == len(set(addresses))


def test_lists_show_everything_over_their_pages() -> None:
    """Funds with their addresses, organizations with their programmes, contributors with money."""
    site, now = open_site(3, 4000), END
    records = site.records
    funds, fund_pages = visit_list(site, "fund", now)
    shown = records.portfolio.open_funds(moment(now))
    assert [(row[0].text, row[0].href, row[1].text) for row in funds] == [
        (" ".join(fund.name.split()), fund_path(fund.code, now), fund.fund_type) for fund in shown
    ]
    assert fund_pages == -(-len(shown) // 50) > 1
    agencies, _ = visit_list(site, "agency", now)
    counts = Counter(
        load().organizations[number].forms[0]
        for outline in records.portfolio.outlines if outline.approved <= moment(now)
        for number in outline.organizations
    )  # fmt: skip
    assert {row[0].text: int(row[1].text.replace(",", "")) for row in agencies} == counts
    donors, _ = visit_list(site, "donor", now)
    assert {row[0].text for row in donors} == set(load().donors)
    by_fund, by_donor = (
        sum(int(row[-1].text.replace(",", "")) for row in rows) for rows in (funds, donors)
    )
    assert abs(by_fund - by_donor) <= len(funds) + len(donors)
    assert by_fund > 1_000_000_000


# Conditional requests


def sent_back(answer: Answer) -> dict[str, str]:
    """The headers of a request by a client that has this answer already."""
    given = dict(answer.headers)
    headers = {"if-none-match": given.get("ETag"), "if-modified-since": given.get("Last-Modified")}
    return {name: value for name, value in headers.items() if value is not None}


def body_without_clock(answer: Answer) -> bytes:
    assert answer.status == 200
    return CLOCK.sub(b"", answer.body)


def habit_of(outline: Outline) -> Habit:
    return world().records.card(outline).typesetting.validator


def test_each_habit_of_validators_occurs_and_sends_what_its_name_says() -> None:
    sends: dict[Habit, Callable[[dict[str, str]], object]] = {
        "strong": lambda h: set(h) == {"ETag"} and re.fullmatch('"[^"]+"', h["ETag"]),
        "weak": lambda h: set(h) == {"ETag"} and re.fullmatch('W/"[^"]+"', h["ETag"]),
        "last_modified": lambda h: set(h) == {"Last-Modified"},
        "both": lambda h: set(h) == {"ETag", "Last-Modified"},
        "none": lambda h: not h,
        "unquoted": lambda h: set(h) == {"ETag"} and '"' not in h["ETag"],
        "restless": lambda h: set(h) == {"ETag"},
        "wrong_date": lambda h: set(h) == {"Last-Modified"},
    }
    assert sends.keys() == set(get_args(Habit))
    habits = Counter(map(habit_of, outlines()))
    assert habits.keys() == sends.keys()
    for outline in outlines():
        if outline.approved < moment(END):
            headers = dict(ask(world(), programme_path(outline.programme_id, END), END).headers)
            del headers["Content-Type"]
            assert sends[habit_of(outline)](headers), (habit_of(outline), headers)


def test_what_a_page_sent_is_answered_304_at_the_same_time() -> None:
    """But where it sent nothing or a wrong date; each view has a tag of its own."""
    answered: defaultdict[Habit, set[int]] = defaultdict(set)
    for outline in outlines():
        if outline.approved > moment(END):
            continue
        tags: set[str | None] = set()
        for view in VIEWS:
            address = programme_path(outline.programme_id, END) + view
            answer = ask(world(), address, END)
            again = ask(world(), address, END, headers=sent_back(answer))
            assert (again.body == b"") == (again.status == 304)
            answered[habit_of(outline)].add(again.status)
            tags.add(dict(answer.headers).get("ETag"))
        assert tags == {None} or len(tags) == len(VIEWS)
    assert answered == {
        habit: {200} if habit in {"none", "wrong_date"} else {304} for habit in get_args(Habit)
    }


@st.composite
def two_times(draw: st.DrawFn) -> tuple[str, datetime, datetime]:
    """An address and two times in one scheme: any, or both near changes of that programme."""
    outline = draw(st.sampled_from([o for o in outlines() if o.approved < moment(END)]))
    changes = [at for at in world().records.card(outline).changes if at <= moment(END)]
    near = st.tuples(st.sampled_from(changes), st.integers(-1, 1)).map(sum)
    anytime = st.integers(outline.approved, moment(END))
    first, second = sorted(max(outline.approved, draw(near | anytime)) for _ in range(2))
    if first < moment(NEW_SCHEME) <= second:
        second = moment(NEW_SCHEME) - 1
    view = draw(st.sampled_from([*VIEWS, "?report=year", "?vouchers=2"]))
    times = time_of(first), time_of(second)
    return programme_path(outline.programme_id, times[0]) + view, *times


def test_304_is_never_said_of_a_page_that_says_something_else() -> None:
    """For any page and two times, with what it sent at the first; both answers are met."""
    statuses: Counter[int] = Counter()

    @settings(deadline=None, max_examples=400, derandomize=True)
    @given(two_times())
    def ask_twice(asked: tuple[str, datetime, datetime]) -> None:
        address, before, after = asked
        first = ask(world(), address, before)
        again = ask(world(), address, after, headers=sent_back(first))
        statuses[again.status] += 1
        if again.status == 304:
            now = ask(world(), address, after)
            assert body_without_clock(now) == body_without_clock(first)

    ask_twice()
    assert statuses.keys() == {200, 304}
    assert min(statuses.values()) > 50


def changes_of_the_body(outline: Outline) -> Iterator[tuple[str, datetime, datetime]]:
    """An address, and two times between which its body changed, within one scheme."""
    changes = world().records.card(outline).changes
    for change in changes[1 :: max(1, len(changes) // 4)]:
        before, after = time_of(change - 1), time_of(change)
        address = programme_path(outline.programme_id, before)
        if after < END and address == programme_path(outline.programme_id, after):
            bodies = [body_without_clock(ask(world(), address, now)) for now in (before, after)]
            if bodies[0] != bodies[1]:
                yield address, before, after


def test_once_a_page_has_changed_it_is_answered_200_but_under_a_lying_validator() -> None:
    """The lie is told by every habit that keeps its word otherwise."""
    lies: defaultdict[Habit, Counter[int]] = defaultdict(Counter)
    fresh = 0
    for outline in outlines()[:150]:
        for address, before, after in changes_of_the_body(outline):
            known = sent_back(ask(world(), address, before))
            assert ask(world(), address, after, headers=known).status == 200
            fresh += 1
            known = sent_back(ask(world(), address, before, "lying_validator"))
            lie = ask(world(), address, after, "lying_validator", headers=known)
            lies[habit_of(outline)][lie.status] += 1
    assert fresh > 300
    assert {habit for habit, statuses in lies.items() if statuses[304]} == set(get_args(Habit)) - {
        "none", "wrong_date"
    }  # fmt: skip
    for habit in ("strong", "weak", "last_modified", "both", "unquoted"):
        assert lies[habit].keys() == {304}


def test_a_fund_that_sends_a_tag_is_answered_304_until_its_page_changes() -> None:
    unchanged = changed = without = 0
    for fund in world().records.portfolio.funds:
        for year in range(2008, 2022):
            before = datetime(year, 3, 5)  # noqa: DTZ001 because it is naive UTC
            if (world().records.portfolio.opened(fund) or 2**40) > moment(before):
                continue
            first = ask(world(), fund_path(fund.code, before), before)
            known = sent_back(first)
            without += not known
            for hours in (1, 24 * 20, 24 * 60):
                after = before + timedelta(hours=hours)
                again = ask(world(), fund_path(fund.code, after), after, headers=known)
                now = ask(world(), fund_path(fund.code, after), after)
                same = body_without_clock(now) == body_without_clock(first)
                assert (again.status == 304) == (same and bool(known))
                unchanged += again.status == 304
                changed += not same
    assert unchanged > 50
    assert changed > 50
    assert without > 0


# Faults of content


def test_other_programme_shows_another_programme_under_the_address() -> None:
    shown: set[bool] = set()
    for outline in outlines()[:50]:
        if outline.approved < moment(END):
            address = programme_path(outline.programme_id, END)
            sheet = pages.factsheet(fetch(world(), address, END, "other_programme"))
            other = str(sheet.identity["programme_id"])
            assert other != outline.programme_id
            assert sheet == pages.factsheet(fetch(world(), programme_path(other, END), END))
            shown.add(True)
    assert shown


def test_no_tables_takes_the_tables_and_nothing_else() -> None:
    taken = 0
    for outline in outlines()[:50]:
        if outline.approved < moment(END):
            address = programme_path(outline.programme_id, END)
            whole = pages.factsheet(fetch(world(), address, END))
            bare = pages.factsheet(fetch(world(), address, END, "no_tables"))
            assert (bare.tables, bare.vouchers, bare.pager) == ([], None, None)
            taken += bool(whole.tables) and whole.vouchers is not None
            links = {key: href for key, href in whole.links.items() if key[1] not in {"Next"}}
            without = whole._replace(tables=[], vouchers=None, pager=None, links=links)
            assert bare == without
    assert taken > 30


def test_short_list_ends_early_as_if_that_were_all() -> None:
    """On a fund's page and on a list: consistent in itself, and shorter than the truth."""
    shorter = 0
    for fund in world().records.portfolio.funds:
        whole, short = (visit_fund(world(), fund.code, END, fault) for fault in (None, SHORT))
        assert short.list_pages == 1
        assert short.programmes == whole.programmes[: len(short.programmes)]
        if len(whole.programmes) > 1:
            assert 0 < len(short.programmes) < len(whole.programmes)
            shorter += 1
        assert short.first.statement == whole.first.statement
    assert shorter > 3
    for what in ("fund", "agency", "donor"):
        all_rows, _ = visit_list(world(), what, END)
        rows, list_pages = visit_list(world(), what, END, SHORT)
        assert list_pages == 1
        assert rows == all_rows[: len(rows)]
        assert 0 < len(rows) < len(all_rows)


SHORT: ContentFault = "short_list"

# Determinism


def digest_of_pages(site: Gateway, order: Random | None = None) -> dict[str, str]:
    """A digest of every page at some times, asked for in the given order or the addresses' own."""
    asked = []
    for time in ("2008-05-01T10:00:00", "2016-04-20T09:58:00", "2024-11-30T23:59:59"):
        now = datetime.fromisoformat(time)
        for address in site.addresses(now):
            views = VIEWS if "/project/" in address else ("",)
            asked += [(address + view, now) for view in views]
    if order:
        order.shuffle(asked)
    digests = {}
    for address, now in asked:
        status, headers, body = ask(site, address, now)
        digests[f"{address} {now}"] = sha256(repr((status, headers)).encode() + body).hexdigest()
    return digests


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    """In the addresses' order and shuffled, each on a site of its own, with its caches."""
    first = digest_of_pages(open_site(4, 300))
    assert digest_of_pages(open_site(4, 300), Random(1)) == first  # noqa: S311 because it is a shuffle
    assert len(first) > 2000


def test_pages_in_gzip_are_the_pages_whatever_is_kept_of_them() -> None:
    """Asked for twice in gzip at each of two times, with a fault and plainly in between."""
    site, untouched, headers = open_site(4, 60), open_site(4, 60), {"accept-encoding": "gzip"}
    faults: tuple[ContentFault | None, ...] = (None, None, "no_tables", None)
    in_gzip = 0
    for time in ("2016-04-20T09:58:00", "2016-04-20T09:59:00"):
        now = datetime.fromisoformat(time)
        for address in (a for a in site.addresses(now) if "/project/" in a):
            for view in (*VIEWS, "?report=year"):
                for fault in faults:
                    plain = ask(untouched, address + view, now, fault)
                    zipped = ask(site, address + view, now, fault, headers)
                    given = dict(zipped.headers)
                    assert given.pop("Content-Encoding") == "gzip"
                    assert given == dict(plain.headers)
                    assert gzip.decompress(zipped.body) == plain.body
                    in_gzip += 1
                assert ask(site, address + view, now) == plain
    assert in_gzip > 500


def test_answers_do_not_depend_on_the_process() -> None:
    """Same arguments, same bytes, with different hash seeds."""
    told = [
        subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": str(hash_seed),
                 "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for hash_seed in (1, 2)
    ]  # fmt: skip
    digests = digest_of_pages(open_site(4, 40))
    assert told == [f"{sorted(digests.items())}\n"] * 2
    assert len(digests) > 300


if __name__ == "__main__":
    print(sorted(digest_of_pages(open_site(4, 40)).items()))
