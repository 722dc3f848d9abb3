"""No amount is loaded as US$ that a page gives in thousands or in another currency."""

from collections.abc import Callable, Iterable

import pytest

from tests.extractors.parse.expectations import parse
from tests.extractors.parse.sheets.workbook_xml import row, sheet, workbook
from transforms.observe import ReadBody, observe
from transforms.quarantine import Quarantined

PLAIN = ("US$", "USD", "US dollars")
UNITS = (
    "US$ thousands", "USD '000", "US$ thousand, rounded", "USD thousands (rounded)", "US$ ’000",
    "thousands of US dollars", "millions of US$", "thousand US$", "US$, thousands", "'000 US$",
    "USD 000s", "$000", "kUSD", "mUSD", "USDm", "USD mn", "US$K", "US$ m", "k$", "M US$", "US$ bn",
    "US$ x 1,000", "US$ (thousands)", "US$ in thousands", "thousands", "millions", "'000", "000s",
    "EUR", "€", "euros", "thousands of euros", "k€", "CHF", "KES", "XOF", "Canadian dollars", "C$",
    "FCFA", "local currency", "milliers de dollars", "milliers d'USD", "millions d’euros",
    "milliards de dollars des États-Unis", "miles de dólares", "miles de US$", "millones de US$",
    "milhares de dólares", "mil US$",
)  # fmt: skip
ALWAYS = ("US$", "US$ thousands", "'000", "EUR")
HEADINGS = "<tr><th>Organization</th><th>Year</th><th>Expenditure</th></tr>"
ROW = "<tr><td>FAO</td><td>2013</td><td>431</td></tr>"
TABLE = f"<table>{HEADINGS}{ROW}</table>"


def factsheet(figures: str, *, head: str = "", behind: str = "") -> bytes:
    page = (
        f"<h1>Project Factsheet</h1>{head}<table><tr><td>Project ID:</td><td>00090074</td>"
        "<td>Country:</td><td>Benin</td></tr></table><h2>About</h2><p>Villages dig wells.</p>"
        f"{figures}<h2>Contacts</h2>{behind}"
    )
    return f"<html><head><title>x</title></head><body>{page}</body></html>".encode()


def key_figures(above: str, table: str = TABLE, below: str = "") -> bytes:
    return factsheet(f"<h2>Key Figures</h2>{above}{table}{below}")


def titled(title: str) -> bytes:
    return key_figures("").replace(b"<title>x", f"<title>{title}".encode())


def text(above: str, heading: str = "Expenditure") -> bytes:
    rows = f"Organization | Year | {heading} |\nFAO | 2013 | 431 |\n"
    return f"Project ID: 00090074\nKey Figures\n{above}\n{rows}\nContacts\n".encode()


def csv(above: str = "", heading: str = "Expenditure", below: str = "") -> bytes:
    table = f"Organization,Year,{heading}\nFAO,2013,431\n"
    return f"Project ID:,00090074\n{above}\n{table}{below}".encode()


def book(
    *above: str, name: str = "Sheet1", heading: str = "Expenditure", behind: str = ""
) -> bytes:
    rows = (row(), row("Organization", "Year", heading), row("FAO", 2013, 431))
    return workbook({name: sheet([row("Project ID:", "00090074"), *above, *rows], behind=behind)})


def fund(above: str, label: str = "Total source of funds") -> bytes:
    return (
        f"<h1>Trust Fund Factsheet</h1><h2>Funding Status</h2>{above}<table>"
        f"<tr><td>{label}</td><td>431</td></tr></table>"
        f"<h2>Contributors</h2><table><tr><th>Contributor</th><th>Deposits</th></tr>"
        "<tr><td>Norway</td><td>431</td></tr></table>"
    ).encode()


def saved_sheet(name: str) -> bytes:
    sheet_name = f"<!--[if gte mso 9]><xml><x:Name>{name}</x:Name></xml><![endif]-->"
    view = f"<p>Project ID: 00090074</p>{TABLE}"
    office = "xmlns:x='urn:schemas-microsoft-com:office:excel'"
    return f"<html {office}><head>{sheet_name}</head><body>{view}</body></html>".encode()


def in_row(caption: str, tag: str = "td") -> str:
    return f"<table><tr><{tag} colspan=3>{caption}</{tag}></tr>{HEADINGS}{ROW}</table>"


def under_heading(unit: str) -> str:
    units = f"<tr><th></th><th></th><th>{unit}</th></tr>"
    return f"<table>{HEADINGS}{units}{ROW}</table>"


