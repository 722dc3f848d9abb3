"""A workbook is what Excel shows, or is set aside by name."""

import re

import pytest

from extractors.page_kinds import PageKind, PageRefusedError
from extractors.parse.pages import parse_page
from extractors.parse.sheets.xml_parts import each_element, parse_xml
from extractors.records import Page
from tests.extractors.parse.sheets.workbook_xml import (
    STRICT,
    TRANSITIONAL,
    Cell,
    number,
    row,
    sheet,
    styles,
    text,
    workbook,
)

HEAD = (
    row("Project ID:", "00090077"),
    row("Organization", "Year", "Transfers", "Expenditure"),
)
FAO, ILO = row("FAO", 2014, 300, 120.5), row("ILO", 2014, 200, 80)
SOUND = {("FAO", "2014"): ("300", "120.5"), ("ILO", "2014"): ("200", "80")}
Shown = dict[tuple[str | None, str | None], tuple[str, str]]


def figures(page: Page) -> Shown:
    assert page.programme_id == "00090077"
    return {
        (f.organization, f.fiscal_year): (f.measures["transfers"], f.measures["expenditure"])
        for f in page.figures
    }


def kinds(page: Page) -> list[str]:
    return sorted(finding.kind for finding in page.findings)


def view(*rows: str, before: str = "", behind: str = "", **book: str) -> Page:
    return parse_page(workbook({"Figures": sheet([*HEAD, *rows], before, behind)}, **book))  # type: ignore[arg-type]


def test_a_plain_workbook_says_what_it_shows_and_nothing_else() -> None:
    page = view(FAO, ILO)
    assert (figures(page), page.findings, page.kind) == (SOUND, [], PageKind.FIGURES_EXCEL)
    assert page.tables[0].read_in_full


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_no_fact_and_is_named(state: str) -> None:
    hidden = sheet([*HEAD, row("WHO", 2014, 1, 2)])
    page = parse_page(
        workbook({"Figures": sheet([*HEAD, FAO, ILO]), "Old": hidden}, states={"Old": state})
    )
    assert figures(page) == SOUND
    (finding,) = page.findings
    assert (finding.kind, finding.subject) == ("hidden", "sheet Old")
    assert "WHO | 2014 | 1 | 2" in finding.detail


@pytest.mark.parametrize("attributes", ['hidden="1"', 'hidden="true"', 'ht="0" customHeight="1"'])
def test_a_hidden_row_is_no_fact_and_its_table_is_not_read_in_full(attributes: str) -> None:
    """A filter hides rows that the site still shows: nothing ends by their absence."""
    page = view(FAO, row("WHO", 2014, 1, 2, attributes=attributes), ILO)
    assert figures(page) == SOUND
    assert not page.tables[0].read_in_full
    assert [finding.subject for finding in page.findings] == ["sheet Figures, row 4"]


@pytest.mark.parametrize("attributes", ['hidden="1"', 'width="0"', 'width="0.0" collapsed="1"'])
def test_a_hidden_column_is_no_fact(attributes: str) -> None:
    page = view(FAO, before=f'<cols><col min="3" max="3" {attributes}/></cols>')
    (figure,) = page.figures
    assert figure.measures == {"expenditure": "120.5"}
    assert [finding.subject for finding in page.findings] == ["sheet Figures, column C"]


def test_columns_that_have_no_width_unless_they_are_told_are_no_facts() -> None:
    shown = '<sheetFormatPr defaultColWidth="0"/><cols><col min="1" max="3" width="9"/></cols>'
    (figure,) = view(FAO, before=shown).figures
    assert figure.measures == {"transfers": "300"}


@pytest.mark.parametrize("column", [1, 2])
def test_figures_without_their_hidden_organizations_or_years_are_refused(column: int) -> None:
    """Two years' figures without the years would be one figure since the start."""
    hidden = f'<cols><col min="{column}" max="{column}" hidden="1"/></cols>'
    with pytest.raises(PageRefusedError, match=rf"column {'AB'[column - 1]}.*show them") as refused:
        view(FAO, before=hidden)
    assert refused.value.rule == "headings_hidden"


YEARS_ACROSS = (
    row(None, 2014, None, 2015),
    row("Organization", "Transfers", "Expenditure", "Transfers", "Expenditure"),
    row("FAO", 1, 2, 3, 4),
)


