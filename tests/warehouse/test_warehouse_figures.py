"""Rules of core for figures: carried forward, merged, no longer shown, restated."""

from decimal import Decimal
from itertools import permutations

import pytest

from extractors.records import Measure, Page
from tests.warehouse.histories import (
    SITE,
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
    sha256_of,
    sight,
    total,
)
from tests.warehouse.naive_model import Record
from warehouse.connection import Connection


def _figures(con: Connection, *columns: str) -> list[tuple[object, ...]]:
    return [
        tuple(record[name] for name in columns)
        for record in rows(con, "FROM core.expenditure_snapshot ORDER BY organization, known_from")
    ]


def _only(con: Connection) -> Record:
    (record,) = rows(con, "FROM core.expenditure_snapshot")
    return record


def test_the_offices_books_are_carried_across_the_basis() -> None:
    """Budget, transfers, refunds and net funded amount outlive the deadline, expenditure not."""
    con = loaded(
        sight("2015-12-01", annual(row(
            "FAO", 2015, approved_budget="900", net_funded="500", transfers="510", refunds="10",
            expenditure="100", delivery_rate="20.0",
        ))),
        sight("2016-06-01", annual(row("FAO", 2015, transfers="520"))),
    )  # fmt: skip
    assert _figures(
        con, "basis", "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd",
        "expenditure_usd", "delivery_rate_pct",
    ) == [
        ("interim", 900, 500, 510, 10, 100, 20),
        ("year_end", 900, 500, 520, 10, None, None),
    ]  # fmt: skip


def test_expenditure_is_carried_within_its_basis() -> None:
    """A later interim capture that does not show expenditure keeps the interim figure."""
    con = loaded(
        sight("2015-10-01", annual(row("FAO", 2015, expenditure="100"))),
        sight("2015-11-01", annual(row("FAO", 2015, approved_budget="900"))),
    )
    assert _figures(con, "approved_budget_usd", "expenditure_usd") == [(None, 100), (900, 100)]


def test_expenditure_is_carried_from_the_newest_that_showed_it_or_not_at_all() -> None:
    """After closing and re-opening, an interim figure does not skip the year_end one between."""
    con = loaded(
        sight("2015-06-01", annual(row("FAO", 2015, expenditure="100")), status="On Going"),
        sight(
            "2015-07-01", annual(row("FAO", 2015, expenditure="120")), status="Financially Closed"
        ),
        sight("2015-08-01", annual(row("FAO", 2015, approved_budget="900")), status="On Going"),
        sight("2015-09-01", annual(row("FAO", 2015, transfers="1")), status="Financially Closed"),
    )
    assert _figures(con, "basis", "expenditure_usd") == [
        ("interim", 100), ("year_end", 120), ("interim", None), ("year_end", 120),
    ]  # fmt: skip


@pytest.mark.parametrize("measure", ["expenditure", "net_funded", "transfers", "refunds"])
def test_the_rate_is_dropped_once_a_figure_that_it_depends_on_changes(measure: Measure) -> None:
    """It stays dropped when the figure returns, until a capture shows a rate again."""
    con = loaded(
        sight("2015-07-01", annual(Row("FAO", 2015, {measure: "100", "delivery_rate": "50.0"}))),
        sight("2015-08-01", annual(Row("FAO", 2015, {measure: "200"}))),
        sight("2015-09-01", annual(Row("FAO", 2015, {measure: "100"}))),
        sight("2015-10-01", annual(Row("FAO", 2015, {measure: "100", "delivery_rate": "50.0"}))),
    )
    assert _figures(con, f"{measure}_usd", "delivery_rate_pct") == [
        (100, 50), (200, None), (100, None), (100, 50),
    ]  # fmt: skip


def test_the_rate_is_carried_while_nothing_that_it_depends_on_changes() -> None:
    """Another budget leaves the delivery rate as it was."""
    con = loaded(
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="100", delivery_rate="50.0"))),
        sight("2015-08-01", annual(row("FAO", 2015, expenditure="100", approved_budget="900"))),
    )
    assert _figures(con, "approved_budget_usd", "delivery_rate_pct") == [(None, 50), (900, 50)]


def test_a_measure_that_is_no_longer_shown_begins_no_vintage() -> None:
    """A capture that shows fewer measures of the same values is still the same vintage."""
    con = loaded(
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="100", approved_budget="900"))),
        sight("2015-08-01", annual(row("FAO", 2015, expenditure="100", approved_budget="-"))),
    )
    record = _only(con)
    assert (record["known_from"], record["last_seen"]) == (at("2015-07-01"), at("2015-08-01"))


