"""What each kind of page says."""

import re
from datetime import date
from typing import NamedTuple

from tests.replica.reading.figures import (
    Table,
    Voucher,
    Vouchers,
    day,
    dollars,
    figures_table,
    tenths,
    voucher_table,  # fmt: skip
)
from tests.replica.reading.grids import (
    Element,
    Row,
    is_data_table,
    spreadsheet_rows,
    table_rows,
    text_of,
    tree,
)

_FIELDS = {
    "Project ID": "programme_id", "Description": "description", "Fund": "fund_name",
    "Start Date": "start_date", "Theme": "theme", "End Date": "end_date", "Country": "country",
    "Project Status": "status", "Participating Organization": "participating_organization",
}  # fmt: skip
CONTRIBUTORS_HEADINGS = ("Contributors", "Donors", "Contributors/Partners", "Contributions")
_MANAGERS = "The MPTF Office Portfolio Manager for this programme:"
_PERSONS = "The persons with GATEWAY access rights for the programme:"
Sections = dict[str, list[Element]]


class Pager(NamedTuple):
    """Where a page says that it stands: from which to which of how many, and what is next."""

    first: int
    last: int
    whole: int
    following: str | None = None


class Document(NamedTuple):
    """One line of Recent Documents."""

    url: str
    title: str
    document_date: date | None


class Factsheet(NamedTuple):
    """A programme's factsheet. `links` are by section and text; `vouchers` None: no table."""

    clock: str  # as printed; empty in the newest pages
    identity: dict[str, str | None]
    passages: list[tuple[str, int, str]]  # section, outcome number, text
    documents: list[Document]
    tables: list[Table]
    vouchers: Vouchers | None
    pager: Pager | None
    links: dict[tuple[str, str], str]
    managers: list[str]
    persons: list[str]


class View(NamedTuple):
    """An Excel or print view: of one programme, figures or vouchers."""

    programme_id: str
    tables: list[Table]
    vouchers: list[Voucher]


class Line(NamedTuple):
    """One line of a Funding Status: dollars, or tenths of a percent."""

    block: str
    number: int
    label: str
    role: str
    value: int


class Fund(NamedTuple):
    """A fund's factsheet; `programmes` are ID, title and address of those on this page.

    `contributors_links` are those of contributors, by their names.
    """

    heading: str
    name: str
    start_date: date
    end_date: date | None
    overview: str
    statement: list[Line]
    excel: str
    contributors: list[Table]
    contributors_excel: str | None
    contributors_links: dict[str, str]
    programmes: list[tuple[str, str, str | None]]
    pager: Pager


class Listing(NamedTuple):
    """One page of a portfolio list: its heading, and every row's texts and links."""

    heading: str
    columns: list[str]
    rows: list[Row]
    pager: Pager


def factsheet(body: bytes) -> Factsheet:
    """Read a programme's factsheet."""
    page = tree(body)
    sections = _sections(page)
    assert list(sections) == [
        "Project Factsheet", "About", "Recent Documents", "Key Figures", "Latest Vouchers"
    ], list(sections)  # fmt: skip
    figures, vouchers = sections["Key Figures"], sections["Latest Vouchers"]
    for section in (figures, vouchers):
        assert "All amounts in US$" in map(text_of, section)
    tables = [figures_table(table_rows(table)) for table in figures if is_data_table(table)]
    voucher_tables = [voucher_table(table_rows(table)) for table in filter(is_data_table, vouchers)]
    assert len(voucher_tables) <= 1
    return Factsheet(
        clock=text_of(page.get_element_by_id("clock")),
        identity=_identity(sections["Project Factsheet"]),
        passages=_passages(sections["About"]),
        documents=_documents(sections["Recent Documents"]),
        tables=[table for table in tables if table],
        vouchers=voucher_tables[0] if voucher_tables else None,
        pager=_pager(vouchers, r"Page (?=([0-9]+))([0-9]+) of ([0-9]+)"),
        links={
            (name, text_of(link)): str(link.get("href"))
            for name in ("Key Figures", "Latest Vouchers")
            for element in sections[name]
            for link in element.iter("a")
        },
        managers=_items_below(vouchers, _MANAGERS),
        persons=_items_below(vouchers, _PERSONS),
    )


