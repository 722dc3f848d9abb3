"""A reader picks a day on a page, and sees what was known then; two, and sees what changed."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Page

from flows.cli.main import main
from tests.flows import downloads
from tests.flows.browser import CHROMIUM, address_of, opened_page
from tests.flows.pages import factsheet, save
from warehouse.release import build
from webpage.site import write_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
RESTATED, OTHER = "00095021", "00095022"
_Figures = dict[tuple[str, int], str]
_SEEN: dict[str, list[tuple[str, _Figures]]] = {
    RESTATED: [
        ("2016-03-01T00:00:00Z", {("FAO", 2015): "400"}),
        ("2016-06-01T00:00:00Z", {("FAO", 2015): "512.25", ("UNICEF", 2016): "1,000"}),
        ("2016-09-10T04:00:00Z", {("FAO", 2015): "512.25", ("UNICEF", 2016): "1,500"}),
        ("2016-09-10T23:59:59Z", {("FAO", 2015): "512.25", ("UNICEF", 2016): "1,600"}),
        ("2016-11-01T00:00:00Z", {("UNICEF", 2016): "1,600"}),  # FAO's is gone
        ("2017-02-01T10:00:00Z", {("FAO", 2015): "498", ("UNICEF", 2016): "1,600"}),  # and back
        ("2017-06-01T00:00:00Z", {("FAO", 2015): "498.5", ("UNICEF", 2016): "-1,700"}),
    ],
    OTHER: [
        ("2016-04-10T00:00:00Z", {("UNICEF", 2015): "50", ("FAO", 2015): "7"}),
        ("2016-07-01T00:00:00Z", {("UNICEF", 2015): "60", ("FAO", 2015): "7"}),
    ],
}
_DAYS = (
    "2016-02-29", "2016-03-01", "2016-05-31", "2016-06-01", "2016-09-10", "2016-10-31",
    "2016-11-01", "2017-01-31", "2017-02-01", "2017-06-01",
)  # fmt: skip

_PAIRED = ("2016-02-29", "2016-03-01", "2016-06-01", "2016-11-01", "2017-06-01")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with its page, of two programmes whose figures come, change, go and come back."""
    folder = tmp_path_factory.mktemp("known")
    for programme_id, seen in _SEEN.items():
        for time, figures in seen:
            file = save(folder / "pages", f"{programme_id}-{time[:13]}.txt",
                        factsheet(programme_id, figures=figures))  # fmt: skip
            address = f"https://mptf.undp.org/factsheet/project/{programme_id}"
            file.with_name(f"{file.name}.json").write_text(
                json.dumps({"url": address, "captured_at": time})
            )
    home = folder / "home"
    result = CliRunner().invoke(main, ["--home", str(home), "ingest", str(folder / "pages")])
    assert result.exit_code == 0, result.stderr
    file = folder / "release" / "mptf.duckdb"
    build(home / "warehouse.duckdb", file)
    with ThreadPoolExecutor(1) as pool:
        write_page(file, file.parent / "page", "mptf-2017-06-20", date(2017, 6, 20), pool)
    return file


