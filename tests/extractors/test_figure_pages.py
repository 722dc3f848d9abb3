"""Key Figures: each small page says exactly what is written down beside it here."""

import pytest

from extractors.parse.pages import read_page
from extractors.records import (
    PageRefusedError,
    PrintedFinding,
    PrintedVoucher,
    Representation,
)
from tests.extractors.written_pages import figure, no_figures, page, programme, read, table


def test_headings_over_two_rows_give_each_column_its_year_and_measure() -> None:
    fao = "FAO | 1,000 | 800 | 500 | 450"
    ilo = "ILO | 2,000 | 1,500 | - | (40)"
    total = "Total | 3,000 | 2,300 | 500 | 410"
    assert read("header_split_over_two_rows.html") == page(
        "00090001",
        tables=[table(1)],
        figures=[
            figure((1, 3), "FAO", "2013", fao, net_funded="1,000", expenditure="800"),
            figure((1, 3), "FAO", "2014", fao, net_funded="500", expenditure="450"),
            figure((1, 4), "ILO", "2013", ilo, net_funded="2,000", expenditure="1,500"),
            figure((1, 4), "ILO", "2014", ilo, net_funded="-", expenditure="(40)"),
            figure(
                (1, 5), None, "2013", total, total=True, net_funded="3,000", expenditure="2,300"
            ),
            figure((1, 5), None, "2014", total, total=True, net_funded="500", expenditure="410"),
        ],
    )


def test_a_year_that_spanned_columns_holds_for_the_blank_cells_that_text_leaves_of_it() -> None:
    fao = "FAO | 1,000 | 800 | 500 | 450"
    ilo = "ILO | 2,000 | 1,500 | - | (40)"
    assert read("spanned_years_in_pipes.txt") == page(
        "00090002",
        identity=programme("00090002", fund_code=None),
        representation=Representation.PIPED_TEXT,
        tables=[table(1)],
        figures=[
            figure((1, 3), "FAO", "2013", fao, net_funded="1,000", expenditure="800"),
            figure((1, 3), "FAO", "2014", fao, net_funded="500", expenditure="450"),
            figure((1, 4), "ILO", "2013", ilo, net_funded="2,000", expenditure="1,500"),
            figure((1, 4), "ILO", "2014", ilo, net_funded="-", expenditure="(40)"),
        ],
    )


def test_years_alone_in_a_second_heading_row_are_headings_not_amounts() -> None:
    assert read("years_alone_in_second_heading_row.txt") == page(
        "00090011",
        identity=programme("00090011", fund_code=None),
        representation=Representation.PIPED_TEXT,
        tables=[table(1)],
        figures=[
            figure((1, 3), "FAO", "2013", "FAO | 100 | 50", expenditure="100"),
            figure((1, 3), "FAO", "2014", "FAO | 100 | 50", expenditure="50"),
            figure((1, 4), "ILO", "2013", "ILO | 30 | -", expenditure="30"),
            figure((1, 4), "ILO", "2014", "ILO | 30 | -", expenditure="-"),
        ],
    )


def test_a_total_column_after_years_is_a_total_of_its_row() -> None:
    fao, ilo, total = "FAO | 100 | 50 | 150", "ILO | 30 | - | 30", "Total | 130 | 50 | 180"
    assert read("years_across_with_total_column.html") == page(
        "00090003",
        tables=[table(1)],
        figures=[
            figure((1, 3), "FAO", "2013", fao, expenditure="100"),
            figure((1, 3), "FAO", "2014", fao, expenditure="50"),
            figure((1, 3), "FAO", None, fao, total=True, expenditure="150"),
            figure((1, 4), "ILO", "2013", ilo, expenditure="30"),
            figure((1, 4), "ILO", "2014", ilo, expenditure="-"),
            figure((1, 4), "ILO", None, ilo, total=True, expenditure="30"),
            figure((1, 5), None, "2013", total, total=True, expenditure="130"),
            figure((1, 5), None, "2014", total, total=True, expenditure="50"),
            figure((1, 5), None, None, total, total=True, expenditure="180"),
        ],
    )


@pytest.mark.parametrize(
    ("name", "printed_id"),
    [("group_heading_rows.html", "00090004"), ("group_headings_as_th.html", "00090042")],
)
def test_a_group_heading_names_the_organization_of_the_rows_below_it(
    name: str, printed_id: str
) -> None:
    assert read(name) == page(
        printed_id,
        tables=[table(1)],
        figures=[
            figure((1, 3), "FAO", "2013", "2013 | 100 | 80", net_funded="100", expenditure="80"),
            figure((1, 4), "FAO", "2014", "2014 | 200 | 150", net_funded="200", expenditure="150"),
            figure(
                (1, 5), "FAO", None, "Sub-total | 300 | 230",
                total=True, net_funded="300", expenditure="230",
            ),
            figure((1, 8), "ILO", "2013", "2013 | 50 | 40", net_funded="50", expenditure="40"),
            figure(
                (1, 9), "ILO", None, "Sub-total | 50 | 40",
                total=True, net_funded="50", expenditure="40",
            ),
            figure(
                (1, 10), None, None, "Grand Total | 350 | 270",
                total=True, net_funded="350", expenditure="270",
            ),
        ],
    )  # fmt: skip


