"""`mptf sql`, `status` and `quarantine list`: whole results, read-only, safe for any text."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.command import COMMAND, Mptf
from tests.flows.pages import SAMPLES, factsheet, save
from tests.processes import PATIENCE, killed_after
from tests.terminal import Terminal
from warehouse.connection import SCHEMA_VERSION

# Ways around that are closed by the same settings.
DETOURS = (
    "SELECT * FROM query('FROM read_text(''{file}'')')",
    "CREATE TEMP MACRO f(x) AS TABLE SELECT * FROM read_text(x); FROM f('{file}')",
    "PREPARE p AS COPY (SELECT 1) TO '{folder}/o.csv'; EXECUTE p",
    "COPY meta.warehouse FROM '{file}'",
    "IMPORT DATABASE '{folder}'",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "PRAGMA profiling_output = '{folder}/profile.json'",
    "PRAGMA temp_directory = '{folder}'",
    "RESET lock_configuration",
    "ATTACH 'https://example.org/x.duckdb' AS other",
    "FROM 'https://example.org/x.csv'",
    "SELECT getenv('HOME')",
    "SELECT * FROM read_text('/proc/self/environ')",
)


@pytest.fixture
def filled(mptf: Mptf, samples: None) -> Mptf:
    return mptf


def test_csv_has_a_header_lf_ends_empty_nulls_and_decimals_in_full(filled: Mptf) -> None:
    query = (
        "SELECT 12.50::DECIMAL(18,2) AS usd, NULL AS nothing, TIMESTAMP '2016-01-02 03:04:05' AS t,"
        " DATE '2016-01-02' AS d, true AS yes, 'a,\"b\"' AS text, [1, 2] AS list"
    )
    assert filled("sql", query, "--format", "csv").stdout == (
        "usd,nothing,t,d,yes,text,list\n"
        '12.50,,2016-01-02 03:04:05,2016-01-02,true,"a,""b""","[1, 2]"\n'
    )


def test_json_is_one_array_of_objects_with_decimals_in_full(filled: Mptf) -> None:
    query = (
        "SELECT 12.50::DECIMAL(18,2) AS usd, NULL AS nothing, 'é' AS x, 2 AS x,"
        " 'nan'::DOUBLE AS nan, TIMESTAMP '2016-01-02 03:04:05' AS t, {'a': 1.5} AS s"
    )
    printed = filled("sql", query, "--format", "json").stdout
    assert '"usd": 12.50,' in printed
    assert json.loads(printed) == [
        {
            "usd": 12.5,
            "nothing": None,
            "x": "é",
            "x_1": 2,
            "nan": None,
            "t": "2016-01-02 03:04:05",
            "s": {"a": 1.5},
        }
    ]
    assert json.loads(filled("sql", "SELECT 1 WHERE false", "--format", "json").stdout) == []


