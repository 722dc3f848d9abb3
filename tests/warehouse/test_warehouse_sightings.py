"""What is derived from sightings, night by night, is what the whole ledger says."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from extractors.records import Page
from tests.warehouse.histories import (
    NOT_MODIFIED,
    PROGRAMME,
    SENT,
    SITE,
    Seen,
    annual,
    at,
    dump,
    empty_warehouse,
    load_seen,
    page,
    row,
    voucher,
)
from tests.warehouse.random_histories import ADDRESSES, nights
from warehouse.connection import Connection
from warehouse.derive import derive_all

_DERIVED = ("core", "vintage")
_FACTSHEET = SITE + PROGRAMME
_VOUCHERS = f"{_FACTSHEET}?vouchers=2"
_BEFORE, _AFTER = (page(annual(row("UNIDO", 2014, expenditure=usd))) for usd in ("100", "250"))


def _seen(time: str, shown: Page, url: str, status: int | None, validator: str = "v") -> Seen:
    return Seen(at(time), shown, url, status, validator=validator)


# The site sent the vouchers' page anew since it sent the factsheet; a saved factsheet came later.
_OUTDATED = [
    _seen("2015-04-01", _BEFORE, _FACTSHEET, SENT),
    _seen("2015-04-02", _AFTER, _VOUCHERS, SENT),
    _seen("2015-06-01", _BEFORE, _VOUCHERS, SENT, "w"),
    _seen("2015-06-02", _BEFORE, _FACTSHEET, None),
    _seen("2015-06-03", _BEFORE, _FACTSHEET, NOT_MODIFIED),
    _seen("2015-06-04", _BEFORE, _FACTSHEET, NOT_MODIFIED),
]
# The content stays, and comes with the validator that other content had.
_LYING_LATE = [
    _seen("2015-06-01", _BEFORE, _FACTSHEET, SENT),
    _seen("2015-06-02", _BEFORE, _FACTSHEET, NOT_MODIFIED),
    _seen("2015-06-03", _AFTER, _FACTSHEET, SENT, "w"),
    _seen("2015-06-04", _AFTER, _FACTSHEET, SENT),
    _seen("2015-06-05", _AFTER, _FACTSHEET, NOT_MODIFIED),
]
# Both pages within one second, in which neither contradicts the other.
_AT_ONCE = [
    _seen("2015-06-01", _BEFORE, _FACTSHEET, SENT),
    _seen("2015-06-01", _BEFORE, _VOUCHERS, SENT),
    _seen("2015-06-02", _AFTER, _VOUCHERS, SENT, "w"),
    _seen("2015-06-02", _BEFORE, _FACTSHEET, NOT_MODIFIED),
    _seen("2015-06-03", _BEFORE, _FACTSHEET, NOT_MODIFIED),
]


@pytest.mark.parametrize("at_once", [1, 2, pytest.param(3, marks=pytest.mark.proof)])
@pytest.mark.parametrize("history", [_OUTDATED, _LYING_LATE, _AT_ONCE])
def test_a_304_that_does_not_count_is_not_taken_as_seen_again(
    history: list[Seen], at_once: int
) -> None:
    """Loaded one by one or several in a batch, the captures say what the whole ledger says."""
    _assert_derived_as_the_ledger_says(
        [history[first : first + at_once] for first in range(0, len(history), at_once)]
    )


@pytest.mark.parametrize("histories", [2, pytest.param(40, marks=pytest.mark.proof)])
def test_nights_derive_what_the_ledger_says(histories: int) -> None:
    """In the order of the nights, or with one that comes late."""

    @settings(
        max_examples=histories,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=nights(), late=st.integers(0, 40))
    def holds(history: list[list[Seen]], late: int) -> None:
        if late < len(history) - 1:
            history.append(history.pop(late))
        _assert_derived_as_the_ledger_says(history)

    holds()


def test_a_page_seen_again_beside_one_with_a_stale_validator_has_its_first_capture() -> None:
    """Every capture of such a programme counts by itself."""
    changes, stays, _ = (f"{address}00091000" for address in ADDRESSES)
    report = page(programme_id="00091000", documents=["Report"])

    def changed(time: str, number: str) -> Seen:
        said = page(programme_id="00091000", vouchers=[voucher(number)])
        return Seen(at(time), said, changes, SENT, validator='"stale"')

    con = _assert_derived_as_the_ledger_says(
        [
            [changed("2016-06-01", "V1"), Seen(at("2016-06-02"), report, stays, SENT)],
            [changed("2016-06-03", "V2")],
            [Seen(at("2016-06-04"), report, stays, SENT)],
            [changed("2016-06-05", "V3")],
        ]
    )
    assert con.execute("SELECT known_from FROM core.document").fetchall() == [(at("2016-06-02"),)]


def _assert_derived_as_the_ledger_says(history: list[list[Seen]]) -> Connection:
    con = empty_warehouse()
    for night in history:
        load_seen(con, night)
    grown = dump(con, *_DERIVED)
    derive_all(con)
    for table, found in dump(con, *_DERIVED).items():
        assert grown[table] == found, table
    return con
