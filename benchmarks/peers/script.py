"""A script as an analyst would write it: threads, BeautifulSoup, pandas and DuckDB.

It fetches sixteen pages at once with one client, parses them with BeautifulSoup on lxml (its
fastest parser), and loads one data frame per table. It keeps only the rows.
Run it as `python -m benchmarks.peers.script BASE_URL FILE`.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import duckdb
import httpx
import pandas as pd
from bs4 import BeautifulSoup
from bs4.element import Tag

from benchmarks.peers.reading import TABLES, Cell, Rows, page_rows

_AT_ONCE = 16


def _get(client: httpx.Client, url: str) -> tuple[str, BeautifulSoup]:
    response = client.get(url)
    response.raise_for_status()
    return str(response.url), BeautifulSoup(response.content, "lxml")


def _text(node: Tag) -> str:
    return " ".join(node.get_text(" ").split())


def _linked(soup: BeautifulSoup, selector: str) -> list[str]:
    return [str(link["href"]) for link in soup.select(selector)]


def _listed(client: httpx.Client, url: str) -> Iterator[str]:
    """Yield the URLs that a list's tables link to, page by page."""
    following = [url]
    while following:
        here, soup = _get(client, urljoin(url, following[0]))
        yield from (urljoin(here, href) for href in _linked(soup, "table a[href]"))
        following = _linked(soup, "a[rel=next]")


def _cells(row: Tag) -> list[Cell]:
    return [
        Cell(_text(cell), int(str(cell.get("colspan") or 1)), int(str(cell.get("rowspan") or 1)))
        for cell in row.find_all(["td", "th"])
    ]


def _programme(client: httpx.Client, url: str) -> list[Rows]:
    """Return the rows of a programme, page by page."""
    pages, following = [], [url]
    while following:
        here, soup = _get(client, urljoin(url, following[0]))
        pages.append(
            page_rows(
                url.rpartition("/")[2],
                tables=(
                    [_cells(row) for row in table.find_all("tr")]
                    for table in soup.find_all("table")
                    if table.find("table") is None
                ),
                terms=zip(
                    map(_text, soup.find_all("dt")), map(_text, soup.find_all("dd")), strict=True
                ),
                passages=map(_text, soup.find_all(["p", "li"])),
                documents=(
                    (_text(link), str(link["href"]))
                    for link in soup.select('a[href*="/document/"]')
                ),
                first="?" not in here,
            )
        )
        following = _linked(soup, "a[rel=next]")
    return pages


def crawl(base_url: str, file: str) -> None:
    """Crawl the site into a new DuckDB file."""
    with (
        httpx.Client(follow_redirects=True, timeout=60) as client,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        funds = [url for url in _listed(client, f"{base_url}/portfolio/fund") if "/fund/" in url]
        listed = pool.map(lambda fund: list(_listed(client, fund)), funds)
        programmes = dict.fromkeys(url for urls in listed for url in urls if "/project/" in url)
        pages = [
            page
            for found in pool.map(lambda url: _programme(client, url), programmes)
            for page in found
        ]
    with duckdb.connect(file) as con:
        for name, columns in TABLES.items():
            frame = pd.DataFrame([row for page in pages for row in page[name]], columns=[*columns])
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {name} AS FROM frame")


if __name__ == "__main__":
    crawl(*sys.argv[1:])
