"""The pages that are damaged: of every kind and form, with the query that an API answer answers."""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook

from replica.http import Request
from replica.pages.site import open_site
from replica.today.calls import call_of
from replica.today.names import BASE
from replica.today.site import Today
from tests.extractors.parse.expectations import queries_of_small_pages, small_pages
from tests.extractors.parse.stand_in_pages import StandInPage, pages_of

_SAMPLES = Path(__file__).parents[4] / "docs/samples"
_A_DAY = datetime.fromisoformat("2010-01-01")
_TIMES = ("2011-03-07", "2016-04-20", "2024-11-05")
_YEARS = (2014, 2015)
_SEED, _PROGRAMMES = 7, 30
_HEADERS = {"drupal-page-url": "/partners/organizations", "referer": "http://x.example/partners"}


class Input(NamedTuple):
    """A page's bytes, and the query that they answer if they are the API's."""

    body: bytes
    context: str = ""


def corpus() -> dict[str, list[Input]]:
    """Return pages of every kind by their form: markup and text, API, MHTML, workbook or CSV."""
    queries = queries_of_small_pages()
    pages = [Input(path.read_bytes(), queries.get(path.name, "")) for path in small_pages()]
    samples = (path for path in sorted(_SAMPLES.rglob("*")) if path.suffix in {".html", ".txt"})
    pages += [Input(path.read_bytes()) for path in samples]
    pages += [Input(page.body) for page in stand_in_pages()]
    pages += [*api_answers(), *(Input(workbook(number)) for number in range(4))]
    by_form: dict[str, list[Input]] = {}
    for page in pages:
        by_form.setdefault(form_of(page), []).append(page)
    return by_form


def form_of(page: Input) -> str:
    """Return the form of a page, by which it is damaged."""
    body = page.body.lstrip()
    if page.context:
        return "api"
    if body.startswith(b"PK"):
        return "workbook"
    if b"MIME-Version" in body[:1_000]:
        return "mhtml"
    return "markup" if b"<" in body or b"|" in body or b"Factsheet" in body else "csv"


def api_answers() -> Iterator[Input]:
    """Yield an answer to every method of the API of the stand-in for today's site."""
    site = Today(open_site(_SEED, _PROGRAMMES).records)
    for role in site.names.methods:
        path = call_of(site.names, role, years=_YEARS).path
        answer = site.answer(Request("GET", path, "", _HEADERS), datetime.fromisoformat(_TIMES[-1]))
        yield Input(answer.body, path.removeprefix(BASE))


def stand_in_pages() -> list[StandInPage]:
    """Return the stand-in's first page of each kind, representation, layout and charset."""
    site = open_site(_SEED, _PROGRAMMES)
    seen: Counter[tuple[str, ...]] = Counter()
    kept = []
    for time in _TIMES:
        now = datetime.fromisoformat(time)
        for page in pages_of(site, now, site.records.portfolio.outlines):
            key = (page.kind, page.representation, page.layout, page.charset)
            seen[key] += 1
            if seen[key] == 1:
                kept.append(page)
    return kept


def workbook(number: int) -> bytes:
    """Return a workbook with what the stand-in lacks: merged cells, formulas, dates, two sheets."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _A_DAY})
        for name in ("Report", "Notes")[: 1 + number % 2]:
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 3, "Project ID: 00090001")
            sheet.write_row(1, 0, ("Participating Organization", "Year", "Transfers", "Refunds"))
            sheet.write_row(2, 0, ("FAO", 2013, 1e15 if number else 1000.5, -3))
            sheet.write_formula(3, 2, "=SUM(C3:C3)", value=1000.5)
            sheet.write_boolean(4, 0, True)
            sheet.write_datetime(4, 1, _A_DAY, book.add_format({"num_format": "d mmm"}))
            sheet.write_string(100 * number, 20, "far away")
    return out.getvalue()
