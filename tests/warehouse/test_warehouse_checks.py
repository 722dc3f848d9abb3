"""Checks hold and fail on tiny tables, to the dollar that rounding allows."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from extractors.records import Page
from tests.warehouse.histories import (
    SITE,
    Row,
    Seen,
    annual,
    at,
    cumulative,
    empty_warehouse,
    grown,
    load_seen,
    loaded,
    page,
    row,
    rows,
    total,
    voucher,
)
from tests.warehouse.naive_model import Record
from warehouse.connection import Connection, sql

_SUM = "rows_sum_to_printed_total"
_NET = "net_funded_is_transfers_less_refunds"
_RATE = "delivery_rate_is_expenditure_over_net_funded"


_PAID = "vouchers_sum_to_transfers"
_DATED = "year_is_within_the_programmes_dates"
_FUNDED = "expenditure_is_within_net_funded"
_JUMP = "vintages_do_not_jump"


def _results(con: Connection, check: str) -> list[Record]:
    """Return all that a check found when its subjects were derived last.

    What fails is stored, and what passes is counted.
    """
    amounts = (f"{name}::DECIMAL(18, 2) AS {name}" for name in ("expected", "actual", "tolerance"))
    found = rows(con, f"SELECT * REPLACE ({', '.join(amounts)}) FROM ({sql(f'checks/{check}')})")  # noqa: S608 because a check is a file of ours
    stored = rows(con, "FROM meta.check_result WHERE check_name = ?", check)
    counted = rows(con, "FROM meta.check_summary WHERE check_name = ?", check)
    failed = [result for result in found if not result["passed"]]
    names = ("subject", "capture_id", "passed", "expected", "actual", "tolerance")
    for one in failed:
        assert {name: one[name] for name in names} in [
            {name: other[name] for name in names} for other in stored
        ]
    assert len(stored) == len(failed)
    passed, failures = len(found) - len(failed), len(failed)
    assert [(one["passed"], one["failed"]) for one in counted] == [(passed, failures)] * bool(found)
    return sorted(found, key=lambda result: str(result["subject"]))


def _result(con: Connection, check: str) -> Record:
    (result,) = _results(con, check)
    return result


def _checked(*printed: Row) -> Connection:
    return loaded(Seen(at("2015-07-01"), page(annual(*printed))))


def _total(year: int | None, amount: str) -> Row:
    return total(year, expenditure=amount)


def _apart(*pages: Callable[..., Page], on: str = "2015-07-01") -> list[Seen]:
    """Pages of as many programmes, for which one warehouse is enough."""
    ids = [f"{91001 + number:08}" for number in range(len(pages))]
    return [
        Seen(at(on), make(programme_id=key), SITE + key)
        for key, make in zip(ids, pages, strict=True)
    ]


def _rows_apart(*printed: Sequence[Row], on: str = "2015-07-01") -> list[Seen]:
    """Programmes that show a table of these rows each."""
    return _apart(*(partial(page, annual(*each)) for each in printed), on=on)


def _passed(con: Connection, check: str) -> list[bool]:
    """Whether a check passes, of each programme in turn."""
    return [result["passed"] for result in _results(con, check)]


def test_rows_sum_to_the_printed_total() -> None:
    """Three printed figures may miss by a dollar and a half, and no more."""
    totals = {"300": True, "301": True, "299": True, "301.50": True, "302": False, "0": False}
    con = loaded(
        *_rows_apart(
            *(
                [
                    row("FAO", 2015, expenditure="100"),
                    row("UNDP", 2015, expenditure="200"),
                    _total(2015, printed),
                ]
                for printed in totals
            )
        )
    )
    assert _passed(con, _SUM) == list(totals.values())
    for printed, result in zip(totals, _results(con, _SUM), strict=True):
        assert (result["expected"], result["actual"]) == (300, Decimal(printed))
        assert result["tolerance"] == Decimal("1.50")
    assert _results(con, _SUM)[0]["programme_id"] == "00091001"


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


def test_net_funded_is_transfers_less_refunds() -> None:
    """Three printed figures may miss by a dollar and a half, and no more."""
    amounts = {"490": True, "491.50": True, "488.50": True, "492": False}
    con = loaded(
        *_rows_apart(
            *([row("FAO", 2015, net_funded=net, transfers="500", refunds="10")] for net in amounts)
        )
    )
    assert _passed(con, _NET) == list(amounts.values())
    assert [(r["expected"], r["actual"]) for r in _results(con, _NET)] == [
        (490, Decimal(net)) for net in amounts
    ]


def test_the_delivery_rate_is_expenditure_over_net_funded_amount() -> None:
    """The rate is printed to one decimal, and may miss by that."""
    rates = {"50.0": True, "50.1": True, "49.9": True, "50.2": False, "5": False}
    con = loaded(
        *_rows_apart(
            *(
                [row("FAO", 2015, expenditure="5000", net_funded="10000", delivery_rate=rate)]
                for rate in rates
            )
        )
    )
    assert _passed(con, _RATE) == list(rates.values())
    assert [(r["expected"], r["actual"]) for r in _results(con, _RATE)] == [
        (50, Decimal(rate)) for rate in rates
    ]


def test_what_is_not_shown_is_not_checked() -> None:
    """A check needs all that it compares; nothing is taken for zero."""
    con = loaded(
        *_rows_apart(
            [row("FAO", 2015, expenditure="100")],
            [row("FAO", 2015, transfers="500", net_funded="1")],
            [row("FAO", 2015, expenditure="1", net_funded="0", delivery_rate="7")],
        )
    )
    assert len(rows(con, "FROM core.expenditure_snapshot")) == 3
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
    """Loading another programme, or one again, leaves the results of the first, and its counts."""

    def shown(day: str, programme_id: str, net: str) -> Seen:
        printed = annual(row("FAO", 2015, net_funded=net, transfers="500", refunds="10"))
        return Seen(at(day), page(printed, programme_id=programme_id), SITE + programme_id)

    con = grown(
        shown("2015-07-01", "00091001", "1"),
        shown("2015-07-01", "00091002", "1"),
        shown("2015-07-01", "00091003", "490"),
        shown("2015-08-01", "00091002", "490"),
        shown("2015-08-01", "00091003", "491"),
    )
    failed = "SELECT programme_id FROM meta.check_result WHERE check_name = ?"
    assert rows(con, failed, _NET) == [{"programme_id": "00091001"}]
    counted = rows(con, "SELECT passed, failed FROM meta.check_summary WHERE check_name = ?", _NET)
    assert counted == [{"passed": 2, "failed": 1}]


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


def test_vouchers_sum_to_what_was_transferred_since_2009() -> None:
    """To a dollar: one printed transfer, and what was transferred before 2009 apart."""
    paid = {"100.00": True, "101.00": True, "98.99": False, "0.00": False}
    table = annual(row("FAO", 2008, transfers="70"), row("FAO", 2015, transfers="100"))
    con = loaded(
        *_apart(*(partial(page, table, vouchers=[voucher("V1", amount=amount)]) for amount in paid))
    )
    assert _passed(con, _PAID) == list(paid.values())
    assert [(r["expected"], r["actual"]) for r in _results(con, _PAID)] == [
        (100, Decimal(amount)) for amount in paid
    ]


def test_a_programme_without_any_voucher_has_none_to_compare() -> None:
    """Absent is not zero; beside another organization's vouchers, none is none."""
    assert _results(_checked(row("FAO", 2015, transfers="100")), _PAID) == []
    table = annual(row("FAO", 2015, transfers="100"), row("UNDP", 2015, transfers="50"))
    con = loaded(Seen(at("2015-07-01"), page(table, vouchers=[voucher("V1", amount="100.00")])))
    assert [(r["organization"], r["passed"]) for r in _results(con, _PAID)] == [
        ("FAO", True), ("UNDP", False),
    ]  # fmt: skip


