"""What a page is follows from what it says, in whatever form it came."""

from contextlib import suppress

import pytest

from extractors.parse.pages import read_page
from extractors.records import (
    PageKind,
    PageRefusedError,
    PrintedListing,
    PrintedPaging,
    Representation,
)
from tests.extractors.written_pages import PAGES, read
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
            "| Organization | Year | Expenditure |\n| FAO | 2015 | 1,200 |\n",
            PageKind.PRINT_VIEW,
            Representation.PIPED_TEXT,
        ),
    ],
)
def test_a_page_is_known_by_its_content(
    body: str, kind: PageKind, representation: Representation
) -> None:
    page = read_page(body.encode())
    assert (page.kind, page.representation) == (kind, representation)
    assert len(page.figures) + len(page.vouchers) == 1
    assert page.findings == []


def test_prose_with_commas_is_no_csv() -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(b"Flour, water\nSalt, yeast\nTime, patience\n")
    assert refused.value.rule == "not_a_gateway_page"


def test_a_fund_s_factsheet_gives_its_statement_and_its_programmes() -> None:
    page = read("fund_factsheet.html")
    assert (page.kind, page.fund_code, page.programme_id) == (
        PageKind.FUND_FACTSHEET,
        "SMP00",
        None,
    )
    assert page.fund is not None
    assert page.fund[:4] == ("Sample Fund", "Trust Fund", "1 Jan 2010", None)
    assert [(line.block, line.label, line.operator, line.amount) for line in page.statement] == [
        ("administrative_agent", "Contributions from Donors", None, "1,000"),
        ("administrative_agent", "Interest and Investment Income (from Fund)", "+", "20"),
        ("administrative_agent", "Total source of funds", None, "1,020"),
        ("participating_organizations", "Total resources", None, "500"),
    ]
    assert page.listings == [
        PrintedListing(
            listed="programmes",
            name="Wells of Example",
            url="/factsheet/project/00067193",
            programme_id="00067193",
            fund_code=None,
            details=(("Project ID", "00067193"),),
            where="table 1, row 2",
            text="00067193 | Wells of Example",
        )
    ]
    assert page.paging == [
        PrintedPaging("rows", "Showing 1 to 1 of 51", "51", "/factsheet/fund/SMP00?page=2")
    ]
    assert page.findings == []


def test_a_fund_s_code_is_that_of_no_other_fund_that_its_page_links_to() -> None:
    assert read("fund_that_mentions_another.html").fund_code is None
    assert read("fund_factsheet.html").fund_code == "SMP00"


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
def test_only_a_link_to_a_fund_s_own_statement_tells_its_code(link: str, code: str | None) -> None:
    page = f"<h1>Trust Fund Factsheet</h1><p>Tools for » X</p><p><a href='{link}'>x</a></p>"
    assert read_page(page.encode()).fund_code == code


def test_a_number_of_rows_that_no_list_has_says_only_that_there_are_more() -> None:
    page = read("list_of_more_rows_than_can_be.html")
    assert page.paging == [PrintedPaging("rows", f"Showing 1 to 1 of {'9' * 20}", None, None)]
    assert [one.fund_code for one in page.listings] == ["SMP00"]
    seen = observe([ReadBody("a" * 64, page)])
    assert seen.frames["observed.body"]["rows_in_all"].to_list() == [None]


def test_a_portfolio_list_gives_each_fund_with_its_code() -> None:
    page = read("portfolio_of_funds.html")
    assert (page.kind, page.representation) == (PageKind.PORTFOLIO_LIST, Representation.NEW_HTML)
    assert [(row.listed, row.name, row.fund_code, row.details) for row in page.listings] == [
        ("funds", "Sample Fund", "SMP00", (("Type", "Trust Fund"), ("Contributions", "1,000"))),
        ("funds", "Fund without a link", None, (("Type", "Other Fund"),)),
    ]


def test_a_list_without_a_table_is_refused() -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(b"<h1>Portfolio of Funds</h1><p>Nothing here</p>")
    assert (refused.value.rule, refused.value.kind) == (
        "list_without_table",
        PageKind.PORTFOLIO_LIST,
    )


def test_a_view_whose_programme_id_is_none_is_refused() -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(f"<p>Project ID: 67193</p><table>{FIGURES}</table>".encode())
    assert refused.value.rule == "programme_id_malformed"


def test_the_layout_s_name_has_no_year_and_counts_what_is_known() -> None:
    reading = read("unknown_heading.html").reading
    assert reading.layout.startswith("programme_factsheet in html: ")
    assert "20" not in reading.layout
    assert (reading.unknown, reading.tables_unread) == (3, 1)
    assert reading.known > 9  # the labels of the identity block, and more


def test_something_is_known_of_every_page_that_is_read() -> None:
    for path in PAGES.glob("*.*"):
        if path.suffix in {".html", ".txt"}:
            with suppress(PageRefusedError):
                assert read(path.name).reading.known > 0, path.name
