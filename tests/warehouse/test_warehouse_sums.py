"""Sums by year: what they leave out, and the money of a fund from contributors to expenditure."""

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings

from extractors.parse.pages import parse_page
from extractors.records import PARSER_VERSION
from tests.warehouse import naive_marts, naive_sums
from tests.warehouse.histories import (
    SITE,
    Identity,
    Seen,
    Table,
    annual,
    at,
    cumulative,
    loaded,
    page,
    row,
    rows,
)
from tests.warehouse.naive_left_out import ALL_ROWS, CUMULATIVE, GONE, LARGER, NAMELESS
from tests.warehouse.naive_model import Record
from tests.warehouse.random_histories import histories
from warehouse.connection import Connection

_TERM = Identity(fund_code="MDG00", start_date="1 Jan 2013", end_date="31 Dec 2015")


def _seen(programme: int, time: str, *tables: Table, identity: Identity = _TERM) -> Seen:
    programme_id = f"000910{programme:02}"
    return Seen(at(time), page(*tables, programme_id=programme_id, **identity), SITE + programme_id)


def _spent(*amounts: tuple[int, str]) -> Table:
    return annual(*(row("FAO", year, expenditure=amount) for year, amount in amounts))


def _since_start(amount: str) -> Table:
    return cumulative(row("FAO", None, expenditure=amount))


def _left_out(con: Connection) -> list[tuple[Any, ...]]:
    return con.execute(
        "SELECT fiscal_year, expenditure_usd, programmes, programmes_not_covered, not_covered"
        " FROM mart.fund_year ORDER BY fiscal_year"
    ).fetchall()


def test_a_programme_with_cumulative_figures_only_is_named_in_the_years_of_its_dates() -> None:
    con = loaded(
        _seen(1, "2016-06-01", _since_start("900")), _seen(2, "2016-06-01", _spent((2014, "50")))
    )
    named = f"1 programme with {CUMULATIVE}: 00091001"
    assert _left_out(con) == [
        (2013, None, 0, 1, named), (2014, 50, 1, 1, named), (2015, None, 0, 1, named),
    ]  # fmt: skip
    (left_out,) = rows(con, "FROM mart.not_covered")
    assert left_out["years"] == "2013, 2014, 2015"
    assert (left_out["organization"], left_out["expenditure_usd"]) == ("FAO", 900)
    assert left_out["source_url"] == SITE + "00091001"


def test_without_a_start_date_it_is_named_from_the_first_year_of_its_fund() -> None:
    con = loaded(
        _seen(1, "2014-06-01", _since_start("900"), identity=Identity(fund_code="MDG00")),
        _seen(2, "2014-06-01", _spent((2012, "50"))),
    )
    assert [found[0] for found in _left_out(con)] == [2012, 2013, 2014]


def test_a_programme_of_which_no_page_is_known_is_named_in_the_year_of_the_newest_capture() -> None:
    body = b'{"data": [{"projectId": "00091001", "ORGANIZATION": "FAO", "EXPENDITURE": "5.000"}]}'
    answer = parse_page(body, "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/")
    con = loaded(Seen(at("2016-06-01"), answer, "https://gateway.example/answers"))
    assert _left_out(con) == [(2016, None, 0, 1, f"1 programme with {CUMULATIVE}: 00091001")]


def test_only_the_years_without_figures_are_named_where_those_since_the_start_are_larger() -> None:
    con = loaded(
        _seen(1, "2016-06-01", _spent((2013, "50"), (2014, "25")), _since_start("90")),
        _seen(2, "2016-06-01", _spent((2013, "50"), (2014, "25")), _since_start("76")),
    )
    assert [(found[0], found[-1]) for found in _left_out(con)] == [
        (2013, None), (2014, None), (2015, f"1 programme with {LARGER}: 00091001"),
    ]  # fmt: skip
    (left_out,) = rows(con, "FROM mart.not_covered")
    assert left_out["expenditure_usd"] == 15


def test_years_that_are_newer_than_the_figures_since_the_start_may_be_ahead_of_them() -> None:
    con = loaded(
        _seen(1, "2014-06-01", _since_start("40")),
        _seen(1, "2016-06-01", _spent((2013, "50"), (2014, "25"))),
    )
    assert rows(con, "FROM mart.not_covered") == []


def test_all_is_named_where_organizations_do_not_add_up_to_it() -> None:
    """The sum leaves `(all)` out beside them; where they do add up, nothing is left out."""
    unnamed = annual(row(None, 2014, expenditure="300"), row(None, 2013, expenditure="80"))
    con = loaded(
        _seen(1, "2016-06-01", unnamed), _seen(1, "2016-06-02", _spent((2014, "100"), (2013, "80")))
    )
    assert [(found[0], found[1], found[-1]) for found in _left_out(con)] == [
        (2013, 80, None), (2014, 100, f"1 programme with {ALL_ROWS}: 00091001"),
    ]  # fmt: skip