def test_zero_is_a_figure_and_a_dash_is_none() -> None:
    """A printed 0 replaces what was known; a dash does not."""
    con = loaded(
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="100"))),
        sight("2015-08-01", annual(row("FAO", 2015, expenditure="-", approved_budget="1"))),
        sight("2015-09-01", annual(row("FAO", 2015, expenditure="0"))),
    )
    assert _figures(con, "expenditure_usd") == [(100,), (100,), (0,)]


def test_a_row_of_dashes_is_no_fact() -> None:
    """A row with no measure at all makes no row of core."""
    dashes = annual(row("FAO", 2015, expenditure="-", approved_budget="-"))
    con = loaded(sight("2015-07-01", dashes))
    assert _figures(con) == []


def test_a_figure_that_changes_and_changes_back_has_three_vintages() -> None:
    """A vintage begins whenever the value differs from the one before."""
    con = loaded(
        *(
            sight(f"2015-0{month}-01", annual(row("FAO", 2015, expenditure=amount)))
            for month, amount in ((7, "100"), (8, "200"), (9, "100"))
        )
    )
    assert _figures(con, "expenditure_usd") == [(100,), (200,), (100,)]


def test_a_restated_year_end_figure_is_a_second_year_end_vintage() -> None:
    """Both are kept, each with the time from which it was known."""
    con = loaded(
        sight("2016-06-01", annual(row("FAO", 2015, expenditure="100"))),
        sight("2017-06-01", annual(row("FAO", 2015, expenditure="90"))),
    )
    assert _figures(con, "basis", "known_from", "expenditure_usd") == [
        ("year_end", at("2016-06-01"), 100),
        ("year_end", at("2017-06-01"), 90),
    ]


def test_an_organization_has_one_name_and_keeps_the_text() -> None:
    """UNIFEM is UN Women; the text is the one printed when the vintage began."""
    con = loaded(
        sight("2015-07-01", annual(row("UNIFEM", 2015, expenditure="100"))),
        sight("2015-08-01", annual(row("UN Women", 2015, expenditure="100"))),
        sight("2015-09-01", annual(row("UN Women", 2015, expenditure="200"))),
    )
    assert _figures(con, "organization", "organization_printed", "expenditure_usd") == [
        ("UN Women", "UNIFEM", 100),
        ("UN Women", "UN Women", 200),
    ]


def test_a_table_that_names_no_organization_is_of_all() -> None:
    """Its organization is `(all)`, and no text was printed."""
    record = _only(loaded(sight("2015-07-01", annual(row(None, 2015, expenditure="100")))))
    assert (record["organization"], record["organization_printed"]) == ("(all)", None)


def test_a_printed_total_row_is_no_fact() -> None:
    """Only the row that it sums is in core."""
    table = annual(row("FAO", 2015, expenditure="100"), total(2015, expenditure="100"))
    assert _only(loaded(sight("2015-07-01", table)))["organization"] == "FAO"


# The same second.


def _at_once(*pages: Seen) -> list[Seen]:
    return sorted(pages, key=lambda seen: seen.sha256)


@pytest.mark.parametrize("first", [0, 1])
def test_two_captures_at_the_same_second_are_one_observation(first: int) -> None:
    """What they show of one row is merged, and nothing is said where they agree."""
    pages = [
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="100"))),
        sight("2015-07-01", annual(row("FAO", 2015, approved_budget="900", expenditure="-"))),
    ]
    con = grown(pages[first], pages[1 - first])
    assert _figures(con, "approved_budget_usd", "expenditure_usd") == [(900, 100)]
    assert not con.execute("FROM meta.finding WHERE kind = 'contradiction'").fetchall()


@pytest.mark.parametrize("first", [0, 1])
def test_where_they_contradict_each_other_the_greater_sha256_counts(first: int) -> None:
    """A finding names the figure, what was shown, and what counts."""
    lesser, greater = _at_once(
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="100", transfers="7"))),
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="200", transfers="7"))),
    )
    con = grown(*([lesser, greater] if first == 0 else [greater, lesser]))
    record = _only(con)
    assert record["capture_id"] == greater.capture_id
    counts = Decimal("100.00") if "'100'" in repr(greater.page) else Decimal("200.00")
    assert record["expenditure_usd"] == counts
    (finding,) = rows(con, "FROM meta.finding WHERE kind = 'contradiction'")
    assert finding["capture_id"] == greater.capture_id
    assert finding["subject"] == "00091001, FAO, 2015, expenditure_usd"
    assert "100.00 and 200.00" in finding["detail"]
    assert finding["detail"].endswith(f"counts: {counts}")


