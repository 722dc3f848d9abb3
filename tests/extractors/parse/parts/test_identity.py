"""The identity block and the parts below it, where a rule needs more than one small page."""

import pytest

from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedFinding, PrintedProgramme


def identity_of(page: Page) -> PrintedProgramme:
    assert page.programme is not None
    return page.programme


@pytest.mark.parametrize(
    "printed",
    [
        "Start Date *: 2 Nov 2007",
        "Start Date*:2 Nov 2007",
        "Start Date :\u00a02 Nov 2007",
        "Start\u00a0Date\u00a0*\u00a0: 2\u00a0Nov\u00a02007",
        "Start Date ** : 2 Nov 2007",
        "Start Date:\n2 Nov 2007\nTheme: Water",
    ],
)
def test_asterisks_and_blanks_around_a_colon_do_not_matter(printed: str) -> None:
    text = f"Project ID:00067193\n{printed}\nCountry: Cambodia\n\n\nWells."
    assert identity_of(parse_page(text.encode())).start_date == "2 Nov 2007"


def test_a_value_without_its_label_belongs_to_the_one_label_missing_at_its_place() -> None:
    page = parse_page(
        b"Project ID:00067193Description:SMP-01\nSample Fund\nStart Date: 1 Jan 2012\nWater\n"
        b"End Date: 31 Dec 2016\nCountry: Benin Project Status: On Going\n"
    )
    assert (identity_of(page).fund_name, identity_of(page).theme) == ("Sample Fund", "Water")
    assert [finding.kind for finding in page.findings] == ["no_figures"]


def test_a_value_without_its_label_is_not_guessed_where_two_labels_are_missing() -> None:
    page = parse_page(
        b"Project ID:00067193Description:SMP-01\nSample Fund\nWater\n"
        b"End Date: 31 Dec 2016\nCountry: Benin\n"
    )
    assert (identity_of(page).fund_name, identity_of(page).theme) == (None, None)
    assert page.findings[:2] == [
        PrintedFinding("unlabelled_value", "identity block", "Sample Fund"),
        PrintedFinding("unlabelled_value", "identity block", "Water"),
    ]


def test_an_empty_value_is_none_and_takes_nothing_from_its_neighbour() -> None:
    page = parse_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Description:</td><td></td></tr>"
        b"<tr><td>Fund:</td><td>&nbsp;</td><td>Theme:</td><td>Water</td></tr></table>"
    )
    assert (identity_of(page).description, identity_of(page).fund_name) == (None, None)
    assert identity_of(page).theme == "Water"


def test_the_fund_code_is_the_one_in_the_fund_s_link() -> None:
    page = parse_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Fund:</td>"
        b'<td><a href="https://mptf.undp.org/factsheet/fund/mdg00?fund_status_month_to=1">MDG</a>'
        b"</td></tr></table>"
    )
    assert (identity_of(page).fund_code, identity_of(page).fund_name) == ("MDG00", "MDG")


def test_a_label_printed_again_below_the_identity_block_is_narrative() -> None:
    page = parse_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Theme:</td><td>Water</td></tr>"
        b"</table><h2>About</h2><p>Theme: water for all, and who keeps it.</p>"
    )
    assert identity_of(page).theme == "Water"
    assert [passage.text for passage in page.passages] == [
        "Theme: water for all, and who keeps it."
    ]


@pytest.mark.parametrize(
    ("table", "titles"),
    [
        (
            "<tr><th>Document</th><th>Date</th></tr>"
            "<tr><td>Fund: rules</td><td>8 Feb 2013</td></tr>",
            ["Fund: rules"],
        ),
        (
            "<tr><th>Document</th></tr><tr><td>Plan</td></tr><tr><td>Report</td></tr>",
            ["Plan", "Report"],
        ),
    ],
    ids=["a title that begins like a label", "a table of titles alone"],
)
def test_a_table_under_recent_documents_lists_documents(table: str, titles: list[str]) -> None:
    page = parse_page(
        "<table><tr><td>Project ID:</td><td>00067193</td><td>Fund:</td><td>Wells</td></tr></table>"
        "<h2>About</h2><p>One.</p><p>Two.</p><p>Three.</p><h2>Recent Documents</h2>"
        f"<table>{table}</table>".encode()
    )
    assert [document.title for document in page.documents] == titles
