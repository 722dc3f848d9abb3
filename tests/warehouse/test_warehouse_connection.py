"""What a connection does besides answering."""

import os
import subprocess
import sys
from pathlib import Path

from tests.processes import PATIENCE

_BARS = """
import sys
from pathlib import Path
from warehouse.connection import one, open_reader, open_writer
from warehouse.schema import prepare

file = Path(sys.argv[1])
con = open_writer(file)
prepare(con)
asked = [one(con, "SELECT current_setting('enable_progress_bar')")]
con.close()
con = open_reader(file)
asked.append(one(con, "SELECT current_setting('enable_progress_bar')"))
print(asked)
"""


def test_no_bar_is_drawn_into_what_a_command_prints(tmp_path: Path) -> None:
    """DuckDB does so on stdout where Python runs no script: in a process that helps."""
    told = subprocess.run(
        [sys.executable, "-c", _BARS, tmp_path / "w.duckdb"],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert told.stdout == b"[False, False]\n"


_ZONES = """
import sys
from pathlib import Path
from warehouse.connection import open_writer
from warehouse.query import untrusted, write_csv
from warehouse.schema import prepare

file = Path(sys.argv[1])
con = open_writer(file)
prepare(con)
con.close()
with untrusted(file, "100MB", 60, None) as con:
    write_csv(con, "SELECT TIMESTAMPTZ '2016-05-01 03:00:00+00' AS at", sys.stdout)
"""


def test_a_time_with_a_zone_is_printed_in_utc_wherever_the_machine_stands(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _ZONES, tmp_path / "w.duckdb"],
        check=True, capture_output=True, timeout=PATIENCE,
        env=os.environ | {"TZ": "America/New_York"},
    )  # fmt: skip
    assert told.stdout == b"at\n2016-05-01 03:00:00\n"