def test_figures_that_are_no_longer_shown_are_named_unless_others_of_the_year_are() -> None:
    con = loaded(
        _seen(1, "2016-06-01", _spent((2013, "1"), (2014, "100"))),
        _seen(1, "2016-07-01", annual(row("UNDP", 2013, expenditure="1"))),
    )
    assert [(found[0], found[1], found[-1]) for found in _left_out(con)] == [
        (2013, 1, None), (2014, None, f"1 programme with {GONE}: 00091001"),
    ]  # fmt: skip


def test_of_many_programmes_ten_are_named() -> None:
    con = loaded(*(_seen(n, "2013-06-01", _since_start("9")) for n in range(1, 13)))
    ((*_, count, named),) = _left_out(con)
    ids = ", ".join(f"000910{n:02}" for n in range(1, 11))
    assert (count, named) == (12, f"12 programmes with {CUMULATIVE}: {ids} and 2 more")


def test_a_rate_is_of_figures_that_show_both() -> None:
    """UNDP spent without a net funded amount: its expenditure is in the sum, not in the rate."""
    con = loaded(
        _seen(1, "2016-06-01", annual(
            row("FAO", 2014, expenditure="50", net_funded="200"),
            row("UNDP", 2014, expenditure="75"), row("UNICEF", 2014, net_funded="1,000"),
        ))
    )  # fmt: skip
    (found,) = rows(con, "FROM mart.fund_year")
    assert (found["expenditure_usd"], found["net_funded_usd"]) == (125, 1200)
    assert found["delivery_rate_pct"] == 25
    assert found["figures_without_net_funded"] == 1


def _contributed(con: Connection, *rows: tuple[str, str, int | None, int]) -> None:
    """Add what contributors deposited: fund, contributor, year (None: since the start), US$."""
    for fund, contributor, year, amount in rows:
        table, years = "core.contribution_snapshot", f"{year} AS fiscal_year"
        if year is None:
            table, years = "core.contribution_cumulative_snapshot", "0 AS from_year, 0 AS to_year"
        con.execute(
            f"INSERT INTO {table} BY NAME SELECT ? AS fund_code, ? AS contributor, {years},"  # noqa: S608 because the names are written here
            " ? AS deposits_usd, ? AS contributor_printed, TIMESTAMP '2016-06-01' AS known_from,"
            " TIMESTAMP '2016-06-01' AS last_seen, any_value(capture_id) AS capture_id"
            " FROM raw.capture",
            [fund, contributor, amount, contributor],
        )


def _transferred(con_year: int, amount: str) -> Table:
    return annual(row("FAO", con_year, net_funded=amount, transfers=amount))


def _balances(con: Connection) -> list[tuple[Any, ...]]:
    return con.execute(
        "SELECT fiscal_year, deposits_usd, net_funded_usd, balance_usd, balance_not_known_because"
        " FROM mart.money_flow WHERE fund_code = 'MDG00' ORDER BY fiscal_year"
    ).fetchall()


def test_the_balance_is_deposits_less_net_funded_amounts_up_to_the_year() -> None:
    con = loaded(_seen(1, "2016-06-01", _transferred(2014, "300")))
    _contributed(con, ("MDG00", "Norway", 2013, 500), ("MDG00", "Spain", 2014, 100),
                 ("XYZ00", "Spain", 2014, 7))  # fmt: skip
    assert _balances(con) == [(2013, 500, None, 500, None), (2014, 100, 300, 300, None)]


def test_there_is_no_balance_after_a_year_without_deposits() -> None:
    """Nobody knows if there were none: from that year on the balance is NULL, with the reason."""
    con = loaded(_seen(1, "2016-06-01", _transferred(2014, "300")))
    _contributed(con, ("MDG00", "Norway", 2013, 500), ("MDG00", "Norway", 2015, 50))
    because = "a year of the fund until then has no deposits"
    assert [(found[0], *found[3:]) for found in _balances(con)] == [
        (2013, 500, None), (2014, None, because), (2015, None, because),
    ]  # fmt: skip


def test_there_is_no_balance_where_contributions_or_programmes_are_left_out() -> None:
    con = loaded(
        _seen(1, "2016-06-01", _transferred(2013, "300")), _seen(2, "2016-06-01", _since_start("9"))
    )
    _contributed(con, *(("MDG00", "Norway", year, 500) for year in (2013, 2014, 2015)))
    assert {found[3:] for found in _balances(con)} == {
        (None, "the sums until then leave programmes out")
    }
    _contributed(con, ("MDG00", "Spain", None, 80))
    assert {found[3:] for found in _balances(con)} == {
        (None, "some contributions are not known by year")
    }
    (fund,) = rows(con, "FROM mart.fund_year WHERE fiscal_year = 2014")
    assert fund["contributors_not_covered"] == 1
    assert fund["not_covered"] == (
        f"1 programme with {CUMULATIVE}: 00091002;"
        " 1 contributor with cumulative contributions only: Spain"
    )