def test_contradicting_identities_of_one_second_are_a_finding_too() -> None:
    """The status of the greater SHA-256 counts, and decides the basis."""
    lesser, greater = _at_once(
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="1")), status="On Going"),
        sight("2015-07-01", annual(row("FAO", 2015, expenditure="1")), status="Financially Closed"),
    )
    con = loaded(greater, lesser)
    closed = "Closed" in repr(greater.page)
    assert _only(con)["basis"] == ("year_end" if closed else "interim")
    (finding,) = rows(con, "FROM meta.finding WHERE kind = 'contradiction'")
    assert finding["subject"] == "00091001, status"


def test_a_contradiction_is_found_in_the_same_capture_whatever_the_order() -> None:
    """Also where the body that counts was captured under two addresses at that second."""
    pages = sorted([page(title="Water"), page(title="Wells")], key=sha256_of)
    seen = [
        Seen(at("2015-07-01"), pages[0]),
        Seen(at("2015-07-01"), pages[1]),
        Seen(at("2015-07-01"), pages[1], "https://gateway.example/project/00091001"),
    ]
    found = {
        str(rows(load(*order), "FROM meta.finding"))
        for order in list(permutations(seen))[1::2]
        for load in (grown, loaded)
    }
    assert len(found) == 1


_TURNS = {
    "title": ("Water", "Wells"), "description": ("SMP-01 Water", "SMP-01 Wells"),
    "fund_code": ("SMP00", "SMP10"), "fund_name": ("Sample Fund", "Another Fund"),
    "theme": ("Water", "Health"), "start_date": ("1 Jan 2012", "1 Feb 2012"),
    "end_date": ("31 Dec 2016", "31 Dec 2017"), "country": ("Benin", "Togo"),
    "status": ("On Going", "Operationally Closed"), "participating_organization": ("FAO", "UNDP"),
}  # fmt: skip


def test_pages_that_take_turns_in_saying_who_it_is_are_each_a_vintage() -> None:
    """What was seen last at one address is not what was known all the time since it was first."""
    ids = {f"{91001 + number:08}": field for number, field in enumerate(_TURNS)}
    seen = []
    for key, field in ids.items():
        first, second = (page(programme_id=key, **{field: said}) for said in _TURNS[field])  # type: ignore[arg-type]  # it is a field of identity
        seen += [
            Seen(at("2015-07-01"), first, SITE + key),
            Seen(at("2015-07-02"), second, f"https://gateway.example/project/{key}"),
            Seen(at("2015-07-03"), first, SITE + key),
        ]
    con = loaded(*seen)
    for key, field in ids.items():
        query = "FROM core.programme WHERE programme_id = ? ORDER BY known_from"
        found = [known[field] for known in rows(con, query, key)]
        assert len(found) == 3, field
        assert found[0] == found[2] != found[1], field


def test_captures_a_second_apart_do_not_contradict_each_other() -> None:
    """They are two vintages, and no finding."""
    con = loaded(
        sight("2015-07-01T00:00:00", annual(row("FAO", 2015, expenditure="100"))),
        sight("2015-07-01T00:00:01", annual(row("FAO", 2015, expenditure="200"))),
    )
    assert len(_figures(con)) == 2
    assert not rows(con, "FROM meta.finding WHERE kind = 'contradiction'")


# No longer shown.

_FAO = row("FAO", 2015, expenditure="100")
_UNDP = row("UNDP", 2015, expenditure="200")


def _gone(con: Connection) -> dict[str, object]:
    return dict(
        con.execute(
            "SELECT DISTINCT organization, no_longer_shown_since FROM core.expenditure_snapshot"
        ).fetchall()
    )


def test_a_row_that_vanishes_from_a_full_table_is_marked_and_stays() -> None:
    """Marked since the first capture that lacked it, in every vintage; the other row is not."""
    con = loaded(
        sight("2015-06-01", annual(row("FAO", 2015, expenditure="90"), _UNDP)),
        sight("2015-07-01", annual(_FAO, _UNDP)),
        sight("2015-08-01", annual(_UNDP)),
        sight("2015-09-01", annual(_UNDP), title="Another page"),
    )
    assert _gone(con) == {"FAO": at("2015-08-01"), "UNDP": None}
    assert _figures(con, "organization", "expenditure_usd", "last_seen") == [
        ("FAO", 90, at("2015-06-01")),
        ("FAO", 100, at("2015-07-01")),
        ("UNDP", 200, at("2015-09-01")),
    ]
    assert con.execute("SELECT organization FROM mart.expenditure_current").fetchall() == [
        ("UNDP",)
    ]


