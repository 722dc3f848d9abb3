"""What marts and checks say of contributors, funds and their years."""

from decimal import Decimal

import pytest

from tests.warehouse.contribution_pages import (
    BY_YEAR,
    FUND,
    SINCE_START,
    answered,
    fund_page,
    listed,
    seen,
    table,
)
from tests.warehouse.histories import Seen, at, grown, load_seen, loaded, rows
from warehouse.answers import answer
from warehouse.connection import Connection, sql


def test_what_a_contributor_gave_to_a_fund_counts_once_and_the_newer_if_years_hold_more() -> None:
    """Norway's years are older than its sum; Spain's are newer, and more; Italy has years alone."""
    con = loaded(
        seen("2012-01-01", [("Norway", "2011", "9", "8"), ("Italy", "2011", "4", "")], BY_YEAR),
        seen("2012-02-01", [("Norway", "20", "10"), ("Spain", "1", "1")], url=f"{FUND}/excel"),
        answered("2016-01-01", ("Spain", "5", "4")),
        listed("2016-01-01", [("Norway", "99"), ("Mali", "3")], "Contributor", "Deposits"),
    )
    found = con.execute(
        "SELECT contributor, fund_code, commitments_usd, deposits_usd, deposit_rate_pct,"
        " first_year, last_year, counted FROM mart.contributor_fund ORDER BY contributor"
    ).fetchall()
    assert found == [
        ("Italy", "SMP00", 4, None, None, 2011, 2011, "years"),
        ("Mali", "(all)", None, 3, None, None, None, "since the start"),
        ("Norway", "SMP00", 20, 10, 50, 2011, 2011, "since the start"),
        ("Spain", "SMP00", 5, 4, 80, 2015, 2015, "years"),
    ]


def test_a_year_of_a_contributor_names_the_funds_of_which_no_years_are_known() -> None:
    con = loaded(
        seen("2012-01-01", [("Norway", "2011", "10", "8")], BY_YEAR),
        seen("2012-01-01", [("Norway", "5", "5")], url=FUND.replace("SMP00", "OTH00")),
    )
    (found,) = rows(con, "FROM mart.contributor_year")
    assert found["not_covered"] == "1 fund with cumulative contributions only: OTH00"
    assert (found["funds"], found["deposits_usd"], found["deposit_rate_pct"]) == (1, 8, 80)


def test_contributions_of_several_years_together_are_named_unless_those_by_year_add_up() -> None:
    """Norway's do, Spain has none by year, and those of Italy are less."""
    said = [("Norway", "2011", "6", "6"), ("Norway", "2012", "4", "4"), ("Italy", "2012", "4", "4")]
    of_both = "fromYear:2011,toYear:2012"
    con = loaded(
        seen("2016-01-01", said, BY_YEAR),
        answered(
            "2016-01-01", *((n, "10", "10") for n in ("Norway", "Spain", "Italy")), years=of_both
        ),
    )
    found = rows(con, "SELECT DISTINCT not_covered FROM mart.fund_year")
    together = "contributions of several years together: Italy, Spain"
    assert [row["not_covered"] for row in found] == [f"2 contributors with {together}"]
    more = "SELECT contributor, deposits_usd FROM mart.contribution_not_covered ORDER BY ALL"
    assert con.execute(more).fetchall() == [("Italy", 6), ("Spain", 10)]


def test_what_a_list_shows_more_of_a_contributor_is_named_beside_its_sums() -> None:
    """Of the year, and of all of them; a list that agrees within its rounding names nothing."""
    said = [("Norway", "2015", "7", "3"), ("Spain", "2015", "2", "2.40")]
    lines = [("Norway", "2015", "99"), ("Norway", "2014", "50"), ("Spain", "2015", "3")]
    con = loaded(
        seen("2016-01-01", said, BY_YEAR), listed("2016-01-01", lines, *BY_YEAR[:2], "Deposits")
    )
    more = "of deposits that only the list of contributors shows"
    years = "SELECT contributor, fiscal_year, deposits_usd, not_covered FROM mart.contributor_year"
    assert con.execute(f"{years} ORDER BY ALL").fetchall() == [
        ("Norway", 2014, 50, None),
        ("Norway", 2015, 3, f"US$ 96 {more}"),
        ("Spain", 2015, Decimal("2.40"), None),
    ]
    shown = answer(con, "contributors").records()
    assert [(row["contributor"], row["not_covered"]) for row in shown] == [
        ("Norway", f"US$ 146 {more}"),
        ("Spain", None),
    ]


