"""Who paid: contributions on funds' pages and in the portfolio, with their corrections."""

from collections import Counter
from datetime import datetime
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from replica.books.contributions import Contribution
from replica.books.contributor_layouts import CONTRIBUTOR_LAYOUTS
from replica.books.contributor_truth import truth_of_portfolio
from replica.books.funds import deposited
from replica.books.layouts import ERAS
from replica.books.moments import midnight, moment, time_of
from replica.books.portfolio import FundOutline
from replica.pages.contributor_pages import setting_of
from replica.pages.site import Gateway, open_site
from tests.replica.reading.figures import dollars
from tests.replica.reading.grids import spreadsheet_rows
from tests.replica.reading.visits import ask, fetch, fund_path, visit_fund, visit_list

END = datetime.fromisoformat("2026-12-31")
TIMES = [datetime.fromisoformat(day) for day in ("2012-08-20", "2016-04-20", "2025-06-30")]


@cache
def site() -> Gateway:
    """Thirty-six funds."""
    return open_site(5, 2000)


def opened_funds(now: datetime) -> list[FundOutline]:
    return site().records.portfolio.open_funds(moment(now))


def cents_shown(rows: list[Contribution], at: int) -> int:
    shown = (one for one in rows if one.commitments.at(at) is not None)
    return sum(one.deposits.at(at) or 0 for one in shown)


@settings(max_examples=10, derandomize=True)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_deposits_shown_at_any_moment_are_those_that_were_paid(seed: int, programmes: int) -> None:
    """To the cent, whatever is pledged, given up and booked anew, in every fund."""
    records = open_site(seed, programmes).records
    compared = 0
    for fund in records.portfolio.funds:
        rows = records.contributions(fund)
        for at in {at for one in rows for at in one.changes}:
            paid = sum(one.cents for one in records.deposits(fund) if one.moment <= at)
            assert cents_shown(rows, at) == paid
            compared += 1
    assert compared


def test_commitments_and_deposits_are_corrected_and_rows_go_and_come_back() -> None:
    """Each of these happens to some contributions, and none of them to most."""
    seen: Counter[str] = Counter()
    for one in site().records.all_contributions():
        commitments, deposits = one.commitments.values, one.deposits.values
        known = [value for value in commitments if value is not None]
        paid = [value or 0 for value in deposits]
        shown = [value is not None for value in commitments]
        seen["contributions"] += 1
        seen["commitments corrected"] += len(set(known)) > 1
        seen["deposits corrected"] += any(a > b for a, b in pairwise(paid))
        seen["went before any deposit and came back"] += shown[:3] == [True, False, True]
        seen["went with deposits and came back"] += shown[-2:] == [False, True] and len(shown) > 3
    whole = seen.pop("contributions")
    assert all(10 < count < 0.7 * whole for count in seen.values()), seen
    assert len(seen) == 4


def test_a_funds_deposits_are_the_contributions_of_its_statement() -> None:
    """On the same page, within half a dollar a row, whatever its layout."""
    compared = 0
    for number, fund in enumerate(opened_funds(TIMES[0])):
        visited = visit_fund(site(), fund.code, TIMES[number % 3])
        lines = {line.label: line.value for line in visited.first.statement}
        for table in (table for own in visited.contributors.values() for table in own):
            paid = [one.value for one in table.figures if one.measure == "deposits"]
            stated = lines.get("Contributions from Donors", 0)
            assert abs(sum(paid) - stated) <= (len(paid) + 1) / 2
            compared += 1
    assert compared > 50


