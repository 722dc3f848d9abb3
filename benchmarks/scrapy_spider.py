"""The peer of a sync: a Scrapy spider that extracts the same fields and loads them into DuckDB.

It is what someone who knows Scrapy would write: it discovers programmes from the lists, reads
tables by their headings with selectors, and inserts in batches. It keeps no archive, no vintages,
no basis and no checks. Run it as `python -m benchmarks.scrapy_spider BASE_URL FILE`.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

_BATCH = 200
_TABLES = {
    "programme": "id VARCHAR, label VARCHAR, value VARCHAR",
    "figure": "id VARCHAR, organization VARCHAR, year VARCHAR, measure VARCHAR, amount DOUBLE",
    "voucher": "id VARCHAR, number VARCHAR, date VARCHAR, organization VARCHAR, status VARCHAR,"
    " amount DOUBLE",
    "passage": "id VARCHAR, text VARCHAR",
    "document": "id VARCHAR, title VARCHAR, url VARCHAR",
}
_MEASURES = ("budget", "net funded", "transfer", "refund", "expenditure", "delivery")


def _text(node: Any) -> str:
    return " ".join("".join(node.css("::text").getall()).split())


def _amount(text: str) -> float | None:
    try:
        return float(re.sub(r"[^0-9.\-]", "", text))
    except ValueError:
        return None


class GatewaySpider(Spider):
    """Lists, funds, programmes; one item per programme with rows by table."""

    name = "gateway"

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """A list or a fund's page: follow what it lists, and its next page."""
        for href in response.css("table a::attr(href)").getall():
            if "/project/" in href:
                yield response.follow(href, self.parse_programme)
            elif "/fund/" in href and "/excel" not in href:
                yield response.follow(href)
        if following := response.css("a[rel=next]::attr(href)").get():
            yield response.follow(following)

    def parse_programme(self, response: Response) -> Iterator[Any]:
        """One factsheet as rows by table."""
        key = response.url.partition("?")[0].rpartition("/")[2]
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        for table in response.css("table"):
            grid = [[_text(cell) for cell in row.css("td, th")] for row in table.css("tr")]
            head = [cell.lower() for cell in grid[0]] if grid else []
            if any(label.startswith("project id") for label in head):
                for row in grid:
                    rows["programme"] += [(key, *pair) for pair in zip(row[::2], row[1::2])]  # noqa: B905 because a row may be odd
            elif any("voucher" in label for label in head):
                rows["voucher"] += [(key, *_voucher(head, row)) for row in grid[1:]]
            else:
                for row in grid[1:]:
                    rows["figure"] += [(key, *figure) for figure in _figures(head, row)]
        rows["passage"] = [(key, _text(node)) for node in response.css("p, li")]
        rows["document"] = [
            (key, _text(node), node.attrib["href"])
            for node in response.css("a[href*='/document/']")
        ]
        yield rows
        for href in response.css("a[href*='vouchers=']::attr(href)").getall():
            yield response.follow(href, self.parse_programme)


def _voucher(head: list[str], row: list[str]) -> tuple[Any, ...]:
    def first(*words: str) -> str | None:
        return next(
            (cell for label, cell in zip(head, row) if any(word in label for word in words)),  # noqa: B905 because rows may be short
            None,
        )

    return (
        first("voucher"), first("date"), first("organi"), first("status"),
        _amount(first("amount") or ""),
    )  # fmt: skip


def _figures(head: list[str], row: list[str]) -> Iterator[tuple[Any, ...]]:
    cells = dict(zip(head, row))  # noqa: B905 because rows may be short
    organization = next((text for label, text in cells.items() if "organi" in label), None)
    year = next((text for label, text in cells.items() if "year" in label), None)
    for label, text in cells.items():
        measure = next((measure for measure in _MEASURES if measure in label), None)
        if measure is not None and (amount := _amount(text)) is not None:
            yield organization, year, measure, amount


class _Stream:
    """A frame as DuckDB takes it without pyarrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


class DuckDBPipeline:
    """Items into DuckDB, in batches."""

    def __init__(self, path: str) -> None:
        self._con = duckdb.connect(path)
        for name, columns in _TABLES.items():
            self._con.execute(f"CREATE TABLE {name} ({columns})")
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        self._items = 0

    @classmethod
    def from_crawler(cls, crawler: Any) -> "DuckDBPipeline":
        """As Scrapy makes it."""
        return cls(crawler.settings["DUCKDB_FILE"])

    def process_item(self, item: dict[str, list[tuple[Any, ...]]]) -> Any:
        """Keep the item's rows; load when the batch is full."""
        for name, rows in item.items():
            self._rows[name] += rows
        self._items += 1
        if self._items % _BATCH == 0:
            self._load()
        return item

    def close_spider(self) -> None:
        """Load the rest."""
        self._load()
        self._con.close()

    def _load(self) -> None:
        """One frame a table, which DuckDB reads several times as fast as single rows."""
        for name, rows in self._rows.items():
            if rows:
                schema = [column.split()[0] for column in _TABLES[name].split(", ")]
                batch = pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)
                self._con.register("batch", _Stream(batch))
                self._con.execute(f"INSERT INTO {name} BY NAME FROM batch")
                self._con.unregister("batch")
                rows.clear()


def crawl(base_url: str, file: str) -> None:
    """Crawl the site into a new DuckDB file."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": False,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "ITEM_PIPELINES": {DuckDBPipeline: 1},
            "DUCKDB_FILE": file,
        }
    )
    process.crawl(GatewaySpider, start_urls=[f"{base_url}/portfolio/fund"])
    process.start()


if __name__ == "__main__":
    crawl(*sys.argv[1:])
