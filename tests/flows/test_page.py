"""The page of a release, as a browser without a network shows it: right, whole, and harmless."""

import hashlib
import json
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from playwright.sync_api import Locator, Page, Request

from flows.cli.main import main
from replica.server.serving import serving
from replica.world import open_world
from tests.flows import downloads
from tests.flows.browser import CHROMIUM, address_of, follow, opened_page
from tests.flows.nights import home_for, night
from tests.flows.pages import SAMPLES, factsheet, save
from tests.flows.tables import ask
from tests.processes import PATIENCE, http_server
from tests.statements import FORMS, PB000, SIGNS
from warehouse.answers import opened
from warehouse.release import build
from warehouse.release_changes import Origin
from webpage.links import contributor_file_name, organization_file_name
from webpage.pages import PageFolder
from webpage.search import write_search
from webpage.site import write_page
from webpage.subjects import find_subjects
from webpage.texts import write_texts

DAY = date(2017, 6, 20)
ORIGIN = Origin("https://mptf.undp.org", "Gateway & Watch")
NIGHTS = ("2016-04-20 03:11", "2016-06-15 03:04", "2017-06-15 03:04")
SCRIPT = "<script>document.title='run'</script>"
BREAKOUT = "\"'><img src=x onerror=document.title='run'>"
TEMPLATE = "{{ 7 * 7 }} {% include 'base.html' %} </script><!-- ]]>"
TURNED = "abc\u202egnp.exe =1+1"
FORMULA = "=1+1 Trust"
HIDDEN = "\u202e"
LONG = "Very long title " * 625
HOSTILE = {"00095001": SCRIPT, "00095002": BREAKOUT, "00095003": TEMPLATE, "00095004": TURNED,
           "00095005": LONG}  # fmt: skip
ACCENTED = ("00095010", "Résilience côtière à Saint-Événement")
RESTATED = "00095011"
_CONTRIBUTIONS = (  # contributor, fund, year, commitments, deposits
    ("Kingdom of Ruritania", "PB000", 2015, "900.50", "700.25"),
    ("Kingdom of Ruritania", "PB000", 2014, "100", "100"),
    ("Kingdom of Ruritania", "NEW00", 2015, "50", None),
    ("Kingdom of Ruritania", "CRF00", 2014, "1000000", "900000"),
    ("Sample Fund", "NEW00", 2015, "5", "5"),  # it is the fund PB000
    ("Éire & Émirats", "PB000", 2015, "20", "20"),
    (SCRIPT, "PB000", 2015, "1", "1"),
    (TURNED, None, 2015, "2", "2"),
    (FORMULA, "PB000", 2015, "3", "3"),
)
RURITANIA = "contributor/kingdom-of-ruritania-"  # the stand-in has no such contributor
KINDS = (
    "index.html", f"programme/{RESTATED}.html", "fund/PB000.html", "restatements.html",
    "search.html?q=and", "missing.html", "dictionary-raw.html", "programme/00095002.html",
    "contributors.html", "organizations.html", "countries.html", "fund/CRF00.html",
    f"contributor/{contributor_file_name('Kingdom of Ruritania')}.html",
    f"organization/{organization_file_name('FAO')}.html", "country/FJI.html",
)  # fmt: skip

FEW_KINDS = (
    *KINDS[:4], *(pytest.param(kind, marks=pytest.mark.proof) for kind in KINDS[4:])
)  # fmt: skip

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with nights of the stand-in, pages written for the worst, and one release."""
    folder = tmp_path_factory.mktemp("page")
    place = folder / "home"

    def run(*arguments: str | Path) -> None:
        result = CliRunner().invoke(main, ["--home", str(place), *map(str, arguments)])
        assert result.exit_code == 0, result.stderr

    run("ingest", SAMPLES)
    written = folder / "written"
    for programme_id, title in [*HOSTILE.items(), ACCENTED]:
        page = factsheet(programme_id, figures={("FAO", 2015): "7", (title[:300], 2014): "8"})
        page = page.replace(f"Reef Watch {programme_id}\n", f"{title}\n", 1)
        page = page.replace("Country: Fiji", f"Country: {title[:200]}")
        page = page.replace(
            "Key Figures", f"| Title | Link |\n| {title} | javascript:alert(1) |\nKey Figures"
        )
        save(written, f"{programme_id}.txt", page)
    run("ingest", written, "--captured-at", "2016-04-01T00:00:00Z")
    for time, spent in (("2016-03-01", "400"), ("2016-06-01", "512.25"), ("2017-02-01", "498")):
        name = f"{time}.txt"
        page = factsheet(RESTATED, figures={("FAO", 2015): spent, ("UNICEF", 2016): "1,000"})
        run("ingest", save(folder / time, name, page), "--captured-at", f"{time}T00:00:00Z")
    fund = folder / "fund.html"
    fund.write_bytes(FORMS["two tables"](PB000, SIGNS["operator in a column"]))
    address = "https://mptf.undp.org/factsheet/fund/PB000"
    run("ingest", fund, "--url", address, "--captured-at", "2016-06-01T00:00:00Z")
    answer = folder / "contributions.json"
    columns = ("CONTRIBUTOR", "FUND_CODE", "FISCAL_YEAR", "COMMITMENTS", "DEPOSITS")
    answer.write_text(
        json.dumps({"data": [dict(zip(columns, row, strict=True)) for row in _CONTRIBUTIONS]})
    )
    address = "https://mptf.undp.org/mptf_rest_api/getContributions/,a,/"
    run("ingest", answer, "--url", address, "--captured-at", "2016-06-02T00:00:00Z")
    world, times = open_world(4, 16), [datetime.fromisoformat(time) for time in NIGHTS]
    with serving(world, now=times[0], seed=4, faults=()) as running:
        visitor = home_for(place, running)
        for moment in times:
            running.move_to(max(moment, running.now))
            night(visitor, running)
    return place


@pytest.fixture(scope="module")
def release(home: Path) -> Path:
    """What `mptf publish` builds first; all that it does is in test_publish.py."""
    file = home / "release" / "mptf.duckdb"
    build(home / "warehouse.duckdb", file)
    return file


@pytest.fixture(scope="module")
def folder(release: Path) -> Path:
    _write(release, release.parent / "page")
    return release.parent / "page"


def _write(release: Path, folder: Path, earlier: Path | None = None) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        write_page(release, folder, "mptf-2017-06-20", DAY, pool, earlier, ORIGIN)


class Visitor:
    """A browser that is offline, and what went wrong while it looked around."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self._folder = page, folder
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type != "log" else None
        )
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        page.on("request", self._note)
        page.context.set_offline(True)
        page.route(re.compile("^(?!file:)"), lambda route: route.abort())

    def _note(self, request: Request) -> None:
        if not request.url.startswith("file:"):
            self.asked.append(request.url)

    def open(self, name: str) -> Page:
        self.page.goto(f"{self._folder.as_uri()}/{name}")
        return self.page


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator[Visitor]:
    """One for all tests; at the end, nothing may have failed or been asked of a network."""
    with opened_page() as page:
        visitor = Visitor(page, folder)
        yield visitor
        assert visitor.wrong == []
        assert visitor.asked == []