def test_a_hidden_row_of_years_leaves_no_figure() -> None:
    rows = [HEAD[0], YEARS_ACROSS[0].replace("<row ", '<row hidden="1" '), *YEARS_ACROSS[1:]]
    with pytest.raises(PageRefusedError, match="row 2"):
        parse_page(workbook({"S": sheet(rows)}))


@pytest.mark.parametrize("second", ["<c><f>B2+1</f><v>2015</v></c>", None])
def test_a_column_whose_year_is_a_formula_has_no_figures(second: Cell) -> None:
    years = row(None, "<c><f>YEAR(NOW())</f><v>2014</v></c>", None, second)
    for head in (years, years.replace("<c/>", text("Organization"), 1)):
        page = parse_page(workbook({"S": sheet([HEAD[0], head, *YEARS_ACROSS[1:]])}))
        assert page.figures == []
        assert "formula" in kinds(page)


def test_a_name_in_a_hidden_row_is_not_that_of_the_row_above_it() -> None:
    """A blank repeats the organization above, which here is hidden."""
    hidden = row("ILO", 2014, 7, 8, attributes='hidden="1"')
    page = view(FAO, hidden, row(None, 2015, 200, 80))
    assert list(figures(page)) == [("FAO", "2014"), ("=A4", "2015")]


def test_figures_below_a_hidden_name_or_caption_are_refused() -> None:
    hidden = row("All amounts in thousands of US$", attributes='hidden="1"')
    with pytest.raises(PageRefusedError, match="row 3"):
        view(hidden, FAO)


def test_a_struck_name_is_no_blank_and_a_struck_amount_is_no_amount() -> None:
    struck = styles().replace(
        "<cellXfs><xf", "<fonts><font/><font><strike/></font></fonts><cellXfs><xf"
    ).replace("</cellXfs>", '<xf fontId="1"/></cellXfs>')  # fmt: skip
    name = text("ILO").replace("<c ", '<c s="1" ')
    page = view(FAO, row(name, 2014, number(5, 1), 6), of_styles=struck)
    assert figures(page)["=ILO (struck out)", "2014"] == ("=5 (struck out)", "6")
    assert kinds(page) == ["struck", "struck"]


@pytest.mark.parametrize(
    "formula",
    ["<f>300-180</f>", '<f t="shared" si="0"/>', '<f t="array" ref="D3">SUM(A1:A2)</f>'],
    ids=["plain", "shared", "array"],
)
def test_a_formula_is_set_aside_by_name_and_its_row_keeps_its_other_cells(formula: str) -> None:
    page = view(row("FAO", 2014, 300, f"<c>{formula}<v>120</v></c>"), ILO)
    shown = figures(page)
    assert shown["FAO", "2014"][0] == "300"
    assert shown["FAO", "2014"][1].startswith("=")
    assert [(f.kind, f.subject) for f in page.findings] == [("formula", "sheet Figures, cell D3")]


@pytest.mark.parametrize("kind", ["array", "dataTable"])
def test_all_cells_that_one_formula_fills_are_set_aside(kind: str) -> None:
    """Only the first of them holds the formula; the others have its result and no more."""
    formula = f'<c><f t="{kind}" ref="C3:D4">A1:B2*2</f><v>1</v></c>'
    page = view(row("FAO", 2014, formula, 2), row("ILO", 2014, 3, 4), row("WHO", 2014, 5, 6))
    shown = figures(page)
    assert shown["FAO", "2014"] == ("=A1:B2*2", "=2 (a formula's result)")
    assert shown["ILO", "2014"] == ("=3 (a formula's result)", "=4 (a formula's result)")
    assert shown["WHO", "2014"] == ("5", "6")
    assert kinds(page) == ["formula"] * 4


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ('"FAO"', "FAO"),
        ('HYPERLINK("https://example.org/fao","FAO")', "FAO"),
        ('"F"&amp;"AO"', '="F"&"AO"'),
    ],
)
def test_a_formula_of_one_text_is_that_text(formula: str, shown: str) -> None:
    page = view(row(f"<c t='str'><f>{formula}</f><v>FAO</v></c>", 2014, 300, 120))
    assert list(figures(page)) == [(shown, "2014")]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (431207.49, "#,##0", "431207"),
        (431207.5, "#,##0;[Red](#,##0)", "431208"),
        (-5, "#,##0_);(#,##0)", "(5)"),
        (-5, "#,##0;[Red]-#,##0", "-5"),
        (0.875, "0.0%", "87.5%"),
        (80, '"US$" #,##0.00', "US$ 80.00"),
        (1234567, r"#\ ##0", "1234567"),
        (0, '#,##0;-#,##0;"-"', "-"),
        (5, "GENERAL", "5"),
        (0, "0;-0;;@", ""),
        (67, "00000000", "00000067"),
        ("431207.48999999999", "General", "431207.49"),
        ("4.31207E5", "General", "431207"),
        (41640, "yyyy", "2014"),
        (41640, "mmm-yy", "January 2014"),
        (41640.75, "d/m/yyyy h:mm", "2014-01-01"),
        (41640, "[$-409]dddd, mmmm dd, yyyy", "2014-01-01"),
        (0.43, '0.00" M"', "0.43 M"),
        (80, "[$€-407] #,##0", "€ 80"),
    ],
)
def test_a_number_is_what_its_format_shows(value: float | str, code: str, shown: str) -> None:
    page = view(row("FAO", 2014, 300, number(value, 1)), of_styles=styles(code))
    assert figures(page)["FAO", "2014"] == ("300", shown)
    assert page.findings == []


