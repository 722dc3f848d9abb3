"""Checks hold and fail on tiny tables, to the dollar that rounding allows."""

from decimal import Decimal

import pytest

from tests.warehouse.histories import (
    Row,
    Seen,
    annual,
    at,
    cumulative,
    grown,
    loaded,
    page,
    row,
    rows,
    total,
    voucher,
)
from tests.warehouse.naive_model import Record
from warehouse.connection import Connection

_SUM = "rows_sum_to_printed_total"
_NET = "net_funded_is_transfers_less_refunds"
_RATE = "delivery_rate_is_expenditure_over_net_funded"


_PAID = "vouchers_sum_to_transfers"
_DATED = "year_is_within_the_programmes_dates"
_FUNDED = "expenditure_is_within_net_funded"
_JUMP = "vintages_do_not_jump"


def _results(con: Connection, check: str) -> list[Record]:
    return rows(con, "FROM meta.check_result WHERE check_name = ? ORDER BY subject", check)


def _result(con: Connection, check: str) -> Record:
    (result,) = _results(con, check)
    return result


def _checked(*printed: Row) -> Connection:
    return loaded(Seen(at("2015-07-01"), page(annual(*printed))))


def _total(year: int | None, amount: str) -> Row:
    return total(year, expenditure=amount)


@pytest.mark.parametrize(
    ("printed", "passed"),
    [("300", True), ("301", True), ("299", True), ("301.50", True), ("302", False), ("0", False)],
)
def test_rows_sum_to_the_printed_total(printed: str, passed: bool) -> None:
    """Three printed figures may miss by a dollar and a half, and no more."""
    con = _checked(
        row("FAO", 2015, expenditure="100"),
        row("UNDP", 2015, expenditure="200"),
        _total(2015, printed),
    )
    result = _result(con, _SUM)
    assert result["passed"] is passed
    assert (result["expected"], result["actual"]) == (300, Decimal(printed))
    assert result["tolerance"] == Decimal("1.50")
    assert result["programme_id"] == "00091001"


def test_a_total_since_the_start_flags_no_years_figure() -> None:
    """A total of all years does: it is theirs."""
    by_year = row("FAO", 2015, expenditure="100")
    since_start = cumulative(row("FAO", None, expenditure="200"), _total(None, "999"))
    con = loaded(Seen(at("2015-07-01"), page(annual(by_year), since_start)))
    assert not _result(con, _SUM)["passed"]
    assert rows(con, "FROM meta.flagged_figure") == []
    con = _checked(by_year, _total(None, "999"))
    (flagged,) = rows(con, "FROM meta.flagged_figure")
    assert flagged["failed_checks"] == _SUM


def test_a_total_is_that_of_its_year() -> None:
    """A total for one year sums its rows alone, the grand total sums all."""
    con = _checked(
        row("FAO", 2014, expenditure="100"), row("FAO", 2015, expenditure="200"),
        _total(2014, "100"), _total(2015, "200"), _total(None, "300"),
    )  # fmt: skip
    assert [(r["passed"], r["expected"]) for r in _results(con, _SUM)] == [
        (True, 100), (True, 200), (True, 300),
    ]  # fmt: skip


def test_the_newest_capture_with_totals_is_checked() -> None:
    """A total that was put right passes; what it was before is not reported."""
    wrong = page(annual(row("FAO", 2015, expenditure="100"), _total(2015, "900")))
    right = page(annual(row("FAO", 2015, expenditure="100"), _total(2015, "100")))
    for order in ((0, 1), (1, 0)):
        seen = [Seen(at("2015-07-01"), wrong), Seen(at("2015-08-01"), right)]
        result = _result(grown(*(seen[n] for n in order)), _SUM)
        assert (result["passed"], result["capture_id"]) == (True, seen[1].capture_id)