# Every table and list of figures of a page: its SQL, and its cells with their columns' names.
_READ = """() => [...document.querySelectorAll("[data-sql]")].map(shown => ({
  sql: document.getElementById(shown.dataset.sql).textContent,
  from: Number(shown.dataset.from || 0),
  rows: (shown.tagName === "TABLE"
    ? [...shown.tBodies[0].rows].map(row => [...row.cells].map((cell, at) =>
        [shown.tHead.rows[0].cells[at].dataset.column, cell]))
    : [[...shown.querySelectorAll("dd")].map(cell => [cell.dataset.column, cell])]
  ).map(cells => cells.map(([column, cell]) => [column, {
    text: [...cell.childNodes].filter(n => n.nodeName !== "SMALL").map(n => n.textContent).join(""),
    basis: cell.querySelector("small")?.textContent ?? null,
    time: cell.querySelector("time")?.getAttribute("datetime") ?? null,
    value: cell.dataset.value ?? null,
    number: cell.classList.contains("n") || cell.tagName === "DD",
  }]))
}))"""
_BASES = {"interim": "interim", "year_end": "year-end", "mixed": "part interim"}
_NO_BASIS = {"contributions_usd", "commitments_usd", "deposits_usd", "deposit_rate_pct",
             "balance_usd", "total_source_usd", "pct", "interim_figures_pct", "interim_share_pct",
             "programmes_interim_share_pct", "amount_usd", "transfers_before_2009_usd",
             "vouchers_usd", "difference_usd"}  # fmt: skip


def says(cell: dict[str, Any], value: Any) -> bool:
    """Whether a cell shows a value, neither rounded nor filled in."""
    text: str = cell["text"].strip()
    match value:
        case None:
            return text in {"—", ""} or cell["value"] == ""
        case bool():
            return text == ("agrees" if value else "differs")
        case Decimal() | int():
            return Decimal(re.sub("[,+ %]", "", text).replace("−", "-")) == value
        case datetime():
            return bool(cell["time"] == f"{value.isoformat()}Z")
        case date():
            return bool(cell["time"] == value.isoformat())
        case str():
            words = value.replace("_", " ")
            forms = {
                value, value[:8], "source", _BASES.get(value, value), words.removesuffix(" usd"),
                words.replace(" pct", ", percent"), f"check fails: {words}",
            }  # fmt: skip
            return text in forms or re.sub("⟦.*?⟧", "", text).startswith(
                re.sub(HIDDEN, "", value)[:100]
            )
        case _:
            raise AssertionError(value)


def compared(con: duckdb.DuckDBPyConnection, page: Page) -> int:
    """How many cells show what the SQL beside them gives; all must, and with its basis."""
    count = 0
    for table in page.evaluate(_READ):
        result = con.execute(table["sql"])
        columns = [column[0] for column in result.description]
        records = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
        if "block" in columns:  # a statement's two blocks are two tables
            blocks = [r for r in records if r["label"] == table["rows"][0][0][1]["text"].strip()]
            records = [r for r in records if r["block"] == blocks[0]["block"]]
        assert len(records) - table["from"] >= len(table["rows"])
        for cells, record in zip(table["rows"], records[table["from"] :], strict=False):
            for column, cell in cells:
                assert says(cell, record[column]), (page.url, column, cell, record)
                if column == "basis" or not cell["number"] or record[column] is None:
                    continue
                fixed = {
                    "interim_usd": "interim", "programmes_interim_usd": "interim",
                    "programmes_year_end_usd": "year_end",
                    "year_end_usd": "year_end",
                }.get(column)  # fmt: skip
                basis = fixed or record.get(
                    "programmes_basis" if column.startswith("programmes_") else "basis"
                )
                money = column.endswith(("_usd", "_pct", "_value")) or column == "change"
                if basis and money and column not in _NO_BASIS:
                    assert cell["basis"] == _BASES[basis], (page.url, column, cell, record)
                count += 1
    return count


@needs_browser
@pytest.mark.parametrize("share", [8, pytest.param(1, marks=pytest.mark.proof)])
def test_every_number_is_what_its_own_sql_gives_with_its_basis(
    share: int, browser: Visitor, release: Path, folder: Path
) -> None:
    """On the overview, in the lists, and on one in so many pages of each kind."""
    lists = (
        "index.html", "restatements.html", "missing.html", "contributors.html",
        "organizations.html", "countries.html",
    )  # fmt: skip
    chosen = {f"programme/{RESTATED}.html", *(f"fund/{code}.html" for code in ("PB000", "CRF00"))}
    for kind in ("programme", "fund", "contributor", "organization", "country"):
        pages = [f"{kind}/{path.name}" for path in sorted(folder.glob(f"{kind}/*.html"))]
        chosen |= {*pages[::share], *(name for name in pages if name.startswith(RURITANIA))}
    assert len(chosen) > 10
    with duckdb.connect(str(release), read_only=True) as con:
        counts = {name: compared(con, browser.open(name)) for name in (*lists, *sorted(chosen))}
    assert counts["index.html"] > 50
    assert counts["restatements.html"] > 5
    assert counts["missing.html"] > 0
    assert counts[f"programme/{RESTATED}.html"] > 20
    assert counts["organizations.html"] > 100
    assert counts["countries.html"] > 50
    assert counts["contributors.html"] > len(_CONTRIBUTIONS)
    (given,) = (count for name, count in counts.items() if name.startswith(RURITANIA))
    assert given > 10
    assert sum(counts.values()) > 1000