@pytest.mark.parametrize(
    "code",
    [
        "0,,", "#,##0,", '#,##0,"k"', "0.0E+00", '[>=1000000]0.0,,"M";0', '0"000"', "# ?/?",
        "000-0000", "d-mmm", "[h]:mm", "0.0,", ";;;",
    ],
)  # fmt: skip
def test_a_format_that_hides_what_its_number_is_is_set_aside_by_name(code: str) -> None:
    page = view(row("FAO", 2014, 300, number(431207, 1)), ILO, of_styles=styles(code))
    assert figures(page)["FAO", "2014"] == ("300", f'=TEXT(431207,"{code}")')
    assert kinds(page) == ["number_format"]


def test_a_date_of_1904_s_days_is_four_years_later() -> None:
    page = view(
        row("FAO", number(40178, 1), 300, 120),
        of_styles=styles("yyyy"), properties='<workbookPr date1904="1"/>',
    )  # fmt: skip
    assert list(figures(page)) == [("FAO", "2014")]


def test_a_heading_spans_the_columns_that_it_is_merged_over() -> None:
    rows = [
        row("Project ID:", "00090077"),
        row("Organization", 2014, None, 2015),
        row(None, "Transfers", "Expenditure", "Transfers", "Expenditure"),
        row("FAO", 1, 2, 3, 4),
    ]
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in ("A2:A3", "B2:C2", "D2:E2"))
    page = parse_page(workbook({"S": sheet(rows, behind=f"<mergeCells>{merged}</mergeCells>")}))
    assert figures(page) == {("FAO", "2014"): ("1", "2"), ("FAO", "2015"): ("3", "4")}


def test_an_organization_merged_over_its_years_is_theirs_and_an_amount_is_nobody_s() -> None:
    """One amount over two years is the figure of neither."""
    rows = row("FAO", 2014, 300, 500), row(None, 2015, 100, None)
    merged = '<mergeCell ref="A3:A4"/><mergeCell ref="D3:D4"/>'
    shown = figures(view(*rows, behind=f"<mergeCells>{merged}</mergeCells>"))
    assert [(key, transfers) for key, (transfers, _) in shown.items()] == [
        (("FAO", "2014"), "300"), (("FAO", "2015"), "100"),
    ]  # fmt: skip
    assert {spent for _, spent in shown.values()} == {"500 (in a cell for several figures)"}


def test_an_amount_merged_over_two_vouchers_is_neither_s() -> None:
    rows = [
        HEAD[0], row("Voucher Number", "Date", "Organization", "Amount"),
        row(46140, "2 Feb 2015", "FAO", 300), row(46141, "3 Feb 2015", "FAO", None),
    ]  # fmt: skip
    merged = '<mergeCells><mergeCell ref="D3:D4"/></mergeCells>'
    page = parse_page(workbook({"S": sheet(rows, behind=merged)}))
    assert {voucher.amount for voucher in page.vouchers} == {"300 (in a cell for several figures)"}