def headed(heading: str) -> str:
    return TABLE.replace("Expenditure", heading)


POSITIONS: dict[str, Callable[[str], bytes]] = {
    "line": lambda u: key_figures(f"<p>{u}</p>"),
    "line in": lambda u: key_figures(f"<p>All amounts in {u}</p>"),
    "line colon": lambda u: key_figures(f"<p>Amounts: {u}</p>"),
    "line comma": lambda u: key_figures(f"<p>Expenditure, {u}</p>"),
    "line in parentheses": lambda u: key_figures(f"<p>Delivery by agency and year ({u})</p>"),
    "line of a caption": lambda u: key_figures(f"<p>Total budget of Sample Wells, in {u}</p>"),
    "two lines": lambda u: key_figures(f"<p>Amounts expressed in<br>{u}</p>"),
    "currency": lambda u: key_figures(f"<p>Currency: {u}</p>"),
    "note": lambda u: key_figures("", below=f"<p>* Figures are in {u}.</p>"),
    "sentence": lambda u: key_figures(
        "", below=f"<p>Please note that amounts of the table of this programme are in {u}.</p>"
    ),
    "note behind contacts": lambda u: factsheet(
        f"<h2>Key Figures</h2>{TABLE}", behind=f"<p>Amounts in {u}</p>"
    ),
    "above the identity": lambda u: factsheet(
        f"<h2>Key Figures</h2>{TABLE}", head=f"<p>Amounts in {u}</p>"
    ),
    "part's heading": lambda u: factsheet(f"<h2>Key Figures</h2><h3>Key Figures ({u})</h3>{TABLE}"),
    "caption": lambda u: key_figures("", f"<table><caption>{u}</caption>{HEADINGS}{ROW}</table>"),
    "row": lambda u: key_figures("", in_row(f"In {u}")),
    "heading over all": lambda u: key_figures("", in_row(f"Key Figures ({u})", "th")),
    "heading": lambda u: key_figures("", headed(f"Expenditure ({u})")),
    "heading in": lambda u: key_figures("", headed(f"Expenditure (in {u})")),
    "heading of two lines": lambda u: key_figures("", headed(f"Expenditure<br>{u}")),
    "heading comma": lambda u: key_figures("", headed(f"Expenditure, {u}")),
    "heading and year": lambda u: key_figures(
        "", headed(f"2013 Expenditure ({u})").replace("Year", "Theme")
    ),
    "below the heading": lambda u: key_figures("", under_heading(u)),
    "last row": lambda u: key_figures(
        "", f"<table>{HEADINGS}{ROW}<tr><td colspan=3>Note: amounts in {u}</td></tr></table>"
    ),
    "title": lambda u: titled(f"Key Figures ({u})"),
    "name of a saved sheet": lambda u: saved_sheet(f"Figures ({u})"),
    "statement": lambda u: fund(f"<p>{u}</p>"),
    "statement's label": lambda u: fund("", f"Total source of funds ({u})"),
    "text": lambda u: text(f"All amounts in {u}"),
    "glued text": lambda u: text(f"Key FiguresAll amounts in {u} View as Excel"),
    "text's heading": lambda u: text("", f"Expenditure ({u})"),
    "csv": lambda u: csv(f'"Amounts: {u}"'),
    "csv's label": lambda u: csv(f'Amounts in:,"{u}"'),
    "csv's heading": lambda u: csv("", f'"Expenditure ({u})"'),
    "csv's last line": lambda u: csv(below=f'"Note: amounts in {u}"'),
    "csv's note of many cells": lambda u: csv(below=f'Note,amounts in,"{u}",as of,today\n'),
    "workbook": lambda u: book(row(f"Amounts: {u}")),
    "workbook's label": lambda u: book(row("Amounts in:", u)),
    "workbook's heading": lambda u: book(heading=f"Expenditure ({u})"),
    "sheet's header": lambda u: book(
        behind=f"<headerFooter><oddHeader>&amp;C&amp;10Amounts in {u}</oddHeader></headerFooter>"
    ),
    "sheet's name": lambda u: book(name=f"Figures ({u.replace(chr(39), '’')})"),
}  # fmt: skip
PROSE = (
    "raised US$ 3 million in 2019", "The crisis left villages in millions of dollars of need.",
    "…in millions of dollars of need", "Donors gave EUR 5 million and US$ 3 million.",
    "Wells for thousands of villages", "Wells (millions of villages)", "Beneficiaries (thousands)",
    "The donors paid 3.4 million euros in 2015, and the fund spent US$ 1.2 million of it.",
    "Contributions in euros are converted to US$ at the rate of the day.", "Expenditure in Benin",
    "Budget: US$ 3.5 million", "Common Humanitarian Fund (CHF)", "SDG Fund", "US$ 1,000",
    "1,000 US$",
    "In 2013 floods cost hundreds of thousands of dollars.", "Thousands separator: comma",
    "Figures in the table are rounded", "Transfers US$ M&E", "All amounts in US$",
)  # fmt: skip
IN_NARRATIVE = (  # prose there, and a unit beside a table
    "CHF", "Budget of the Sudan Common Humanitarian Fund (CHF)", "Total budget: 1,000,000 US$",
    "Contribution (US$ 1,000)",
)  # fmt: skip
AMOUNTS = ("observed.figure", "observed.statement_line", "observed.contribution")


