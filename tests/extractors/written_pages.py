"""The small pages in tests/pages: how to read one, and how to write down what it should say."""

from pathlib import Path
from typing import Any

from extractors.parse.pages import read_page
from extractors.records import (
    Measure,
    Page,
    PageKind,
    PrintedFigure,
    PrintedFinding,
    PrintedPassage,
    PrintedProgramme,
    PrintedTable,
    Representation,
)

PAGES = Path(__file__).parents[1] / "pages"
NARRATIVE = [PrintedPassage("overview", 0, 1, "Villages dig wells and keep them.")]


def read(name: str) -> Page:
    """What the reader makes of one page."""
    return read_page((PAGES / name).read_bytes())


def identity_of(said: Page) -> PrintedProgramme:
    """The identity block of a page that has one."""
    assert said.programme is not None
    return said.programme


def programme(printed_id: str, **changes: str | None) -> PrintedProgramme:
    """The identity block that all the small pages share, but for what is said otherwise."""
    values: dict[str, str | None] = {
        "title": "Wells of Example",
        "description": "SMP-01 Wells",
        "fund_name": "Sample Fund",
        "fund_code": "SMP00",
        "theme": "Water",
        "start_date": "1 Jan 2012",
        "end_date": "31 Dec 2016",
        "country": "Benin",
        "status": "On Going",
        "participating_organization": "Multiple",
        "where": "identity block",
    }
    values |= changes
    values.setdefault(
        "text",
        f"Project ID: | {printed_id} | Description: | {values['description']} | "
        f"Fund: | {values['fund_name']} | Start Date *: | {values['start_date']} | "
        f"Theme: | {values['theme']} | End Date*: | {values['end_date']} | "
        f"Country: | {values['country']} | Project Status: | {values['status']} | "
        f"Participating Organization: | {values['participating_organization']}",
    )
    return PrintedProgramme(**values)  # type: ignore[arg-type]  # where and text are never None


def page(
    printed_id: str,
    *,
    identity: PrintedProgramme | None = None,
    representation: Representation = Representation.HTML,
    currency: str | None = "US$",
    passages: list[PrintedPassage] | None = None,
    **parts: Any,
) -> Page:
    """Everything that a page should say; a part that is not given is one that it does not have."""
    return Page(
        kind=PageKind.PROGRAMME_FACTSHEET,
        representation=representation,
        programme_id=printed_id,
        programme=identity or programme(printed_id),
        currency=currency,
        passages=NARRATIVE if passages is None else passages,
        **parts,
    )


def figure(
    where: tuple[int, int],
    organization: str | None,
    year: str | None,
    text: str,
    *,
    total: bool = False,
    **measures: str,
) -> PrintedFigure:
    """One figure; `where` is the number of its table and of its row."""
    table_no, row_no = where
    printed: dict[Measure, str] = {}
    printed.update(measures)  # type: ignore[arg-type]  # the names are measures
    return PrintedFigure(
        table_no=table_no,
        organization=organization,
        fiscal_year=year,
        measures=printed,
        total=total,
        where=f"Key Figures, table {table_no}, row {row_no}",
        text=text,
    )


def table(
    table_no: int,
    *,
    by_year: bool = True,
    by_organization: bool = True,
    read_in_full: bool = True,
) -> PrintedTable:
    """How one figure table was read."""
    where = f"Key Figures, table {table_no}"
    return PrintedTable(table_no, by_year, by_organization, read_in_full, where)


def no_figures(printed_id: str) -> PrintedFinding:
    """The finding of a factsheet without figures."""
    return PrintedFinding("no_figures", printed_id, "the factsheet shows no figure of any year")
