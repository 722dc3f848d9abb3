"""Narrative, documents, vouchers, contacts, charsets and markup: each page says exactly this."""

import pytest

from extractors.parse.pages import read_page
from extractors.records import (
    Page,
    PrintedContact,
    PrintedDocument,
    PrintedFigure,
    PrintedPaging,
    PrintedPassage,
    PrintedVoucher,
    Representation,
)
from tests.extractors.written_pages import (
    NARRATIVE,
    PAGES,
    figure,
    no_figures,
    page,
    programme,
    read,
    table,
)

OUTCOME = [
    *NARRATIVE,
    PrintedPassage("outcome", 1, 1, "Water is near"),
    PrintedPassage("achievement", 1, 1, "Nine wells dug."),
    PrintedPassage("achievement", 1, 2, "Nine pumps fitted."),
]


def voucher(place: tuple[int, int], *cells: str) -> PrintedVoucher:
    number, date, organization, amount, *status = cells
    return PrintedVoucher(
        number or None, date, organization, amount, status[0] if status else None,
        f"Latest Vouchers, table {place[0]}, row {place[1]}", " | ".join(cells),
    )  # fmt: skip


def small_figures(table_no: int) -> list[PrintedFigure]:
    return [
        figure((table_no, 2), "FAO", "2013", "FAO | 2013 | 100", expenditure="100"),
        figure((table_no, 3), "ILO", "2013", "ILO | 2013 | 30", expenditure="30"),
    ]


def test_layout_tables_read_as_if_they_were_not_there() -> None:
    assert read("nested_layout_tables.html") == page(
        "00090005",
        documents=[
            PrintedDocument(
                "Plan of the wells", "/document/download/7", "8 Feb 2013",
                "Recent Documents, row 2", "Plan of the wells | 8 Feb 2013",
            )
        ],
        tables=[table(2)],
        figures=small_figures(2),
    )  # fmt: skip


def test_unclosed_upper_case_markup_reads_as_a_browser_would() -> None:
    assert read("unclosed_cells_uppercase.html") == page(
        "00090006",
        passages=OUTCOME,
        documents=[
            PrintedDocument(title, url, None, f"Recent Documents, line {number}", title)
            for number, title, url in (
                (1, "Plan of the wells", "/document/download/7"),
                (2, "Report on the wells", "/document/download/8"),
            )
        ],
        tables=[table(1)],
        figures=small_figures(1),
    )


@pytest.mark.parametrize(
    ("name", "printed_id"),
    [("utf8_declaring_latin1.html", "00090007"), ("windows1252_without_charset.html", "00090008")],
)
def test_accents_and_curly_quotes_survive_a_wrong_and_a_missing_charset(
    name: str, printed_id: str
) -> None:
    assert read(name) == page(
        printed_id,
        identity=programme(printed_id, title="L’eau partagée de Çà-et-là", country="São Tomé"),
        currency=None,
        passages=[PrintedPassage("overview", 0, 1, "Les puits – “à nous” – sont gardés.")],
        findings=[no_figures(printed_id)],
    )


def test_glued_labels_are_taken_apart_and_missing_ones_supplied() -> None:
    identity = programme(
        "00090009",
        fund_code=None,
        text="Project ID:00090009Description:SMP-01 Wells | Sample Fund | Start Date *: 1 Jan 2012"
        " | Water | End Date*: 31 Dec 2016 | Country: Benin Project Status: On Going"
        " | Participating Organization: Multiple",
    )
    assert read("labels_glued_and_missing.txt") == page(
        "00090009",
        identity=identity,
        representation=Representation.TEXT,
        passages=[
            *OUTCOME,
            PrintedPassage("lesson", 0, 1, "Pumps need spares."),
            PrintedPassage("other", 0, 1, "More stands in the report:"),
        ],
        findings=[no_figures("00090009")],
    )