def test_a_row_that_is_shown_again_is_no_longer_marked() -> None:
    """The same figure shown again is the same vintage, seen to the end."""
    con = loaded(
        sight("2015-07-01", annual(_FAO, _UNDP)),
        sight("2015-08-01", annual(_UNDP)),
        sight("2015-09-01", annual(_FAO, _UNDP)),
    )
    assert _gone(con) == {"FAO": None, "UNDP": None}
    assert _figures(con, "organization", "last_seen") == [
        ("FAO", at("2015-09-01")),
        ("UNDP", at("2015-09-01")),
    ]


def test_a_row_of_dashes_is_still_shown() -> None:
    """It keeps the row from being marked, and is no sight of the figure."""
    con = loaded(
        sight("2015-07-01", annual(_FAO, _UNDP)),
        sight("2015-08-01", annual(row("FAO", 2015, expenditure="-"), _UNDP)),
    )
    assert _gone(con) == {"FAO": None, "UNDP": None}
    assert _figures(con, "organization", "last_seen")[0] == ("FAO", at("2015-07-01"))


def test_a_row_of_dashes_brings_no_figure_back() -> None:
    """A row that is gone stays gone since then, until a page shows a measure of it."""
    dashes = annual(row("FAO", 2015, expenditure="-"), _UNDP)
    seen = [
        sight("2015-07-01", annual(_FAO, _UNDP)),
        sight("2015-08-01", annual(_UNDP)),
        sight("2015-09-01", dashes),
        sight("2015-10-01", annual(_UNDP)),
        sight("2015-11-01", annual(_FAO, _UNDP)),
    ]
    for so_far in (2, 3, 4):
        assert _gone(loaded(*seen[:so_far])) == {"FAO": at("2015-08-01"), "UNDP": None}
    con = loaded(*seen)
    assert _gone(con) == {"FAO": None, "UNDP": None}
    for day, shown in (("2015-07-31", 2), ("2015-09-15", 1), ("2015-10-15", 1), ("2015-11-01", 2)):
        con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [at(day)])
        assert len(rows(con, "FROM mart.expenditure_as_of")) == shown, day


@pytest.mark.parametrize(
    "later",
    [
        page(title="No figures"),
        page(annual(_UNDP, full=False)),
        page(annual()),
        page(cumulative(row("UNDP", None, expenditure="200"))),
        page(annual(row(None, 2015, expenditure="300"))),
        page(annual(_UNDP, row("ILO", 2015, expenditure="1,23"))),
    ],
    ids=["no table", "one page of several", "empty table", "cumulative table",
         "table that names no organization", "a row that was set aside"],
)  # fmt: skip
def test_nothing_but_a_full_table_of_its_kind_marks_a_row(later: Page) -> None:
    """Absent is not gone: such a capture ends nothing and changes nothing of the row."""
    before = loaded(sight("2015-07-01", annual(_FAO)))
    known = _only(before)
    con = loaded(sight("2015-07-01", annual(_FAO)), Seen(at("2015-08-01"), later))
    assert rows(con, "FROM core.expenditure_snapshot WHERE organization = 'FAO'") == [known]


def test_a_page_with_two_full_tables_of_a_kind_marks_a_row_that_both_lack() -> None:
    """Budget and expenditure may stand in a table each; together they are read in full."""
    con = loaded(
        sight("2015-07-01", annual(_FAO, _UNDP)),
        sight("2015-08-01", annual(row("UNDP", 2015, approved_budget="900")), annual(_UNDP)),
    )
    assert _gone(con) == {"FAO": at("2015-08-01"), "UNDP": None}


def test_cumulative_rows_are_marked_by_cumulative_tables() -> None:
    """The rule is the same without years."""
    con = loaded(
        sight("2015-07-01", cumulative(row("FAO", None, expenditure="1"))),
        sight("2015-08-01", cumulative(row("UNDP", None, expenditure="1"))),
    )
    assert con.execute(
        "SELECT organization, no_longer_shown_since FROM core.cumulative_snapshot ORDER BY ALL"
    ).fetchall() == [("FAO", at("2015-08-01")), ("UNDP", None)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (2, 0, 1)])
def test_a_capture_without_figures_ends_nothing(order: tuple[int, ...]) -> None:
    """Its identity is loaded; the figure around it is one vintage that was seen twice."""
    seen = [
        sight("2015-07-01", annual(_FAO), title="Water"),
        sight("2015-08-01", title="Water for all"),
        sight("2015-09-01", annual(_FAO), title="Water for all"),
    ]
    con = grown(*(seen[n] for n in order))
    record = _only(con)
    assert (record["known_from"], record["last_seen"]) == (at("2015-07-01"), at("2015-09-01"))
    assert con.execute("SELECT title, known_from FROM core.programme ORDER BY ALL").fetchall() == [
        ("Water", at("2015-07-01")),
        ("Water for all", at("2015-08-01")),
    ]


