"""A rebuild by many: reading with one process and with two, and rebuilding from what they wrote.

Readers of shares stand for machines, so each uses one process. The tables of all rebuilds are
compared: their counts of captures and of vintages must be equal.
Run the readers as `python -m benchmarks.by_many HOME`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.crawls import MPTF
from benchmarks.factsheets import factsheet
from benchmarks.measure import Measured, bytes_of
from benchmarks.table import Table
from extractors.archive.reader import Archive
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture
from warehouse.connection import open_reader

_SIZES, _NIGHTS = (200, 1_000), 6
_FIRST = datetime(2016, 1, 10, 2)  # noqa: DTZ001 because every time here is naive UTC
_ONE_PROCESS = {"MPTF_PROCESSES": "0"}


def by_many(table: Table, divided_by: int) -> None:
    """Measure both sizes; a model of others needs two (`benchmarks/scale.py`)."""
    for programmes in _SIZES:
        by_many_of(table, programmes // divided_by)


def by_many_of(table: Table, programmes: int) -> None:
    """Measure reading, then rebuilding: with one process, and by many."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        pages = _write(home, programmes)
        parts, warehouse = home / "parts", home / "warehouse.duckdb"
        vintages: set[tuple[int, int]] = set()

        def count_parts(_: Measured) -> int:
            found = len(list(parts.glob("*/*/manifest.json")))
            assert found == _NIGHTS, found
            shutil.rmtree(parts)
            return pages

        def count_captures(_: Measured) -> int:
            with open_reader(warehouse) as con:
                ((found, of),) = con.execute(
                    "SELECT (SELECT count(*) FROM raw.capture),"
                    " (SELECT count(*) FROM core.expenditure_snapshot)"
                ).fetchall()
            vintages.add((found, of))
            assert len(vintages) == 1, vintages
            warehouse.unlink()
            return int(found)

        command: list[str | Path] = [MPTF, "--home", home]
        table.measure(
            "read", "one reader", [*command, "read"], size=programmes, unit="pages",
            peer=True, count=count_parts, environment=_ONE_PROCESS,
            details=lambda: {"parts_bytes": bytes_of(parts)},
        )  # fmt: skip
        table.measure(
            "read", "two readers", [sys.executable, "-m", "benchmarks.by_many", home],
            size=programmes, unit="pages", count=count_parts, environment=_ONE_PROCESS,
        )  # fmt: skip
        table.measure(
            "rebuild by many", "reading all", [*command, "rebuild", "--shards", "1"], peer=True,
            size=programmes, unit="captures", count=count_captures, environment=_ONE_PROCESS,
        )  # fmt: skip
        subprocess.run([*map(str, command), "read"], check=True, stdout=subprocess.DEVNULL)
        for shards in ("1", "2"):
            table.measure(
                "rebuild by many", f"parts, {shards} shard{'s' * (shards > '1')}",
                [*command, "rebuild", "--shards", shards], size=programmes, unit="captures",
                count=count_captures,
            )  # fmt: skip


def _write(home: Path, programmes: int) -> int:
    """Write an archive, a file a night; return the number of distinct pages."""
    archive = Archive(home / "archive", 1 << 26)
    seen: dict[str, tuple[str, datetime]] = {}
    for night in range(_NIGHTS):
        now = _FIRST + timedelta(days=night)
        with ArchiveWriter(archive, f"{now:%Y%m%d}", now, seen.get) as writer:
            for number in range(programmes):
                url = f"https://mptf.undp.org/factsheet/project/{70_000 + number:08}"
                page = factsheet(number, 700_000 + (night + number) // 3)
                new = NewCapture(url, now, "header", "gateway", page, 200)
                writer.add(new)
                seen.setdefault(new.parse_key, (url, now))
    return len(seen)


def _read_by_two(home: Path) -> None:
    """Read two shares at once, each in a process."""
    command = [str(MPTF), "--home", str(home), "read", "--share"]
    readers = [
        subprocess.Popen([*command, share], stdout=subprocess.DEVNULL) for share in ("1/2", "2/2")
    ]
    codes = [reader.wait() for reader in readers]
    assert codes == [0, 0], codes
    print(json.dumps({"readers": len(codes)}))


if __name__ == "__main__":
    _read_by_two(Path(sys.argv[1]))
