"""Crawls of the stand-in: first sync, unchanged re-sync and rebuild, beside Scrapy.

Each size has one stand-in in its own process, which both crawl. Both discover the programmes from
the lists, follow the pages of vouchers, and keep what the site answered: we in the archive, Scrapy
in its HTTP cache. A rebuild reads the archive again, and Scrapy its cache. Each variant is a whole
command. Scrapy's rows are compared with ours before a ratio is printed.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
import httpx

from benchmarks.agreement import Facts, check, our_facts
from benchmarks.measure import Measured, bytes_of
from benchmarks.site import NOW, site
from benchmarks.table import Table

_SIZES = (1_000, 5_000, 20_000)
_MOST = 5_000  # programmes; more would take the table over ten minutes
MPTF = Path(sys.executable).parent / "mptf"


def crawls(table: Table, divided_by: int, *, full: bool) -> None:
    """Measure every size, the smallest first; the largest one only if `full`, and us alone."""
    for size in (size for size in _SIZES if full or size <= _MOST):
        with site(size // divided_by) as base_url, tempfile.TemporaryDirectory() as folder:
            one = _Size(table, size // divided_by, base_url, Path(folder))
            one.measure(beside_scrapy=size <= _MOST)


def scrapy(base_url: str, file: Path, cache: Path, source: str = "site") -> list[str | Path]:
    """Return the command by which Scrapy crawls the `site`, or reads only its `cache`."""
    return [sys.executable, "-m", "benchmarks.peers.spider", base_url, file, cache, source]


class _Size:
    """The variants of one size, in the order of the site's clock."""

    def __init__(self, table: Table, size: int, base_url: str, folder: Path) -> None:
        self._table = table
        self._size = size
        self._base_url = base_url
        self._folder = folder
        self._warehouse = folder / "home" / "warehouse.duckdb"
        self._facts: Facts = {}
        self._vintages = 0

    def measure(self, *, beside_scrapy: bool) -> None:
        """Measure the first sync, the unchanged re-sync and the rebuild; Scrapy before it."""
        sync = ["sync", "--base-url", self._base_url, "--all", "--fresh", "--pace", "0"]
        self._measure_ours("first sync", "ours", *sync)
        if beside_scrapy:
            self._measure_scrapy("first sync", "Scrapy", "site")
        httpx.post(f"{self._base_url}/_replica/date?to={NOW + timedelta(minutes=5)}")
        self._measure_ours("unchanged re-sync", "ours", *sync)
        reread = ["rebuild", "--reread"]
        self._measure_ours("rebuild", "ours on 2 cores", *reread, cores=2)
        self._measure_ours("rebuild", "ours on 1 core", *reread, cores=1)
        if beside_scrapy:
            self._measure_scrapy("rebuild", "Scrapy from its cache", "cache")

    def _measure_ours(
        self, benchmark: str, variant: str, *command: str, cores: int | None = None
    ) -> None:
        alone = {"MPTF_PROCESSES": "0"} if cores == 1 else None
        self._table.measure(
            benchmark, variant, [MPTF, "--home", self._folder / "home", *command],
            size=self._size, unit="programmes", count=self._count_programmes,
            details=self._left, cores=cores, environment=alone,
        )  # fmt: skip

    def _left(self) -> dict[str, int]:
        """Return what the home has: captures, and bytes."""
        return {
            "captures": _count(self._warehouse, "raw.capture"),
            "archive_bytes": bytes_of(self._folder / "home" / "archive"),
            "warehouse_bytes": bytes_of(self._warehouse),
        }

    def _count_programmes(self, _: Measured) -> int:
        """Return the number of programmes; raise if a later command changed a fact or a vintage."""
        facts = our_facts(self._warehouse)
        vintages = _count(self._warehouse, "core.expenditure_snapshot")
        if self._facts and (facts, vintages) != (self._facts, self._vintages):
            raise ValueError("the warehouse is not as it was after the first sync")
        self._facts, self._vintages = facts, vintages
        return facts["programmes"][0]

    def _measure_scrapy(self, benchmark: str, variant: str, source: str) -> None:
        file = self._folder / f"{source}.duckdb"

        def agreed(_: Measured) -> int:
            check(variant, file, self._facts)
            return self._facts["programmes"][0]

        self._table.measure(
            benchmark, variant, scrapy(self._base_url, file, self._folder / "cache", source),
            size=self._size, unit="programmes", peer=True, count=agreed,
        )  # fmt: skip


def _count(file: Path, name: str) -> int:
    with duckdb.connect(str(file), read_only=True) as con:
        (row,) = con.execute(f"SELECT count(*) FROM {name}").fetchall()  # noqa: S608 because the name is a constant
    return int(row[0])
