"""Passages and documents as of the newest visit, and the search for words in them."""

import random
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest

from extractors.page_kinds import PageKind, Representation
from extractors.records import Page, PrintedDocument, PrintedPassage
from tests.warehouse.histories import (
    SITE,
    Seen,
    at,
    grown,
    load_seen,
    loaded,
    new_warehouse,
    page,
    rows,
)
from warehouse.connection import Connection, open_writer
from warehouse.release import build
from warehouse.schema import prepare

FUND = "https://gateway.example/factsheet/fund/MDG00"


def _told(programme_id: str, *passages: str, documents: tuple[str, ...] = ()) -> Seen:
    told = page(
        programme_id=programme_id, title=f"Title {programme_id}", fund_code="MDG00",
        narrative=passages, documents=documents,
    )  # fmt: skip
    return Seen(at("2016-01-01"), told, SITE + programme_id)


def _fund(*passages: str) -> Page:
    return Page(
        PageKind.FUND_FACTSHEET, Representation.HTML, fund_code="MDG00",
        passages=[PrintedPassage("overview", 0, n, text) for n, text in enumerate(passages, 1)],
        documents=[PrintedDocument("Terms", "../../doc/1", None, "documents", "Terms")],
    )  # fmt: skip


@pytest.mark.parametrize("load", [grown, loaded])
def test_the_newest_list_stays_and_says_when_it_was_seen_last(load: object) -> None:
    """A page without one ends nothing; a page that shows it again moves `last_seen` alone."""
    old, new = page(narrative=["Wells."]), page(title="Water", narrative=["Wells.", "Pumps."])
    without = page(title="Water")
    seen = [
        Seen(at("2016-01-01"), old),
        Seen(at("2016-02-01"), new), Seen(at("2016-02-02"), new), Seen(at("2016-02-03"), new),
        Seen(at("2016-03-01"), without),
    ]  # fmt: skip
    con = load(*seen)  # type: ignore[operator]
    found = rows(con, "FROM mart.narrative_current ORDER BY seq")
    assert [(r["text"], r["title"], r["known_from"], r["last_seen"]) for r in found] == [
        (text, "Water", at("2016-02-01"), at("2016-02-03")) for text in ("Wells.", "Pumps.")
    ]


def test_a_fund_s_passages_and_documents_have_no_programme() -> None:
    con = loaded(Seen(at("2016-01-01"), _fund("Peace."), FUND), _told("00091001", "Wells."))
    found = rows(con, "FROM mart.narrative_current ORDER BY programme_id NULLS FIRST")
    assert [(r["programme_id"], r["fund_code"], r["text"]) for r in found] == [
        (None, "MDG00", "Peace."), ("00091001", "MDG00", "Wells."),
    ]  # fmt: skip
    (document,) = rows(con, "FROM mart.document_current")
    assert (document["programme_id"], document["url"], document["url_printed"]) == (
        None, "https://gateway.example/doc/1", "../../doc/1",
    )  # fmt: skip


_BASES = (
    "https://h.example/factsheet/project/1", "https://h.example", "http://h.example:80/a/b/?x=/1#f",
    "https://h.example/a/../b/c", "https://h.example/?q", "https://h.example/a?x=../y",
)  # fmt: skip
_STARTS = ("", "/", "./", "../", "//o.example/", "https://o.example/", "?", "#", "/../")
_PARTS = ("a", "b.pdf", "..", ".", "é", "c d", "%20", "x:y", "..a", "...")


def test_links_are_resolved_as_urljoin_resolves_them() -> None:
    """Of 2,000 drawn links; blanks are encoded, as browsers do."""
    draw = random.Random(1)  # noqa: S311 because nothing is secret here
    links = [
        draw.choice(_STARTS) + "/".join(draw.choices(_PARTS, k=draw.randint(1, 4)))
        + draw.choice(("", "/", "?q=1/../2", "#f", "?a#b"))
        for _ in range(2000)
    ]  # fmt: skip
    bases = draw.choices(_BASES, k=len(links))
    found = new_warehouse().execute(
        "SELECT link, base, core.absolute_url(link, base)"
        " FROM (SELECT unnest($1) AS link, unnest($2) AS base)",
        [links, bases],
    )
    for link, base, url in found.fetchall():
        joined = urljoin(base, link).replace(" ", "%20")
        assert url == (joined if joined.startswith("http") else None), (link, base)


def test_the_dots_of_a_link_of_very_many_parts_are_left_to_browsers() -> None:
    """Its resolution would take seconds, and a page may have thousands of such links."""
    link = "a/../" * 20_000
    found = new_warehouse().execute("SELECT core.absolute_url($1, 'https://h.example/')", [link])
    assert found.fetchall() == [(f"https://h.example/{link}",)]


