"""A page with the identity of two subjects is refused; prose that names another one is not."""

import pytest

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from extractors.parse.parts.subjects import check_one_subject


def factsheet(programme_id: str, title: str = "Pumps") -> str:
    return (
        f"<html><body><h1>Project Factsheet</h1><p>Tools for » {title}</p><table><tr>"
        f"<td>Project ID:</td><td>{programme_id}</td><td>Country:</td><td>Togo</td></tr></table>"
        "<table><tr><th>Organization<th>Year<th>Expenditure<tr><td>FAO<td>2014<td>1</table>"
        "</body></html>"
    )


ONE, OTHER = factsheet("00091001"), factsheet("00091002", "Pipes")


@pytest.mark.parametrize(
    "place", range(ONE.index("<table>"), len(ONE), 7), ids=lambda place: f"cut at {place}"
)
def test_a_page_that_breaks_off_before_another_gives_it_no_figure(place: int) -> None:
    with pytest.raises(PageRefusedError, match="more than one"):
        parse_page((ONE[:place] + OTHER).encode())


@pytest.mark.parametrize("end", range(OTHER.index("<table>"), len(OTHER), 7))
def test_the_beginning_of_another_page_is_enough_to_refuse_both(end: int) -> None:
    with pytest.raises(PageRefusedError) as refusal:
        parse_page((ONE + OTHER[:end]).encode())
    assert refusal.value.rule in {"two_subjects", "two_pages"}


@pytest.mark.parametrize(
    "text",
    [
        "Project ID: 00091002 goes on with this work.",
        "Project ID: 00091002, its second phase",
        "See Project ID: 00091002",
        "Parent Project ID: 00091002",
    ],
)
def test_prose_may_name_another_programme(text: str) -> None:
    page = parse_page(ONE.replace("</table><table>", f"</table><p>{text}</p><table>").encode())
    assert page.programme_id == "00091001"


ABOUT = "</table><h2>About</h2>{paragraph}<p>Pumps are built.</p><h2>Key Figures</h2><table>"
MENTION = "<p>Project ID: 00091002</p>"


def test_a_paragraph_of_the_narrative_that_is_another_id_is_a_finding() -> None:
    text = ONE.replace("</table><table>", ABOUT.format(paragraph=MENTION))
    page = parse_page(text.encode())
    assert page.programme_id == "00091001"
    assert [figure.measures for figure in page.figures] == [{"expenditure": "1"}]
    assert ("other_project_id", MENTION[3:-4]) in [(one.kind, one.detail) for one in page.findings]


@pytest.mark.parametrize(
    "text",
    [
        ONE.replace("</table><table>", f"</table>{MENTION}<table>"),
        ONE.replace("</table><table>", f"</table>{MENTION}<h2>Key Figures</h2><table>"),
        ONE.replace("</body>", f"{MENTION}<p>Tools for » Pipes</p></body>"),
        ONE.replace("</table><table>", ABOUT.format(paragraph=f"{MENTION}<p>Country: Togo</p>")),
    ],
    ids=["above a table", "above a part with tables", "below the tables", "in an identity block"],
)
def test_an_id_that_may_be_that_of_a_page_is_no_mention(text: str) -> None:
    with pytest.raises(PageRefusedError, match="more than one"):
        parse_page(text.encode())


def test_the_same_subject_twice_is_one_page() -> None:
    assert parse_page((ONE + "\n<!-- again -->\n" + ONE).encode()).programme_id == "00091001"


@pytest.mark.parametrize("unit", ["</html>", "</html><!--", "</html><html>", "<!---->", "</html><"])
def test_markup_of_many_documents_is_checked_in_linear_time(unit: str) -> None:
    """A quadratic check of a million characters would not end while the tests run."""
    check_one_subject([], unit * (1_000_000 // len(unit)))
