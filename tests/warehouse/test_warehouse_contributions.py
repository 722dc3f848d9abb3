"""Contributions in the warehouse: vintages from pages and the API, whatever the order."""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations

import pytest

from extractors.parse.pages import parse_page
from extractors.records import Page
from tests.warehouse.histories import (
    SENT,
    Seen,
    at,
    dump,
    empty_warehouse,
    grown,
    load_seen,
    loaded,
    rows,
)
from warehouse.answers import answer
from warehouse.connection import Connection

Said = Sequence[tuple[str, ...]]
FUND = "https://gateway.example/factsheet/fund/SMP00"
DONORS = "https://gateway.example/portfolio/donor"
ANSWERS = "https://gateway.example/answers"  # of the API
SINCE_START = ("Contributor", "Commitments (US$)", "Deposits (US$)")
BY_YEAR = ("Contributor", "Year", "Commitments", "Deposits")


def table(headings: tuple[str, ...], said: Said) -> str:
    lines = [headings, *said]
    body = "".join(f"<tr><td>{'</td><td>'.join(line)}</td></tr>" for line in lines)
    return f"<table>{body}</table>"


def fund_page(*tables: str, title: str = "Trust Fund Factsheet", more: str = "") -> Page:
    page = f"<html><body><h1>{title}</h1><p>Tools for » Sample Fund</p>{''.join(tables)}{more}"
    return parse_page(f"{page}</body></html>".encode())


def seen(day: str, said: Said, headings: tuple[str, ...] = SINCE_START, url: str = FUND) -> Seen:
    """Return a fund's page with one table of contributors."""
    return Seen(at(day), fund_page(table(headings, said)), url)


def listed(day: str, said: Said, *headings: str) -> Seen:
    page = f"<html><body><h1>Portfolio of Contributors</h1>{table(headings, said)}</body></html>"
    return Seen(at(day), parse_page(page.encode()), DONORS)


def answered(day: str, *said: tuple[str, str, str], years: str = "year:2015") -> Seen:
    """Return an answer of the API: contributors with commitments and deposits to a fund."""
    named = ("CONTRIBUTOR", "COMMITMENTS", "DEPOSITS")
    data = [dict(zip(named, one, strict=True)) | {"FUND_CODE": "SMP00"} for one in said]
    body = json.dumps({"data": data}).encode()
    return Seen(at(day), parse_page(body, f"getDonors/,a,/{years}"), ANSWERS)


def vintages(con: Connection, kind: str = "contribution_cumulative_snapshot") -> list[str]:
    """Return the vintages of all contributors, each as a text."""
    said = rows(
        con,
        "SELECT concat_ws(' ', fund_code, contributor,"  # noqa: S608 because the names are this test's
        " commitments_usd::VARCHAR, deposits_usd::VARCHAR, known_from::DATE, last_seen::DATE,"
        " 'gone ' || no_longer_shown_since::DATE) AS text"
        f" FROM core.{kind} ORDER BY contributor, known_from, fund_code",
    )
    return [row["text"] for row in said]


def test_a_page_s_contributions_have_a_vintage_whenever_they_change() -> None:
    """In whatever order they are loaded, and loaded again; a page without the table ends none."""
    history = [
        seen("2012-01-01", [("Norway", "1,000", "900"), ("Spain", "50", "-")]),
        Seen(at("2012-02-01"), fund_page(), FUND),
        seen("2012-03-01", [("Norway", "1,000", "950"), ("Spain", "50", "-"), ("Total", "", "1")]),
        seen("2012-04-01", [("Norway", "1,000", "950")]),
    ]
    expected = [
        "SMP00 Norway 1000.00 900.00 2012-01-01 2012-01-01",
        "SMP00 Norway 1000.00 950.00 2012-03-01 2012-04-01",
        "SMP00 Spain 50.00 2012-01-01 2012-03-01 gone 2012-04-01",
    ]
    con = loaded(*history)
    assert vintages(con) == expected
    wanted = dump(con, "core", "mart")
    load_seen(con, history, again=True)
    assert dump(con, "core", "mart") == wanted
    for order in list(permutations(history))[7::12]:
        assert vintages(grown(*order)) == expected


def test_a_fund_s_table_is_that_of_its_url_and_a_list_s_that_of_all_funds() -> None:
    """The same bytes at two funds' addresses are what both show."""
    said = [("Norway", "10", "10")]
    view = parse_page(b"Contributor,Commitments,Deposits\nNorway,10,10\n")
    con = loaded(
        Seen(at("2012-01-01"), view, f"{FUND}/excel"),
        Seen(at("2012-01-01"), view, "https://gateway.example/factsheet/fund/OTH00/excel"),
        listed("2012-01-02", [("Norway", "20")], "Contributor", "Contributions (US$)"),
        seen("2012-01-01", said, url=f"{FUND}?fund_status_month_to=1&fund_status_year_to=2011"),
    )
    assert vintages(con) == [
        "OTH00 Norway 10.00 10.00 2012-01-01 2012-01-01",
        "SMP00 Norway 10.00 10.00 2012-01-01 2012-01-01",
        "(all) Norway 20.00 2012-01-02 2012-01-02",
    ]


def test_a_page_of_an_earlier_month_is_a_finding_and_no_contribution() -> None:
    con = loaded(
        Seen(
            at("2012-01-01"),
            fund_page(table(SINCE_START, [("Norway", "10", "10")])),
            f"{FUND}?fund_status_month_to=1&fund_status_year_to=2011",
        )
    )
    assert vintages(con) == []
    found = rows(con, "SELECT subject FROM meta.finding WHERE kind = 'contributions_of_a_month'")
    assert [row["subject"] for row in found] == ["SMP00"]


