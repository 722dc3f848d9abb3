"""The identity block: labels in cells and in lines, glued, missing, and what looks like one."""

import pytest

from extractors.parse.pages import read_page
from extractors.records import PrintedFinding, PrintedPassage
from tests.extractors.written_pages import NARRATIVE, identity_of, no_figures, page, programme, read


def test_words_that_are_labels_elsewhere_leave_title_and_description_alone() -> None:
    assert read("labels_within_title_and_description.html") == page(
        "00090029",
        identity=programme(
            "00090029",
            title="Trust Fund: wells, second phase",
            description="Trust Fund: phase 2",
        ),
        currency=None,
        findings=[no_figures("00090029")],
    )


def test_dates_that_cannot_hold_are_passed_on_as_printed() -> None:
    read_start = read("start_on_31_february.html").programme
    read_end = read("end_before_start.html").programme
    assert read_start == programme("00090021", start_date="31 Feb 2010")
    assert read_end == programme("00090022", end_date="31 Dec 2011")


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
    assert identity_of(read_page(text.encode())).start_date == "2 Nov 2007"


def test_a_value_without_label_belongs_to_the_one_label_missing_at_its_place() -> None:
    said = read_page(
        b"Project ID:00067193Description:SMP-01\nSample Fund\nStart Date: 1 Jan 2012\nWater\n"
        b"End Date: 31 Dec 2016\nCountry: Benin Project Status: On Going\n"
    )
    assert (identity_of(said).fund_name, identity_of(said).theme) == ("Sample Fund", "Water")
    assert said.findings == [no_figures("00067193")]


def test_a_value_without_label_is_not_guessed_where_two_labels_are_missing() -> None:
    said = read_page(
        b"Project ID:00067193Description:SMP-01\nSample Fund\nWater\n"
        b"End Date: 31 Dec 2016\nCountry: Benin\n"
    )
    assert (identity_of(said).fund_name, identity_of(said).theme) == (None, None)
    assert said.findings[:2] == [
        PrintedFinding("unlabelled_value", "identity block", "Sample Fund"),
        PrintedFinding("unlabelled_value", "identity block", "Water"),
    ]


def test_an_empty_value_is_none_and_takes_nothing_from_its_neighbour() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Description:</td><td></td></tr>"
        b"<tr><td>Fund:</td><td>&nbsp;</td><td>Theme:</td><td>Water</td></tr></table>"
    )
    assert (identity_of(said).description, identity_of(said).fund_name) == (None, None)
    assert identity_of(said).theme == "Water"


def test_the_fund_code_is_the_one_that_the_fund_s_link_names() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Fund:</td>"
        b'<td><a href="https://mptf.undp.org/factsheet/fund/mdg00?fund_status_month_to=1">MDG</a>'
        b"</td></tr></table>"
    )
    assert (identity_of(said).fund_code, identity_of(said).fund_name) == ("MDG00", "MDG")


def test_a_label_printed_again_below_the_identity_block_is_narrative() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Theme:</td><td>Water</td></tr>"
        b"</table><h2>About</h2><p>Theme: water for all, and who keeps it.</p>"
    )
    assert identity_of(said).theme == "Water"
    assert [passage.text for passage in said.passages] == [
        "Theme: water for all, and who keeps it."
    ]


def test_a_document_whose_title_begins_like_a_label_is_kept() -> None:
    said = read_page(
        b"<table><tr><td>Project ID:</td><td>00067193</td><td>Fund:</td><td>Wells</td></tr></table>"
        b"<h2>About</h2><p>One.</p><p>Two.</p><p>Three.</p><h2>Recent Documents</h2>"
        b"<table><tr><th>Document</th><th>Date</th></tr>"
        b"<tr><td>Fund: rules</td><td>8 Feb 2013</td></tr></table>"
    )
    assert [document.title for document in said.documents] == ["Fund: rules"]


def test_the_heading_of_the_next_part_is_no_value_of_a_label_without_one() -> None:
    said = read("empty_label_before_key_figures.html")
    assert identity_of(said).participating_organization is None
    assert [figure.organization for figure in said.figures] == ["FAO"]


def test_a_sentence_that_begins_with_an_outcome_is_no_heading_of_it() -> None:
    said = read("outcomes_within_a_sentence.html")
    assert said.passages == [
        *NARRATIVE,
        PrintedPassage("outcome", 1, 1, "Wells are dug."),
        PrintedPassage("outcome", 1, 2, "Outcome 1 and Outcome 2 were merged in 2012."),
        PrintedPassage("outcome", 2, 1, "Wells are kept."),
        PrintedPassage("outcome", 2, 2, "Outcome 1.2 was dropped."),
    ]
