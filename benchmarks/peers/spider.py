"""A Scrapy spider whose item pipeline loads DuckDB in batches.

It is what someone who knows Scrapy would write: it discovers programmes from the lists, parses
pages with selectors, and fetches sixteen pages at once, without cookies, which is faster. There is
no archive, vintage, basis or check.
Run it as `python -m benchmarks.peers.spider BASE_URL FILE CACHE site|cache`.
"""

import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
from parsel import Selector, SelectorList
from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from benchmarks.peers.reading import TABLES, Cell, Rows, page_rows

_BATCH = 200
_LEAF_TABLES = "//table[not(.//table)]"


def _text(node: Selector | SelectorList[Selector]) -> str:
    return " ".join(" ".join(node.xpath(".//text()").getall()).split())


def _cells(row: Selector) -> list[Cell]:
    return [
        Cell(_text(cell), int(cell.attrib.get("colspan", 1)), int(cell.attrib.get("rowspan", 1)))
        for cell in row.xpath("./td | ./th")
    ]


class GatewaySpider(Spider):
    """A spider with one item per page of a programme: rows by table."""

    name = "gateway"

    def parse(self, response: Response, **_: Any) -> Iterator[Any]:
        """Follow the links of a list or a fund's page, and its next page."""
        for href in response.css("table a::attr(href)").getall():
            if "/project/" in href:
                yield response.follow(href, self.parse_programme)
            elif "/fund/" in href and "/excel" not in href:
                yield response.follow(href)
        if following := response.css("a[rel=next]::attr(href)").get():
            yield response.follow(following)

    def parse_programme(self, response: Response) -> Iterator[Any]:
        """Yield one page of a programme as rows by table; follow its next page of vouchers."""
        address, _, query = response.url.partition("?")
        yield page_rows(
            address.rpartition("/")[2],
            tables=(
                [_cells(row) for row in table.xpath(".//tr")]
                for table in response.xpath(_LEAF_TABLES)
            ),
            terms=(
                (_text(term), _text(term.xpath("following-sibling::dd[1]")))
                for term in response.css("dt")
            ),
            passages=map(_text, response.css("p, li")),
            documents=(
                (_text(link), link.attrib["href"]) for link in response.css("a[href*='/document/']")
            ),
            first=not query,
        )
        if following := response.css("a[rel=next]::attr(href)").get():
            yield response.follow(following, self.parse_programme)


class _Stream:
    """A frame that DuckDB reads without pyarrow."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


class DuckDBPipeline:
    """An item pipeline that loads DuckDB in batches."""

    def __init__(self, path: str) -> None:
        self._con = duckdb.connect(path)
        for name, columns in TABLES.items():
            kinds = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            self._con.execute(f"CREATE TABLE {name} ({kinds})")
        self._rows: Rows = {name: [] for name in TABLES}
        self._items = 0

    @classmethod
    def from_crawler(cls, crawler: Any) -> "DuckDBPipeline":
        """Create the pipeline from Scrapy's settings."""
        return cls(crawler.settings["DUCKDB_FILE"])

    def process_item(self, item: Rows) -> Rows:
        """Add an item's rows; load a full batch."""
        for name, rows in item.items():
            self._rows[name] += rows
        self._items += 1
        if self._items % _BATCH == 0:
            self._load()
        return item

    def close_spider(self) -> None:
        """Load the last batch."""
        self._load()
        self._con.close()

    def _load(self) -> None:
        """Load one frame per table, several times as fast as single rows."""
        for name, rows in self._rows.items():
            if rows:
                batch = pl.DataFrame(
                    rows, schema=list(TABLES[name]), orient="row", infer_schema_length=None
                )
                self._con.register("batch", _Stream(batch))
                self._con.execute(f"INSERT INTO {name} BY NAME FROM batch")
                self._con.unregister("batch")
                rows.clear()


def crawl(base_url: str, file: str, cache: str, source: str) -> None:
    """Crawl into a new DuckDB file: the `site`, keeping its responses, or only the `cache`."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 16,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "COOKIES_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "ITEM_PIPELINES": {DuckDBPipeline: 1},
            "DUCKDB_FILE": file,
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_DIR": cache,
            "HTTPCACHE_IGNORE_MISSING": source == "cache",
        }
    )
    process.crawl(GatewaySpider, start_urls=[f"{base_url}/portfolio/fund"])
    process.start()


if __name__ == "__main__":
    crawl(*sys.argv[1:])