_LINKS = {
    "javascript:alert(1)": None, "data:text/html,x": None, "mailto:a@b": None,
    "file:///etc": None, "https:///x": None, "https://h/a\nb": None,
    "https://h/\u202ex": None, "title:Report": None,
    "/web/20160415000000/http://m/d/1": "https://web.archive.org/web/20160415000000/http://m/d/1",
}  # fmt: skip


def test_only_a_web_address_is_a_document_s_url() -> None:
    """The text that was printed is kept beside it; a replay's own links lead to the replay."""
    shown = page()
    shown.documents = [
        PrintedDocument("Report", link, None, "documents", "Report") for link in _LINKS
    ]
    found = rows(loaded(Seen(at("2016-01-01"), shown)), "FROM mart.document_current")
    assert len(found) == len(_LINKS)
    assert {row["url_printed"] or "title:Report": row["url"] for row in found} == _LINKS


TEXTS = (
    _told("00091001", "Clean water for villages, and water for schools.", "Sanitation and water."),
    _told("00091002", "L'eau potable à Saint-Événement, côtière.", "Чистая ВОДА для всех ёлок.",
          documents=("Water report 2015", "مياه الشرب النظيفة")),
    _told("00091003", "O'Reilly; DROP TABLE core.programme; --", "Waterways are dredged."),
)  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> Connection:
    """A warehouse of its own with these texts; nothing writes to it."""
    con = new_warehouse()
    load_seen(con, TEXTS)
    return con


def _search(con: Connection, words: str) -> list[str]:
    return [text for (text,) in con.execute("SELECT text FROM mart.search(?)", [words]).fetchall()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("WATER sanitation", ["Sanitation and water."]),
        ("evenement cotiere", ["L'eau potable à Saint-Événement, côtière."]),
        ("e\u0301ve\u0301nement", ["L'eau potable à Saint-Événement, côtière."]),
        ("вода Елок", ["Чистая ВОДА для всех ёлок."]),
        ("الشّرب", ["مياه الشرب النظيفة"]),
        ("report 2015", ["Water report 2015"]),
        ("waterw*", ["Waterways are dredged."]),
        ("dredged water*", ["Waterways are dredged."]),
        ("water* dredged", []), ("water nowhere", []), ("", []), ("*", []), ("'\";--", []),
        ("'; drop table core.programme; --", ["O'Reilly; DROP TABLE core.programme; --"]),
    ],
)  # fmt: skip
def test_search_finds_texts_with_all_words(texts: Connection, words: str, found: list[str]) -> None:
    """Without regard to accents and case, in any script; what is asked is never run."""
    assert _search(texts, words) == found


def test_the_best_text_is_the_short_one_that_repeats_the_word(texts: Connection) -> None:
    assert _search(texts, "water") == [
        "Sanitation and water.", "Water report 2015",
        "Clean water for villages, and water for schools.",
    ]  # fmt: skip
    scores = [
        score for (score,) in texts.execute("SELECT score FROM mart.search('water')").fetchall()
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_a_giant_passage_is_searched_to_a_limit() -> None:
    con = loaded(_told("00091001", "word " * 4000 + "behind", "x" * 5000))
    assert len(_search(con, "word")) == 1
    assert _search(con, "behind") == []
    assert _search(con, "x" * 45) == ["x" * 5000]


def test_a_release_searches_a_table_and_finds_the_same(tmp_path: Path) -> None:
    """Attached or not, in any order of loading; nothing of a contact is among the terms."""
    shown = page(narrative=["Wells."], contacts=["Ada Privatename"])
    working, release = tmp_path / "warehouse.duckdb", tmp_path / "release.duckdb"
    con = open_writer(working)
    prepare(con)
    load_seen(con, [*TEXTS, Seen(datetime(2016, 1, 2), shown, SITE + "00091001")])  # noqa: DTZ001 because every time here is naive UTC
    queries = ("water", "report 2015", "waterw*", "нет", "wells")
    expected = [con.execute("FROM mart.search(?)", [words]).fetchall() for words in queries]
    assert [len(each) for each in expected] == [1, 1, 1, 0, 1]
    con.close()
    build(working, release)
    with open_writer(release) as con:
        assert [con.execute("FROM mart.search(?)", [w]).fetchall() for w in queries] == expected
        terms = {term for (term,) in con.execute("SELECT term FROM vintage.search_term").fetchall()}
        assert "waterways" in terms
        assert "privatename" not in terms
        kinds = con.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name LIKE 'search_%'"
        ).fetchall()
        assert kinds == [("BASE TABLE",)] * 2
    with new_warehouse() as other:
        other.execute(f"ATTACH '{release}' AS un (READ_ONLY)")
        other.execute("USE un")
        assert [other.execute("FROM mart.search(?)", [w]).fetchall() for w in queries] == expected