def test_contributions_by_year_are_compared_with_those_since_the_start() -> None:
    """Rounding is no difference; where one names no contributor, the fund's are compared whole."""
    con = loaded(_seen(1, "2016-06-01", _transferred(2014, "300")))
    _contributed(con, ("MDG00", "Norway", 2013, 500), ("MDG00", "Norway", None, 501),
                 ("MDG00", "Spain", 2013, 100), ("MDG00", "Spain", None, 180),
                 ("XYZ00", "(all)", 2013, 40), ("XYZ00", "Spain", None, 40))  # fmt: skip
    found = con.execute("SELECT DISTINCT fund_code, not_covered FROM mart.fund_year").fetchall()
    assert sorted(found) == [
        ("MDG00", "1 contributor with larger contributions since the start than by year: Spain"),
        ("XYZ00", None),
    ]
    (spain,) = rows(con, "FROM mart.contributor_year WHERE contributor = 'Spain'")
    assert spain["not_covered"] == (
        "1 fund with larger contributions since the start than by year: MDG00"
    )
    (left_out,) = rows(con, "FROM mart.contribution_not_covered")
    assert left_out["deposits_usd"] == 80


def test_contributions_that_name_no_fund_have_a_row_of_their_own() -> None:
    con = loaded(_seen(1, "2016-06-01", _transferred(2014, "300")))
    _contributed(con, ("(all)", "Norway", 2014, 500))
    found = con.execute(
        "SELECT fund_code, deposits_usd, balance_usd FROM mart.money_flow"
    ).fetchall()
    assert sorted(found) == [("(all)", Decimal(500), None), ("MDG00", None, None)]


def test_figures_that_name_no_organization_are_named_beside_those_of_the_programme() -> None:
    """FAO has a share of 2013 that nobody knows: `(all)` has the amount, FAO's row the name."""
    con = loaded(
        _seen(1, "2016-06-01", annual(row(None, 2013, expenditure="80"))),
        _seen(1, "2016-06-02", _spent((2014, "20"))),
        _seen(2, "2016-06-02", _spent((2013, "7"))),
    )
    found = con.execute(
        "SELECT organization, fiscal_year, programmes_expenditure_usd, not_covered"
        " FROM mart.organization_year ORDER BY ALL"
    ).fetchall()
    assert found == [
        ("(all)", 2013, 80, None),
        ("FAO", 2013, 7, f"1 programme with {NAMELESS}: 00091001"),
        ("FAO", 2014, 20, None),
    ]


def test_sums_by_country_are_by_code_and_keep_what_has_none() -> None:
    """Two spellings are one country; `Global` and an unknown name have rows of their own."""
    printed = ("Viet Nam", "VIETNAM", "Global", "Atlantis", None)
    con = loaded(
        *(
            _seen(n, "2016-06-01", _spent((2014, f"{n}0")), identity=Identity(country=country))
            for n, country in enumerate(printed, 1)
        )
    )
    found = con.execute(
        "SELECT country_code, country, programmes, expenditure_usd FROM mart.country_year"
        " ORDER BY expenditure_usd, country_code"
    ).fetchall()
    assert found == [
        ("VNM", "Viet Nam", 2, 30), (None, "Global", 1, 30), (None, "Atlantis", 1, 40),
        (None, None, 1, 50),
    ]  # fmt: skip
    unknown = con.execute("SELECT detail FROM meta.finding WHERE kind = 'unknown_country'")
    assert unknown.fetchall() == [("Atlantis",)]


def test_what_is_no_country_does_not_keep_the_code_of_the_country_before() -> None:
    """The code is carried forward with the name, never beside another."""
    con = loaded(
        _seen(1, "2016-06-01", identity=Identity(country="Chad")),
        _seen(1, "2016-07-01", identity=Identity(country="Global")),
        _seen(1, "2016-08-01"),
    )
    found = con.execute("SELECT country, country_code, country_name FROM mart.programme_current")
    assert found.fetchall() == [("Global", None, "Global")]


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(seen=histories(programmes=3, most=8))
def test_sums_and_what_they_leave_out_are_what_the_model_says(seen: list[Seen]) -> None:
    con = loaded(*{s.capture_id: s for s in seen}.values())
    told = naive_marts.known(seen, {s.sha256: PARSER_VERSION for s in seen})
    for view, model in naive_sums.MORE_VIEWS.items():
        assert _compared(rows(con, f"FROM {view}")) == _compared(model(told)), view


def _compared(records: list[Record]) -> Counter[frozenset[tuple[str, Any]]]:
    """Records as they count, less what the model leaves out."""
    left_out = {"source_url", "captured_at", "interim_share_pct", "programmes_interim_share_pct"}
    return Counter(
        frozenset((name, value) for name, value in record.items() if name not in left_out)
        for record in records
    )