def test_what_a_merged_cell_covers_is_not_shown() -> None:
    rows = row("FAO", 2014, 300, 120), row("WHO", 2015, 100, 50)
    page = view(*rows, behind='<mergeCells><mergeCell ref="A3:A4"/></mergeCells>')
    assert list(figures(page)) == [("FAO", "2014"), ("FAO", "2015")]


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ("<r><t>43120</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r>", "43120"),
        ("<r><rPr><sz val='11'/></rPr><t>43120</t></r><r><rPr><sz val='8'/></rPr><t>7</t></r>",
         "43120"),
        ("<r><rPr><strike/></rPr><t>99</t></r><r><t>43120</t></r>", "43120"),
        ("<r><t>43</t></r><r><rPr><b/></rPr><t>120</t></r>", "43120"),
        ("<t>43120</t><rPh sb='0' eb='1'><t>99</t></rPh>", "43120"),
        ("<t>43120_x000D_</t>", "43120"),
        ("<t>43_x005F_x000D_</t>", "43_x000D_"),
        ("<r><t>43120</t></r><r><rPr><sz val='8'/></rPr><t>7</t></r>", "43120"),
        ("<r><t>431</t></r><r><rPr><sz val='8'/></rPr><t>,207</t></r>", "431,207"),
        ("<r><t>431</t></r><r><rPr><sz val='8'/></rPr><t>207</t></r>", "431^207"),
        ("<t>431&#10;207</t>", "431 / 207"),
        ("<t>431_x000A_207</t>", "431 / 207"),
    ],
    ids=[
        "raised", "small", "struck", "bold", "pronounced", "escaped", "escape_escaped",
        "smaller_than_the_cell", "small_thousands", "small_digits", "two_lines", "escaped_lines",
    ],
)  # fmt: skip
def test_a_text_is_what_is_shown_of_its_runs(runs: str, shown: str) -> None:
    strings = f'<sst xmlns="{TRANSITIONAL}"><si>{runs}</si></sst>'
    page = view(row("FAO", 2014, 300, '<c t="s"><v>0</v></c>'), strings=strings)
    assert figures(page)["FAO", "2014"] == ("300", shown)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c t="b"><v>1</v></c>', "TRUE"),
        ('<c t="d"><v>2014-01-01T00:00:00</v></c>', "2014-01-01"),
        ('<c t="str"><v>120.50</v></c>', "120.50"),
        ("<c><v></v></c>", ""),
    ],
)
def test_a_cell_of_another_type_is_what_it_shows(cell: str, shown: str) -> None:
    assert figures(view(row("FAO", 2014, 300, cell)))["FAO", "2014"] == ("300", shown)


def _bare() -> bytes:
    return workbook({"S": sheet([*HEAD, FAO, ILO])})


@pytest.mark.parametrize(
    "body",
    [
        workbook({"S": sheet([*HEAD, FAO, ILO], namespace=STRICT)}, namespace=STRICT),
        workbook({"S": sheet([*HEAD, FAO, ILO])}, rename=lambda name: name.replace("/", "\\")),
        workbook({"S": sheet([*HEAD, FAO, ILO])}, folder=""),
        workbook({"S": sheet([*HEAD, FAO, ILO])}, rename=str.upper),
        _bare().replace(b"_rels/.rels", b"_rels/.none"),
        workbook({"S": re.sub(r"(</?)(?=\w)", r"\1x:", sheet([*HEAD, FAO, ILO])).replace(
            "xmlns=", "xmlns:x=")}),
    ],
    ids=["strict", "backslashes", "root", "capitals", "no_relationships", "prefixes"],
)  # fmt: skip
def test_a_workbook_in_any_dress_that_excel_opens_is_read(body: bytes) -> None:
    assert figures(parse_page(body)) == SOUND


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "Workbook".encode("utf-16-le"), "97 to 2003"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (workbook({}, rename=lambda name: name.replace("workbook.xml", "workbook.bin")), "xlsb"),
        (b"\x09\x08\x08\x00\x00\x05\x05\x00" + bytes(600), "Excel 2 to 5"),
        (b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "ods"),
    ],
    ids=["biff8", "encrypted", "binary", "biff5", "opendocument"],
)
def test_a_workbook_that_does_not_tell_what_excel_shows_is_refused_by_name(
    body: bytes, said: str
) -> None:
    with pytest.raises(PageRefusedError, match=said) as refused:
        parse_page(body)
    assert refused.value.rule == "spreadsheet_kind"
    assert ".xlsx" in refused.value.message


