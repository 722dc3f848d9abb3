"""Statements of months, cut pages, years to come and forgotten captures, all in any order.

Whatever comes first, and whether it is forgotten before or after the rest comes, the tables are
those of a warehouse that got what counts at once.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.ledger import ForgetAction, ForgetOrder
from extractors.records import Page
from tests.warehouse.histories import (
    NOT_MODIFIED,
    SENT,
    SITE,
    Seen,
    annual,
    at,
    batch_of,
    dump,
    grown,
    load_seen,
    loaded,
    new_warehouse,
    page,
    row,
    rows,
    voucher,
)
from tests.warehouse.naive_funds import fund_page
from transforms.ledger import archive_file_frame, order_frame, quarantine_frame
from transforms.observe import observe
from warehouse.connection import Connection
from warehouse.forgetting import apply_orders
from warehouse.load import load

FUND = "https://gateway.example/factsheet/fund/MDG00"
PROGRAMME = f"{SITE}00091001"


def month(year: int) -> str:
    """The URL of a fund's statement of a December."""
    return f"{FUND}?fund_status_month_to=12&fund_status_year_to={year}"


def statement(*amounts: str, cut_short: str | None = None) -> Page:
    return replace(fund_page("MDG00", "MDG Fund", None, None, amounts), cut_short=cut_short)


def current(con: Connection) -> list[tuple[str, str]]:
    found = rows(con, "FROM mart.fund_status_current ORDER BY line")
    return [(one["statement_month"], str(one["amount_usd"])) for one in found]


NOW, BEFORE = statement("100"), statement("90")
STANDING = [
    Seen(at("2015-06-01"), NOW, FUND),
    Seen(at("2016-03-01"), BEFORE, month(2015)),
    Seen(at("2016-06-01"), NOW, FUND),
]


@pytest.mark.parametrize("order", list(permutations(range(3)))[1::2])
def test_a_statement_that_is_still_shown_is_newer_than_that_of_a_month_before(
    order: tuple[int, ...],
) -> None:
    """It has stood since before the month, and is seen unchanged after it."""
    assert current(grown(*(STANDING[n] for n in order))) == [("(current)", "100.00")]


def test_a_statement_of_a_month_counts_while_none_is_seen_after_it() -> None:
    assert current(loaded(*STANDING[:2])) == [("2015-12", "90.00")]
    assert current(loaded(STANDING[2], STANDING[1])) == [("(current)", "100.00")]


def test_the_newest_statement_of_every_month_is_checked() -> None:
    """It may become the current one when no page is loaded but one that is known."""
    con = loaded(*STANDING, Seen(at("2016-07-01"), statement("1", "2", "9"), month(2014)))
    failed = rows(con, "SELECT subject FROM meta.check_result")
    assert [one["subject"] for one in failed] == [
        "MDG00, 2014-12, administrative_agent, total_source"
    ]


def test_the_status_of_a_voucher_without_its_date_is_the_newest_one_seen() -> None:
    """One page shows the date and the other does not: both are pages of one voucher."""
    undated, dated = voucher("1", date=None, status="Pending"), voucher("1", status="Paid")
    nights = [
        Seen(at("2016-01-01T00:00:00"), page(vouchers=[undated]), PROGRAMME, SENT),
        Seen(at("2016-01-01T00:00:10"), page(vouchers=[dated]), f"{PROGRAMME}?v=2", SENT),
        Seen(at("2016-01-02T00:00:00"), page(vouchers=[undated]), PROGRAMME, NOT_MODIFIED),
    ]
    for con in (grown(*nights), loaded(*nights)):
        (found,) = rows(con, "SELECT status, voucher_date::VARCHAR AS day FROM core.voucher")
        assert found == {"status": "Pending", "day": "2015-11-02"}


