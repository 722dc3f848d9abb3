"""A million typed figure rows of 20,000 programmes into the warehouse: validated, with vintages.

Each programme was seen five times, each time with ten rows that say something else: every row is a
vintage, and four in five are restatements. Identity and two vouchers a programme come with them.
Beside it a night in which 200 of the programmes changed; the same frames by a plain INSERT, without
validation and vintages; and the same rows by executemany (fewer of them: it is slow). That all that
were loaded are there is checked.
"""

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import polars as pl

from extractors.records import PARSER_VERSION, Capture
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.schemas import OBSERVED_TABLES
from transforms.validate import checked, frame_schema
from warehouse.connection import Room, open_writer, registered
from warehouse.load import Batch, load
from warehouse.schema import prepare

_PROGRAMMES = 20_000
_VISITS = 5
_ORGANIZATIONS = ("UNDP", "FAO")
_YEARS = range(2012, 2017)
_ROWS = len(_ORGANIZATIONS) * len(_YEARS)  # of one page
_AT_ONCE = 4_000  # programmes in a batch, with all their visits
_CHANGED = 200
_FUNDS = 200
_FIRST = datetime(2016, 1, 10, 2)  # noqa: DTZ001 because every time here is naive UTC
_EXECUTEMANY = 400  # programmes
_FIGURE = "observed.figure"
BULK = Room("1GB", 2)
READERS = {
    "load (ours)": None,
    "a night (ours)": None,
    "plain INSERT": None,
    "executemany": None,
}
BASELINE = "plain INSERT"
_Frames = dict[str, pl.DataFrame]


