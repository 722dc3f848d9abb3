"""Tables that could be misread: each of their figures is right, or set aside with a reason.

The pages of tests/pages show many more, each beside its expectation.
"""

import pytest

from extractors.parse.pages import parse_page
from extractors.records import Page
from transforms.observe import ReadBody, observe


def parse_table(rows: str) -> Page:
    """Parse a factsheet with one Key Figures table."""
    page = f"<p>Project ID: 00067193</p><h2>Key Figures</h2><table>{rows}</table>"
    return parse_page(page.encode())


def row(*cells: str, tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        pytest.param(
            row("Year", "Expenditure", tag="th") + "<tr><td colspan=2>FAO</td></tr>"
            + row("2013", "") + row("2014", "7") + row("Sub-total", "7"),
            [("FAO", "2013", {"expenditure": ""}, False),
             ("FAO", "2014", {"expenditure": "7"}, False),
             ("FAO", None, {"expenditure": "7"}, True)],
            id="a year without an amount is a figure, not a heading over others",
        ),
        pytest.param(
            row("Organization", "Year", "Expenditure", tag="th")
            + "<tr><td colspan=3>2013</td></tr>" + row("FAO", "2013", "7"),
            [("FAO", "2013", {"expenditure": "7"}, False)],
            id="a year that spans a table of years is not an amount",
        ),
        pytest.param(
            row("Organization", "Approved Budget", "Expenditure 2013", "Expenditure 2014",
                "Total Expenditure", tag="th") + row("FAO", "9", "1", "2", "3"),
            [("FAO", "2013", {"expenditure": "1"}, False),
             ("FAO", "2014", {"expenditure": "2"}, False),
             ("FAO", None, {"approved_budget": "9"}, False),
             ("FAO", None, {"expenditure": "3"}, True)],
            id="a measure beside the same one of several years is their total",
        ),
        pytest.param(
            "<tr><th rowspan=3>Organization</th><th colspan=2>Expenditure</th></tr>"
            "<tr><th colspan=2>Year</th></tr>" + row("2012", "2013", tag="th")
            + row("FAO", "2000", "50000"),
            [("FAO", "2012", {"expenditure": "2000"}, False),
             ("FAO", "2013", {"expenditure": "50000"}, False)],
            id="years below a heading that spans them are headings",
        ),
    ],
)  # fmt: skip
def test_misleading_rows_give_the_right_figures(
    rows: str, figures: list[tuple[str, str | None, dict[str, str], bool]]
) -> None:
    page = parse_table(rows)
    assert [(f.organization, f.fiscal_year, f.measures, f.total) for f in page.figures] == figures


def test_a_row_without_a_year_in_a_table_of_years_is_quarantined() -> None:
    """It must not count as the figure of all years."""
    page = parse_table(
        row("Organization", "Year", "Expenditure", tag="th")
        + row("FAO", "2013", "7")
        + row("ILO", "", "8")
    )
    assert [(f.organization, f.fiscal_year) for f in page.figures] == [("FAO", "2013"), ("ILO", "")]
    seen = observe([ReadBody("a" * 64, page)])
    assert [(found.rule, found.row_text) for found in seen.quarantined] == [
        ("fiscal_year", "ILO |  | 8")
    ]
    assert seen.frames["observed.figure"]["organization"].to_list() == ["FAO"]


def test_a_table_with_voucher_numbers_holds_no_figures() -> None:
    page = parse_table(
        row("Voucher Number", "Participating Organization", "Transferred Amount", tag="th")
        + row("00040001", "FAO", "5")
    )
    assert (page.tables, page.figures, len(page.vouchers)) == ([], [], 1)


@pytest.mark.parametrize(
    ("line", "currency"),
    [
        ("Amounts in EUR", "EUR"),
        ("All amounts are in EUR", "EUR"),
        ("FIGURES IN EUROS", "EUROS"),
        ("All figures in thousands of US$", "thousands of US$"),
        ("Amounts in '000 US$", "'000 US$"),
        ("Expenditure (in US$ millions)", "US$ millions"),
        ("In thousands of US$", "thousands of US$"),
        ("(In US$ millions)", "US$ millions"),
        ("All Amounts In EUR", "EUR"),
        ("Figures expressed in US dollars (thousands)", "US dollars (thousands"),
        ("Key Figures (US$ millions)", "US$ millions"),
        ("(US$, thousands)", "US$, thousands"),
        ("Note: amounts are in thousands of US$.", "thousands of US$"),
        ("Wells (millions of villages)", None),
        ("Amounts in XYZ", "XYZ"),
        ("All amounts in US dollars", "US$"),
        ("Figures are shown in US $", "US$"),
        ("Figures in the table are rounded", None),
        ("Wells in thousands of villages", None),
        ("Expenditure in Benin", None),
    ],
)
@pytest.mark.parametrize(
    "page",
    [
        "<p>{}</p><table>", "<table><caption>{}</caption>", "<table><tr><td colspan=2>{}</td></tr>",
    ],
    ids=["line", "caption", "row"],
)  # fmt: skip
def test_a_currency_or_scale_is_found_in_a_line_a_caption_and_a_row(
    page: str, line: str, currency: str | None
) -> None:
    parsed = parse_page(
        f"<p>Project ID: 00067193</p><h2>Key Figures</h2>{page.format(line)}"
        "<tr><th>Year</th><th>Expenditure</th></tr><tr><td>2013</td><td>7</td></tr></table>".encode()
    )
    assert (parsed.currency, len(parsed.figures)) == (currency, 1)