@needs_browser
def test_the_sums_and_restatements_are_those_of_the_vintages(
    browser: Visitor, release: Path
) -> None:
    """By another way than the page's SQL: vintage by vintage, in Python."""
    newest: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for programme, organization, year, basis, known_from, gone, spent in ask(
        release,
        "SELECT programme_id, organization, fiscal_year, basis, known_from,"
        " no_longer_shown_since, expenditure_usd FROM core.expenditure_snapshot",
    ):
        key = (programme, organization, year)
        rank = (basis == "year_end", known_from)
        if gone is None and rank >= newest.get(key, (rank,))[0]:
            newest[key] = (rank, basis, spent)
    named = {
        (programme, year) for programme, organization, year in newest if organization != "(all)"
    }
    spent_by: dict[tuple[int, str], Decimal] = {}
    for (programme, organization, year), (_, basis, spent) in newest.items():
        if spent is not None and (organization != "(all)" or (programme, year) not in named):
            spent_by[year, basis] = spent_by.get((year, basis), Decimal(0)) + spent
    page = browser.open("index.html")
    shown = {}
    for row in page.locator("#table-by-year tbody tr").all():
        cells = [cell.split("\n")[0] for cell in row.locator("th, td").all_inner_texts()]
        for place, basis in ((4, "year_end"), (5, "interim")):
            if cells[place] != "—":
                number = cells[place].replace(",", "").replace("−", "-")
                shown[int(cells[0]), basis] = Decimal(number)
    assert shown == spent_by
    listed = browser.open("restatements.html").locator("#table-restatements tbody tr").count()
    assert [(listed,)] == ask(release, "SELECT count(*) FROM mart.restatement")
    assert listed > 1


@needs_browser
def test_who_paid_is_found_from_the_contributor_and_from_the_fund(browser: Visitor) -> None:
    """Each leads to the other, whatever its name's first letter; a fund may be known only so."""
    page = browser.open("contributors.html")
    names = page.locator("#table-contributors tbody th").all_inner_texts()
    assert {"Kingdom of Ruritania", "Éire & Émirats", SCRIPT} <= set(names)
    follow(page, page.get_by_role("link", name="Kingdom of Ruritania"))
    rows = page.locator("#table-funds tbody tr").all_inner_texts()
    assert [re.split(r"\t", row)[1] for row in rows] == ["CRF00", "PB000", "NEW00"]
    follow(page, page.locator("#table-funds tr", has_text="PB000").get_by_role("link").first)
    gave = (
        page.locator("#table-contributors tbody tr", has_text="Ruritania").inner_text().split("\t")
    )
    assert gave[1:3] == ["1,000.50", "800.25"]
    assert page.locator("#table-contributions tbody tr", has_text="Ruritania").count() == 2
    follow(page, page.get_by_role("link", name=SCRIPT).first)
    assert page.locator("h1").inner_text() == SCRIPT
    page = browser.open("fund/NEW00.html")
    assert page.locator("#table-contributors tbody tr").count() == 2
    follow(page, page.get_by_role("link", name="Sample Fund").first)
    follow(page, page.get_by_role("link", name="PB000"))
    follow(page, page.get_by_role("link", name="Sample Fund"))
    assert "contributor/sample-fund-" in page.url
    none = browser.open("fund/none.html")
    assert none.locator("#contributors").count() == 0


@needs_browser
def test_a_funds_money_is_drawn_by_year_with_what_its_sums_leave_out(
    browser: Visitor, release: Path
) -> None:
    """Deposits beside what was spent, a bar for each amount; and why there is no balance."""
    page = browser.open("fund/CRF00.html")
    page.locator("[data-chart=years] svg .mark-rect path").first.wait_for()
    drawn = page.locator("[data-chart=years] svg .mark-rect.layer_0_marks path").count()
    rows = ask(
        release,
        "SELECT deposits_usd, year_end_usd, interim_usd, not_covered, balance_not_known_because"
        " FROM mart.money_flow WHERE fund_code = 'CRF00' ORDER BY fiscal_year DESC",
    )
    assert drawn == sum(amount is not None for row in rows for amount in row[:3])
    assert any(row[0] is not None for row in rows)
    left_out = page.locator("#table-by-year tbody tr td:last-child").all_inner_texts()
    assert left_out == [row[3] or "" for row in rows]
    assert any("00" in text for text in left_out)
    assert (
        "the last column names it"
        in page.locator("section", has=page.locator("#years")).inner_text()
    )
    reasons = page.locator("#table-by-year tbody tr td:nth-last-child(2)").all_inner_texts()
    assert reasons == [row[4] or "" for row in rows]
    assert any(reasons)
    assert page.locator(".key.d").inner_text() == "deposited"
    assert browser.open("index.html").locator(".key.d").count() == 0


@needs_browser
def test_a_figures_steps_are_drawn_from_interim_to_year_end_to_restatement(
    browser: Visitor,
) -> None:
    """The chart shows the figure of which there is most to say, and any other that is chosen."""
    page = browser.open(f"programme/{RESTATED}.html")
    marks = page.locator("[data-chart=history] svg .role-mark text")
    marks.first.wait_for()
    assert {"400", "512.25", "498"} <= set(marks.all_text_contents())
    steps = page.locator("#table-history tbody tr", has_text="2015").all_inner_texts()
    assert [re.split(r"\s{1,}", step)[2] for step in steps] == ["first", "became", "restated"]
    page.locator("#figure").select_option("2016, UNICEF")
    page.locator("[data-chart=history] svg text", has_text="1,000").first.wait_for()
    plot = page.locator("[data-chart=years]")
    assert plot.get_attribute("role") == "img"
    assert plot.locator("svg").count() == 1


@needs_browser
def test_the_marks_of_a_chart_say_their_figures_by_keyboard_and_pointer(
    browser: Visitor, release: Path
) -> None:
    """From the first mark to the last, each beside what it is of; Escape takes the tip away."""
    page = browser.open(f"programme/{RESTATED}.html")
    page.locator("[data-chart=history] .mark-symbol path").first.wait_for()
    plot, tip = page.locator("[data-chart=history]"), page.locator(".tip")
    said = page.locator("[data-chart=history] + [role=status]")
    page.locator("#figure").focus()
    page.keyboard.press("Tab")
    told = []
    for _ in range(3):
        told.append(str(said.text_content()).partition(" (")[0])
        assert tip.inner_text() == told[-1]
        page.keyboard.press("ArrowRight")
    query = (
        "SELECT format('Seen from {}: US$ {}, {}', strftime(known_from, '%-d %b %Y'),"
        " rtrim(rtrim(expenditure_usd::VARCHAR, '0'), '.'),"
        " CASE WHEN change = 'restated' THEN 'year-end, restated' WHEN basis = 'interim'"
        " THEN basis ELSE 'year-end' END) FROM mart.figure_history"
        " WHERE programme_id = ? AND organization = 'FAO' ORDER BY vintage_no"
    )
    with duckdb.connect(str(release), read_only=True) as con:
        assert told == [text for (text,) in con.execute(query, [RESTATED]).fetchall()]
    assert "(3 of 3" in str(said.text_content())  # where the last is, the arrow leads no further
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    plot.locator(".mark-symbol path").first.hover()
    tip.wait_for()
    assert tip.inner_text() == told[0]