def test_a_failed_check_removes_no_figure() -> None:
    """It flags the figures, which are in core as printed."""
    con = _checked(row("FAO", 2015, expenditure="100"), _total(2015, "900"))
    assert _result(con, _SUM)["passed"] is False
    assert con.execute("SELECT expenditure_usd FROM core.expenditure_snapshot").fetchall() == [
        (100,)
    ]


@pytest.mark.parametrize(
    ("net_funded", "passed"), [("490", True), ("491.50", True), ("488.50", True), ("492", False)]
)
def test_net_funded_is_transfers_less_refunds(net_funded: str, passed: bool) -> None:
    """Three printed figures may miss by a dollar and a half, and no more."""
    con = _checked(row("FAO", 2015, net_funded=net_funded, transfers="500", refunds="10"))
    result = _result(con, _NET)
    assert result["passed"] is passed
    assert (result["expected"], result["actual"]) == (490, Decimal(net_funded))


@pytest.mark.parametrize(
    ("rate", "passed"),
    [("50.0", True), ("50.1", True), ("49.9", True), ("50.2", False), ("5", False)],
)
def test_the_delivery_rate_is_expenditure_over_net_funded_amount(rate: str, passed: bool) -> None:
    """The rate is printed to one decimal, and may miss by that."""
    con = _checked(row("FAO", 2015, expenditure="5000", net_funded="10000", delivery_rate=rate))
    result = _result(con, _RATE)
    assert result["passed"] is passed
    assert (result["expected"], result["actual"]) == (50, Decimal(rate))


@pytest.mark.parametrize(
    "printed",
    [
        row("FAO", 2015, expenditure="100"),
        row("FAO", 2015, transfers="500", net_funded="1"),
        row("FAO", 2015, expenditure="1", net_funded="0", delivery_rate="7"),
    ],
)
def test_what_is_not_shown_is_not_checked(printed: Row) -> None:
    """A check needs all that it compares; nothing is taken for zero."""
    con = _checked(printed)
    assert not [result for check in (_SUM, _NET, _RATE) for result in _results(con, check)]


def test_checks_are_of_the_newest_vintage() -> None:
    """A figure put right passes; each subject has one result."""
    con = loaded(
        Seen(
            at("2015-07-01"),
            page(annual(row("FAO", 2015, net_funded="1", transfers="500", refunds="10"))),
        ),
        Seen(at("2015-08-01"), page(annual(row("FAO", 2015, net_funded="490")))),
    )
    assert _result(con, _NET)["passed"] is True


def test_a_rate_that_the_newest_vintage_has_no_more_is_not_checked() -> None:
    """Once expenditure has changed the old rate is no figure of the warehouse as it stands."""
    con = loaded(
        Seen(
            at("2015-07-01"),
            page(
                annual(row("FAO", 2015, expenditure="5000", net_funded="10000", delivery_rate="7"))
            ),
        ),
        Seen(at("2015-08-01"), page(annual(row("FAO", 2015, expenditure="6000")))),
    )
    assert not _results(con, _RATE)


def test_each_programme_keeps_its_own_results() -> None:
    """Loading another programme leaves the results of the first."""
    printed = annual(row("FAO", 2015, net_funded="1", transfers="500", refunds="10"))
    con = grown(
        Seen(at("2015-07-01"), page(printed)),
        Seen(
            at("2015-07-01"),
            page(printed, programme_id="00091002"),
            "https://gateway.example/project/91002",
        ),
    )
    assert [r["programme_id"] for r in _results(con, _NET)] == ["00091001", "00091002"]


def test_cumulative_rows_and_their_total_are_checked_too() -> None:
    """A total of a table without years sums its rows."""
    con = loaded(
        Seen(
            at("2015-07-01"),
            page(cumulative(
                row("FAO", None, expenditure="100"), row("UNDP", None, expenditure="200"),
                _total(None, "350"),
            )),
        )
    )  # fmt: skip
    result = _result(con, _SUM)
    assert (result["passed"], result["expected"], result["actual"]) == (False, 300, 350)


