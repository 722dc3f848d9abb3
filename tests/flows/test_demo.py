"""`mptf demo`: three nights over HTTP, with something interim, final, restated and broken."""

import csv
import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.main import main
from flows.demo import NIGHTS, PROGRAMMES, SEED
from replica.books.moments import moment
from replica.books.shown import MEASURES
from replica.pages.site import open_site
from tests.flows.browser import CHROMIUM, opened_page
from tests.flows.pages import ROOT
from tests.flows.tables import ask
from tests.flows.ten.forms import Release, comparable
from tests.flows.ten.questions import QUESTIONS, documented
from tests.processes import PATIENCE
from warehouse.cookbook import as_markdown, recipe

WAREHOUSE = Path("data", "demo", "warehouse.duckdb")
RECIPES = ROOT / "docs" / "cookbook"
COMMAND_LINE = [
    str(Path(sys.executable).with_name("duckdb")),
    "-readonly",
    "-csv",
    "-nullvalue",
    "",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(folder: Path) -> Result:
    """The demo, run once for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["demo"])


def test_the_demo_shows_interim_beside_year_end_then_restated_then_what_to_ask(
    folder: Path, first: Result
) -> None:
    assert first.exit_code == 0
    interim, restated = first.stdout.split("Year-end figures that were restated:")
    compared = ask(
        folder / WAREHOUSE,
        "SELECT programme_id, interim_usd, year_end_usd FROM mart.interim_vs_year_end"
        " WHERE difference_usd <> 0",
    )
    assert len(compared) >= 5
    for row in compared:
        assert all(f" {text} " in interim for text in row)
    restated, questions = restated.split("Try next:")
    assert sum("2016-0" in line for line in restated.splitlines()) >= 2
    assert questions.count("mptf --home data/demo ") == 7
    assert not (folder / "data" / "warehouse.duckdb").exists()


def test_something_broke_on_the_second_night_and_was_made_good_on_the_third(
    folder: Path, first: Result
) -> None:
    broken = [line for line in first.stderr.splitlines() if line.startswith("  ")]
    assert sum("the site was down for maintenance" in line for line in broken) == 2
    assert sum("answered 404" in line for line in broken) == 2
    assert not [line for line in broken if "gzip" in line]  # which asking again has mended
    runs = ask(
        folder / WAREHOUSE,
        "SELECT outcome, quarantined + failed FROM meta.run ORDER BY started_at, rowid",
    )
    assert runs == [("done", 0), ("incomplete", 4), ("done", 0)]


def test_the_warehouse_holds_what_the_stand_in_showed_on_each_night(
    folder: Path, first: Result
) -> None:
    """Every yearly expenditure of every page that was loaded, by the stand-in's own books."""
    records = open_site(SEED, PROGRAMMES).records
    vintages = ask(
        folder / WAREHOUSE,
        "SELECT organization, fiscal_year, expenditure_usd, programme_id, known_from"
        " FROM core.expenditure_snapshot ORDER BY known_from",
    )
    compared = 0
    for programme_id, night in loaded_captures(folder):
        shown = records.programme(records.portfolio.by_id[programme_id], moment(night))
        held = newest_by(vintages, programme_id, night)
        by_year = [table for table in shown.tables if table.grain != "organization"]
        finest = min((table.grain for table in by_year), default=None)  # then the year alone
        for table in by_year:
            for row in table.rows if table.grain == finest else ():
                value = row.values[MEASURES.index("expenditure")]
                if value is not None and "expenditure" in table.measures:
                    assert held[row.organization or "(all)", row.fiscal_year] == value
                    compared += 1
    assert compared > 300


def test_the_readme_shows_what_its_query_answers(folder: Path, first: Result) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (query,) = re.findall(r'^\.venv/bin/mptf --home data/demo sql "(.+)"$', readme, re.MULTILINE)
    (shown,) = re.findall(r"^```text\n(.+?)\n```$", readme, re.MULTILINE | re.DOTALL)
    answer = CliRunner().invoke(main, ["--home", str(folder / "data" / "demo"), "sql", query])
    assert answer.stdout.strip() == shown


def test_the_cookbook_shows_what_its_queries_answer(folder: Path, first: Result) -> None:
    """`make docs` writes it again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / WAREHOUSE.parent)
        written = as_markdown(Path("releases", "latest.duckdb"), RECIPES)
    assert written == (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
    assert written.count("\n## ") == len(list(RECIPES.glob("*.sql"))) >= 15


def test_duckdbs_own_command_line_answers_the_cookbook_alike(folder: Path, first: Result) -> None:
    """As the cookbook says that it is used, and to the cent."""
    for file in sorted(RECIPES.glob("*.sql")):
        with file.open() as query:
            asked = subprocess.run(
                [*COMMAND_LINE, "releases/latest.duckdb"], stdin=query, check=True,
                cwd=folder / WAREHOUSE.parent, capture_output=True, text=True, timeout=PATIENCE,
            )  # fmt: skip
        head, *rows = csv.reader(asked.stdout.splitlines())
        assert page_of(file) == ([head, *rows] if rows else []), file.name


def page_of(file: Path) -> list[list[str]]:
    """The answer to one recipe as the cookbook shows it: its header and rows."""
    section = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8").split("\n## ")
    (own,) = [part for part in section if f". {recipe(file).title}\n" in part]
    lines = [line for line in own.splitlines() if line.startswith("|")]
    return [line[2:-2].split(" | ") for line in [*lines[:1], *lines[2:]]]


def test_every_query_of_the_guide_for_analysts_finds_rows(folder: Path, first: Result) -> None:
    guide = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    commands = re.findall(r"^mptf (sql .+)$", guide, re.MULTILINE)
    assert len(commands) > 20
    for command in commands:
        arguments = ["--home", str(folder / WAREHOUSE.parent), *shlex.split(command)]
        answer = CliRunner().invoke(main, [*arguments, "--format", "csv"])
        assert len(answer.stdout.splitlines()) > 1, command


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_ten_questions_have_one_answer_in_sql_in_pandas_in_excel_and_on_the_page(
    folder: Path, first: Result
) -> None:
    """Row by row; the document has the SQL, and names where each of the others looks."""
    release = Release(folder / WAREHOUSE.parent / "releases" / "latest")
    queries = documented()
    assert list(queries) == list(QUESTIONS)
    with opened_page() as page:
        for number, question in QUESTIONS.items():
            answer = comparable(release.sql(queries[number]))
            assert len(answer) > 2, number
            assert comparable(question.pandas(release)) == answer, number
            assert comparable(question.workbook(release)) == answer, number
            assert comparable(question.page(release, page)) == answer, number


def loaded_captures(folder: Path) -> list[tuple[str, datetime]]:
    return ask(  # type: ignore[return-value]  # the columns are text and time
        folder / WAREHOUSE,
        "SELECT programme_id, captured_at FROM raw.capture"
        " WHERE page_kind = 'programme_factsheet' ORDER BY ALL",
    )


def newest_by(
    vintages: list[tuple[object, ...]], programme_id: str, night: datetime
) -> dict[tuple[object, object], object]:
    """Return the newest vintage of each of a programme's expenditures known by a night."""
    return {
        (organization, year): value
        for organization, year, value, of, known_from in vintages
        if of == programme_id and known_from <= night  # type: ignore[operator]  # both are times
    }


def test_the_demo_can_be_run_again_and_finds_nothing_new(
    folder: Path, first: Result, tmp_path: Path
) -> None:
    """Nothing but a programme on a night on which no list had named it, and the same answer."""
    before = loaded_captures(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shutil.copytree(folder, tmp_path / "copy", symlinks=True))
        again = CliRunner().invoke(main, ["demo"])
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    found = set(loaded_captures(tmp_path / "copy")) - set(before)
    known_first = dict(reversed(before))
    assert all(night < known_first[programme_id] for programme_id, night in found)
    assert len(found) <= 1
    assert again.stderr.count("loaded 0, ") == len(NIGHTS) - len(found)