@needs_browser
def test_a_country_on_the_map_says_what_it_spent_and_leads_to_its_page(
    browser: Visitor, release: Path
) -> None:
    """By keyboard and by touch; the first touch only says it."""
    page = browser.open("countries.html")
    (spent,) = ask(
        release,
        "SELECT format('{:,}', sum(expenditure_usd)::BIGINT) FROM mart.country_year"
        " WHERE country_code = 'FJI'",
    )[0]
    shape, tip = page.locator(".map a[href='country/FJI.html']"), page.locator(".tip")
    shape.focus()
    assert tip.inner_text().startswith(f"Fiji: US$ {spent}")
    assert shape.get_attribute("aria-label") == tip.inner_text()
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.evaluate("document.activeElement.blur()")
    touch = """(a, kind) => a.firstElementChild.dispatchEvent(new PointerEvent(
        kind, {bubbles: true, cancelable: true, detail: 1, pointerType: "touch"}))"""
    shape.evaluate(touch, "pointerdown")
    assert not shape.evaluate(touch, "click")  # what is done on a click is prevented
    assert tip.is_visible()
    page.keyboard.press("Escape")
    shape.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/country/FJI.html")
    assert page.locator("h1").inner_text() == "Fiji"
    page.locator("#table-organizations a").first.click()
    page.wait_for_url("**/organization/*.html")
    page.locator("#table-countries a", has_text="Fiji").wait_for()


def _results(browser: Visitor, asked: str) -> list[str]:
    page = browser.open(f"search.html?q={quote(asked)}")
    page.locator("#found", has_text=re.compile(".")).wait_for()
    return page.locator("#results .told").all_inner_texts()


@needs_browser
@pytest.mark.parametrize(
    "asked",
    ["00095010", "95010", "Résilience CÔTIÈRE", "resilience cotiere", "saint-evene", "evenement"],
)
def test_search_finds_by_id_and_by_part_of_a_title(browser: Visitor, asked: str) -> None:
    """With and without leading zeros, accents, capitals."""
    assert _results(browser, asked)[0].startswith("Programme 00095010")


@needs_browser
def test_search_finds_organizations_and_countries_by_their_names(browser: Visitor) -> None:
    """The page of one comes before the programmes that name it."""
    for asked, told, url in (
        ("unicef", "Organization", "organization/unicef-"), ("FIJI", "Country", "country/FJI.html")
    ):  # fmt: skip
        assert _results(browser, asked)[0] == told
        browser.page.locator("#results a").first.click()
        browser.page.wait_for_url(f"**/{url}*")
    assert _results(browser, "gnp")[0] == "Contributor"  # its name has marks that are not seen


@needs_browser
def test_search_finds_funds_contributors_countries_and_organizations(browser: Visitor) -> None:
    assert _results(browser, "PB000")[0].startswith("Fund PB000")
    assert any("UNICEF" in told for told in _results(browser, "unicef"))
    assert _results(browser, "eire emirats") == ["Contributor"]
    assert _results(browser, "kingdom of rur") == ["Contributor"]
    page = browser.open("search.html?q=unicef")
    assert page.locator("#places a", has_text="UNICEF").count() == 1
    assert _results(browser, "no such thing") == []
    assert page.locator("#found").inner_text() == "Nothing found by ID or name"
    page.locator("#find").fill("Ruritania")
    follow(page, page.locator("#results a").first)
    assert f"/{RURITANIA}" in page.url
    page = browser.open("search.html")
    page.locator("#find").fill("95011")
    follow(page, page.locator("#results a").first)
    assert page.url.endswith(f"programme/{RESTATED}.html")


def _texts(browser: Page, asked: str) -> list[str]:
    """Return the links of all passages and documents that are found, in order."""
    browser.goto(f"{browser.url.partition('?')[0]}?q={quote(asked)}")
    found, more = browser.locator("#texts > li > a"), browser.locator("#more-texts")
    browser.locator("#texts-found", has_text="found").wait_for()
    while more.is_visible():
        count = found.count()
        more.click()
        browser.locator("#texts > li").nth(count).wait_for()
    links: list[str] = found.evaluate_all("all => all.map(a => a.getAttribute('href'))")
    return links


_ASKED = ("in", "the women", "ANNUAL réport*", "plan w*", "script document", "c*", "nowhere")
_LINKS = """
SELECT if(programme_id IS NULL, 'fund/' || fund_code, 'programme/' || programme_id) || '.html'
    || if(kind = 'passage', format('#{}-{}-{}', section, outcome_no, seq), '')
FROM mart.search(?)
"""


@needs_browser
def test_passages_and_documents_are_found_in_the_order_of_sql(
    browser: Visitor, release: Path, folder: Path, tmp_path: Path
) -> None:
    """Also where the index is in very many scripts, and a term's texts go on in the next one."""
    shutil.copytree(folder, tmp_path / "page")
    with opened(release) as con:
        pages = PageFolder(tmp_path / "page")
        index = write_texts(release, pages, 150, 400)
        write_search(pages, find_subjects(con), index)
        assert len(index.terms) > 100
        assert len(index.terms) > len(set(index.terms))
        browser.page.goto(f"{(tmp_path / 'page').as_uri()}/search.html")
        found = 0
        for asked in _ASKED:
            rows = con.execute(_LINKS, [asked]).fetchall()
            assert _texts(browser.page, asked) == [link for (link,) in rows], asked
            found += len(rows)
    assert found > 100