def test_a_year_is_one_in_which_the_programme_ran() -> None:
    """After the end only a correction is expected."""
    spent = [(2013, "5", False), (2014, "5", True), (2016, "5", True), (2017, "5", False),
             (2017, "-5", True)]  # fmt: skip
    ran = partial(page, start_date="31 Dec 2014", end_date="1 Jan 2016")
    con = loaded(
        *_apart(
            *(
                partial(ran, annual(row("FAO", year, expenditure=amount)))
                for year, amount, _ in spent
            ),
            on="2018-07-01",
        )
    )
    assert [(r["fiscal_year"], r["passed"]) for r in _results(con, _DATED)] == [
        (year, passed) for year, _, passed in spent
    ]


def test_no_more_is_spent_than_was_funded() -> None:
    """Over all years, to a dollar a year."""
    spent = {"102": True, "103": False, "-5": True}
    con = loaded(
        *_rows_apart(
            *(
                [
                    row("FAO", 2014, expenditure=amount, net_funded="40"),
                    row("FAO", 2015, expenditure="0", net_funded="60"),
                ]
                for amount in spent
            ),
            *(
                [row("FAO", 2014, expenditure=amount), row("FAO", 2015, net_funded="60")]
                for amount in spent
            ),
        )
    )
    assert _passed(con, _FUNDED) == list(spent.values())  # of the first three, and no other


def test_a_figure_does_not_jump() -> None:
    """To more than ten times as much, or to less than a tenth, of 100,000 dollars or more."""
    jumps = [
        ("200000", "2000000", True), ("200000", "2000001", False), ("2000001", "200000", False),
        ("1", "100000", True), ("1", "100001", False), ("-200000", "-2000001", False),
    ]  # fmt: skip
    before = _rows_apart(*([row("FAO", 2015, expenditure=amount)] for amount, _, _ in jumps))
    later = ([row("FAO", 2015, expenditure=amount)] for _, amount, _ in jumps)
    after = _rows_apart(*later, on="2015-08-01")
    con = empty_warehouse()
    load_seen(con, before)
    load_seen(con, after)
    assert _passed(con, _JUMP) == [passed for _, _, passed in jumps]


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
