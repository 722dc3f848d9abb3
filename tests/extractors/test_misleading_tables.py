"""Tables that could be read as something else than they say: right, or set aside, never wrong."""

import pytest

from extractors.records import PageKind, PrintedFinding, PrintedVoucher, Representation
from tests.extractors.written_pages import figure, no_figures, page, read, table
from transforms.observe import ReadBody, observe


def test_a_total_named_behind_its_organization_is_none() -> None:
    rows = [
        (2, "FAO", "2013", "FAO | 2013 | 100", "100", False),
        (3, "FAO", "2014", "FAO | 2014 | 50", "50", False),
        (4, "FAO", None, "FAO Total |  | 150", "150", True),
        (5, "WHO", "2013", "WHO | 2013 | 5", "5", False),
        (6, "WHO", None, "WHO - Sub-total: |  | 5", "5", True),
        (7, None, None, "Grand Total |  | 155", "155", True),
    ]
    assert read("totals_named_behind_organizations.html") == page(
        "00090060",
        tables=[table(1)],
        figures=[
            figure((1, at), who, year, text, expenditure=spent, total=total)
            for at, who, year, text, spent, total in rows
        ],
    )


def test_a_total_in_the_column_of_organizations_is_that_of_its_year() -> None:
    rows = [
        (2, "FAO", "2013", "2013 | FAO | 100", "100", False),
        (3, "WHO", "2013", "2013 | WHO | 5", "5", False),
        (4, None, "2013", "2013 | Total | 105", "105", True),
        (5, "FAO", "2014", "2014 | FAO | 1", "1", False),
        (6, None, "2014", "Total 2014 |  | 1", "1", True),
        (7, None, None, "Total |  | 106", "106", True),
    ]
    assert read("totals_in_the_organization_column.html") == page(
        "00090061",
        tables=[table(1)],
        figures=[
            figure((1, at), who, year, text, expenditure=spent, total=total)
            for at, who, year, text, spent, total in rows
        ],
    )


def test_a_scale_is_part_of_the_currency_so_that_thousands_are_never_taken_for_ones() -> None:
    assert read("amounts_in_thousands.html").currency == "US$ thousands"
    assert read("scale_in_a_caption_row.html").currency == "thousands of US$"


def test_a_currency_is_seen_in_other_words_too() -> None:
    assert read("currency_of_the_figures_in_other_words.html").currency == "EUR"


