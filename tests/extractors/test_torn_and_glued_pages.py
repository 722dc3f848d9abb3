"""Pages that crawls tore, glued or cut: each says what can still be told of it, and no more."""

import pytest

from extractors.records import (
    Page,
    PageKind,
    PrintedFigure,
    PrintedFinding,
    PrintedPassage,
    PrintedStatementLine,
    Representation,
)
from tests.extractors.written_pages import (
    NARRATIVE,
    figure,
    identity_of,
    no_figures,
    page,
    programme,
    read,
    table,
)


def in_text(printed_id: str, *, piped: bool = True, **parts: object) -> Page:
    """What a text capture of the small programme says, whose identity is in lines."""
    theme = parts.pop("theme", "Water")
    ends = "Theme:HIV & AIDSEnd Date*:" if theme == "HIV & AIDS" else "Theme: Water End Date*:"
    identity = programme(
        printed_id,
        fund_code=None,
        theme=str(theme),
        text=f"Project ID:{printed_id}Description:SMP-01 Wells | Fund: Sample Fund"
        f" | Start Date *: 1 Jan 2012 | {ends} 31 Dec 2016"
        " | Country: Benin Project Status: On Going | Participating Organization: Multiple",
    )
    form = Representation.PIPED_TEXT if piped else Representation.TEXT
    currency = "US$" if piped else None
    return page(
        printed_id,
        identity=identity,
        representation=form,
        currency=currency,
        **parts,  # type: ignore[arg-type]  # parts of a page
    )


def test_an_organization_over_its_years_names_them_where_text_lost_its_span() -> None:
    def spent(row: int, organization: str, year: str | None, *cells: str) -> PrintedFigure:
        return figure(
            (1, row), organization, year, " | ".join(cells),
            total=year is None, net_funded=cells[1], expenditure=cells[2],
        )  # fmt: skip

    assert read("group_rows_in_pipes.txt") == in_text(
        "00090050",
        tables=[table(1)],
        figures=[
            spent(3, "FAO", "2013", "2013", "100", "80"),
            spent(4, "FAO", "2014", "2014", "200", "150"),
            spent(5, "FAO", None, "Sub-total", "300", "230"),
            spent(7, "ILO", "2013", "2013", "50", "40"),
        ],
    )


def test_a_year_printed_once_holds_for_the_organizations_below_it() -> None:
    assert read("years_printed_once_in_pipes.txt") == in_text(
        "00090051",
        tables=[table(1)],
        figures=[
            figure((1, 2), "FAO", "2013", "2013 | FAO | 80", expenditure="80"),
            figure((1, 3), "ILO", "2013", " | ILO | 40", expenditure="40"),
            figure((1, 4), "FAO", "2014", "2014 | FAO | 150", expenditure="150"),
            figure((1, 5), None, None, "Total |  | 270", total=True, expenditure="270"),
        ],
    )


def test_a_bullet_that_begins_with_a_number_is_a_passage() -> None:
    assert read("bullet_that_begins_with_a_number.txt") == in_text(
        "00090052",
        piped=False,
        passages=[
            *NARRATIVE,
            PrintedPassage("overview", 0, 2, "2672 cubic metres of water are stored."),
            PrintedPassage("overview", 0, 3, "A pump is kept in each village."),
        ],
        findings=[no_figures("00090052")],
    )


def test_a_label_glued_to_a_capital_is_a_label() -> None:
    assert read("labels_glued_behind_capitals.txt") == in_text(
        "00090053", piped=False, theme="HIV & AIDS", findings=[no_figures("00090053")]
    )


def test_a_glued_statement_is_read_line_by_line_and_is_no_csv() -> None:
    said = read("fund_factsheet_glued.txt")
    assert (said.kind, said.representation) == (PageKind.FUND_FACTSHEET, Representation.TEXT)
    assert said.findings == []
    assert [(line.label, line.operator, line.amount) for line in said.statement] == [
        ("Contributions from Donors", None, "1,000,000"),
        ("Interest and Investment Income (from Fund)", "+", "20,000"),
        ("Total source of funds", None, "1,020,000"),
        ("Transfer to Participating Organizations", None, "500,000"),
        ("Refunds from Participating Organizations", "-", "30,000"),
        ("Total use of funds", None, "470,000"),
        ("Balance with Administrative Agent", None, "550,000"),
    ]
    assert {line.block for line in said.statement} == {"administrative_agent"}


def test_a_glued_table_is_not_guessed_but_kept_as_a_finding() -> None:
    said = read("print_view_glued.txt")
    assert (said.kind, said.programme_id) == (PageKind.PRINT_VIEW, "00090054")
    assert said.figures == []
    assert said.findings == [
        PrintedFinding("unread_text", "Key Figures or Latest Vouchers", "FAO2013 80"),
        PrintedFinding("no_figures", "00090054", "the view shows no figure"),
    ]


def test_the_first_row_of_a_table_whose_tag_is_torn_is_read() -> None:
    assert read("torn_table_tag.html") == page(
        "00090055",
        tables=[table(1)],
        figures=[figure((1, 2), "FAO", "2013", "FAO | 2013 | 80", expenditure="80")],
    )


def test_a_caption_over_a_statement_is_no_line_of_it() -> None:
    said = read("statement_view_below_a_caption.xls")
    assert (said.kind, said.representation) == (PageKind.STATEMENT_EXCEL, Representation.HTML_XLS)
    assert said.findings == []
    assert said.statement[0] == PrintedStatementLine(
        "administrative_agent", "Contributions from Donors", None, "1,000",
        "Funding Status, table 0, row 3", "Contributions from Donors |  | 1,000",
    )  # fmt: skip


def test_a_view_that_says_that_it_holds_nothing_holds_nothing_unknown() -> None:
    said = read("empty_view_below_the_project_id.xlsx")
    assert (said.kind, said.representation) == (PageKind.FIGURES_EXCEL, Representation.XLSX)
    assert said.programme_id == "00090056"
    assert said.findings == [PrintedFinding("no_figures", "00090056", "the view shows no figure")]
    said = read("empty_view_of_expenditures.xls")
    assert (said.kind, said.representation) == (PageKind.FIGURES_EXCEL, Representation.HTML_XLS)
    assert said.findings == [PrintedFinding("no_figures", "00090079", "the view shows no figure")]


def test_a_damaged_character_is_named_and_spoils_no_other() -> None:
    said = read("damaged_characters.html")
    identity = identity_of(said)
    assert identity.title == "L’eau partagée à Abidjan"
    assert identity.country == "C\ufffdte d’Ivoire"
    finding = PrintedFinding("damaged_characters", "page", "C\ufffdte d’Ivoire")
    assert said.findings == [no_figures("00090057"), finding]


@pytest.mark.parametrize("length", [20_000, 40_000])
def test_a_long_run_of_the_letters_of_an_address_is_no_trap(length: int) -> None:
    """A pattern that tried every start in it would take minutes; it is done before one is over."""
    from extractors.parse.pages import read_page

    text = (f"Project Factsheet\nProject ID:00090059Description:X\n\nContacts\n{'a' * length}\n"
            f"{'b.' * length}@\n")  # fmt: skip
    assert read_page(text.encode()).programme_id == "00090059"