def print_view(body: bytes) -> View:
    """Read the print view of one programme's figures or vouchers."""
    page = tree(body)
    (shown_id,) = re.findall(r"Project ID: (\S+)", text_of(page))
    tables = [table_rows(table) for table in page.iter("table")]
    return _view(shown_id, tables, is_vouchers=_heading(page, "h2") == "Latest Vouchers")


def excel_view(body: bytes) -> View:
    """Read the Excel view of one programme's figures or vouchers."""
    caption, *rows = spreadsheet_rows(body)
    shown_id = caption[0].text.removeprefix("Project ID: ")
    return _view(shown_id, [rows], is_vouchers=rows[0][0].text.startswith("Voucher"))


def fund(body: bytes) -> Fund:
    """Read one page of a fund's factsheet."""
    page = tree(body)
    sections = _sections(page)
    heading = _heading(page, "h1")
    title, dates = sections[heading]
    assert sections["Funding Status"][0].text == "All amounts in US$"
    rows = [row for table in sections["Funding Status"] if is_data_table(table)
            for row in table_rows(table)]  # fmt: skip
    ((start_label, start, end_label, end),) = table_rows(dates)
    assert (start_label.text, end_label.text) == ("Start Date *:", "End Date*:")
    listed, *_ = (table_rows(table) for table in sections["Projects"] if is_data_table(table))
    (excel,) = (a.get("href") for e in sections["Funding Status"] for a in e.iter("a"))
    pager = _pager(sections["Projects"], r"Showing ([0-9]+) to ([0-9]+) of ([0-9]+)")
    assert pager
    part = next((sections[name] for name in CONTRIBUTORS_HEADINGS if name in sections), [])
    tables = [table_rows(table) for table in part if is_data_table(table)]
    links = {text_of(a): str(a.get("href")) for element in part for a in element.iter("a")}
    return Fund(
        heading=heading,
        name=text_of(title).removeprefix("Tools for » "),
        start_date=day(start.text),
        end_date=day(end.text) if end.text else None,
        overview="\n".join(map(text_of, sections["About"])),
        statement=statement(rows),
        excel=str(excel),
        contributors=[table for table in map(figures_table, tables) if table],
        contributors_excel=links.pop("View as Excel", None),
        contributors_links=links,
        programmes=[(number.text, title.text, title.href) for number, title in listed[1:]],
        pager=pager,
    )


def portfolio_list(body: bytes) -> Listing:
    """Read one page of a portfolio list."""
    page = tree(body)
    ((heading, elements),) = _sections(page).items()
    columns, *rows = table_rows(elements[0])
    pager = _pager(elements, r"Showing ([0-9]+) to ([0-9]+) of ([0-9]+)")
    assert pager
    return Listing(heading, [cell.text for cell in columns], rows, pager)


def statement(rows: list[Row]) -> list[Line]:
    """A Funding Status in any of its sign styles, as magnitudes with their role.

    A row of one cell names a block; the lines below it count from one. A total's sign says how it
    enters the next sum, and a balance keeps its own.
    """
    lines: list[Line] = []
    block, number = "", 0
    for row in rows:
        label, *signed = [cell.text for cell in row]
        if all(cell is row[0] for cell in row):
            block, number = label, 0
            continue
        number += 1
        printed = "".join(signed).removeprefix("+")
        label = label.removeprefix("- ")
        lines.append(Line(block, number, label, *_role_and_value(label, printed)))
    return lines