def run(name: str) -> tuple[float, str]:
    """Figure rows a second."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.duckdb"
        if name.endswith("(ours)"):
            seconds, rows = _ours(file, night=name.startswith("a night"))
        else:
            seconds, rows = _plain(file, name)
    return rows / seconds, "figures/s"


def fill(file: Path) -> tuple[float, int]:
    """A warehouse with all of it: the seconds that it took, and how many figures are in it."""
    con = open_writer(file, BULK)
    prepare(con)
    seconds = sum(
        _load(con, range(start, start + _AT_ONCE), range(_VISITS))
        for start in range(0, _PROGRAMMES, _AT_ONCE)
    )
    con.close()
    return seconds, _PROGRAMMES * _VISITS * _ROWS


def _ours(file: Path, *, night: bool) -> tuple[float, int]:
    seconds, rows = fill(file)
    con = open_writer(file)
    if night:
        seconds = _load(con, range(_CHANGED), range(_VISITS, _VISITS + 1))
        rows += _CHANGED * _ROWS
    found = con.execute("SELECT count(*) FROM core.expenditure_snapshot").fetchall()
    assert found == [(rows,)], (found, rows)
    con.close()
    return seconds, _CHANGED * _ROWS if night else rows


def _load(con: duckdb.DuckDBPyConnection, numbers: range, visits: range) -> float:
    """What the flows do once pages are typed rows: the seconds that it takes."""
    frames, captures = _drawn(numbers, visits), _captures(numbers, visits)
    begun = perf_counter()
    kept = {}
    for name, frame in frames.items():
        kept[name], failed = checked(OBSERVED_TABLES[name], frame, [])
        assert not failed
    load(
        con,
        Batch(
            observations=kept,
            captures=capture_frame(captures),
            quarantined=quarantine_frame([]),
            archive_files=archive_file_frame({}),
        ),
    )
    return perf_counter() - begun


def _plain(file: Path, name: str) -> tuple[float, int]:
    """The same frames or rows into bare tables."""
    programmes = _EXECUTEMANY if name == "executemany" else _PROGRAMMES
    with duckdb.connect(str(file)) as con:
        kinds = frame_schema(OBSERVED_TABLES[_FIGURE])
        with registered(con, figures=_drawn(range(1), range(1))[_FIGURE]):
            con.execute("CREATE TABLE figure AS FROM figures LIMIT 0")
        insert = f"INSERT INTO figure VALUES ({', '.join('?' * len(kinds))})"  # noqa: S608 because it is of question marks
        seconds = 0.0
        for start in range(0, programmes, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, programmes))
            frame = _drawn(numbers, range(_VISITS))[_FIGURE]
            rows = frame.rows() if name == "executemany" else []
            begun = perf_counter()
            if name == "executemany":
                con.executemany(insert, rows)
            else:
                with registered(con, figures=frame):
                    con.execute("INSERT INTO figure FROM figures")
            seconds += perf_counter() - begun
        found = con.execute("SELECT count(*) FROM figure").fetchall()
    wanted = programmes * _VISITS * _ROWS
    assert found == [(wanted,)], (found, wanted)
    return seconds, wanted


def _sha256(number: int, visit: int) -> str:
    return f"{number:08x}{visit:08x}" * 4


def _seen(numbers: range, visits: range) -> Iterator[tuple[int, int, str, datetime]]:
    for number in numbers:
        for visit in visits:
            yield number, visit, _sha256(number, visit), _FIRST + timedelta(days=30 * visit)


def _drawn(numbers: range, visits: range) -> _Frames:
    """What the pages say, as typed frames."""
    seen = list(_seen(numbers, visits))
    pages = pl.DataFrame(
        {
            "body_sha256": [sha256 for _, _, sha256, _ in seen],
            "number": [number for number, *_ in seen],
            "visit": [visit for _, visit, *_ in seen],
        }
    )
    bodies = pages.select(
        "body_sha256",
        programme_id=pl.col("number").cast(pl.String).str.zfill(8),
        parser_version=pl.lit(PARSER_VERSION),
        page_kind=pl.lit("programme_factsheet"),
        representation=pl.lit("html"),
        subject=pl.lit("programme"),
        figures_digest=pl.col("body_sha256"),
        content_digest=pl.col("body_sha256"),
        status=pl.lit("On Going"),
        layout=pl.lit("one"),
        known=pl.lit(10),
        unknown=pl.lit(0),
        tables_read=pl.lit(1),
        tables_unread=pl.lit(0),
    )
    lines = pl.DataFrame(
        [(name, year) for name in _ORGANIZATIONS for year in _YEARS],
        schema=["organization", "fiscal_year"],
        orient="row",
    )
    base = 1_000 * pl.col("number") + 7 * pl.col("fiscal_year")
    figures = pages.join(lines, how="cross").select(
        "body_sha256",
        "organization",
        "fiscal_year",
        organization_printed=pl.col("organization"),
        approved_budget_usd=base + 900,
        net_funded_usd=base + 500,
        transfers_usd=base + 500,
        refunds_usd=pl.lit(0),
        expenditure_usd=base + pl.col("visit"),
    )
    tables = pages.select(
        "body_sha256",
        by_year=pl.lit(value=True),
        by_organization=pl.lit(value=True),
        read_in_full=pl.lit(value=True),
    )
    fund = pl.col("number") % _FUNDS
    programmes = pages.select(
        "body_sha256",
        title=pl.format("Programme {}", "number"),
        fund_code=pl.format("F{}", fund.cast(pl.String).str.zfill(4)),
        fund_name=pl.format("Fund {}", fund),
        start_date=pl.lit(date(2012, 1, 1)),
        end_date=pl.lit(date(2017, 12, 31)),
        country=pl.format("Country {}", pl.col("number") % 90),
        status=pl.lit("On Going"),
    )
    paid = lines.filter(pl.col("fiscal_year") == _YEARS[0])
    vouchers = pages.join(paid, how="cross").select(
        "body_sha256",
        "organization",
        voucher_number=pl.format("{}-{}", "number", "fiscal_year"),
        voucher_date=pl.date("fiscal_year", 6, 30),
        amount_usd=base + 500,
        status=pl.lit("Paid"),
    )
    drawn = {
        "observed.body": bodies,
        "observed.programme": programmes,
        _FIGURE: figures,
        "observed.figure_table": tables,
        "observed.voucher": vouchers,
    }
    return {name: _typed(name, frame) for name, frame in drawn.items()}


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """In the table's columns and types; what is not drawn is NULL."""
    return frame.select(
        pl.col(column).cast(kind) if column in frame.columns else pl.lit(None, kind).alias(column)
        for column, kind in frame_schema(OBSERVED_TABLES[name]).items()
    )


def _captures(numbers: range, visits: range) -> list[Capture]:
    return [
        Capture(
            capture_id=f"{number:08x}{visit:08x}",
            url=f"https://gateway.example/project/{number:08}",
            source="gateway",
            captured_at=time,
            captured_at_source="header",
            fetched_at=time,
            http_status=200,
            body_sha256=sha256,
            body_bytes=1,
            unchanged=False,
            etag=None,
            last_modified=None,
            run_id="run",
            warc_file="run.warc.gz",
            warc_offset=0,
        )
        for number, visit, sha256, time in _seen(numbers, visits)
    ]
