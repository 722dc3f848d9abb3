"""Contributions in the warehouse: vintages from pages and the API, whatever the order."""

from itertools import permutations

import pytest

from extractors.parse.pages import parse_page
from extractors.records import Page
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
from warehouse.connection import Connection


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


@pytest.mark.parametrize(
    "url", [FUND.replace("https:", "http:"), FUND.replace("e/f", "e./f") + "/"]
)
def test_a_row_is_gone_when_the_page_lacks_it_under_another_url(url: str) -> None:
    """`http` or `https`, a dot behind the host, and a final slash make no other page."""
    shown = seen("2012-01-01", [("Norway", "1,000", "900"), ("Spain", "50", "-")], url=url)
    con = grown(shown, seen("2012-02-01", [("Norway", "1,000", "900")]))
    assert vintages(con) == [
        "SMP00 Norway 1000.00 900.00 2012-01-01 2012-02-01",
        "SMP00 Spain 50.00 2012-01-01 2012-01-01 gone 2012-02-01",
    ]


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