@pytest.mark.parametrize(
    ("paid", "passed"), [("100.00", True), ("101.00", True), ("98.99", False), ("0.00", False)]
)
def test_vouchers_sum_to_what_was_transferred_since_2009(paid: str, passed: bool) -> None:
    """To a dollar: one printed transfer, and what was transferred before 2009 apart."""
    table = annual(row("FAO", 2008, transfers="70"), row("FAO", 2015, transfers="100"))
    con = loaded(Seen(at("2015-07-01"), page(table, vouchers=[voucher("V1", amount=paid)])))
    result = _result(con, _PAID)
    assert (result["passed"], result["expected"], result["actual"]) == (passed, 100, Decimal(paid))


def test_a_programme_without_any_voucher_has_none_to_compare() -> None:
    """Absent is not zero; beside another organization's vouchers, none is none."""
    assert _results(_checked(row("FAO", 2015, transfers="100")), _PAID) == []
    table = annual(row("FAO", 2015, transfers="100"), row("UNDP", 2015, transfers="50"))
    con = loaded(Seen(at("2015-07-01"), page(table, vouchers=[voucher("V1", amount="100.00")])))
    assert [(r["organization"], r["passed"]) for r in _results(con, _PAID)] == [
        ("FAO", True), ("UNDP", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("year", "expenditure", "passed"),
    [
        (2013, "5", False),
        (2014, "5", True),
        (2016, "5", True),
        (2017, "5", False),
        (2017, "-5", True),
    ],
)
def test_a_year_is_one_in_which_the_programme_ran(
    year: int, expenditure: str, passed: bool
) -> None:
    """After the end only a correction is expected."""
    table = annual(row("FAO", year, expenditure=expenditure))
    con = loaded(
        Seen(at("2018-07-01"), page(table, start_date="31 Dec 2014", end_date="1 Jan 2016"))
    )
    result = _result(con, _DATED)
    assert (result["passed"], result["fiscal_year"]) == (passed, year)


@pytest.mark.parametrize(("spent", "passed"), [("102", True), ("103", False), ("-5", True)])
def test_no_more_is_spent_than_was_funded(spent: str, passed: bool) -> None:
    """Over all years, to a dollar a year."""
    con = _checked(
        row("FAO", 2014, expenditure=spent, net_funded="40"),
        row("FAO", 2015, expenditure="0", net_funded="60"),
    )
    assert _result(con, _FUNDED)["passed"] is passed
    con = _checked(row("FAO", 2014, expenditure=spent), row("FAO", 2015, net_funded="60"))
    assert _results(con, _FUNDED) == []


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [
        ("200000", "2000000", True), ("200000", "2000001", False), ("2000001", "200000", False),
        ("1", "100000", True), ("1", "100001", False), ("-200000", "-2000001", False),
    ],
)  # fmt: skip
def test_a_figure_does_not_jump(before: str, after: str, passed: bool) -> None:
    """To more than ten times as much, or to less than a tenth, of 100,000 dollars or more."""
    con = grown(
        Seen(at("2015-07-01"), page(annual(row("FAO", 2015, expenditure=before)))),
        Seen(at("2015-08-01"), page(annual(row("FAO", 2015, expenditure=after)))),
    )
    assert _result(con, _JUMP)["passed"] is passed


def test_a_failed_check_flags_the_figures_that_it_concerns_and_removes_none() -> None:
    """A year's total flags the year; an organization's sum flags its years."""
    con = _checked(
        row("FAO", 2014, expenditure="100", net_funded="50"), _total(2014, "100"),
        row("UNDP", 2015, expenditure="100"), row("FAO", 2015, expenditure="1", net_funded="5"),
        _total(2015, "200"),
    )  # fmt: skip
    flags = con.execute(
        "SELECT organization, fiscal_year, failed_checks FROM mart.expenditure_current ORDER BY ALL"
    ).fetchall()
    assert flags == [
        ("FAO", 2014, _FUNDED), ("FAO", 2015, f"{_FUNDED}, {_SUM}"), ("UNDP", 2015, _SUM),
    ]  # fmt: skip