def test_years_without_a_fund_are_named_beside_the_funds_that_are_known() -> None:
    """Norway's sum since the start holds 2 that its years lack: they may be of the list's."""
    said = [("Norway", "2014", "", "8"), ("Italy", "2014", "", "4"), ("Spain", "2014", "", "9")]
    lines = [("Norway", "2015", "5"), ("Italy", "2015", "6"), ("Spain", "2014", "9")]
    con = loaded(
        seen("2015-01-01", said, BY_YEAR),
        seen("2015-02-01", [("Norway", "", "10"), ("Spain", "", "7")], url=f"{FUND}/excel"),
        listed("2016-01-01", lines, *BY_YEAR[:2], "Deposits"),
    )
    more = "of deposits that only the list of contributors shows"
    found = "SELECT contributor, deposits_usd, not_covered FROM mart.contributor_fund ORDER BY ALL"
    assert con.execute(found).fetchall() == [
        ("Italy", 4, f"US$ 6 {more}"),
        ("Norway", 10, f"US$ 3 {more}"),
        ("Spain", 7, None),
    ]


def test_a_contributor_that_is_a_fund_has_its_code_by_its_link_or_its_name() -> None:
    linked = '<a href="/factsheet/fund/EFW00">Window</a>'
    said = [(linked, "2011", "1", "1"), ("sample fund", "2011", "1", ""), ("Mali", "2011", "1", "")]
    con = loaded(seen("2012-01-01", said, BY_YEAR))
    codes = "SELECT contributor, fund_code, contributor_fund_code FROM mart.contribution_current"
    assert sorted(con.execute(codes).fetchall()) == [
        ("Mali", "SMP00", None),
        ("Window", "SMP00", "EFW00"),
        ("sample fund", "SMP00", "SMP00"),
    ]
    other = [("Window", "2012", "2", "2")]
    load_seen(con, [seen("2012-02-01", other, BY_YEAR, FUND.replace("SMP00", "OTH00"))])
    assert sorted(con.execute(codes).fetchall()) == [
        ("Mali", "SMP00", None),
        ("Window", "OTH00", "EFW00"),
        ("Window", "SMP00", "EFW00"),
        ("sample fund", "SMP00", None),  # the pages of two funds print this name
    ]


def stated(day: str, contributions: str, *said: tuple[str, str, str], rest: str = "") -> Seen:
    """Return a fund's page with a statement and its contributors since the start."""
    lines = [("Contributions from Donors", contributions), ("Total source of funds", "")]
    page = fund_page(
        f"<p>Start Date: 1 Jan 2011</p>{table(('Funds with Administrative Agent', ''), lines)}",
        table(SINCE_START, said) if said else "",
        rest,
    )
    return Seen(at(day), page, FUND)


def checked(con: Connection, check: str) -> list[tuple[object, ...]]:
    """Return what a check found when its funds were derived last; its failures are stored."""
    columns = "subject, passed, expected::DECIMAL(18, 2), actual::DECIMAL(18, 2), tolerance"
    found = con.execute(
        f"SELECT {columns} FROM ({sql(f'fund_checks/{check}')}) ORDER BY subject"  # noqa: S608 because a check is a file of ours
    ).fetchall()
    stored = con.execute(
        f"SELECT {columns} FROM meta.check_result WHERE check_name = ? ORDER BY subject",  # noqa: S608 because the columns are those above
        [check],
    ).fetchall()
    assert stored == [result for result in found if not result[1]]
    return found