def _role_and_value(label: str, printed: str) -> tuple[str, int]:
    if printed.endswith("%"):
        return "percentage", tenths(printed)
    value = dollars(printed)
    if label.startswith(("Balance", "Total Balance")):
        return "balance", value
    if label.startswith(("Total", "Sub-total")):
        return "total", abs(value)
    taken = printed.startswith(("-", "("))
    return "subtracts" if taken else "adds", abs(value)


def _view(programme_id: str, tables: list[list[Row]], *, is_vouchers: bool) -> View:
    if is_vouchers:
        (vouchers,) = map(voucher_table, tables)
        total = sum(line.cents for line in vouchers.lines)
        assert vouchers.total in {None, total}, "a voucher total that is not the sum"
        return View(programme_id, [], vouchers.lines)
    return View(programme_id, [table for table in map(figures_table, tables) if table], [])


def _heading(page: Element, tag: str) -> str:
    (heading,) = page.iter(tag)
    return text_of(heading)


def _sections(page: Element) -> Sections:
    """Paragraphs, list items and tables of texts, by the heading above them."""
    sections: Sections = {}
    current: list[Element] | None = None
    for element in page.iter("h1", "h2", "h3", "p", "li", "dl", "table"):
        if element.tag in {"h1", "h2", "h3"}:
            assert text_of(element) not in sections, "a heading that comes twice"
            current = sections[text_of(element)] = []
        elif current is not None and (element.tag != "table" or is_data_table(element)):
            current.append(element)
    return sections


def _identity(elements: list[Element]) -> dict[str, str | None]:
    title, block = elements
    cells = block.iter("dt", "dd", "td")
    identity: dict[str, str | None] = {"title": text_of(title).removeprefix("Tools for » ")}
    for label, shown in zip(cells, cells, strict=True):
        field = _FIELDS[re.sub(r"[\s*:]+$", "", text_of(label))]
        assert field not in identity, f"{field} twice"
        identity[field] = text_of(shown) or None
        if field.endswith("_date"):
            identity[field] = str(day(text_of(shown)))
        if field == "fund_name":
            identity["fund_code"] = str(shown.find("a").get("href")).rpartition("/")[2].upper()
    return identity


def _passages(elements: list[Element]) -> list[tuple[str, int, str]]:
    passages: list[tuple[str, int, str]] = []
    section, outcome_no = "overview", 0
    for element in elements:
        text = text_of(element)
        if element.tag == "p" and element.find("b") is not None:
            if found := re.fullmatch("Outcome ([0-9]+):", text):
                section, outcome_no = "outcome", int(found[1])
            else:
                section = {"Outcome achievements:": "achievement", "Lessons learned:": "lesson"}[
                    text
                ]
        else:
            assert (element.tag == "li") == (section in {"achievement", "lesson"}), text
            passages.append((section, 0 if section == "lesson" else outcome_no, text))
    return passages


def _documents(elements: list[Element]) -> list[Document]:
    """A list of links; in the newest pages a table, which alone has the documents' dates."""
    if any(map(is_data_table, elements)):
        (table,) = elements
        rows = table_rows(table)[1:]
        return [
            Document(str(title.href), text_of(link), day(when.text) if when.text else None)
            for (title, when), link in zip(rows, table.iter("a"), strict=True)
        ]
    return [
        Document(str(link.get("href")), text_of(link), None)
        for element in elements
        for link in element.iter("a")
    ]


def _items_below(elements: list[Element], paragraph: str) -> list[str]:
    """The list items that come right after a paragraph."""
    items: list[str] = []
    below = False
    for element in elements:
        if element.tag == "li" and below:
            items.append(text_of(element))
        else:
            below = text_of(element) == paragraph
    return items


def _pager(elements: list[Element], form: str) -> Pager | None:
    for element in elements:
        if element.tag == "p" and (found := re.match(form, text_of(element))):
            links = [str(link.get("href")) for link in element.xpath("a[@rel='next']")]
            first, last, whole = map(int, found.groups())
            return Pager(first, last, whole, *links)
    return None