_WHOLE = [
    page(
        annual(*(row(name, year, expenditure=usd) for name, year, usd in figures)),
        end_date=end,
        documents=documents,
        vouchers=vouchers,
    )
    for figures, end, documents, vouchers in (
        ([("FAO", 2015, "100"), ("ILO", 2016, "70")], "TBD", ["Report"], [voucher("12")]),
        ([("FAO", 2015, "250"), ("ILO", 2016, "0")], "December 2015", ["Report", "Letter"], []),
        ([("FAO", 2015, "250")], "31 Dec 2015", [], [voucher("0012", date=None, status="On")]),
    )
]
_CUT = [
    replace(one, tables=[t._replace(read_in_full=False) for t in one.tables], cut_short="length")
    for one in _WHOLE
]
_STATEMENTS = [NOW, BEFORE, statement("100", "5"), statement("100", cut_short="length")]
_TIMES = [
    at(day)
    for day in ("2014-12-31", "2015-06-01", "2015-12-31", "2016-01-01", "2016-05-01", "2017-05-01")
]
_URLS = [PROGRAMME, f"{PROGRAMME}?v=2"]
_FUND_URLS = [FUND, month(2014), month(2015), month(2015).replace("=12", "=13")]
_SIGHTS = st.tuples(
    st.sampled_from(_TIMES),
    st.one_of(
        st.tuples(st.sampled_from([*_WHOLE, *_CUT]), st.sampled_from(_URLS)),
        st.tuples(st.sampled_from(_STATEMENTS), st.sampled_from(_FUND_URLS)),
    ),
).map(lambda sight: Seen(sight[0], *sight[1]))


def order(con: Connection, chosen: Iterable[Seen], action: ForgetAction, time: datetime) -> None:
    orders = [ForgetOrder(one.capture_id, one.sha256, action, time, "run") for one in chosen]
    apply_orders(con, order_frame(orders), archive_file_frame({}))


def state(con: Connection) -> dict[str, list[tuple[Any, ...]]]:
    found = dump(con, "core", "mart")
    for table in (
        "raw.capture",
        "meta.check_result",
        "meta.check_summary",
        "meta.finding",
        "observed.body",
    ):
        found[table] = con.execute(f"FROM {table} ORDER BY ALL").fetchall()
    return found


def arrive(con: Connection, one: Seen, *, forgotten: bool) -> None:
    """Load a capture; the page of a forgotten one is not parsed."""
    batch = batch_of(con, [one])
    if forgotten:
        nothing = observe([])
        batch = batch._replace(
            observations=nothing.frames, quarantined=quarantine_frame(nothing.quarantined)
        )
    load(con, batch)


@settings(max_examples=2, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_with_forgetting_equals_what_counts_at_once(data: st.DataObject) -> None:
    """Captures come one after the other; some are forgotten before or after that, some restored.

    In new warehouses: DuckDB plans by statistics, in which deleted rows of other examples stay.
    """
    seen = data.draw(st.lists(_SIGHTS, min_size=4, max_size=8, unique_by=lambda s: s.capture_id))
    con = new_warehouse()
    forgotten: dict[str, Seen] = {}
    arrived: set[str] = set()
    time = at("2018-01-01")
    for one in seen:
        time += timedelta(hours=1)
        action = data.draw(st.sampled_from(["forget", "restore", "load", "load"]))
        if action == "forget":
            chosen = data.draw(st.lists(st.sampled_from(seen), min_size=1, max_size=3))
            order(con, chosen, "forget", time)
            forgotten |= {late.capture_id: late for late in chosen}
        if action == "restore":
            order(con, forgotten.values(), "restore", time)
            load_seen(con, [late for key, late in forgotten.items() if key in arrived])
            forgotten = {}
        arrive(con, one, forgotten=one.capture_id in forgotten)
        arrived.add(one.capture_id)
    found = state(con)
    assert state(loaded_into_new(one for one in seen if one.capture_id not in forgotten)) == found


def loaded_into_new(seen: Iterable[Seen]) -> Connection:
    con = new_warehouse()
    if counting := list(seen):
        load_seen(con, counting)
    return con
