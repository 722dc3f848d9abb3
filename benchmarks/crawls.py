"""A site over loopback: the first sync, again when nothing has changed, and a rebuild; and peers.

One stand-in a size, in a process of its own, whom all variants of that size ask. All discover the
programmes from the lists and follow the pages of vouchers; each is the whole command, as one would
type it. What a peer loads is compared with what we have before any ratio is printed.
"""

import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import duckdb
import httpx

from benchmarks.agreement import Facts, check, our_facts
from benchmarks.measure import Measured
from benchmarks.site import NOW, site
from benchmarks.table import Table

_SIZES = (1_000, 5_000, 20_000)
_MOST_REBUILT = 5_000  # programmes, so that the table takes ten minutes
MPTF = Path(sys.executable).parent / "mptf"
# Each with the most programmes that it is asked to crawl.
PEERS: Mapping[str, tuple[str, int]] = {
    "Scrapy": ("spider", 5_000),
    "dlt": ("pipeline", 5_000),
    "script": ("script", 1_000),
}


def crawls(table: Table, divided_by: int, *, full: bool) -> None:
    """Every size, the smallest first; the largest is rebuilt only where all is wanted (`full`)."""
    for size in _SIZES:
        with site(size // divided_by) as base_url, tempfile.TemporaryDirectory() as folder:
            _Size(table, size // divided_by, base_url, Path(folder)).measure(
                size, rebuilt=full or size <= _MOST_REBUILT
            )


class _Size:
    """All variants of one size, in the order in which the site's time goes by."""

    def __init__(self, table: Table, size: int, base_url: str, folder: Path) -> None:
        self._table = table
        self._size = size
        self._base_url = base_url
        self._folder = folder
        self._warehouse = folder / "home" / "warehouse.duckdb"
        self._facts: Facts = {}
        self._vintages = 0

    def measure(self, size: int, *, rebuilt: bool) -> None:
        """First sync, peers, unchanged re-sync, and a rebuild if wanted."""
        sync = ["sync", "--base-url", self._base_url, "--all", "--fresh", "--pace", "0"]
        self._ours("first sync", *sync)
        for peer, (module, most) in PEERS.items():
            if size <= most:
                self._peer(peer, module)
        httpx.post(f"{self._base_url}/_replica/date?to={NOW + timedelta(minutes=5)}")
        self._ours("unchanged re-sync", *sync)
        if rebuilt:
            self._ours("rebuild", "rebuild", "--reread")

    def _ours(self, benchmark: str, *command: str) -> None:
        self._table.measure(
            benchmark, "ours", [MPTF, "--home", self._folder / "home", *command],
            size=self._size, unit="programmes", count=self._counted,
        )  # fmt: skip

    def _counted(self, _: Measured) -> int:
        """The programmes; that a later command has changed no fact and no vintage is checked."""
        facts = our_facts(self._warehouse)
        vintages = _count(self._warehouse, "core.expenditure_snapshot")
        if self._facts and (facts, vintages) != (self._facts, self._vintages):
            raise ValueError("the warehouse does not hold what it held after the first sync")
        self._facts, self._vintages = facts, vintages
        return facts["programmes"][0]

    def _peer(self, peer: str, module: str) -> None:
        file = self._folder / f"{module}.duckdb"

        def counted(_: Measured) -> int:
            check(peer, file, self._facts)
            return self._facts["programmes"][0]

        self._table.measure(
            "first sync", peer,
            [sys.executable, "-m", f"benchmarks.peers.{module}", self._base_url, file],
            size=self._size, unit="programmes", peer=True, count=counted,
        )  # fmt: skip


def _count(file: Path, name: str) -> int:
    with duckdb.connect(str(file), read_only=True) as con:
        (row,) = con.execute(f"SELECT count(*) FROM {name}").fetchall()  # noqa: S608 because the name is ours
    return int(row[0])
