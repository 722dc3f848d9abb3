"""What a night's load costs over a ledger of 0.1, 1 and 12 million captures.

Each part runs in its own process on a generated home. `changed` loads 60 changed pages of known
programmes, as `mptf ingest` does: it opens a run, archives, parses, loads and derives, and reports
at the end. `unchanged` does so with 2,000 pages that a site answers with 304.

Run a part as `python -m benchmarks.ledger PART HOME PROGRAMMES NIGHTS`; with `--profile` it prints
the CPU time of each statement.
"""

import argparse
import json
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, cast

from benchmarks.generated_ledger import LAST_NIGHT, PROGRAMMES, generate, html
from benchmarks.table import Table
from benchmarks.watched import Watched
from extractors.captures import NewCapture, RevisitCapture
from extractors.ids import parse_key
from flows.pipeline.catch_up import catch_up
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.report import note_lines, problem_lines, report_of
from flows.pipeline.run import Run, open_run
from flows.settings import Settings
from warehouse import visits
from warehouse.connection import Connection, WriterLimits, open_writer
from warehouse.schema import prepare

_CHANGED, _UNCHANGED = 60, 2_000
_TIMES = 5
_SIZES = (5, 50, 594)  # nights: 0.1, 1 and 12 million captures
_MOST = 50  # more take two minutes to generate, so `make bench-full` measures them
_PARTS = {"changed": "60 changed pages", "unchanged": "2,000 unchanged pages"}
_BULK = WriterLimits("6GB", 2)
_Result = dict[str, Any]


def ledger(table: Table, divided_by: int, *, full: bool) -> None:
    """Measure a night over ledgers of two sizes, or three if `full`."""
    programmes = str(PROGRAMMES // divided_by)
    for nights in (nights for nights in _SIZES if full or nights <= _MOST):
        with tempfile.TemporaryDirectory() as folder:
            part: list[str | Path] = [sys.executable, "-m", "benchmarks.ledger"]
            home: list[str | Path] = [Path(folder) / "home", programmes, str(nights)]
            size = int(programmes) * nights
            table.measure(
                "a night's load",
                "a generated ledger",
                [*part, "fill", *home],
                size=size,
                unit="captures",
            )
            for name, variant in _PARTS.items():
                table.measure(
                    "a night's load", variant, [*part, name, *home], size=size, unit="captures"
                )


def _home(folder: Path) -> Home:
    return Home(Settings(home=folder))


def fill(folder: Path, programmes: int, nights: int) -> _Result:
    """Make a home with a generated ledger; return how many captures it has, and its size."""
    folder.mkdir(parents=True, exist_ok=True)
    con = open_writer(_home(folder).warehouse, _BULK)
    prepare(con)
    rows = generate(con, programmes, nights)
    con.close()
    return {"count": rows, "file_bytes": _home(folder).warehouse.stat().st_size}


def _ids(programmes: int, turn: int, count: int) -> list[str]:
    """Return programmes, others in each turn, from all over the site."""
    step = max(programmes // count, 1)
    return [f"{1 + (turn + at * step) % programmes:08}" for at in range(min(count, programmes))]


def load_changed(run: Run, programmes: int, turn: int) -> None:
    """Archive and load changed pages of known programmes."""
    now = run.started_at
    with closing(Intake(run)) as intake:
        intake.add(
            NewCapture(
                url=f"https://gateway.example/factsheet/project/{programme_id}",
                captured_at=now + timedelta(seconds=at),
                captured_at_source="fetch",
                source="gateway",
                body=html(programme_id, now.date(), turn),
                http_status=200,
            )
            for at, programme_id in enumerate(_ids(programmes, turn, _CHANGED))
        )
        intake.collect(wait=True)
        intake.load_all()


def load_unchanged(run: Run, programmes: int, turn: int) -> None:
    """Do what a sync does of pages that a site answers with 304."""
    known = {one.key: one for one in visits.known_programmes(run.con)}
    visits.known_funds(run.con)
    copies = {copy.url: copy for copy in visits.copies(run.con)}
    urls = [known[key].seen_url or "" for key in _ids(programmes, turn, _UNCHANGED)]
    now = run.started_at
    with closing(Intake(run, follows_links=True)) as intake:
        intake.expect(parse_key(copy.url, copy.body_sha256, None) for copy in copies.values())
        for at, url in enumerate(url for url in urls if url in copies):
            copy = copies[url]
            intake.add(
                [
                    RevisitCapture(
                        url=url,
                        captured_at=now + timedelta(seconds=at // 2),
                        captured_at_source="fetch",
                        source="gateway",
                        body_sha256=copy.body_sha256,
                        body_bytes=copy.body_bytes,
                        http_status=304,
                        headers=(("ETag", copy.etag or ""),),
                    )
                ]
            )
            intake.collect()
            intake.load_if_full()
        intake.load_all()
    visits.cut_short(run.con, visits.Taken([*run.log.capture_outcomes], run.log.made))
    visits.known_programmes(run.con)
    visits.lists_seen(run.con, [run.run_id])
    visits.answers_shrunk(run.con, visits.Taken([*run.log.capture_outcomes], run.log.made))
    visits.shown(run.con, [run.run_id])


def _measured(part: Any, folder: Path, programmes: int, *, profile: bool) -> _Result:
    """Run a part several times, each with other pages; return the median of the CPU seconds."""
    seconds, counts = [], []
    for turn in range(_TIMES):
        night = _newest(folder) + timedelta(days=1)
        begun = process_time()
        with open_run(_home(folder), "ingest", night) as run:
            watched = Watched(run.con) if profile else None
            run.writer.con = cast("Connection", watched) if watched else run.con
            catch_up(run)
            part(run, programmes, turn)
            note_lines(run)
            problem_lines(run)
            counts.append(run.counts().captures)
            if part is load_unchanged:
                report_of(run, 0)
        seconds.append(process_time() - begun)
        if watched and turn == _TIMES - 1:
            watched.show()
    cpu = median(seconds)
    return {"seconds": cpu, "cpu_seconds": cpu, "all": seconds, "count": counts[0]}


def _newest(folder: Path) -> datetime:
    con = open_writer(_home(folder).warehouse)
    (row,) = con.execute("SELECT max(started_at) FROM meta.run").fetchall()
    con.close()
    return datetime.combine((row[0] or LAST_NIGHT).date(), datetime.min.time()) + timedelta(hours=2)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("part", choices=["fill", "changed", "unchanged"])
    parser.add_argument("home", type=Path)
    parser.add_argument("programmes", type=int)
    parser.add_argument("nights", type=int)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    if given.part == "fill":
        found = fill(given.home, given.programmes, given.nights)
    else:
        part = load_changed if given.part == "changed" else load_unchanged
        found = _measured(part, given.home, given.programmes, profile=given.profile)
    print(json.dumps(found))


if __name__ == "__main__":
    _main()
