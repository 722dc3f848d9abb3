"""One release in each of its forms: the DuckDB file, the CSV files, the workbook, the page."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
from lxml.html import HtmlElement, document_fromstring
from openpyxl import load_workbook
from playwright.sync_api import Page

Row = tuple[Any, ...]
Record = dict[str, Any]
FIGURE = ["programme_id", "organization", "fiscal_year"]


class Release:
    """A published release as each kind of reader has it: its file, its tables, its page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._types = json.loads((folder / "schema.json").read_text())

    def sql(self, query: str) -> list[Row]:
        with duckdb.connect(str(self.folder / "mptf.duckdb"), read_only=True) as con:
            return con.execute(query).fetchall()

    def csv(self, table: str) -> pd.DataFrame:
        """Return a table as docs/ways-in.md reads it."""
        return pd.read_csv(
            self.folder / f"{table}.csv",
            dtype=self._types[table],
            keep_default_na=False,
            na_values="",
        )

    @property
    def as_of(self) -> datetime:
        """The moment as of which it answers."""
        package = json.loads((self.folder / "datapackage.json").read_text())
        return datetime.fromisoformat(package["as_of"].removesuffix("Z"))

    def sheet(self, name: str) -> list[Record]:
        """Return the rows of a sheet by its headings."""
        with closing(load_workbook(self.folder / "mptf.xlsx", read_only=True)) as book:
            head, *rows = book[name].iter_rows(values_only=True)
        names = [str(heading) for heading in head]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def page(self, pattern: str, table: str) -> Iterator[tuple[str, Record]]:
        """Yield the rows of a table on some of its pages, each with the name of its page."""
        for file in sorted((self.folder / "page").glob(pattern)):
            for found in document(file).xpath(f"//table[@id='table-{table}']"):
                names = [head.get("data-column") for head in found.xpath("./thead/tr/th")]
                for row in found.xpath("./tbody/tr"):
                    shown = {name: _shown(cell) for name, cell in zip(names, row, strict=True)}
                    if "fiscal_year" in shown:
                        shown["fiscal_year"] = int(shown["fiscal_year"])
                    marks = [shown.get("basis"), *row.xpath(".//small/text()"), ""]
                    basis = next(mark for mark in marks if mark is not None).replace("-", "_")
                    yield file.stem, {**shown, "basis": basis}


def document(file: Path) -> HtmlElement:
    return document_fromstring(file.read_bytes())


def _shown(cell: HtmlElement) -> Any:
    """Return what a cell of the page shows: a number, a moment, a link's URL or its text."""
    if cell.xpath(".//span[@class='na']"):
        return None
    if moment := cell.xpath(".//time/@datetime"):
        return moment[0].removesuffix("Z").replace("T", " ")
    if url := cell.xpath(".//a[starts-with(@href, 'http')]/@href"):
        return url[0]
    text = "".join(cell.xpath(".//text()[not(parent::small)]"))
    if "n" in (cell.get("class") or "").split():
        return Decimal(text.replace(",", "").replace("−", "-").removesuffix(" %"))
    return text


def of_programmes(release: Release, table: str) -> list[Record]:
    """Return the rows of one table of all programmes' pages."""
    rows = release.page("programme/*.html", table)
    return [{"programme_id": programme_id, **row} for programme_id, row in rows]


def picked(records: Iterable[Record], *names: str) -> list[Row]:
    return [tuple(record[name] for name in names) for record in records]


class Question(NamedTuple):
    """What to do for an answer with pandas, with the workbook, and on the page in a browser."""

    pandas: Callable[[Release], pd.DataFrame | list[Row]]
    workbook: Callable[[Release], Iterable[Row]]
    page: Callable[[Release, Page], Iterable[Row]]


def comparable(answer: pd.DataFrame | Iterable[Row]) -> list[Row]:
    """Return rows in order, with numbers to four decimals, times as text, and None for a gap."""
    if isinstance(answer, pd.DataFrame):
        answer = answer.itertuples(index=False, name=None)
    return sorted((tuple(map(_plain, row)) for row in answer), key=str)


def _plain(value: Any) -> Any:
    match value:
        case bool() | str():
            return value
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{value:%Y-%m-%d}"
        case _ if value is None or pd.isna(value):
            return None
        case _:
            return Decimal(str(value)).quantize(Decimal("0.0001"))