def test_tables_by_organization_and_by_year_are_both_passed_on() -> None:
    assert read("by_organization_and_by_year_tables.html") == page(
        "00090012",
        tables=[table(1), table(2, by_organization=False)],
        figures=[
            figure(
                (1, 2), "FAO", "2013", "FAO | 2013 | 100 | 80", net_funded="100", expenditure="80"
            ),
            figure(
                (1, 3), "FAO", "2014", "FAO | 2014 | 200 | 150", net_funded="200", expenditure="150"
            ),
            figure(
                (1, 4), "ILO", "2013", "ILO | 2013 | 50 | 40", net_funded="50", expenditure="40"
            ),
            figure((2, 2), None, "2013", "2013 | 150 | 120", net_funded="150", expenditure="120"),
            figure((2, 3), None, "2014", "2014 | 200 | 149", net_funded="200", expenditure="149"),
            figure(
                (2, 4),
                None,
                None,
                "Total | 350 | 269",
                total=True,
                net_funded="350",
                expenditure="269",
            ),
        ],
    )


def test_sub_totals_belong_to_their_organization_and_grand_totals_to_none() -> None:
    rows = [
        ("FAO", "2013", "FAO | 2013", ("100", "80", "80.0%"), False),
        ("FAO", "2014", "FAO | 2014", ("200", "150", "75.0%"), False),
        ("FAO", None, "- Sub-total | ", ("300", "230", "76.7%"), True),
        ("ILO", "2013", "ILO | 2013", ("50", "40", "80.0%"), False),
        ("ILO", None, "Total ILO | ", ("50", "40", "80.0%"), True),
        (None, None, "Grand Total | ", ("350", "270", "77.1%"), True),
    ]
    assert read("total_and_subtotal_rows.html") == page(
        "00090013",
        tables=[table(1)],
        figures=[
            figure(
                (1, number),
                organization,
                year,
                " | ".join((lead, *printed)),
                total=total,
                net_funded=printed[0],
                expenditure=printed[1],
                delivery_rate=printed[2],
            )
            for number, (organization, year, lead, printed, total) in enumerate(rows, start=2)
        ],
    )


def test_a_row_that_says_there_is_no_data_is_no_figure_and_no_voucher() -> None:
    assert read("no_data_row.html") == page(
        "00090014", tables=[table(1)], findings=[no_figures("00090014")]
    )


def test_what_stands_under_an_unknown_heading_is_quoted_in_a_finding() -> None:
    assert read("unknown_heading.html") == page(
        "00090015",
        tables=[table(1)],
        figures=[
            figure((1, 2), "FAO", "2013", "FAO | 2013 | 90 | 80", expenditure="80"),
            figure((1, 3), "ILO", "2013", "ILO | 2013 | - | 40", expenditure="40"),
        ],
        vouchers=[
            PrintedVoucher(
                "00040001", "6 Feb 2013", "FAO", "100.00", None,
                "Latest Vouchers, table 3, row 2", "00040001 | 6 Feb 2013 | FAO | 100.00 | First",
            )
        ],
        findings=[
            PrintedFinding(
                "unknown_heading", "Key Figures, table 1, column 3", "Commitments: 90 | -"
            ),
            PrintedFinding("unknown_table", "table 2", "Province / Wells / Borgou | 9"),
            PrintedFinding("unknown_heading", "Latest Vouchers, table 3, column 5", "Bank: First"),
        ],
    )  # fmt: skip


def test_headings_are_known_in_other_words_cases_and_orders() -> None:
    fao = "80 | FY 2013 | 120 | 100 | 80.0 | FAO | 5 | 105"
    ilo = "40 | 2014* | 60 | 50 | 80.0 | ILO | - | 50"
    assert read("renamed_headings_with_footnotes.html") == page(
        "00090016",
        tables=[table(1)],
        figures=[
            figure(
                (1, 2), "FAO", "FY 2013", fao, expenditure="80", approved_budget="120",
                net_funded="100", delivery_rate="80.0", refunds="5", transfers="105",
            ),
            figure(
                (1, 3), "ILO", "2014*", ilo, expenditure="40", approved_budget="60",
                net_funded="50", delivery_rate="80.0", refunds="-", transfers="50",
            ),
        ],
        vouchers=[
            PrintedVoucher(
                "00040001", "6 Feb 2013", "FAO", "105.00", "Paid",
                "Latest Vouchers, table 2, row 2", "6 Feb 2013 | 00040001 | Paid | FAO | 105.00",
            )
        ],
    )  # fmt: skip