def loaded_and_set_aside(
    bodies: Iterable[ReadBody],
) -> tuple[dict[str, int], dict[str, list[Quarantined]]]:
    """Return the number of rows loaded of each body, and its rows in quarantine."""
    by_key = {one.parse_key: one for one in bodies}
    seen = observe(by_key.values())
    loaded, aside = dict.fromkeys(by_key, 0), {key: list[Quarantined]() for key in by_key}
    for table in AMOUNTS:
        for key in seen.frames[table]["parse_key"]:
            loaded[key] += 1
    for quarantined in seen.quarantined:
        aside[quarantined.parse_key].append(quarantined)
    return loaded, aside


def check_units(places: Iterable[tuple[str, str]]) -> None:
    bodies = {(place, unit): parse(POSITIONS[place](unit)) for place, unit in places}
    loaded, aside = loaded_and_set_aside(bodies.values())
    wrong = [
        (place, unit, loaded[one.parse_key], aside[one.parse_key])
        for (place, unit), one in bodies.items()
        if (loaded[one.parse_key] == 0) is (unit in PLAIN)
        or bool(aside[one.parse_key]) is (unit in PLAIN)
        or {row.rule for row in aside[one.parse_key]} - {"currency"}
    ]
    assert wrong == []


def check_all_loaded(pages: Iterable[bytes]) -> None:
    loaded, aside = loaded_and_set_aside(map(parse, pages))
    assert min(loaded.values()) > 0
    assert not any(aside.values())


def test_amounts_in_another_unit_are_set_aside_and_those_in_dollars_loaded() -> None:
    """Every unit in some places, and some units in every place."""
    some = ("line in", "line colon", "heading", "csv", "title")
    every_place = {(place, unit) for place in POSITIONS for unit in ALWAYS}
    check_units(
        sorted(every_place | {(place, unit) for place in some for unit in (*PLAIN, *UNITS)})
    )


def test_a_letter_behind_or_below_a_measure_is_a_scale() -> None:
    letters = [
        parse(POSITIONS[place](letter))
        for letter in ("K", "m", "mn")
        for place in ("heading", "heading comma", "below the heading", "workbook's heading")
    ]
    loaded, aside = loaded_and_set_aside(letters)
    assert set(loaded.values()) == {0}
    assert [[row.rule for row in rows] for rows in aside.values()] == [["currency"]] * len(letters)


def test_prose_beside_tables_and_in_the_narrative_is_no_unit() -> None:
    pages = [
        *(POSITIONS[place](line) for line in PROSE for place in ("line", "statement")),
        *(key_figures("", in_row(line)) for line in PROSE),
        *(
            factsheet(f"<p>{line}</p><h2>Key Figures</h2>{TABLE}")
            for line in (*PROSE, *IN_NARRATIVE)
        ),
    ]
    check_all_loaded(pages)


def test_an_acronym_in_a_title_or_the_narrative_is_no_currency() -> None:
    titles = ("Common Humanitarian Fund (CHF)", "Budget of the Sudan Fund (CHF)", "CHF")
    lines = ("the CHF", "Funded by the CHF", "CHF Funding", "CHF Annual Report", "Total CHF Budget")
    check_all_loaded(
        [
            *map(titled, titles),
            *(factsheet(f"<p>{line}</p><h2>Key Figures</h2>{TABLE}") for line in lines),
        ]
    )


@pytest.mark.proof
def test_every_unit_in_every_place() -> None:
    check_units((place, unit) for place in POSITIONS for unit in (*PLAIN, *UNITS))