@pytest.mark.parametrize(
    ("line", "currency"),
    [
        ("Amounts in EUR", "EUR"),
        ("All amounts are in EUR", "EUR"),
        ("FIGURES IN EUROS", "EUROS"),
        ("All figures in thousands of US$", "thousands of US$"),
        ("Amounts in '000 US$", "'000 US$"),
        ("Expenditure (in US$ millions)", "US$ millions"),
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
def test_what_is_said_of_the_currency_is_understood_wherever_it_stands(
    page: str, line: str, currency: str | None
) -> None:
    from extractors.parse.pages import read_page

    said = read_page(
        f"<p>Project ID: 00067193</p><h2>Key Figures</h2>{page.format(line)}"
        "<tr><th>Year</th><th>Expenditure</th></tr><tr><td>2013</td><td>7</td></tr></table>".encode()
    )
    assert (said.currency, len(said.figures)) == (currency, 1)


def test_a_currency_in_a_column_counts_as_one_beside_the_table_does() -> None:
    said = read("vouchers_with_a_currency_each.html")
    assert said.currency == "EUR"
    assert said.findings == [no_figures("00090063")]
    assert [(voucher.voucher_number, voucher.amount) for voucher in said.vouchers] == [
        ("00040001", "100.00"), ("00040002", "90.00"),
    ]  # fmt: skip


def test_of_columns_that_mean_the_same_the_first_counts_and_the_others_are_kept() -> None:
    def kept(where: str, detail: str) -> PrintedFinding:
        return PrintedFinding("repeated_heading", where, detail)

    text = "FAO | WHO | 2013 | 2014 | 100"
    assert read("headings_that_mean_the_same.html") == page(
        "00090064",
        tables=[table(1, read_in_full=False)],
        figures=[figure((1, 2), "FAO", "2013", text, expenditure="100")],
        vouchers=[
            PrintedVoucher(
                "00040001", "6 Feb 2013", "FAO", "100.00", None,
                "Latest Vouchers, table 2, row 2", "00040001 | 6 Feb 2013 | FAO | 100.00 | 90.00",
            )
        ],
        findings=[
            kept("Key Figures, table 1, column 2", "Agency: WHO"),
            kept("Key Figures, table 1, column 4", "Year: 2014"),
            kept("Latest Vouchers, table 2, column 5", "Amount: 90.00"),
        ],
    )  # fmt: skip


def test_a_year_within_a_heading_is_that_of_its_column() -> None:
    text = "FAO | 10 | 8 | 5"
    assert read("years_within_headings.html") == page(
        "00090065",
        tables=[table(1)],
        figures=[
            figure((1, 2), "FAO", "2013", text, net_funded="10", expenditure="8"),
            figure((1, 2), "FAO", "2014", text, expenditure="5"),
        ],
    )


def test_what_parts_the_cells_of_a_csv_is_no_comma_of_its_amounts() -> None:
    said = read("semicolons_and_decimal_commas.csv")
    assert (said.kind, said.representation) == (PageKind.FIGURES_EXCEL, Representation.CSV)
    assert said.programme_id == "00090066"
    assert [(f.organization, f.measures) for f in said.figures] == [
        ("FAO", {"expenditure": "1.234.567,89"}), ("ILO", {"expenditure": "1.234,5"}),
    ]  # fmt: skip


def test_a_cell_of_a_workbook_says_what_excel_shows_in_it() -> None:
    said = read("cells_as_excel_shows_them.xlsx")
    assert said.programme_id == "00067193"
    assert [(f.organization, f.fiscal_year, *f.measures.values()) for f in said.figures] == [
        ("FAO", "2013", "1235", "1077.01", "87.2%"),
        ("ILO", "2013", "0", "0", ""),
        ("WHO", "2013", "100", "90.50", "0.905"),
        ("UNDP", "2013", "100 €", "0.0000000001", ""),
    ]


def test_a_year_over_its_organizations_is_theirs_and_the_table_is_no_cumulative_one() -> None:
    rows = [
        (3, "FAO", "2013", "FAO | 1", "1", False),
        (4, "ILO", "2013", "ILO | 2", "2", False),
        (5, None, "2013", "Sub-total | 3", "3", True),
        (7, "FAO", "2014", "FAO | 4", "4", False),
        (8, None, None, "Grand Total | 7", "7", True),
    ]
    assert read("years_over_organizations.html") == page(
        "00090067",
        tables=[table(1)],
        figures=[
            figure((1, at), who, year, text, expenditure=spent, total=total)
            for at, who, year, text, spent, total in rows
        ],
    )


def test_a_year_over_its_organizations_is_no_organization_where_text_lost_its_span() -> None:
    said = read("years_over_organizations_in_pipes.txt")
    assert [(f.organization, f.fiscal_year, f.measures["expenditure"]) for f in said.figures] == [
        ("FAO", "2013", "1"), ("ILO", "2013", "2"), ("FAO", "2014", "4"),
    ]  # fmt: skip
    assert said.tables == [table(1)]


def test_a_year_without_an_amount_in_its_own_column_is_a_row_and_stands_over_none() -> None:
    """Such a row says that the year is shown, and with what: nothing."""
    from extractors.parse.pages import read_page

    rows = "".join(
        f"<tr><td>{year}</td><td>{spent}</td></tr>"
        for year, spent in (("2013", ""), ("2014", "7"), ("Sub-total", "7"))
    )
    said = read_page(
        "<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><th>Year</th>"
        f"<th>Expenditure</th></tr><tr><td colspan=2>FAO</td></tr>{rows}</table>".encode()
    )
    assert [
        (f.organization, f.fiscal_year, f.measures["expenditure"], f.total) for f in said.figures
    ] == [("FAO", "2013", "", False), ("FAO", "2014", "7", False), ("FAO", None, "7", True)]


def test_a_year_that_spans_a_table_of_years_is_no_amount() -> None:
    from extractors.parse.pages import read_page

    said = read_page(
        b"<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><th>Organization</th>"
        b"<th>Year</th><th>Expenditure</th></tr><tr><td colspan=3>2013</td></tr>"
        b"<tr><td>FAO</td><td>2013</td><td>7</td></tr></table>"
    )
    assert [(f.organization, f.fiscal_year, f.measures) for f in said.figures] == [
        ("FAO", "2013", {"expenditure": "7"})
    ]


def test_a_row_without_a_year_in_a_table_of_years_is_not_of_all_years() -> None:
    from extractors.parse.pages import read_page

    said = read_page(
        b"<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><th>Organization</th>"
        b"<th>Year</th><th>Expenditure</th></tr><tr><td>FAO</td><td>2013</td><td>7</td></tr>"
        b"<tr><td>ILO</td><td></td><td>8</td></tr></table>"
    )
    assert [(f.organization, f.fiscal_year) for f in said.figures] == [("FAO", "2013"), ("ILO", "")]
    seen = observe([ReadBody("a" * 64, said)])
    assert [(found.rule, found.row_text) for found in seen.quarantined] == [
        ("fiscal_year", "ILO |  | 8")
    ]
    assert seen.frames["observed.figure"]["organization"].to_list() == ["FAO"]


def test_a_measure_beside_the_same_one_of_several_years_is_their_total() -> None:
    from extractors.parse.pages import read_page

    said = read_page(
        b"<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><th>Organization</th>"
        b"<th>Approved Budget</th><th>Expenditure 2013</th><th>Expenditure 2014</th>"
        b"<th>Total Expenditure</th></tr><tr><td>FAO</td><td>9</td><td>1</td><td>2</td><td>3</td>"
        b"</tr></table>"
    )
    assert [(f.fiscal_year, f.measures, f.total) for f in said.figures] == [
        ("2013", {"expenditure": "1"}, False),
        ("2014", {"expenditure": "2"}, False),
        (None, {"approved_budget": "9"}, False),
        (None, {"expenditure": "3"}, True),
    ]


def test_an_amount_that_could_be_a_year_is_that_of_the_year_before_it() -> None:
    said = read("amounts_that_look_like_years.csv")
    assert [(f.fiscal_year, f.measures) for f in said.figures] == [
        ("2012", {"expenditure": "2000"}), ("2013", {"expenditure": "50000"}),
    ]  # fmt: skip


def test_years_under_a_heading_that_spans_them_are_headings() -> None:
    from extractors.parse.pages import read_page

    said = read_page(
        b"<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><th rowspan=3>Organization</th>"
        b"<th colspan=2>Expenditure</th></tr><tr><th colspan=2>Year</th></tr><tr><th>2012</th>"
        b"<th>2013</th></tr><tr><td>FAO</td><td>2000</td><td>50000</td></tr></table>"
    )
    assert [(f.organization, f.fiscal_year, f.measures) for f in said.figures] == [
        ("FAO", "2012", {"expenditure": "2000"}), ("FAO", "2013", {"expenditure": "50000"}),
    ]  # fmt: skip


def test_a_row_s_heading_is_none_of_its_columns() -> None:
    said = read("rows_headed_by_th.html")
    assert [
        (f.table_no, f.organization, f.fiscal_year, *f.measures.values(), f.total)
        for f in said.figures
    ] == [
        (1, "FAO", "", "", False),
        (1, "FAO", "2013", "80", False),
        (1, "ILO", "2013", "40", False),
        (2, "FAO", "2013", "2000", False),
        (2, "ILO", "2013", "2010", False),
        (3, None, None, "2010", True),
        (3, "FAO", None, "2010", False),
    ]
    assert said.findings == []


def test_footnotes_and_what_is_struck_or_hidden_are_no_part_of_an_amount() -> None:
    said = read("amounts_with_more_in_their_cells.html")
    assert [(f.organization, f.fiscal_year, f.measures["expenditure"]) for f in said.figures] == [
        ("FAO", "2013", "500 US$"), ("FAO", "2014", "250"), ("FAO", "2015", "500"),
        ("FAO", "2016", "8"), ("FAO", "2017", "100 / 200"),
    ]  # fmt: skip
    assert said.tables == [table(1)]
    assert said.findings == []
    seen = observe([ReadBody("a" * 64, said)])
    assert [(found.rule, found.row_text) for found in seen.quarantined] == [
        ("amount", "FAO | 2017 | 100 / 200")
    ]


def test_a_table_that_is_hidden_until_it_is_chosen_is_read() -> None:
    said = read("tables_behind_a_choice.html")
    assert [(f.organization, f.fiscal_year, f.measures["expenditure"]) for f in said.figures] == [
        ("FAO", None, "100"), (None, "2013", "100"),
    ]  # fmt: skip
    assert [passage.text for passage in said.passages] == [
        "Villages dig wells and keep them.", "Each gives 104 litres.",
    ]  # fmt: skip


def test_hidden_parts_by_the_thousand_take_no_longer_for_that() -> None:
    from extractors.parse.pages import read_page

    nested = "<span hidden>" * 2_000 + "<i hidden>x</i>" * 2_000
    said = read_page(
        f"<p>Project ID: 00067193</p><h2>Key Figures</h2><table><tr><td>{nested}".encode()
    )
    assert said.programme_id == "00067193"


def test_a_heading_in_a_caption_or_in_a_heading_s_cell_makes_no_table_a_layout() -> None:
    said = read("headings_within_a_table.html")
    assert [(f.organization, f.fiscal_year, f.measures) for f in said.figures] == [
        ("FAO", "2013", {"expenditure": "80"}), ("FAO", None, {"approved_budget": "100"}),
    ]  # fmt: skip
    assert said.findings == []


def test_a_share_in_percent_is_no_amount_though_its_heading_names_a_measure() -> None:
    said = read("shares_before_amounts.html")
    assert [(f.organization, f.fiscal_year, f.measures) for f in said.figures] == [
        ("FAO", None, {"expenditure": "700", "delivery_rate": "70.00"}),
        (None, "2013", {"net_funded": "100"}),
    ]
    assert said.findings == [
        PrintedFinding(
            "unknown_heading", "Key Figures, table 1, column 2", "Expenditure (%): 87.50"
        ),
        PrintedFinding(
            "unknown_heading", "Key Figures, table 2, column 2", "Net Funded Amount / (%): 12.50"
        ),
    ]


def test_a_document_is_one_whatever_its_title_speaks_of() -> None:
    said = read("documents_named_like_other_things.html")
    assert [(one.title, one.url, one.document_date) for one in said.documents] == [
        ("Total budget revision", "/document/download/3", "1 Feb 2013"),
        ("Terms of Reference, Portfolio Manager", "/document/download/1", None),
        ("Annual report", "/document/download/2", None),
    ]
    assert said.contacts == []


def test_a_fund_is_listed_by_its_link_and_what_stands_over_funds_or_sums_them_is_none() -> None:
    said = read("portfolio_with_totals_and_groups.html")
    assert [(one.name, one.fund_code) for one in said.listings] == [
        ("Sample Fund", "SMP00"), ("Total Sanitation Fund", "TSF00"),
    ]  # fmt: skip
