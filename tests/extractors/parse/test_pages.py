"""Which kind of page some bytes are follows from their content alone."""

import pytest

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.pages import parse_page
from tests.extractors.parse.expectations import PAGES
from transforms.observe import ReadBody, observe

FIGURES = (
    "<tr><td>Organization</td><td>Year</td><td>Expenditure</td></tr>"
    "<tr><td>FAO</td><td>2015</td><td>1,200</td></tr>"
)
VOUCHERS = (
    "<tr><th>Voucher Number</th><th>Date</th><th>Amount</th></tr>"
    "<tr><td>00040011</td><td>6 Feb 2013</td><td>100.25</td></tr>"
)
TITLED = "<p>Tools for » Wells of Example</p><p>Project ID: 00067193</p>"


@pytest.mark.parametrize(
    ("body", "kind", "representation"),
    [
        (f"<table>{FIGURES}</table>", PageKind.FIGURES_EXCEL, Representation.HTML_XLS),
        (f"<table>{VOUCHERS}</table>", PageKind.VOUCHERS_EXCEL, Representation.HTML_XLS),
        (
            f"{TITLED}<h2>Key Figures</h2><table>{FIGURES}</table>",
            PageKind.PRINT_VIEW,
            Representation.HTML,
        ),
        (
            f"<h2>Latest Vouchers</h2><table>{VOUCHERS}</table>",
            PageKind.VOUCHERS,
            Representation.HTML,
        ),
        (
            '\ufeffProject ID: 00067193\r\nOrganization,Year,Expenditure\r\nFAO,2015,"1,200"\r\n',
            PageKind.FIGURES_EXCEL,
            Representation.CSV,
        ),
        (
            "Voucher Number;Date;Amount\n00040011;6 Feb 2013;100.25\n",
            PageKind.VOUCHERS_EXCEL,
            Representation.CSV,
        ),
        (
            "| Organization | Year | Expenditure |\n| FAO | 2015 | 1,200 |\nPrint\n",
            PageKind.PRINT_VIEW,
            Representation.PIPED_TEXT,
        ),
    ],
)
def test_a_page_s_kind_and_representation_follow_from_its_content(
    body: str, kind: PageKind, representation: Representation
) -> None:
    page = parse_page(body.encode())
    assert (page.kind, page.representation) == (kind, representation)
    assert len(page.figures) + len(page.vouchers) == 1
    assert page.findings == []


@pytest.mark.parametrize(
    ("body", "rule", "kind"),
    [
        (b"", "empty_body", PageKind.OTHER),
        (b" \r\n\t ", "empty_body", PageKind.OTHER),
        (b"<html><body><!-- nothing --></body></html>", "empty_body", PageKind.OTHER),
        (b"%PDF-1.4 report", "not_text", PageKind.OTHER),
        (b"\x89PNG\r\n\x1a\n", "not_text", PageKind.OTHER),
        (
            "Project ID:١٢٣٤٥٦٧٨ Description:SMP-01\n".encode(),
            "programme_id_malformed",
            PageKind.PROGRAMME_FACTSHEET,
        ),
        (
            b"Project ID:000671930 Description:SMP-01\n",
            "programme_id_malformed",
            PageKind.PROGRAMME_FACTSHEET,
        ),
        (
            f"<p>Project ID: 67193</p><table>{FIGURES}</table>".encode(),
            "programme_id_malformed",
            PageKind.OTHER,
        ),
        (
            b"Flour, water\nSalt, yeast\nTime, patience\n",
            "not_a_gateway_page",
            PageKind.OTHER,
        ),
        (
            b"<table><tr><td>Project ID: 00067193</td></tr><tr><td>Voucher Number</td><td>Da",
            "cut_before_its_kind",
            PageKind.OTHER,
        ),
        (
            b"<h1>Portfolio of Funds</h1><p>Nothing here</p>",
            "list_without_table",
            PageKind.PORTFOLIO_LIST,
        ),
    ],
    ids=[
        "nothing", "blanks", "comment", "pdf", "png", "arabic digits", "nine digits",
        "view with five digits", "prose with commas", "cut within the headings of a view",
        "list without a table",
    ],
)  # fmt: skip
def test_a_body_that_holds_no_record_is_refused_by_a_rule(
    body: bytes, rule: str, kind: PageKind
) -> None:
    with pytest.raises(PageRefusedError) as refused:
        parse_page(body)
    assert (refused.value.rule, refused.value.kind) == (rule, kind)
    assert refused.value.message == str(refused.value)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("/factsheet/fund/SMP00?fund_status_month_to=1", "SMP00"),
        ("/fund/smp00/status/excel", "SMP00"),
        ("/fund/smp00/status", "SMP00"),
        ("/fund/about/us", None),
        ("/fund/smp00?page=2", None),
    ],
)
def test_a_fund_page_has_the_code_in_a_link_to_its_own_statement(
    link: str, code: str | None
) -> None:
    page = f"<h1>Trust Fund Factsheet</h1><p>Tools for » X</p><p><a href='{link}'>x</a></p>"
    assert parse_page(page.encode()).fund_code == code


def test_a_row_count_of_twenty_digits_is_not_a_row_count() -> None:
    page = parse_page((PAGES / "list_of_more_rows_than_can_be.html").read_bytes())
    seen = observe([ReadBody("a" * 64, page)])
    assert seen.frames["observed.body"]["rows_in_all"].to_list() == [None]


@pytest.mark.parametrize(("printed", "told"), [(" December 2017", True), ("", False)])
def test_a_statement_that_prints_of_when_it_is_says_so(printed: str, told: bool) -> None:
    """Real pages leave the place empty."""
    text = f"Funding Status\nTotal as of{printed}\nFunds with Administrative Agent\n"
    page = parse_page(
        f"{text}Contributions from Donors 1,000\nTotal source of funds 1,000\n".encode()
    )
    kinds = [finding.kind for finding in page.findings]
    assert ("statement_printed_as_of" in kinds) is told