@pytest.mark.parametrize("cell", [90077, "90077", "00090077", "'00090077"[1:]])
def test_an_id_that_lost_its_leading_zeros_is_the_one_with_them(cell: Cell) -> None:
    rows = [row("Project ID:", cell), *HEAD[1:], FAO, ILO]
    assert figures(parse_page(workbook({"S": sheet(rows)}))) == SOUND


def test_labels_and_notes_around_a_table_are_no_figures() -> None:
    rows = [
        row("Report:", "Key Figures"), HEAD[0], row("Printed:", number(42536, 1)),
        row("All amounts in US$"), row(), *HEAD[1:], FAO, ILO, row(), row("Source:", "The office"),
        row("Printed on 15 Jun 2016"),
    ]  # fmt: skip
    page = parse_page(workbook({"S": sheet(rows)}, of_styles=styles("yyyy-mm-dd")))
    assert figures(page) == SOUND
    assert page.currency == "US$"
    assert {(finding.kind, finding.detail) for finding in page.findings} == {
        ("unread_text", "Printed: 2016-06-15"), ("unread_text", "Source: | The office |  | "),
    }  # fmt: skip


def test_more_merged_cells_than_in_any_view_are_refused() -> None:
    merged = '<mergeCell ref="A1:NT20000"/>' * 50
    rows = ['<row r="20000"><c r="NT20000" t="str"><v>x</v></c></row>']
    body = workbook({"S": sheet(rows, behind=f"<mergeCells>{merged}</mergeCells>")})
    with pytest.raises(PageRefusedError, match="merged cells"):
        parse_page(body)


def test_a_text_cell_of_an_equals_sign_is_no_name() -> None:
    page = view(row(text("=FAO"), 2014, 300, 120))
    assert list(figures(page)) == [("=FAO", "2014")]


def test_a_part_with_more_elements_than_any_view_is_refused_before_it_is_held() -> None:
    with pytest.raises(PageRefusedError, match="content") as refused:
        parse_xml(f"<workbook>{'<a/>' * 2_200_000}</workbook>")
    assert refused.value.rule == "spreadsheet_too_large"


def test_a_row_with_more_elements_than_any_view_is_refused_before_it_is_held() -> None:
    with pytest.raises(PageRefusedError, match="content") as refused:
        list(each_element(f"<row>{'<c/>' * 500_001}</row>", {"row"}))
    assert refused.value.rule == "spreadsheet_too_large"


def test_a_large_sheet_is_read_though_it_has_more_elements_than_one_row_may_have() -> None:
    rows = f"<row>{'<c/>' * 400}</row>" * 1_300
    assert sum(1 for _ in each_element(f"<data>{rows}</data>", {"row"})) == 1_300


@pytest.mark.parametrize(
    ("rows", "before", "said"),
    [
        ('<row r="9"><c><v>1</v></c></row>' * 2, "", "two cells A9"),
        ("", '<cols><col min="1" max="400"/><col min="1" max="400"/></cols>', "column 1 twice"),
    ],
)
def test_a_sheet_that_says_two_things_of_one_place_is_refused(
    rows: str, before: str, said: str
) -> None:
    with pytest.raises(PageRefusedError, match=said):
        view(FAO, rows, before=before)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<Row ss:Hidden="1" ss:Span="2000000000"/><Row/>', "no text"),
        ('<Column ss:StyleID="a" ss:Span="2000000000"/>', "no text"),
        ('<Row ss:Index="5"/><Row ss:Index="4"/>', "Row 4 stands behind Row 5"),
        (f"<Row><Cell><Data>{'<B>' * 2_000}x{'</B>' * 2_000}</Data></Cell></Row>", "deep"),
    ],
    ids=["rows", "columns", "order", "runs"],
)
def test_hostile_spreadsheetml_takes_no_memory(rows: str, said: str) -> None:
    names = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    sheets = f"<Worksheet><Table>{rows}</Table></Worksheet>"
    prefix = names.replace("xmlns=", "xmlns:ss=")
    with pytest.raises(PageRefusedError, match=said):
        parse_page(f"<Workbook {names} {prefix}>{sheets}</Workbook>".encode())