def test_identity_that_is_not_shown_is_carried_forward() -> None:
    """A page that drops a label begins no vintage and forgets nothing."""
    con = loaded(
        sight("2015-07-01", title="Water", country="Chad"),
        sight("2015-08-01", title="Water"),
        sight("2015-09-01", title="Wells"),
    )
    assert con.execute(
        "SELECT title, country, known_from FROM core.programme ORDER BY known_from"
    ).fetchall() == [
        ("Water", "Chad", at("2015-07-01")),
        ("Wells", "Chad", at("2015-09-01")),
    ]


_ELSEWHERE = ["https://gateway.example/project/00091001", "http://gateway.example/project/00091001"]


def test_the_status_that_decides_the_basis_may_stand_on_another_page() -> None:
    """Figures seen again, unchanged, after another page closed the programme are final then."""
    figures = page(annual(row("FAO", 2016, expenditure="100")))
    other = _ELSEWHERE[0]
    seen = [
        Seen(at("2016-06-01"), figures),
        Seen(at("2016-06-02"), page(status="On Going"), other),
        Seen(at("2016-07-01"), page(status="Financially Closed"), other),
        Seen(at("2016-08-01"), figures),
        Seen(at("2016-08-02"), figures),
    ]
    for con in (grown(*seen), loaded(*seen)):
        assert con.execute(
            "SELECT basis, known_from::DATE::VARCHAR, last_seen::DATE::VARCHAR"
            " FROM core.expenditure_snapshot ORDER BY known_from"
        ).fetchall() == [
            ("interim", "2016-06-01", "2016-06-01"), ("year_end", "2016-08-01", "2016-08-02"),
        ]  # fmt: skip


def test_a_page_that_was_contradicted_since_is_not_simply_seen_again() -> None:
    """Though the same body stands at another address too: each address is stale by itself."""
    one = page(annual(row("FAO", 2016, expenditure="100")))
    other = page(annual(row("FAO", 2016, expenditure="200")))
    seen = [
        Seen(at("2016-06-01"), one), Seen(at("2016-06-05"), one),
        Seen(at("2016-06-07"), other, _ELSEWHERE[0]),
        Seen(at("2016-06-08"), one, _ELSEWHERE[1]), Seen(at("2016-06-09"), one, _ELSEWHERE[1]),
        Seen(at("2016-06-10"), one),
    ]  # fmt: skip
    for con in (grown(*seen), loaded(*seen)):
        assert con.execute(
            "SELECT day(known_from), day(last_seen) FROM core.expenditure_snapshot ORDER BY 1"
        ).fetchall() == [(1, 5), (7, 7), (8, 10)]


def test_of_two_captures_of_a_second_that_say_the_same_one_is_named_in_any_order() -> None:
    """Their bytes differ (a clock in the page's head); a vintage names the lesser SHA-256."""
    said = annual(row("FAO", 2014, expenditure="100"))
    seen = [sight("2015-06-01", said)._replace(body=sha * 64) for sha in ("a", "b")]
    for one, other in (seen, seen[::-1]):
        assert _only(grown(one, other))["capture_id"] == seen[0].capture_id


def test_expenditure_of_a_year_after_the_capture_is_set_aside_and_its_budget_is_not() -> None:
    """Nobody has spent it yet. It counts once the year has begun, and a printed 0 is true."""
    future = annual(
        row("FAO", 2016, approved_budget="900", expenditure="100", delivery_rate="50.0"),
        row("UNDP", 2016, approved_budget="900", expenditure="0"),
    )
    columns = ("organization", "known_from", "approved_budget_usd", "expenditure_usd")
    early = Seen(at("2015-12-31T23:59:59"), page(future))
    con = loaded(early)
    assert _figures(con, *columns) == [("FAO", early.at, 900, None), ("UNDP", early.at, 900, 0)]
    assert _figures(con, "delivery_rate_pct")[0] == (None,)
    assert rows(con, "SELECT subject, detail FROM meta.finding") == [
        {
            "subject": "00091001, FAO, 2016",
            "detail": "100.00 of a year after the capture is set aside",
        }
    ]
    later = Seen(at("2016-01-01"), page(future))
    for con in (loaded(early, later), grown(early, later), grown(later, early)):
        assert _figures(con, *columns) == [
            ("FAO", early.at, 900, None), ("FAO", later.at, 900, 100), ("UNDP", early.at, 900, 0),
        ]  # fmt: skip