@pytest.fixture(scope="module")
def con(release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(release), read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def page(release: Path) -> Iterator[Page]:
    """A browser without a network; at the end, nothing may have failed in it."""
    wrong: list[str] = []
    with opened_page() as page:
        page.context.set_offline(True)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
    assert wrong == []


def opened(page: Page, release: Path, address: str) -> Page:
    page.goto("about:blank")
    page.goto(f"{(release.parent / 'page').as_uri()}/{address}")
    page.locator("section.known").wait_for()
    return page


def chosen(page: Page, on: str, other: str = "") -> list[dict[str, str]]:
    """Choose one day or two, and return the rows that are then saved as CSV."""
    page.locator("#known-on").fill(on)
    page.locator("#compared-with").fill(other)
    if not page.locator("#table-known").count():
        return []
    button = page.locator("#tools-known").get_by_role("button", name="CSV", exact=True)
    return downloads.table_of(downloads.saved(page, button)[1])


def shown_sql(page: Page) -> str:
    return page.locator("#sql-known").text_content() or ""


def says(text: str, value: Any) -> bool:
    """Whether a field has a value; of a time, its day."""
    return downloads.says(text, value.date() if hasattr(value, "date") else value)


@pytest.mark.parametrize("programme_id", _SEEN)
def test_a_day_shows_what_was_known_by_its_end(
    programme_id: str, page: Page, release: Path, con: duckdb.DuckDBPyConnection
) -> None:
    """It is what the SQL beside it gives, which asks `mart.as_of`: value by value, with basis."""
    opened(page, release, f"programme/{programme_id}.html")
    counts = []
    for day in _DAYS:
        rows = chosen(page, day)
        assert f"mart.as_of(DATE '{day}')" in shown_sql(page) or not rows
        expected = con.execute(
            "SELECT * FROM mart.as_of($1::DATE) WHERE programme_id = $2"
            " ORDER BY fiscal_year DESC, organization",
            [day, programme_id],
        )
        names = [column[0] for column in expected.description]
        records = [dict(zip(names, row, strict=True)) for row in expected.fetchall()]
        assert len(rows) == len(records), day
        if rows:
            given = list(downloads.records(con, shown_sql(page)))
            assert given == [{name: record[name] for name in given[0]} for record in records]
        for row, record in zip(rows, records, strict=True):
            for column, text in row.items():
                assert says(text, record[column]), (day, column, row, record)
        counts.append(len(rows))
    assert counts[0] == 0
    assert len(set(counts)) > 1


def test_two_days_show_what_is_new_gone_final_or_restated(
    page: Page, release: Path, con: duckdb.DuckDBPyConnection
) -> None:
    """Whichever is picked first, and figures that are the same are counted, not listed."""
    opened(page, release, f"programme/{RESTATED}.html")
    told = set()
    for start, end in combinations(_PAIRED, 2):
        rows = chosen(page, end, start)
        before, after = figures_at(con, start), figures_at(con, end)
        restated = set(
            con.execute(
                "SELECT organization, fiscal_year FROM mart.restatement WHERE programme_id = $1"
                " AND measure = 'expenditure_usd' AND restated_at::DATE > $2::DATE"
                " AND restated_at::DATE <= $3::DATE",
                [RESTATED, start, end],
            ).fetchall()
        )
        differ = {
            figure
            for figure in before.keys() | after.keys()
            if before.get(figure) != after.get(figure)
            or (figure in restated and figure in before and figure in after)
        }
        assert {(row["organization"], int(row["fiscal_year"])) for row in rows} == differ
        for row in rows:
            figure = (row["organization"], int(row["fiscal_year"]))
            (was, basis_before), (now, basis) = (
                known.get(figure, (None, None)) for known in (before, after)
            )
            assert downloads.says(row["before"], was)
            assert downloads.says(row["after"], now)
            assert (row["basis_before"] or None, row["basis_after"] or None) == (
                basis_before,
                basis,
            )
            assert downloads.says(
                row["change"], now - was if was is not None and now is not None else None
            )
            assert ("restated" in row["what"]) == (
                figure in restated and figure in before and figure in after
            )
            assert ("final" in row["what"]) == (basis_before == "interim" and basis == "year_end")
            assert (row["what"] == "gone") == (basis is None)
            assert (row["what"] in {"new", "back"}) == (basis_before is None)
            told.add(row["what"])
    assert {"new", "gone", "back", "became final, restated", "interim changed"} <= told


def figures_at(
    con: duckdb.DuckDBPyConnection, day: str
) -> dict[tuple[str, int], tuple[Decimal | None, str]]:
    rows = con.execute(
        "SELECT organization, fiscal_year, expenditure_usd, basis FROM mart.as_of($1::DATE)"
        " WHERE programme_id = $2",
        [day, RESTATED],
    ).fetchall()
    return {(organization, year): (spent, basis) for organization, year, spent, basis in rows}


@pytest.mark.parametrize("name", ["index.html", "fund/none.html"])
def test_a_day_shows_the_sums_of_what_was_known_by_its_end(
    name: str, page: Page, release: Path, con: duckdb.DuckDBPyConnection
) -> None:
    """Of all programmes, and of those of a fund: as its SQL, and as `mart.as_of` adds up to."""
    opened(page, release, name)
    spent = set()
    for day in _DAYS:
        rows = chosen(page, day)
        if rows:
            given = list(downloads.records(con, shown_sql(page)))
            assert [{n: row[n] for n in row if n != "not_covered"} for row in rows] == [
                {n: plain(record[n]) for n in rows[0] if n != "not_covered"} for record in given
            ]
        expected = con.execute(
            "SELECT fiscal_year, count(*), sum(expenditure_usd) FROM mart.as_of($1::DATE)"
            " GROUP BY ALL ORDER BY fiscal_year DESC",
            [day],
        ).fetchall()
        assert [
            (int(row["fiscal_year"]), int(row["figures"]), Decimal(row["expenditure_usd"]))
            for row in rows
        ] == expected
        spent.add(str(expected))
    assert len(spent) > 5


def plain(value: Any) -> str:
    """Return a value as CSV has it."""
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def test_two_days_show_how_sums_changed_and_what_happened_to_their_figures(
    page: Page, release: Path
) -> None:
    opened(page, release, "index.html")
    rows = chosen(page, "2016-06-05", "2017-03-01")
    names = (
        "fiscal_year", "before", "after", "change", "came", "went", "became_final", "restated",
        "restated_usd", "basis_before", "basis_after",
    )  # fmt: skip
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("2016", "1000", "1600", "600", "0", "0", "0", "0", "0", "interim", "interim"),
        # FAO's 512.25 went and came back as 498; UNICEF's 60 is new as a year-end figure
        ("2015", "569.25", "565", "-4.25", "1", "1", "2", "1", "-14.25", "mixed", "year_end"),
    ]
    page.locator("#known-measure").select_option("net_funded_usd")
    assert page.locator("#table-known tbody th").all_inner_texts() == ["2015"]
    page.get_by_text("1 of 2 rows are the same on both days").wait_for()