def test_a_table_is_never_cut(filled: Mptf) -> None:
    query = "SELECT range AS n, repeat('x', 500) AS wide FROM range(3000)"
    printed = filled("sql", query).stdout
    assert printed.count("x" * 500) == 3000
    assert "2999" in printed


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE core.voucher",
        "INSERT INTO meta.warehouse VALUES (9)",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "INSTALL httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SELECT * FROM con",
        "SELECT * FROM core.voucher; DROP TABLE core.voucher",
        "SELEC 1",
    ],
)
def test_a_query_reads_this_file_and_nothing_else(
    query: str, filled: Mptf, tmp_path: Path, home: Path
) -> None:
    secret = save(tmp_path, "secret.csv", "a\n1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    size = (home / "warehouse.duckdb").stat().st_size
    result = filled("sql", query.format(file=secret, folder=tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith("mptf: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (home / "warehouse.duckdb").stat().st_size == size


def test_a_query_finds_no_detour(filled: Mptf, tmp_path: Path) -> None:
    secret = save(tmp_path, "secret.csv", "a\n1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    for query in DETOURS:
        result = filled("sql", query.format(file=secret, folder=tmp_path))
        assert (result.exit_code, result.stdout) == (1, ""), query
        assert result.stderr.startswith("mptf: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_query_without_end_is_stopped(filled: Mptf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPTF_SQL_SECONDS", "0.3")
    result = filled("sql", "SELECT count(*) FROM range(1000000) a, range(10000000) b")
    assert result.exit_code == 1
    assert "took more than 0.3 seconds" in result.stderr


def test_as_of_sets_the_variable(filled: Mptf) -> None:
    query = "SELECT getvariable('as_of') AS as_of"
    printed = filled("sql", query, "--as-of", "2016-04-25T00:00:00Z", "--format", "csv").stdout
    assert printed == "as_of\n2016-04-25 00:00:00\n"
    missing = "SELECT count(*) AS n FROM mart.missing_year_end"
    late = filled("sql", missing, "--as-of", "2030-01-01", "--format", "csv").stdout
    assert late == "n\n0\n"


@pytest.mark.usefixtures("no_home")
def test_without_a_warehouse_it_says_what_to_do(mptf: Mptf) -> None:
    for command in (["sql", "SELECT 1"], ["status"], ["verify"], ["quarantine", "list"]):
        result = mptf(*command)
        assert result.exit_code == 1
        assert "run `mptf ingest`" in result.stderr
    assert mptf("sql", "SELECT 1", "--release").exit_code == 1


@pytest.fixture
def writer(filled: Mptf, home: Path) -> Iterator[None]:
    """Another process that holds the working file for writing."""
    hold = f"import duckdb, sys; c = duckdb.connect({str(home / 'warehouse.duckdb')!r}); "
    command = [sys.executable, "-c", hold + "print('open', flush=True); sys.stdin.read()"]
    with killed_after(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield


@pytest.mark.usefixtures("writer")
def test_while_the_file_is_written_the_newest_release_answers_and_it_says_so(
    mptf: Mptf, home: Path
) -> None:
    busy = mptf("sql", "SELECT 1")
    assert busy.exit_code == 1
    assert "is open in another process" in busy.stderr
    (home / "releases").mkdir()
    for name in ("mptf-2016-01-01.duckdb", "mptf-2016-06-15.duckdb"):
        with duckdb.connect(str(home / "releases" / name)) as con:
            con.execute("CREATE SCHEMA meta")
            con.execute(f"CREATE TABLE meta.warehouse AS SELECT {SCHEMA_VERSION} AS schema_version")
            con.execute(f"CREATE TABLE told AS SELECT '{name}' AS name")
    result = mptf("sql", "FROM told", "--format", "csv")
    assert result.stdout == "name\nmptf-2016-06-15.duckdb\n"
    assert "mptf-2016-06-15.duckdb answers" in result.stderr
    with Terminal("--home", home, "sql", environment={"XDG_STATE_HOME": str(home)}) as prompt:
        prompt.sees("mptf>")
        prompt.types("FROM told;\r")
        prompt.sees("mptf-2016-06-15.duckdb answers")
        prompt.sees("│ mptf-2016-06-15.duckdb │")
        prompt.sees("mptf>")
        prompt.types("\x04")


@pytest.mark.parametrize(
    ("value", "exit_code", "said"),
    [
        ('["a", "b"]', 1, "there is no warehouse"),
        ("foo", 2, "a list is JSON, as MPTF_ALLOWED_HOSTS="),
        ("[1]", 2, "setting 'allowed_hosts"),
    ],
)
@pytest.mark.usefixtures("no_home")
def test_a_list_in_a_variable_is_json_or_one_line_says_so(
    value: str, exit_code: int, said: str, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPTF_ALLOWED_HOSTS", value)
    done = mptf("status")
    assert done.exit_code == exit_code
    assert said in done.stderr


def test_a_file_of_another_version_is_asked_but_not_written(filled: Mptf, home: Path) -> None:
    """Analysts have their tables as they were until the rebuild is done."""
    for version, advice in ((99, "install a newer one"), (0, "run `mptf rebuild`")):
        with duckdb.connect(str(home / "warehouse.duckdb")) as con:
            con.execute("UPDATE meta.warehouse SET schema_version = ?", [version])
        asked = filled("sql", "SELECT count(*) > 0 AS any FROM core.programme", "--format", "csv")
        assert (asked.exit_code, asked.stdout) == (0, "any\ntrue\n")
        refused = filled("ingest", SAMPLES)
        assert refused.exit_code == 1
        assert advice in asked.stderr
        assert advice in refused.stderr
    assert filled("rebuild").exit_code == 0
    assert filled("sql", "SELECT 1").stderr == ""


def test_status_says_how_things_stand(filled: Mptf, tmp_path: Path) -> None:
    page = save(tmp_path, "p.txt", factsheet(figures={("FAO", 2014): "7"}))
    filled("ingest", page, "--captured-at", "2014-06-01")
    filled("ingest", save(tmp_path, "shop.html", "<html>Shop</html>"))
    told = json.loads(filled("status", "--json").stdout)
    assert told["coverage"][0]["programmes"] == 6
    assert [run["outcome"] for run in told["runs"]].count("incomplete") == 1
    assert told["quarantine"] == [
        {"rule": "not_a_gateway_page", "table_name": "raw.capture", "open": 1}
    ]
    assert told["failed_checks"] == []
    assert {row["kind"] for row in told["findings"]} == {"no_figures"}
    assert [row["programme_id"] for row in told["missing_year_end"]] == ["00090001"]
    printed = filled("status").stdout
    assert "not_a_gateway_page" in printed
    assert "00090001" in printed


def test_quarantine_list_gives_reason_row_address_and_time(filled: Mptf, tmp_path: Path) -> None:
    page = save(tmp_path, "p.txt", factsheet(figures={("FAO", 2014): "1,23,456"}))
    filled("ingest", page, "--captured-at", "2014-06-01", "--url", "https://mptf.undp.org/a b")
    (row,) = json.loads(filled("quarantine", "list", "--json").stdout)
    assert row["rule"] == "amount"
    assert row["row_text"] == "FAO | 2014 | 1,000,000 | 1,23,456"
    assert row["stood_at"] == "Key Figures, table 1, row 2"
    assert row["url"] == "https://mptf.undp.org/a%20b"
    assert row["captured_at"] == "2014-06-01 00:00:00"
    printed = filled("quarantine", "list").stdout
    told = {key: value for key, value in row.items() if key not in {"programme_id", "parse_key"}}
    assert all(str(value) in printed for value in told.values())


def test_help_imports_nothing_heavy_so_that_it_answers_at_once() -> None:
    heavy = (
        "import sys, flows.cli.main; print([m for m in sys.modules if m in "
        + repr(("duckdb", "polars", "pandera", "prefect", "pydantic", "rich", "bs4", "selectolax"))
        + "])"
    )
    run = subprocess.run(
        [sys.executable, "-c", heavy], check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    assert run.stdout == "[]\n"


def test_a_query_that_breaks_duckdb_harms_its_own_process_alone(
    filled: Mptf, home: Path, tmp_path: Path
) -> None:
    """DuckDB 1.5 aborts where a log to a file is not allowed; nothing is written or lost."""
    command = [*COMMAND, "--home", str(home)]
    before = (home / "warehouse.duckdb").read_bytes()
    logging = f"enable_logging(storage='file', storage_path='{tmp_path}/log')"
    for query in (f"CALL {logging}", f"FROM {logging}; SELECT 1"):
        done = subprocess.run(
            [*command, "sql", query], capture_output=True, check=False, timeout=PATIENCE
        )
        assert done.returncode != 0
        assert not (tmp_path / "log").exists()
    assert (home / "warehouse.duckdb").read_bytes() == before
    assert filled("sql", "SELECT 1").exit_code == 0


def test_a_query_spills_no_more_than_a_bounded_part_of_the_disk(filled: Mptf) -> None:
    printed = filled("sql", "SELECT current_setting('max_temp_directory_size') AS most")
    assert "3.7 GiB" in printed.stdout
