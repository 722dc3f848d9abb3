"""`mptf sql` for analysts: errors, statements, the terminal and the prompt."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from flows.terminal import text_width
from tests.command import COMMAND, Mptf, run_mptf
from tests.processes import PATIENCE
from tests.terminal import Terminal

_ENDLESS = "SELECT count(*) FROM range(1000000) a, range(10000000) b"
_HEAVY = (
    "polars", "pandera", "pandas", "numpy", "bs4", "selectolax", "httpx", "warcio", "fsspec",
    "prefect", "rich", "xlsxwriter", "prompt_toolkit", "jinja2",
)  # fmt: skip


def test_a_query_imports_nothing_heavy_so_that_it_answers_at_once(samples_home: Path) -> None:
    script = (
        "import sys\nfrom flows.cli.main import main\n"
        f"main(['--home', {str(samples_home)!r}, 'sql', 'SELECT 1'], standalone_mode=False)\n"
        f"print(sorted(set({_HEAVY!r}) & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert ran.stdout.endswith("[]\n")
    assert "│     1 │" in ran.stdout


@pytest.mark.parametrize(
    ("query", "help_", "marked"),
    [
        (
            "SELECT fiscal_yer FROM mart.fund_year",
            'Candidate bindings: "fiscal_year"',
            "fiscal_yer",
        ),
        ("FROM mart.fund_yeer", 'Did you mean "fund_year"', "mart.fund_yeer"),
        ("SELECT 1;\n\tSELECT\tfund,\n\tname\tFROM mart.fund_year", "Candidate", "fund"),
        ("SELECT 'é漢字', nome FROM mart.fund_year", "Candidate bindings", "nome"),
        ("SELECT 'a\x1b[2J', nome FROM mart.fund_year", "Candidate bindings", "nome"),
        ("SELECT 1; pick 2", "syntax error", "pick"),
    ],
)
def test_an_error_keeps_duckdbs_help_and_marks_the_place(
    samples_home: Path, query: str, help_: str, marked: str
) -> None:
    failed = run_mptf(samples_home, "sql", query)
    assert failed.exit_code == 1
    assert failed.stderr.startswith("mptf: ")
    assert help_ in failed.stderr
    line, mark = failed.stderr.splitlines()[-2:]
    number = query[: query.index(marked)].count("\n") + 1
    assert line.startswith(f"LINE {number}: ")
    assert mark.index("^") == text_width(line[: line.index(marked)])


def test_several_statements_are_all_shown_up_to_the_one_that_fails(samples_home: Path) -> None:
    done = run_mptf(samples_home, "sql", "SET VARIABLE x = 7; SELECT getvariable('x'); SELECT ';'")
    assert "│                7 │\n└──────────────────┘\n\n┌" in done.stdout
    assert "│ ;       │" in done.stdout
    failed = run_mptf(samples_home, "sql", "SELECT 11 AS n; SELECT n FROM nowhere; SELECT 12 AS n")
    assert failed.exit_code == 1
    assert "11" in failed.stdout
    assert "12" not in failed.stdout
    as_csv = run_mptf(samples_home, "sql", "SELECT 1 AS a; SELECT 2 AS b", "--format", "csv")
    assert as_csv.stdout == "a\n1\n\nb\n2\n"


def test_json_takes_one_statement_and_nothing_runs_if_there_are_two(samples_home: Path) -> None:
    failed = run_mptf(samples_home, "sql", "SELECT 1; SELECT 2", "--format", "json")
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert "--format json takes one statement; this query has 2" in failed.stderr
    pivot = "PIVOT (SELECT 'é' AS k, 2 AS n) ON k USING sum(n)"  # which DuckDB makes several of
    assert run_mptf(samples_home, "sql", pivot, "--format", "json").stdout == '[{"é": 2}]\n'


def test_queries_come_from_stdin_and_from_files(samples_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "query.sql"
    file.write_text("-- which answer\nSELECT 'é' AS a; -- only this\n", encoding="utf-8")
    command = [*COMMAND, "--home", str(samples_home), "sql", "--format", "csv"]
    for given in ([], ["-"], ["--file", str(file)]):
        ran = subprocess.run(
            [*command, *given],
            input=file.read_bytes(),
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        assert ran.stdout.decode() == "a\né\n"
    refused = run_mptf(samples_home, "sql", ".tables")
    assert refused.exit_code == 2
    assert "commands with a dot are for the prompt" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument"),
        (["SELECT 1", "--file", __file__], "not both"),
        (["--file", "nowhere.sql"], "does not exist"),
        (["/* nothing */"], "no statement"),
        (["SELECT 1", "-o", "x.csv", "--format", "csv"], "leave out --format"),
        (["SELECT 1", "-o", "x.txt"], ".csv, .json, .parquet, .xlsx"),
        (["SELECT 1", "-o", "nowhere/x.csv"], "there is no folder nowhere"),
        (["SELECT 1; SELECT 2", "-o", "x.csv"], "-o takes one statement"),
    ],
)
def test_wrong_usage_says_what_is_wrong(
    mptf: Mptf, samples: None, tmp_path: Path, arguments: list[str], said: str
) -> None:
    before = list(tmp_path.iterdir())
    failed = mptf("sql", *arguments)
    assert failed.exit_code == 2
    assert said in failed.stderr
    assert list(tmp_path.iterdir()) == before


def test_a_query_that_is_not_utf_8_is_refused_in_a_line(mptf: Mptf, samples: None) -> None:
    failed = mptf("sql", "SELECT '\udcff'")  # as Python passes a byte that it cannot decode
    assert failed.exit_code == 1
    assert failed.stderr == "mptf: the query is not UTF-8, at character 9\n"


def test_a_wide_result_fits_the_terminal_and_nothing_is_cut(samples_home: Path) -> None:
    query = "SELECT * FROM mart.expenditure_current WHERE title IS NOT NULL ORDER BY ALL LIMIT 3"
    with Terminal("--home", samples_home, "sql", query, width=72) as shown:
        pass
    lines = shown.text.splitlines()
    assert max(map(text_width, lines)) <= 72
    with duckdb.connect(str(samples_home / "warehouse.duckdb"), read_only=True) as con:
        rows = con.sql(query).project("CAST(COLUMNS(*) AS VARCHAR)").fetchall()
        names = con.sql(query).columns
    cells = _cells(lines)
    assert [name for name, _ in cells] == names
    for (name, shown_cells), values in zip(cells, zip(*rows, strict=True), strict=True):
        assert shown_cells == [(value or "NULL").replace(" ", "") for value in values], name


def _cells(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Read columns and cells back from the blocks of a table, without their blanks."""
    columns: list[tuple[str, list[str]]] = []
    for block in "\n".join(lines).split("┌")[1:]:
        head, _, body = block.partition("├")
        *parts_of_names, _ = _rows(head)  # the types are below them
        names = ["".join(parts) for parts in zip(*parts_of_names, strict=True)]
        cells: list[list[str]] = [[] for _ in names]
        for row in _rows(body):
            for at, part in enumerate(row):
                if row[0]:  # the number of the row, on its first line
                    cells[at].append(part)
                else:
                    cells[at][-1] += part
        named = zip(names, cells, strict=True)
        columns += [(name, of) for name, of in named if name != "row"]
    return columns


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("│")]
    return [[cell.replace(" ", "") for cell in line.strip("│").split("│")] for line in lines]