def test_sums_by_month_answer_for_the_month_of_the_day(page: Page, release: Path) -> None:
    """And the page says so; the SQL has the day for which it answers."""
    folder = release.parent / "page"
    sums = (folder / "index.known.js").read_text()
    by_month = re.sub('"period":"day"', '"period":"month"', sums)
    (folder / "month.known.js").write_text(by_month)
    html = (folder / "index.html").read_text()
    (folder / "month.html").write_text(html.replace("index.known.js", "month.known.js"))
    opened(page, release, "month.html")
    assert by_month != sums
    assert chosen(page, "2016-06-15")[0]["expenditure_usd"] == "1000"
    assert chosen(page, "2016-09-05")[0]["expenditure_usd"] == "1600"  # from 10 September on
    assert page.locator("#table-known caption").inner_text() == "As known on 30 Sep 2016, in US$"
    assert "DATE '2016-09-30'" in shown_sql(page)
    page.get_by_text("a day stands for the end of its month").wait_for()


def test_an_address_holds_the_days_and_can_be_walked_through(page: Page, release: Path) -> None:
    """Opened elsewhere it shows the same; a day that is none is said to be none."""
    address = f"programme/{RESTATED}.html#known-on=2016-03-05&compared-with=2016-12-31"
    opened(page, release, address)
    caption = page.locator("#table-known caption")
    assert caption.inner_text() == "What changed from 5 Mar 2016 to 31 Dec 2016: expenditure"
    page.locator("#known-measure").select_option("net_funded_usd")
    assert address_of(page).endswith("&known-measure=net_funded_usd")
    assert caption.inner_text().endswith(": net funded")
    opened(page, release, f"programme/{RESTATED}.html#known-on=2016-03-05")
    page.get_by_role("button", name="Next change").click()
    assert page.locator("#known-on").input_value() == "2016-06-01"
    page.get_by_role("button", name="Change before").click()
    assert address_of(page).endswith("#known-on=2016-03-01")
    assert page.get_by_role("button", name="Change before").is_disabled()
    page.evaluate("location.hash = 'known-on=yesterday'")
    page.get_by_text("The address names no day.").wait_for()
    assert page.locator("#table-known").count() == 0


@pytest.mark.parametrize(
    ("width", "address"),
    [
        (1280, "index.html#known-on=2016-03-05&compared-with=2017-06-01"),
        (360, f"programme/{RESTATED}.html#known-on=2016-06-15"),
    ],
)
def test_everyone_can_pick_a_day(width: int, address: str, page: Page, release: Path) -> None:
    """Axe finds nothing in the choice and its tables, and the main figure is within the window."""
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, release, address)
    page.locator("#table-known").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    figure = page.locator("#table-known :is([data-column=expenditure_usd], [data-column=change])")
    box = figure.first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    found = Axe().run(page, "section.known", {"preload": False}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