def test_rows_that_repeat_or_contradict_each_other_are_all_passed_on() -> None:
    rows = [
        ("FAO", "100", "80"), ("FAO", "100", "80"), ("ILO", "50", "-"), ("ILO", "-", "40"),
        ("UNDP", "10", "9"), ("UNDP", "10", "8"),
    ]  # fmt: skip
    assert read("duplicate_and_contradicting_rows.html") == page(
        "00090024",
        tables=[table(1)],
        figures=[
            figure(
                (1, number), organization, "2013", f"{organization} | 2013 | {funded} | {spent}",
                net_funded=funded, expenditure=spent,
            )
            for number, (organization, funded, spent) in enumerate(rows, start=2)
        ],
    )  # fmt: skip


def test_an_amount_that_cannot_be_read_is_passed_on_as_printed() -> None:
    wrong = "ILO | 2013 | 1,23,456 | 40"
    assert read("amount_grouped_wrongly.html") == page(
        "00090020",
        tables=[table(1)],
        figures=[
            figure(
                (1, 2), "FAO", "2013", "FAO | 2013 | 100 | 80", net_funded="100", expenditure="80"
            ),
            figure((1, 3), "ILO", "2013", wrong, net_funded="1,23,456", expenditure="40"),
            figure(
                (1, 4),
                None,
                None,
                "Total |  | 123,556 | 120",
                total=True,
                net_funded="123,556",
                expenditure="120",
            ),
        ],
        vouchers=[
            PrintedVoucher(
                number,
                "6 Feb 2013",
                organization,
                amount,
                None,
                f"Latest Vouchers, table 2, row {row}",
                f"{number} | 6 Feb 2013 | {organization} | {amount}",
            )
            for row, number, organization, amount in (
                (2, "00040001", "FAO", "100.00"),
                (3, "00040002", "ILO", "1,23,456"),
            )
        ],
    )


def test_an_organization_is_passed_on_under_the_name_that_is_printed() -> None:
    rows = [
        ("UNIFEM", "2009", "100", "80"), ("UN Women", "2011", "50", "40"),
        ("UNIFEM", "2010", "10", "9"), ("UN Women", "2010", "20", "19"),
    ]  # fmt: skip
    former = "United Nations Development Fund for Women"
    assert read("unifem_and_un_women.html") == page(
        "00090025",
        tables=[table(1)],
        figures=[
            figure(
                (1, number), row[0], row[1], " | ".join(row), net_funded=row[2], expenditure=row[3]
            )
            for number, row in enumerate(rows, start=2)
        ],
        vouchers=[
            PrintedVoucher(
                "00040001",
                "6 Feb 2009",
                former,
                "100.00",
                None,
                "Latest Vouchers, table 2, row 2",
                f"00040001 | 6 Feb 2009 | {former} | 100.00",
            )
        ],
    )


def test_a_currency_other_than_us_dollars_is_told() -> None:
    assert read("amounts_in_euro.html") == page(
        "00090026",
        currency="EUR",
        tables=[table(1)],
        figures=[
            figure(
                (1, 2), "FAO", "2013", "FAO | 2013 | 100 | 80", net_funded="100", expenditure="80"
            )
        ],
        vouchers=[
            PrintedVoucher(
                "00040001",
                "6 Feb 2013",
                "FAO",
                "100.00",
                None,
                "Latest Vouchers, table 2, row 2",
                "00040001 | 6 Feb 2013 | FAO | 100.00",
            )
        ],
    )


def test_a_currency_is_seen_in_a_cell_of_the_layout_too() -> None:
    assert read("currency_in_a_layout_cell.html").currency == "EUR"


def test_two_tables_that_complement_each_other_are_both_passed_on() -> None:
    assert read("figures_in_two_complementing_tables.html") == page(
        "00090032",
        tables=[table(1), table(2)],
        figures=[
            figure((1, 2), "FAO", "2013", "FAO | 2013 | 100", net_funded="100"),
            figure((1, 3), "ILO", "2013", "ILO | 2013 | 50", net_funded="50"),
            figure((2, 2), "FAO", "2013", "FAO | 2013 | 80", expenditure="80"),
            figure((2, 3), "ILO", "2013", "ILO | 2013 | 40", expenditure="40"),
        ],
    )


@pytest.mark.parametrize(
    "table",
    [
        "<tr><td>Agency</td><td>2015</td><td>1</td></tr>" * 20_050,
        f"<tr>{'<td>1</td>' * 401}</tr>",
        "<tr><td rowspan=1000000000>Agency</td><td>2015</td><td>1</td></tr>",
    ],
    ids=["rows", "columns", "span"],
)
def test_a_page_with_a_table_larger_than_any_real_one_is_refused(table: str) -> None:
    page = (
        "<table><tr><td>Project ID:</td><td>00067193</td></tr></table><h2>Key Figures</h2>"
        "<table><tr><th>Organization</th><th>Year</th><th>Expenditure</th></tr>"
    )
    with pytest.raises(PageRefusedError) as refused:
        read_page(f"{page}{table}</table>".encode())
    assert refused.value.rule == "table_too_large"