def test_there_is_no_balance_where_a_year_since_the_fund_s_start_has_no_deposits() -> None:
    """Unless the deposits that are known add up to what the statement says."""
    years = table(BY_YEAR, [("Norway", "2012", "", "100"), ("Norway", "2013", "", "50")])
    balances = "SELECT balance_usd, balance_not_known_because FROM mart.money_flow ORDER BY ALL"
    con = loaded(stated("2014-01-01", "999", rest=years))
    because = "a year of the fund until then has no deposits"
    assert con.execute(balances).fetchall() == [(None, because)] * 2
    con = loaded(stated("2014-01-01", "150", rest=years))
    assert con.execute(balances).fetchall() == [(100, None), (150, None)]


@pytest.mark.parametrize(("amount", "passed"), [("301", True), ("302", False)])
def test_deposits_sum_to_the_contributions_of_the_statement_of_that_time(
    amount: str, passed: bool
) -> None:
    """Three figures may miss by a dollar and a half; of a later statement no deposits are known."""
    said = [("Norway", "", "100"), ("Spain", "9", "200")]
    visits = [stated("2012-01-01", amount, *said), stated("2013-01-01", "999")]
    for history in (visits, visits[::-1]):
        con = grown(*history)
        assert checked(con, "deposits_sum_to_statement") == [
            ("SMP00", passed, 300, int(amount), 1.5)
        ]


def test_deposits_that_add_up_to_more_than_an_amount_can_be_fail_their_check() -> None:
    """They stop no load: of 10,001 contributors, a trillion each."""
    con = loaded(stated("2012-01-01", "100", ("Norway", "", "1,000,000,000,000")))
    con.execute(
        "INSERT INTO core.contribution_cumulative_snapshot SELECT c.* REPLACE ('Fund ' || n AS"
        " contributor) FROM core.contribution_cumulative_snapshot AS c, range(10_000) AS a (n)"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE changed_fund AS SELECT 'SMP00' AS fund_code")
    (found,) = rows(con, sql("fund_checks/deposits_sum_to_statement"))
    assert (found["passed"], found["expected"], found["actual"]) == (False, None, 100)


def test_deposits_of_all_years_sum_to_the_statement_if_they_begin_with_the_fund() -> None:
    said = [("Norway", "2011", "", "100"), ("Norway", "2012", "", "50")]
    years = [table(BY_YEAR, said[first:]) for first in (0, 1)]
    con = loaded(stated("2013-01-01", "150", rest=years[0]))
    assert checked(con, "deposits_sum_to_statement") == [("SMP00", True, 150, 150, 1.5)]
    con = loaded(stated("2013-01-01", "150", rest=years[1]))
    assert checked(con, "deposits_sum_to_statement") == []


def test_a_table_of_contributors_sums_to_its_total_as_printed_last() -> None:
    rows_and_total = [("Norway", "1", "100"), ("Spain", "", "200"), ("Total", "9", "301")]
    con = loaded(
        seen("2012-01-01", [("Norway", "1", "1"), ("Total", "7", "")]),
        seen("2012-02-01", rows_and_total),
        listed("2012-02-01", [("Mali", "5"), ("Total", "5")], "Contributor", "Deposits"),
    )
    about = "table 1, (all), all years"
    assert checked(con, "contributions_sum_to_printed_total") == [
        (f"(all), {about}, deposits", True, 5, 5, 1),
        (f"SMP00, {about}, commitments", False, 1, 9, 1),
        (f"SMP00, {about}, deposits", True, 300, 301, 1.5),
    ]


def test_a_list_that_names_funds_sums_to_its_total() -> None:
    linked = '<a href="/factsheet/fund/SMP00">Sample Fund</a>'
    lines = [("Mali", linked, "5"), ("Spain", linked, "6"), ("Total", "", "15")]
    con = loaded(listed("2012-02-01", lines, "Contributor", "Fund", "Deposits"))
    assert checked(con, "contributions_sum_to_printed_total") == [
        ("(all), table 1, (all), all years, deposits", False, 11, 15, 1.5)
    ]