def test_every_layout_of_contributors_is_shown_in_its_eras() -> None:
    """One page of each; the layout without contributors has no view either."""
    wanted = {(one.layout.name, era) for one in CONTRIBUTOR_LAYOUTS for era in one.layout.eras}
    shown: set[tuple[str, int]] = set()
    for era, first in enumerate(ERAS):
        last = min(midnight(ERAS[era + 1]) - 1, moment(END)) if era + 1 < len(ERAS) else moment(END)
        for fund in opened_funds(time_of(last)):
            setting = setting_of(site().records, fund)
            layout = setting.at(last).layout
            if (layout.name, era) in shown or setting.without_tables.holds(last):
                continue
            visited = visit_fund(site(), fund.code, time_of(last))
            assert len(visited.contributors["factsheet"]) == len(layout.tables), first
            view = f"{fund_path(fund.code, time_of(last))}/contributions/excel"
            assert ask(site(), view, time_of(last)).status == (200 if layout.tables else 404)
            shown.add((layout.name, era))
    assert shown == wanted


def test_while_a_fund_shows_no_contributors_its_excel_view_has_them() -> None:
    """From the second on which the tables go to the last without them."""
    spells = 0
    for fund in opened_funds(END):
        setting = setting_of(site().records, fund)
        begin, end = setting.without_tables
        if begin < end < moment(END) and setting.at(begin).heading and setting.at(end).heading:
            bare = [time_of(at) for at in (begin, end - 1)]
            for now in (time_of(begin - 1), *bare, time_of(end)):
                visited = visit_fund(site(), fund.code, now)
                assert bool(visited.contributors["factsheet"]) == (now not in bare)
                assert visited.contributors["excel"]
            spells += 1
    assert spells > 3


def test_the_fund_that_contributes_to_others_transfers_what_they_receive() -> None:
    """Its statement has the sum of what their pages show of it, each with a link to its page."""
    gifts = site().records.gifts
    assert gifts
    received = named = 0
    for fund in opened_funds(END):
        visited = visit_fund(site(), fund.code, END)
        view, *_ = visited.contributors["excel"]
        own = [one for one in view.figures if one.organization == gifts.giver.name]
        received += sum(one.value for one in own if one.measure == "deposits")
        for name, href in visited.first.contributors_links.items():
            assert (name, href) == (gifts.giver.name, fund_path(gifts.giver.code, END))
            named += 1
    giver = visit_fund(site(), gifts.giver.code, END)
    lines = {line.label: line.value for line in giver.first.statement}
    assert lines["Transfers to MDTFs"] == received > 0
    assert named > 1


def portfolio_at(now: datetime) -> dict[str, dict[str, int]]:
    rows, _ = visit_list(site(), "donor", now)
    measures = ("commitments", "deposits")[-len(rows[0]) + 1 :]
    return {
        row[0].text: {
            measure: dollars(cell.text)
            for measure, cell in zip(measures, row[1:], strict=True) if cell.text != "-"
        }
        for row in rows
    }  # fmt: skip


def test_the_portfolio_of_contributors_is_its_truth_and_the_sum_of_the_funds() -> None:
    """Deposits alone before October 2013, then commitments too; the Excel view says the same."""
    facts = list(truth_of_portfolio(site().records, END))
    for now in TIMES:
        shown = portfolio_at(now)
        true: dict[str, dict[str, int]] = {name: {} for name in shown}
        for fact in facts:
            if str(fact["shown_from"]) <= str(now) < str(fact["shown_until"] or "9"):
                own = true[str(fact["contributor"])]
                own[str(fact["measure"])] = int(str(fact["value"]))
        assert shown == true
        measures = {measure for own in shown.values() for measure in own}
        alone = now < datetime(2013, 10, 1)  # noqa: DTZ001 because every time here is naive UTC
        assert measures == ({"deposits"} if alone else {"commitments", "deposits"})
        paid = sum(deposited(site().records.deposits(fund), moment(now))
                   for fund in opened_funds(now))  # fmt: skip
        assert abs(sum(own.get("deposits", 0) for own in shown.values()) - paid) <= 50
        caption, headings, *rows = spreadsheet_rows(fetch(site(), "/portfolio/donor/excel", now))
        assert caption[0].text == "Portfolio of Contributors"
        assert len(headings) == 1 + len(measures)
        assert [row[0].text for row in rows] == list(shown)
