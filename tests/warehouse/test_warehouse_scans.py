"""A load reads what it touches, and not the ledger: counted in rows, not in seconds."""

from datetime import timedelta
from pathlib import Path
from typing import cast

from benchmarks.generated_ledger import LAST_NIGHT
from benchmarks.ledger import fill, load_changed
from benchmarks.watched import Watched
from flows.pipeline.home import Home
from flows.pipeline.report import problem_lines
from flows.pipeline.run import open_run
from flows.settings import Settings
from warehouse.changes import changes
from warehouse.connection import Connection, sql, sql_names

_PROGRAMMES, _NIGHTS = 40, 5_000


def test_a_load_and_its_report_read_no_captures_of_other_nights(tmp_path: Path) -> None:
    """A statement that needs none of 200,000 captures begins to read them, and stops."""
    rows = fill(tmp_path, _PROGRAMMES, _NIGHTS)["count"]
    night = LAST_NIGHT + timedelta(days=1)
    with open_run(Home(Settings(home=tmp_path)), "ingest", night) as run:
        con = run.con
        watched = Watched(con)
        run.writer.con = cast("Connection", watched)
        load_changed(run, _PROGRAMMES, 1)
        assert run.counts().loaded == _PROGRAMMES
        assert problem_lines(run) == []
        assert changes(con, [run.run_id])  # which finds the run's captures
        for name in sql_names("changes"):
            if name != "changes/restatements":  # it asks when the value before was seen
                watched.execute(sql(name)).fetchall()
    assert rows > 200_000
    assert watched.scanned["raw.capture"] <= rows // 10
    assert watched.scanned["observed.body"] > 0  # else nothing was counted