def test_who_pages_through_a_result_keeps_no_writer_waiting(
    mptf: Mptf, samples: None, home: Path, tmp_path: Path
) -> None:
    """The pager gets the whole result, and finds the warehouse open for writing."""
    pager = tmp_path / "pager.py"
    pager.write_text(
        "import duckdb, pathlib, sys\n"
        f"con = duckdb.connect({str(home / 'warehouse.duckdb')!r})\n"
        "con.execute('CREATE TABLE paged (n INT)')\n"
        f"pathlib.Path({str(tmp_path / 'paged')!r}).write_text(sys.stdin.read())\n"
    )
    query = "SELECT range AS n FROM range(500)"
    paged = {"PAGER": f"{sys.executable} {pager}"}
    with Terminal("--home", home, "sql", query, environment=paged) as shown:
        pass
    assert shown.exit_code == 0
    _, _, *rows = _rows((tmp_path / "paged").read_text())
    assert rows == [[str(number)] for number in range(500)]


def test_ctrl_c_ends_a_query(samples_home: Path) -> None:
    with Terminal("--home", samples_home, "sql", _ENDLESS) as shown:
        shown.opens(samples_home / "warehouse.duckdb")
        shown.types_until_it_sees("\x03", "stopped")
    assert shown.exit_code == 1


def test_the_prompt_completes_and_remembers_and_stops_and_refuses(
    samples_home: Path, tmp_path: Path
) -> None:
    state, secret = tmp_path / "state", tmp_path / "secret.csv"
    secret.write_text("secret\n1\n")
    kept = {"XDG_STATE_HOME": str(state)}
    with Terminal("--home", samples_home, "sql", environment=kept) as prompt:
        prompt.sees("mptf>")
        prompt.types("SELECT count(*) AS\r")
        prompt.sees("...")
        prompt.types("n FROM mart.interim_vs\t")
        prompt.sees("_year_end")
        prompt.types(";\r")
        prompt.sees("1 row,")
        with duckdb.connect(str(samples_home / "warehouse.duckdb")):  # for writing: nobody has it
            pass
        prompt.types(f"{_ENDLESS};\r")
        prompt.sees("b;")
        prompt.types_until_it_sees("\x03", "stopped")
        prompt.sees("mptf>")
        for query in (f"COPY (SELECT 1) TO '{tmp_path}/out.csv';", f"FROM '{secret}';"):
            prompt.types(f"{query}\r")
            prompt.sees("not allowed" if "COPY" in query else "disabled")
        prompt.types(".as-of 2016-05-02\r")
        prompt.sees("mptf>")
        prompt.types("SELECT getvariable('as_of');\r")
        prompt.sees("│ 2016-05-02 23:59:59")
        prompt.types(".schema fund_year\r")
        prompt.sees("delivery_rate_pct")
        prompt.sees("mptf>")
        prompt.types("\x1b[A")  # up: the entry before
        prompt.sees(".schema fund_year")
        prompt.types("\x03")
        prompt.sees("mptf>")
        prompt.types("\x04")
    assert prompt.exit_code == 0
    assert not (tmp_path / "out.csv").exists()
    history = state / "mptf" / "sql_history"
    assert history.stat().st_mode & 0o777 == 0o600
    assert "+n FROM mart.interim_vs_year_end;" in history.read_text()
