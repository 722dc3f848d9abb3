"""A table says in a workbook, in CSV and in text what it says in HTML, however it is laid out."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import pytest

from extractors.parse.pages import parse_page
from extractors.records import PrintedContribution, PrintedFigure
from tests.extractors.parse.sheets.workbook_xml import sheet, text, workbook

Place = tuple[str, int, int] | None  # text, rows and columns spanned; None where another cell lies
Rows = list[list[Place]]
ID = "00090077"
NAMING = "(naming)"  # the heading of the names
SEEDS = range(150)


class Kind(NamedTuple):
    """A kind of table: what it is of, its measures, and what stands above it."""

    naming: str
    names: tuple[str, ...]
    measures: tuple[str, ...]
    above: tuple[str, ...]


FIGURES = Kind(
    "Organization", ("FAO", "ILO", "UNDP", "UNICEF"),
    ("Approved Budget", "Transfers", "Expenditure"), ("Project ID:", ID),
)  # fmt: skip
CONTRIBUTIONS = Kind(
    "Contributor", ("Country A", "Country B", "The 2030 Fund", "AGENCE X"),
    ("Total Commitments", "Deposits (US$)"), ("Trust Fund Factsheet",),
)  # fmt: skip


def wide(printed: str, width: int) -> list[Place]:
    return [(printed, 1, width), *[None] * (width - 1)]


def cells(*texts: str) -> list[Place]:
    return [(printed, 1, 1) for printed in texts]


def amounts(draw: random.Random, count: int) -> list[str]:
    whole = draw.randint
    kinds = (
        lambda: f"{whole(1, 999)}",
        lambda: f"{whole(1, 999)},{whole(0, 999):03d}",
        lambda: f"{whole(1, 999)}.{whole(0, 99):02d}",
        lambda: f"{whole(1990, 2030)}",
        lambda: "-",
        str,
    )
    return [draw.choice(kinds)() for _ in range(count)]


def down(draw: random.Random, names: list[str], years: list[str], measures: list[str]) -> Rows:
    """Years down, each beside its name, which may span its years."""
    spans = draw.random() < 0.5
    rows = [cells(NAMING, "Year", *measures)]
    for name in names:
        for at, year in enumerate(years):
            first: Place = (name, len(years) if spans else 1, 1)
            own = None if spans and at else first
            rows.append([own, *cells(year, *amounts(draw, len(measures)))])
    return rows


def over(draw: random.Random, names: list[str], years: list[str], measures: list[str]) -> Rows:
    """Years over the rows of their names."""
    rows = [cells(NAMING, *measures)]
    for year in years:
        rows.append(wide(year, len(measures) + 1))
        rows += [cells(name, *amounts(draw, len(measures))) for name in names]
    return rows


def across(draw: random.Random, names: list[str], years: list[str], measures: list[str]) -> Rows:
    """Years above or below the measures."""
    outer, inner = draw.choice([(years, measures), (measures, years)])
    if len(outer) * len(inner) == 1 or len(inner) == 1:
        return over(draw, names, years, measures)
    first: list[Place] = [(NAMING, 2, 1)]
    for heading in outer:
        first += wide(heading, len(inner))
    rows = [first, [None, *cells(*inner * len(outer))]]
    return [*rows, *(cells(name, *amounts(draw, len(first) - 1)) for name in names)]


def drawn(seed: int, kind: Kind) -> Rows:
    draw = random.Random(seed)  # noqa: S311 because nothing is secret here
    names = draw.sample(kind.names, draw.randint(1, len(kind.names)))
    years = [str(year) for year in range(2013, 2013 + draw.randint(1, 3))]
    count = draw.randint(1, len(kind.measures))
    measures = sorted(draw.sample(kind.measures, count), key=kind.measures.index)
    rows = draw.choice([down, over, across])(draw, names, years, measures)
    rows = [
        [cell and (kind.naming if cell[0] == NAMING else cell[0], *cell[1:]) for cell in row]
        for row in rows
    ]
    width = len(rows[0])
    if draw.random() < 0.3:
        rows.append(cells("Total", *amounts(draw, width - 1)))
    if draw.random() < 0.2:
        rows.append(wide("Source: MPTF Office", width))
    return rows


def html(rows: Rows, kind: Kind) -> bytes:
    printed = "".join(
        "<tr>"
        + "".join(f"<td rowspan={c[1]} colspan={c[2]}>{c[0]}</td>" for c in row if c)
        + "</tr>"
        for row in rows
    )
    page = f"<p>{''.join(kind.above)}</p><table>{printed}</table><p>End</p>"
    return f"<html><body>{page}</body></html>".encode()


def xlsx(rows: Rows, kind: Kind) -> bytes:
    placed = [
        (f"{chr(65 + column)}{number}", f"{chr(64 + column + cell[2])}{number + cell[1] - 1}")
        for number, row in enumerate(rows, start=2)
        for column, cell in enumerate(row)
        if cell and cell[1:] != (1, 1)
    ]
    merged = "".join(f'<mergeCell ref="{first}:{last}"/>' for first, last in placed)
    above = "".join(map(text, kind.above))
    xml = [f"<row>{above}</row>", *map(sheet_row, rows)]
    return workbook({"S": sheet(xml, behind=f"<mergeCells>{merged}</mergeCells>")})


def sheet_row(row: list[Place]) -> str:
    return (
        "<row>" + "".join(text(cell[0]) if cell and cell[0] else "<c/>" for cell in row) + "</row>"
    )


def texts_of(rows: Rows) -> Iterator[list[str]]:
    return ([cell[0] if cell else "" for cell in row] for row in rows)


def commas(rows: Rows, kind: Kind) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([kind.above, [], *texts_of(rows)])
    return out.getvalue().encode()


def pipes(rows: Rows, kind: Kind) -> bytes:
    lines = "".join(f"| {' | '.join(row)} |\n" for row in texts_of(rows))
    return f"{''.join(kind.above)}\nKey Figures\n{lines}\nContacts\n".encode()


def said(body: bytes) -> dict[tuple[str | None, str | None, str], Decimal]:
    facts = {}
    page = parse_page(body)
    told: list[PrintedFigure | PrintedContribution] = [*page.figures, *page.contributions]
    for one in told:
        name = one.organization if isinstance(one, PrintedFigure) else one.contributor
        for measure, printed in one.measures.items():
            try:
                amount = Decimal(printed.replace(",", ""))
            except InvalidOperation:
                continue
            if not one.total:
                facts[name, one.fiscal_year, str(measure)] = amount
    return facts


@pytest.mark.parametrize("kind", [FIGURES, CONTRIBUTIONS], ids=lambda kind: kind.naming)
@pytest.mark.parametrize("form", [xlsx, commas, pipes])
def test_a_table_says_in_every_form_what_it_says_in_html(
    form: Callable[[Rows, Kind], bytes], kind: Kind
) -> None:
    shown = 0
    for seed in SEEDS:
        rows = drawn(seed, kind)
        expected = said(html(rows, kind))
        shown += len(expected)
        assert said(form(rows, kind)) == expected, (seed, rows)
    assert shown > (len(kind.measures) + 2) * len(SEEDS)