HISTORY = [
    seen("2015-03-01", [("Norway", "2015", "100", "50"), ("Spain", "2015", "7", "7")], BY_YEAR),
    answered("2015-05-01", ("Norway", "100.370", "50.000"), ("Spain", "7.000", "7.000")),
    seen("2015-07-01", [("Norway", "2015", "100", "60")], BY_YEAR),
    answered("2015-09-01", ("Norway", "100.370", "50.000")),
]  # fmt: skip


def test_cents_and_dollars_of_one_contribution_are_one_value_and_else_the_newer_counts() -> None:
    """What one source lacks is gone only once the other lacks it too."""
    for order in ((0, 1, 2, 3), (3, 1, 0, 2)):
        con = grown(*(HISTORY[number] for number in order))
        assert vintages(con, "contribution_snapshot") == [
            "SMP00 Norway 100.37 50.00 2015-03-01 2015-05-01",
            "SMP00 Norway 100.37 60.00 2015-07-01 2015-07-01",
            "SMP00 Norway 100.37 50.00 2015-09-01 2015-09-01",
            "SMP00 Spain 7.00 7.00 2015-03-01 2015-05-01 gone 2015-09-01",
        ]
    found = rows(con, "SELECT subject, detail FROM meta.finding WHERE kind = 'sources_differ'")
    assert [(row["subject"], row["detail"]) for row in found] == [
        (
            "SMP00, Norway, 2015, deposits_usd",
            "the newest api_answer shows 50.00, the newest fund_factsheet 60.00; the newer counts",
        )
    ]


def test_of_captures_of_one_second_the_api_counts_for_what_both_show() -> None:
    said = [("Norway", "2015", "100", "50"), ("Spain", "2015", "1", "")]
    con = loaded(seen("2015-05-01", said, BY_YEAR), answered("2015-05-01", ("Norway", "99", "3")))
    assert vintages(con, "contribution_snapshot") == [
        "SMP00 Norway 99.00 3.00 2015-05-01 2015-05-01",
        "SMP00 Spain 1.00 2015-05-01 2015-05-01",
    ]


def test_pages_of_one_second_that_contradict_each_other_are_a_finding() -> None:
    con = loaded(
        seen("2012-01-01", [("Norway", "10", "7")]),
        seen("2012-01-01", [("Norway", "10", "9")], url=f"{FUND}/excel"),
    )
    found = con.execute("SELECT subject, detail FROM meta.finding WHERE kind = 'contradiction'")
    assert found.fetchall() == [
        (
            "SMP00, Norway, deposits_usd",
            "pages of the same second show 7.00 and 9.00; the one with the greater SHA-256 counts",
        )
    ]


def test_a_contribution_is_gone_when_a_page_lacks_it_after_any_page_showed_it() -> None:
    """Also where the page that lacks it has not changed since before another showed it last."""
    both, one = [("Norway", "1", "1"), ("Spain", "5", "5")], [("Norway", "1", "1")]
    con = loaded(
        seen("2012-01-02", both),
        seen("2012-02-02", one),
        seen("2012-02-10", both, url=f"{FUND}/excel"),
        seen("2012-03-01", one),
        seen("2012-04-01", one),
    )
    assert vintages(con)[1:] == ["SMP00 Spain 5.00 5.00 2012-01-02 2012-02-10 gone 2012-03-01"]


@pytest.mark.parametrize(
    "page",
    [
        fund_page(table(SINCE_START, [("Norway", "10", "1,23")])),  # not read in full
        fund_page(table(SINCE_START, [("No data", "", "")])),
        fund_page(table(BY_YEAR, [("Norway", "2012", "10", "10")])),  # another kind of table
        fund_page(table(SINCE_START, [("Norway", "10", "10")]), more="<p>Page 1 of 2</p>"),
        parse_page(
            f"<html><h1>Trust Fund Factsheet</h1><p>Tools for » F</p>"
            f"{table(SINCE_START, [('Norway', '10', '10')])}<p>torn".encode(),
            cut_short="length",
        ),
    ],
)
def test_a_page_that_does_not_show_its_table_in_full_ends_nothing(page: Page) -> None:
    con = loaded(seen("2012-01-01", [("Spain", "5", "5")]), Seen(at("2012-02-01"), page, FUND))
    assert "SMP00 Spain 5.00 5.00 2012-01-01 2012-01-01" in vintages(con)


def test_a_304_whose_validator_came_with_other_contributions_shows_none() -> None:
    first = seen("2012-01-01", [("Norway", "5", "5")])._replace(status=SENT, validator="a")
    later = seen("2012-02-01", [("Norway", "6", "6")])._replace(status=SENT, validator="a")
    stale = first._replace(at=at("2012-03-01"), status=304)
    assert vintages(loaded(first, later, stale)) == [
        "SMP00 Norway 5.00 5.00 2012-01-01 2012-01-01",
        "SMP00 Norway 6.00 6.00 2012-02-01 2012-02-01",
    ]


def test_a_body_that_a_later_parser_reads_otherwise_leaves_nothing_behind() -> None:
    con = empty_warehouse()
    before = seen("2012-01-01", [("Norway", "5", "5")])
    load_seen(con, [before])
    other = seen("2012-01-01", [("Spain", "5", "5")]).page
    load_seen(con, [before._replace(page=other, body=before.sha256)], again=True)
    assert vintages(con) == ["SMP00 Spain 5.00 5.00 2012-01-01 2012-01-01"]


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
    return con.execute(
        "SELECT subject, passed, expected, actual, tolerance FROM meta.check_result"
        " WHERE check_name = ? ORDER BY subject",
        [check],
    ).fetchall()


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
