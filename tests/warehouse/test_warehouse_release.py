"""A release from a warehouse, and what people look at in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extractors.records import PrintedContact, PrintedFinding, PrintedPassage
from tests.warehouse.histories import (
    SITE,
    Seen,
    annual,
    at,
    cumulative,
    load_seen,
    page,
    row,
    rows,
    sight,
    total,
    voucher,
)
from warehouse.answers import answer, opened
from warehouse.connection import Connection, open_reader, open_writer, sql, sql_names
from warehouse.release import build, checked
from warehouse.schema import prepare
from warehouse.settled import settle


@contextmanager
def released(folder: Path, *seen: Seen) -> Iterator[Connection]:
    """A release of these captures, as a page is written from it."""
    source, target = folder / "warehouse.duckdb", folder / "release.duckdb"
    con = open_writer(source)
    prepare(con)
    load_seen(con, seen)
    con.close()
    build(source, target)
    assert checked(target, source)
    with opened(target) as release:
        yield release


def test_no_view_or_macro_calls_if() -> None:
    """DuckDB 2 stores `if` as a function, which DuckDB 1 does not know; both read CASE."""
    calling = [
        name
        for folder in ("core", "macros", "mart", "meta", "search")
        for name in sql_names(folder)
        if re.search(r"^(?!--).*\bif\(", sql(name), re.MULTILINE)
    ]
    assert calling == []


def test_a_finding_that_names_a_contact_says_nothing_else(tmp_path: Path) -> None:
    """Neither of what, nor what. A contact's dash is no word that tells who somebody is."""
    seen = page(annual(row("FAO", 2014, expenditure="1")))
    seen.contacts = [PrintedContact("Ada Example", None, "-", "ada@host.example", None)]
    seen.findings = [
        PrintedFinding("unknown_heading", "Year-to-date", "12"),
        PrintedFinding("unread_text", "Ada Example", "of the office"),
        PrintedFinding("unread_text", "a line", "write to ada@host.example"),
    ]
    with released(tmp_path, Seen(at("2015-01-01"), seen)) as con:
        found = rows(con, "SELECT subject, detail FROM observed.finding ORDER BY ALL")
    assert [tuple(r.values()) for r in found] == [
        ("(withheld)", "(withheld: it names a contact)"),
        ("Year-to-date", "12"),
        ("a line", "(withheld: it names a contact)"),
    ]


def test_every_programme_of_which_a_page_was_loaded_is_listed_and_found(tmp_path: Path) -> None:
    """Whether or not what its page says of who it is was set aside."""
    nameless = page(programme_id="00091002", narrative=["Wells."])
    nameless.programme = None
    paid = page(programme_id="00091003", vouchers=[voucher("V1")])
    paid.programme = None
    seen = [
        Seen(at("2015-01-01"), page(title="Water", fund_code="MDG00")),
        Seen(at("2015-01-01"), nameless, SITE + "00091002"),
        Seen(at("2015-01-01"), paid, SITE + "00091003"),
    ]
    ids = {"00091001", "00091002", "00091003"}
    with released(tmp_path, *seen) as con:
        for query in ("programme_ids", "fund_programmes", "search"):
            listed = answer(con, query).records()
            assert {r["programme_id"] for r in listed} == ids, query
        (overview,) = answer(con, "overview").records()
        funds = {r["fund_code"]: r["programmes"] for r in answer(con, "funds").records()}
    assert overview["programmes"] == 3
    assert funds == {"MDG00": 1, "none": 2}


def test_no_name_is_made_for_the_programmes_whose_page_names_no_funds_code(tmp_path: Path) -> None:
    seen = [
        Seen(at("2015-01-01"), page(fund_name="Peace Fund")),
        Seen(at("2015-01-01"), page(programme_id="00091002", fund_name="Water Fund"),
             SITE + "00091002"),
    ]  # fmt: skip
    with released(tmp_path, *seen) as con:
        (fund,) = answer(con, "funds").records()
    assert (fund["fund_code"], fund["name"], fund["programmes"]) == ("none", None, 2)


def test_a_total_since_the_start_does_not_stand_beside_its_parts(tmp_path: Path) -> None:
    first = sight("2015-01-01", cumulative(row(None, None, expenditure="300")))
    then = sight("2015-02-01", cumulative(
        row("FAO", None, expenditure="100"), row("UNDP", None, expenditure="200"),
    ))  # fmt: skip
    with released(tmp_path, first, then) as con:
        found = answer(con, "programme_totals").records()
    assert [r["organization"] for r in found] == ["FAO", "UNDP"]


def test_the_narrative_is_in_the_order_of_a_report(tmp_path: Path) -> None:
    told = page()
    told.passages = [
        PrintedPassage("lesson", 0, 1, "L"),
        PrintedPassage("other", 0, 1, "A"),
        PrintedPassage("outcome", 2, 1, "O2"),
        PrintedPassage("outcome", 1, 1, "O1"),
        PrintedPassage("overview", 0, 1, "V"),
    ]
    with released(tmp_path, Seen(at("2015-01-01"), told)) as con:
        found = answer(con, "programme_narrative").records()
    assert [r["text"] for r in found] == ["V", "O1", "O2", "A", "L"]


def test_a_view_that_cannot_answer_is_noticed_before_it_is_published(tmp_path: Path) -> None:
    """Whatever column it is that cannot be had."""
    with released(tmp_path, sight("2015-01-01", annual(row("FAO", 2014, expenditure="1")))):
        pass
    release = tmp_path / "release.duckdb"
    con = open_writer(release)
    con.execute("CREATE VIEW mart.broken AS SELECT (n * 10)::TINYINT AS n FROM range(100) AS t (n)")
    con.close()
    with pytest.raises(Exception, match="out of range"):
        settle(release, tmp_path / "settled.duckdb")
    open_reader(release).close()


def test_a_year_that_was_gone_is_marked_in_the_history(tmp_path: Path) -> None:
    both = annual(
        row("FAO", 2014, expenditure="1"), row("UNDP", 2014, expenditure="2"), total(2014)
    )
    with released(
        tmp_path, sight("2015-01-01", both),
        sight("2016-01-01", annual(row("FAO", 2014, expenditure="1"))),
    ) as con:  # fmt: skip
        gone = {
            r["organization"]: r["no_longer_shown_since"]
            for r in answer(con, "programme_history").records()
        }
    assert gone == {"FAO": None, "UNDP": at("2016-01-01")}