@needs_browser
def test_the_page_makes_the_terms_that_sql_makes(browser: Visitor, release: Path) -> None:
    """Of every letter and digit below U+3000, alone and with an accent, and of long words."""
    signs = [chr(code) for code in range(0x3000) if chr(code).isalnum()]
    texts = [*signs, *(f"x{sign}e\u0301" for sign in signs), "w" * 50, "O'Reilly; Σοφός ΣΟΦΌΣ"]
    assert len(texts) > 10_000
    page = browser.open("search.html")
    script = "all => all.map(text => mptfTexts.termsOf(text).map(term => term.word))"
    with opened(release) as con:
        rows = con.execute("SELECT list_distinct(vintage.terms(unnest(?)))", [texts]).fetchall()
    made = page.evaluate(script, texts)
    assert [sorted(terms) for terms in made] == [sorted(terms) for (terms,) in rows]


@needs_browser
def test_a_passage_that_is_found_is_opened_and_hostile_text_stays_text(browser: Visitor) -> None:
    """By keyboard; a document's link that is no web address is none."""
    page = browser.open("search.html?q=the*")
    page.locator("#texts mark").first.wait_for()
    link = page.locator("#texts a[href*='#']").first
    anchor = str(link.get_attribute("href")).partition("#")[2]
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/*.html#{anchor}")
    page.locator(f"[id='{anchor}']").wait_for()
    page = browser.open("search.html?q=script")
    page.locator("#texts li", has_text=SCRIPT).locator("mark").first.wait_for()
    assert page.title() != "run"
    assert page.locator("#texts a[href^='javascript' i]").count() == 0


@needs_browser
def test_tables_are_sorted_by_their_headings(browser: Visitor) -> None:
    """By keyboard too; numbers as numbers, and what is absent at the end either way."""
    page = browser.open("index.html")
    heading = page.locator("#table-funds th[data-column=contributions_usd]")

    def column() -> list[str]:
        return page.locator("#table-funds tbody tr td:nth-child(4)").all_inner_texts()

    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    ascending = [text for text in column() if text != "—"]
    numbers = [Decimal(text.replace(",", "")) for text in ascending]
    assert numbers == sorted(numbers)
    assert len(numbers) > 1
    assert column()[: len(ascending)] == ascending
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert column()[: len(ascending)] == ascending[::-1]
    headings = page.locator("#table-funds th[scope=col]")
    assert page.locator("#table-funds th[aria-sort]").count() == headings.count() > 6


_NOTES_WHAT_IT_SAYS = """button => {
  const note = () => { document.body.dataset.said += button.textContent; };
  new MutationObserver(note).observe(button, {childList: true});
}"""


@needs_browser
def test_the_sql_of_a_table_can_be_copied(browser: Visitor) -> None:
    page = browser.open(f"programme/{RESTATED}.html")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    details = page.locator("details.sql", has=page.locator("#sql-history"))
    details.locator("summary").click()
    details.get_by_role("button").evaluate(_NOTES_WHAT_IT_SAYS)
    details.get_by_role("button").click()
    page.locator("body[data-said*=Copied]").wait_for()  # which it says for two seconds
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#sql-history").text_content()
    assert f"= '{RESTATED}'" in copied


@needs_browser
@pytest.mark.parametrize(
    ("width", "scheme", "kinds"),
    [
        (360, "dark", 2),
        pytest.param(1280, "light", 15, marks=pytest.mark.proof),
        pytest.param(360, "dark", 15, marks=pytest.mark.proof),
        pytest.param(360, "light", 15, marks=pytest.mark.proof),
        pytest.param(768, "light", 15, marks=pytest.mark.proof),
        pytest.param(1280, "dark", 15, marks=pytest.mark.proof),
    ],
)  # fmt: skip
def test_everyone_can_read_every_kind_of_page(
    width: int, scheme: str, kinds: int, browser: Visitor
) -> None:
    """Axe finds nothing, no page is wider than its window, and no text is too faint."""
    browser.page.set_viewport_size({"width": width, "height": 800})
    browser.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name in KINDS[:kinds]:
        page = browser.open(name)
        for details in page.locator("details").all()[:2]:
            details.evaluate("details => { details.open = true; }")
        if page.locator(".plot").count():
            page.locator(".plot svg").first.wait_for()
        if name.startswith("search"):
            page.locator("#texts mark").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        found = Axe().run(page, options={"preload": False}).response["violations"]
        told = [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found]
        assert told == [], name
    browser.page.set_viewport_size({"width": 1280, "height": 900})


@needs_browser
def test_it_is_printed_without_what_cannot_be_used_on_paper(browser: Visitor) -> None:
    page = browser.open("index.html")
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()
    assert page.locator("#table-by-year").is_visible()
    page.emulate_media(media="screen")


@needs_browser
@pytest.mark.parametrize("programme_id", HOSTILE)
def test_hostile_text_is_shown_as_text(programme_id: str, browser: Visitor, release: Path) -> None:
    """On the programme's page, its fund's, and among what search finds: nothing of it runs."""
    rows = ask(release, "SELECT programme_id, coalesce(fund_code, 'none') FROM core.programme")
    funds = {row[0]: row[1] for row in rows}
    seen = re.sub(HIDDEN, lambda found: f"⟦U+{ord(found[0]):04X}⟧", HOSTILE[programme_id]).strip()
    names = (
        f"programme/{programme_id}.html", f"fund/{funds[programme_id]}.html",
        f"search.html?q={programme_id}",
    )  # fmt: skip
    for name in names:
        page = browser.open(name)
        page.get_by_text(seen[:40]).first.wait_for(state="attached")
        assert page.title() != "run"
        assert page.locator("main img, main script:not([type='application/json'])").count() == 0
        assert page.locator("a[href^='javascript' i]").count() == 0
        assert "\u202e" not in page.content()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    whole = browser.open(names[0]).locator("main").text_content() or ""
    assert seen in whole


@needs_browser
def test_a_server_of_files_shows_it_as_the_disk_does(browser: Visitor, folder: Path) -> None:
    """The charts are drawn there too: the page's policy allows its own scripts, and no other."""
    handler = partial(_Quiet, directory=str(folder))
    context = browser.page.context.browser
    assert context is not None
    with http_server(handler) as base_url, closing(context.new_page()) as page:
        page.on("console", lambda said: browser.wrong.append(said.text))
        page.goto(f"{base_url}/index.html")
        page.locator("[data-chart=years] svg").wait_for()
        page.locator("details.cite summary").click()
        assert page.locator("details.cite pre").first.inner_text().endswith(f". {page.url}")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 because that is its name
        """Say nothing."""


def test_every_file_is_small_and_its_sum_is_in_the_list(folder: Path) -> None:
    sums = {}
    for file in sorted(folder.glob("SHA256SUMS*")):
        for line in file.read_text().splitlines():
            digest, _, name = line.partition("  ")
            sums[name] = digest
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files - set(sums) == {"SHA256SUMS"}
    for name, digest in sums.items():
        content = (folder / name).read_bytes()
        assert len(content) < 1_000_000, name
        assert hashlib.sha256(content).hexdigest() == digest, name


def test_nothing_of_a_contact_is_in_any_byte_of_the_page(home: Path, folder: Path) -> None:
    contacts = ask(
        home / "warehouse.duckdb", "SELECT name, telephone, email, skype FROM observed.contact"
    )
    told = {str(text).encode() for row in contacts for text in row if text}
    assert len(told) > 10
    pattern = re.compile(b"|".join(map(re.escape, told)))
    for file in folder.rglob("*"):
        if file.is_file():
            assert pattern.search(file.read_bytes()) is None, file.name


def test_the_dictionary_has_every_table_and_column_of_the_release(
    release: Path, folder: Path
) -> None:
    told = "".join(path.read_text() for path in folder.glob("dictionary*.html"))
    rows = ask(
        release,
        "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns()"
        " WHERE NOT internal GROUP BY ALL",
    )
    assert len(rows) > 40
    for table, columns in rows:
        _, found, after = told.partition(f'<caption id="caption-{str(table).replace(".", "-")}">')
        assert found, table
        own = after.partition("</table>")[0]
        assert isinstance(columns, list)
        for column in columns:
            assert f"<code><bdi>{column}</bdi></code>" in own, (table, column)


def test_the_same_release_gives_the_same_bytes(release: Path, folder: Path, tmp_path: Path) -> None:
    _write(release, tmp_path / "page", folder)
    command = ["diff", "-r", str(folder), str(tmp_path / "page")]
    assert subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE).stdout == b""


_EXPORTED = """
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_schema IN ('core', 'mart', 'meta', 'raw')
"""


def test_every_link_within_the_page_leads_somewhere(release: Path, folder: Path) -> None:
    """To a file of it, a place in one, or a file of the release beside it."""
    count = 0
    exported = {f"{table}.csv" for (table,) in ask(release, _EXPORTED)}
    for file in folder.rglob("*.html"):
        text = file.read_text()
        for link in set(re.findall(r'(?:href|src|action)="([^"]*)"', text)):
            path, _, anchor = link.partition("#")
            if re.match(r"https?:", path) or path.endswith(
                ("../mptf.duckdb", "../mptf.xlsx", "../datapackage.json", "../../feed.xml")
            ):
                continue
            if path.endswith(".csv"):
                assert path.rpartition("../")[2] in exported, (file.name, link)
                continue
            target = file.parent / path if path else file
            assert target.exists(), (file.name, link)
            assert not anchor or f'id="{anchor}"' in target.read_text(), (file.name, link)
            count += 1
    assert count > 500


def test_each_subject_is_json_beside_its_page_as_its_schema_says(folder: Path) -> None:
    """Every one that the index lists, and no other; each list and schema is a file of the index."""
    index = json.loads((folder / "api" / "index.json").read_bytes())
    listed, files = 0, {"index.json"}
    for kind, told in index["kinds"].items():
        schema = json.loads((folder / "api" / told["schema"]).read_bytes())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        items = [item for name in told["lists"] for item in _json(folder / "api" / name)]
        assert len(items) == told["count"] > 0
        for item in items:
            found = _json(folder / "api" / item["json"])
            assert [error.message for error in validator.iter_errors(found)] == []
            assert (found["id"], found["kind"]) == (item["id"], kind)
            assert (folder / kind / found["page"]).exists()
        assert len({item["json"] for item in items}) == len(list(folder.glob(f"{kind}/*.json")))
        listed += len(items)
        files |= {told["schema"], *told["lists"]}
    assert {path.name for path in folder.glob("api/*")} == files
    assert not any(b"<" in path.read_bytes() for path in folder.rglob("*.json"))
    assert listed > 50


def _json(file: Path) -> Any:
    return json.loads(file.read_bytes(), parse_float=pytest.fail)  # decimals are text


def test_the_documented_way_to_read_the_json_works(
    folder: Path, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of docs/page.md prints each organization's expenditure with its basis."""
    text = Path("docs/page.md").read_text()
    example = text.partition("```python\n")[2].partition("```")[0]
    exec(example.replace("releases/latest/page", str(folder)), {})  # noqa: S102 because it is ours
    rows = ask(
        release,
        "SELECT organization || ' ' || sum(expenditure_usd)::VARCHAR || ' '"
        " || if(min(basis) <> max(basis), 'mixed', min(basis)) FROM mart.expenditure_current"
        " WHERE organization IN ('FAO', 'UNICEF') GROUP BY organization ORDER BY ALL",
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(rows) == 2
    assert {text for (text,) in rows} <= set(lines)


def _records(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(part["columns"], row, strict=True)) for row in part["rows"]]


def test_the_json_of_a_programme_has_its_figures_in_full(folder: Path, release: Path) -> None:
    """As the warehouse has them: amounts to the cent, basis, and the page that showed them."""
    found = _json(folder / "programme" / f"{RESTATED}.json")
    rows = ask(
        release,
        "SELECT fiscal_year, organization, expenditure_usd::VARCHAR, basis,"
        " strftime(known_from, '%Y-%m-%dT%H:%M:%SZ'), source_url,"
        " strftime(captured_at, '%Y-%m-%dT%H:%M:%SZ') FROM mart.expenditure_current"
        " WHERE programme_id = '00095011' ORDER BY fiscal_year DESC, organization",
    )
    names = ("fiscal_year", "organization", "expenditure_usd", "basis", "known_from", "source_url",
             "captured_at")  # fmt: skip
    figures = _records(found["parts"]["figures"])
    assert [tuple(row[name] for name in names) for row in figures] == rows
    assert found["parts"]["figures"]["total"] == len(rows) > 1
    restated = _records(found["parts"]["restatements"])[0]
    assert Decimal(restated["old_value"]) == Decimal("512.25")
    assert found["about"]["title"]


def test_data_in_a_page_cannot_end_its_script(folder: Path) -> None:
    for programme_id in HOSTILE:
        text = (folder / "programme" / f"{programme_id}.html").read_text()
        blocks = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
        assert blocks
        for block in blocks:
            assert json.loads(block)
            assert not set(block) & set("<>&")


def _tools(page: Page, table: str, name: str) -> Locator:
    return page.locator(f"#tools-{table}").get_by_role("button", name=name, exact=True)


@needs_browser
@pytest.mark.parametrize(
    "name",
    [
        "index.html", f"programme/{RESTATED}.html", "fund/CRF00.html",
        "contributors.html",
        pytest.param("programme/00095004.html", marks=pytest.mark.proof),
        pytest.param("organizations.html", marks=pytest.mark.proof),
        pytest.param("restatements.html", marks=pytest.mark.proof),
    ],
)  # fmt: skip
def test_the_csv_of_a_table_has_what_its_sql_gives(
    name: str, browser: Visitor, release: Path
) -> None:
    """Numbers in full, times as ISO 8601, nothing where a value is absent, and no formula."""
    page = browser.open(name)
    tables = page.locator("table[data-sql]").all()
    assert tables
    with duckdb.connect(str(release), read_only=True) as con:
        for table in tables:
            key = str(table.get_attribute("id")).removeprefix("table-")
            file, content = downloads.saved(page, _tools(page, key, "CSV"))
            stem = name.rpartition("/")[2].removesuffix(".html")
            assert file == f"{key if key == stem else f'{key}_{stem}'}_mptf-2017-06-20.csv"
            rows = downloads.table_of(content)
            sql = page.locator(f"#{table.get_attribute('data-sql')}").text_content() or ""
            expected = list(downloads.records(con, sql))
            if "block" in expected[0]:
                expected = [row for row in expected if row["block"].replace("_", "-") == key]
            assert len(rows) == len(expected) > 0
            for row, record in zip(rows, expected, strict=True):
                for column, text in row.items():
                    absent = column.endswith("basis") and text == ""
                    assert absent or downloads.says(text, record[column]), (column, text, record)
                bases = {column for column in record if column.endswith("basis")}
                figures = {c for c in row if c.endswith("_usd")} - _NO_BASIS
                assert row.get("contributor") != FORMULA  # but in quotes
                if len(bases) == 1 and any(
                    row[c] for c in figures - {"interim_usd", "year_end_usd"}
                ):
                    assert row[bases.pop()], (key, row)


@needs_browser
def test_an_address_holds_the_chosen_order_and_row_and_is_saved_as_seen(browser: Visitor) -> None:
    """Opened elsewhere, it shows both again; a row that is not there is said to be missing."""
    page = browser.open("index.html")
    page.locator("#table-funds th[data-column=programmes] button").click()
    page.locator("#table-funds th[data-column=programmes] button").click()
    row = page.locator("#table-funds tbody tr").nth(2)
    row.locator("td").nth(1).click()
    code = row.locator("td").first.inner_text()
    assert row.get_attribute("aria-current") == "true"
    order = page.locator("#table-funds tbody td:nth-child(2)").all_inner_texts()
    address = address_of(page).partition("/page/")[2]
    assert address == f"index.html#sort-funds=-programmes&row-funds={code}"
    page = browser.open("search.html")
    page = browser.open(address)
    assert page.locator("#table-funds tbody td:nth-child(2)").all_inner_texts() == order
    assert page.locator("tr[aria-current] td").first.inner_text() == code
    top = page.locator("tr[aria-current]").evaluate("row => row.getBoundingClientRect().top")
    assert 0 < top < 900
    file, content = downloads.saved(page, _tools(page, "funds", "CSV as seen"))
    assert file == "funds-as-seen_index_mptf-2017-06-20.csv"
    assert [row["fund_code"] for row in downloads.table_of(content)] == order
    page.evaluate("location.hash = 'row-funds=XXX00'")
    page.get_by_text("names a row that is not in this table").wait_for()
    assert page.locator("tr[aria-current]").count() == 0
    assert _tools(page, "funds", "CSV as seen").is_hidden()


@needs_browser
def test_the_rows_of_a_long_table_are_filtered_by_words_year_and_basis(
    browser: Visitor, release: Path
) -> None:
    """They are counted aloud, saved as they are seen, and the address brings them back."""
    page = browser.open("organizations.html")
    bar = page.get_by_role("group", name="Filter: Organizations by year")
    with duckdb.connect(str(release), read_only=True) as con:
        rows = con.execute(
            "SELECT organization, fiscal_year::VARCHAR, min(basis), max(basis)"
            " FROM mart.expenditure_current GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        (total,) = con.execute("SELECT count(*) FROM mart.organization_year").fetchall()[0]
    matching = [row[:2] for row in rows if "un" in row[0].lower() and row[2] == row[3] == "interim"]
    assert 1 < len(matching) < len(rows)
    count = bar.get_by_role("status")
    assert count.inner_text() == f"{total} rows"
    bar.get_by_label("Rows with").fill("UN ")
    bar.get_by_label("Basis").select_option("interim")
    said = f"{len(matching)} of {total} rows"
    bar.get_by_text(said).wait_for()

    def shown() -> list[tuple[str, str]]:
        table = page.locator("#table-organizations tbody tr:not([hidden])")
        return [tuple(text.split("\t")[:2]) for text in table.all_inner_texts()]  # type: ignore[misc]

    assert sorted(shown()) == matching
    _, content = downloads.saved(page, _tools(page, "organizations", "CSV as seen"))
    saved = [(row["organization"], row["fiscal_year"]) for row in downloads.table_of(content)]
    assert sorted(saved) == matching
    page.goto("about:blank")
    page.go_back()
    bar.get_by_text(said).wait_for()
    assert bar.get_by_label("Rows with").input_value() == "UN"
    assert bar.get_by_label("Basis").input_value() == "interim"
    bar.get_by_label("Year").select_option(matching[0][1])
    bar.get_by_label("Rows with").fill("no such organization")
    bar.get_by_text(f"0 of {total} rows").wait_for()
    assert shown() == []


@needs_browser
def test_a_row_is_chosen_with_the_keyboard(browser: Visitor) -> None:
    """Tab reaches one row of a table, the arrow keys the others, and Enter chooses."""
    page = browser.open(f"programme/{RESTATED}.html")
    rows = page.locator("#table-history tbody tr")
    assert page.locator("#table-history tr[tabindex='0']").count() == 1
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert rows.nth(1).get_attribute("aria-current") == "true"
    assert "row-history=2015%2CFAO%2C2016-03-01" in address_of(page)
    page.keyboard.press("Enter")
    assert page.locator("tr[aria-current]").count() == 0
    assert "#" not in address_of(page)


@needs_browser
@pytest.mark.parametrize("name", FEW_KINDS)
def test_on_a_phone_the_main_figure_is_seen_without_moving_a_table(
    name: str, browser: Visitor
) -> None:
    """Beside the name; and all columns are there when they are asked for, behind that name."""
    page = browser.open(name)
    page.set_viewport_size({"width": 360, "height": 740})
    try:
        keys = page.evaluate(
            "[...document.querySelectorAll('table.few')].map(table => table.id.slice(6))"
        )
        for key in keys:
            table = page.locator(f"#table-{key}")
            wide = table.evaluate("table => [table.offsetWidth, table.parentElement.clientWidth]")
            assert wide[0] <= wide[1], (name, key, wide)
        for key in keys[:1]:
            table = page.locator(f"#table-{key}")
            columns = table.locator("thead th").count()
            assert table.locator("thead th:visible").count() < columns
            _tools(page, key, "All columns").click()
            assert table.locator("thead th:visible").count() == columns
            table.evaluate("table => table.parentElement.scrollLeft = 500")
            first = table.locator("tbody tr").first.locator("th, td").first
            assert first.evaluate("cell => cell.getBoundingClientRect().left") >= 0
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


@needs_browser
def test_a_chart_is_saved_as_a_picture_with_its_source_and_release(
    browser: Visitor, release: Path
) -> None:
    """As PNG and SVG, with a mark for each amount, and light where the page is dark."""
    page = browser.open("index.html")
    page.emulate_media(color_scheme="dark")
    tools = page.locator("figure:has([data-chart=years]) .tools")
    file, content = downloads.saved(page, tools.get_by_role("button", name="SVG"))
    assert file == "years_index_mptf-2017-06-20.svg"
    svg = ElementTree.fromstring(content)  # noqa: S314 because the page made it
    said = " ".join(svg.itertext())
    for part in (
        "Year by year",
        "spent, interim",
        "transferred",
        "MPTF Office Gateway",
        "mptf-2017-06-20",
    ):
        assert part in said
    assert b"var(" not in content
    assert "background-color: rgb(255, 255, 255)" in svg.get("style", "")
    drawn = [path for path in svg.iter() if path.get("aria-roledescription") == "bar"]
    rows = ask(release, "SELECT DISTINCT fiscal_year, basis FROM mart.expenditure_current")
    assert len(drawn) == len(rows) > 10
    file, content = downloads.saved(page, tools.get_by_role("button", name="PNG"))
    assert file == "years_index_mptf-2017-06-20.png"
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert width > 1800
    assert height > 700
    page.emulate_media(color_scheme="light")


@needs_browser
def test_the_map_is_saved_as_a_picture_with_its_legend_and_its_note(browser: Visitor) -> None:
    """As PNG and SVG, without anything that only this page's style sheet explains."""
    page = browser.open("countries.html")
    outlines = page.locator("figure.map svg path").count()
    tools = page.locator("figure.map .tools")
    file, content = downloads.saved(page, tools.get_by_role("button", name="SVG"))
    assert file == "map_countries_mptf-2017-06-20.svg"
    svg = ElementTree.fromstring(content)  # noqa: S314 because the page made it
    said = " ".join(svg.itertext())
    for part in ("do not imply endorsement", "no programme known", "mptf-2017-06-20"):
        assert part in said
    assert b"var(" not in content
    fills = [path.get("fill") for path in svg.iter() if len(path.get("d", "")) > 50]
    assert len(fills) >= outlines > 3
    assert "#e9ebee" in fills
    _, content = downloads.saved(page, tools.get_by_role("button", name="PNG"))
    assert content.startswith(b"\x89PNG")


@needs_browser
def test_an_address_holds_the_figure_that_a_chart_shows(browser: Visitor) -> None:
    """Chosen in the list, by its row in the table, or by a year's bar."""
    page = browser.open(f"programme/{RESTATED}.html")
    figure = page.locator("#figure")
    figure.select_option("2016, UNICEF")
    assert address_of(page).endswith("#figure=2016%2CUNICEF")
    address = address_of(page).partition("/page/")[2]
    page = browser.open("search.html")
    page = browser.open(address)
    assert figure.locator("option:checked").inner_text() == "2016, UNICEF"
    page.locator("#table-history tbody tr", has_text="restated").locator("td").nth(1).click()
    assert figure.locator("option:checked").inner_text() == "2015, FAO"
    page.locator("[data-chart=history] path.chosen").wait_for()
    page.locator("[data-chart=years] .mark-rect path").first.click()
    row = page.locator("#table-by-year tr[aria-current]")
    assert row.locator("th").inner_text() == "2015"
    assert "row-by-year=2015" in address_of(page)
    page.locator("[data-chart=years] path.chosen").wait_for()


@needs_browser
@pytest.mark.parametrize("name", FEW_KINDS)
def test_every_page_says_how_to_cite_it(name: str, browser: Visitor) -> None:
    """With publisher, title, release and day; not with a day on which nobody looked."""
    page = browser.open(name)
    page.locator("details.cite summary").click()
    text, bibtex = page.locator("details.cite pre").all_inner_texts()
    title = page.title().removesuffix(" – UN pooled funds")
    assert text.startswith(f"Gateway & Watch: “{title}”. UN pooled funds, release mptf-2017-06-20,")
    assert "20 June 2017. Figures of the UN MPTF Office Gateway as seen until 15 June 2017" in text
    source = page.locator(".source a[rel]")
    url = source.first.get_attribute("href") if source.count() else ORIGIN.site
    assert text.endswith(f". {url}")
    assert r"author = {{Gateway \& Watch}}" in bibtex
    assert bibtex.count("{") == bibtex.count("}")


@needs_browser
def test_a_brace_in_a_title_does_not_spoil_a_bibliography(browser: Visitor) -> None:
    """BibTeX counts braces, also those after a backslash."""
    page = browser.open("programme/00095003.html")
    page.locator("details.cite summary").click()
    bibtex = page.locator("details.cite pre").all_inner_texts()[1]
    assert r"{{00095003 \textbraceleft{}\textbraceleft{} 7 * 7 \textbraceright{}" in bibtex