def test_cells_between_pipes_read_as_cells() -> None:
    assert read("cells_as_pipes.txt") == page(
        "00090010",
        identity=programme("00090010", fund_code=None),
        representation=Representation.PIPED_TEXT,
        documents=[
            PrintedDocument(
                "Plan of the wells",
                None,
                "8 Feb 2013",
                "Recent Documents, row 2",
                "Plan of the wells | 8 Feb 2013",
            )
        ],
        tables=[table(2)],
        figures=[
            figure(
                (2, 2),
                "FAO",
                "2013",
                "FAO | 2013 | 1 000 | 800",
                net_funded="1 000",
                expenditure="800",
            ),
            figure((2, 3), "FAO", "2014", " | 2014 | 500 | -", net_funded="500", expenditure="-"),
            figure(
                (2, 4),
                "ILO",
                "2013",
                "ILO | 2013 | 2 000 | 1,500",
                net_funded="2 000",
                expenditure="1,500",
            ),
            figure(
                (2, 5),
                None,
                None,
                "Total |  | 3,500 | 2,300",
                total=True,
                net_funded="3,500",
                expenditure="2,300",
            ),
        ],
        vouchers=[
            voucher((3, 2), "00040001", "6 Feb 2013", "FAO", "999.75", "Paid"),
            voucher((3, 3), "00040002", "7 Feb 2013", "ILO", "2,000.00", "Paid"),
        ],
    )


def test_repeated_headings_and_page_totals_are_no_vouchers() -> None:
    assert read("second_page_of_vouchers.html") == page(
        "00090017",
        vouchers=[
            voucher((1, 2), "00040011", "6 Feb 2013", "FAO", "100.25", "Paid"),
            voucher((1, 4), "00040012", "7 Feb 2013", "ILO", "50.00", "Cancelled"),
        ],
        paging=[PrintedPaging("pages", "Page 2 of 3", "3", None)],
        findings=[no_figures("00090017")],
    )


def test_a_table_stays_a_table_though_its_last_row_holds_one_of_page_links() -> None:
    assert read("pager_nested_in_the_table.html").vouchers == [
        voucher((1, 2), "00040021", "6 Feb 2013", "FAO", "100.25"),
        voucher((1, 3), "00040022", "7 Feb 2013", "ILO", "50.00"),
    ]


def test_vouchers_without_a_number_or_an_amount_are_passed_on_as_printed() -> None:
    assert read("voucher_without_number.html") == page(
        "00090023",
        vouchers=[
            voucher((1, 2), "00040001", "6 Feb 2013", "FAO", "100.00", "Paid"),
            voucher((1, 3), "", "7 Feb 2013", "ILO", "50.00", "Paid"),
            voucher((1, 4), "00040003", "8 Feb 2013", "ILO", "-", "Paid"),
            voucher((1, 5), "00040001", "6 Feb 2013", "FAO", "100.00", "Paid"),
            voucher((1, 6), "00040001", "6 Feb 2013", "FAO", "30.00", "Paid"),
        ],
        findings=[no_figures("00090023")],
    )


def test_contacts_are_found_where_no_other_section_comes_before_them() -> None:
    identity = programme(
        "00090019",
        fund_code=None,
        text="Project ID: 00090019 Description: SMP-01 Wells | Fund: Sample Fund Start Date *: "
        "1 Jan 2012 | Theme: Water End Date*: 31 Dec 2016 | Country: Benin Project Status: "
        "On Going | Participating Organization: Multiple",
    )
    assert read("contacts_without_other_sections.txt") == page(
        "00090019",
        identity=identity,
        representation=Representation.TEXT,
        currency=None,
        passages=[
            PrintedPassage(
                "overview", 0, 1, "Villages dig wells and keep them. Each has a manager of its own."
            )
        ],
        contacts=[
            PrintedContact(
                "Odessa Example", "Portfolio Manager", "+000 000 0101",
                "odessa@example.org", "odessa.sample",
            ),
            PrintedContact("Pirro Example", "Well Master", "+000 000 0102", None, None),
            PrintedContact("Quill Example", None, None, "quill@example.org", None),
        ],
        findings=[no_figures("00090019")],
    )  # fmt: skip


