"""What a connection does besides answering."""

import subprocess
import sys
from pathlib import Path

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
        [sys.executable, "-c", _BARS, tmp_path / "w.duckdb"], check=True, capture_output=True
    )
    assert told.stdout == b"[False, False]\n"