def everything_but_contacts(said: Page) -> str:
    return str([said.programme, said.passages, said.documents, said.figures, said.vouchers,
                said.findings])  # fmt: skip


def test_no_part_of_a_contact_stands_anywhere_else_on_the_page() -> None:
    said = read("contacts_without_other_sections.txt")
    values = [value for contact in said.contacts for value in contact if value]
    assert len(values) == 10
    elsewhere = everything_but_contacts(said)
    assert [value for value in values if value in elsewhere] == []


def test_persons_in_a_table_stand_nowhere_but_among_contacts() -> None:
    said = read("persons_in_a_table.html")
    assert len(said.vouchers) == 1
    elsewhere = everything_but_contacts(said)
    private = ("Odessa", "Pirro", "+000 000 0101", "+000 000 0102", "@example.org")
    assert [value for value in private if value in elsewhere] == []


def test_a_table_of_vouchers_is_no_table_of_figures_whatever_its_amounts_are_called() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td></tr></table><h2>Latest Vouchers</h2>"
        b"<table><tr><th>Voucher Number</th><th>Participating Organization</th>"
        b"<th>Transferred Amount</th></tr><tr><td>00040001</td><td>FAO</td><td>5</td></tr></table>"
    )
    assert (said.tables, said.figures) == ([], [])


def test_a_document_keeps_its_own_link() -> None:
    assert read("empty_link_before_documents.html").documents == [
        PrintedDocument(
            "Plan of the wells", "/document/download/7", None,
            "Recent Documents, line 1", "Plan of the wells",
        ),
        PrintedDocument(
            "Report on the wells", None, None, "Recent Documents, line 2", "Report on the wells"
        ),
    ]  # fmt: skip


def test_a_table_of_titles_alone_lists_documents() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td></tr></table><h2>Recent Documents</h2>"
        b"<table><tr><th>Document</th></tr><tr><td>Plan</td></tr><tr><td>Report</td></tr></table>"
    )
    assert [document.title for document in said.documents] == ["Plan", "Report"]


def test_words_that_are_labels_elsewhere_leave_narrative_and_documents_alone() -> None:
    assert read("labels_within_narrative_and_documents.html") == page(
        "00090030",
        currency=None,
        passages=[
            PrintedPassage(
                "overview", 0, 1,
                "Villages share one purse, the Well Fund: each pays in what it can.",
            )
        ],
        documents=[
            PrintedDocument(
                "Well Fund: rules", "/document/download/7", "8 Feb 2013",
                "Recent Documents, row 2", "Well Fund: rules | 8 Feb 2013",
            )
        ],
        findings=[no_figures("00090030")],
    )  # fmt: skip


def test_every_html_page_opens_with_a_comment_that_says_what_it_shows() -> None:
    pages = sorted(PAGES.glob("*.html"))
    assert len(pages) > 20
    assert [p.name for p in pages if not p.read_bytes().startswith(b"<!-- ")] == []


def test_every_text_page_is_listed_with_what_it_shows() -> None:
    """A comment would be part of a text capture, so the folder's README says it."""
    listed = (PAGES / "README.md").read_text(encoding="utf-8")
    pages = sorted(PAGES.glob("*.txt"))
    assert len(pages) >= 5
    assert [p.name for p in pages if f"`{p.name}`" not in listed] == []


def test_no_page_stands_unused() -> None:
    tests = "".join(p.read_text(encoding="utf-8") for p in PAGES.parent.rglob("test_*.py"))
    assert [p.name for p in PAGES.iterdir() if p.suffix != ".md" and p.name not in tests] == []


def test_persons_under_other_headings_and_keys_stand_nowhere_but_among_contacts() -> None:
    said = read("persons_under_other_headings.html")
    assert len(said.contacts) == 5
    assert "Leak" in str(said.contacts)
    elsewhere = everything_but_contacts(said)
    assert [word for word in ("Leak", "leak", "+000", "0104") if word in elsewhere] == []
