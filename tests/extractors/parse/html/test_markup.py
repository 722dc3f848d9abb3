"""Where a page's source breaks off is known from the source alone."""

from pathlib import Path

import pytest

from extractors.page_kinds import PageRefusedError
from extractors.parse.html.markup import Markup
from extractors.parse.pages import parse_page

PAGES = Path(__file__).parents[3] / "pages"
PAGE = (PAGES / "spans_beyond_their_group_of_rows.html").read_bytes()


def facts_of(body: bytes) -> set[tuple[str | None, str | None, str, str]]:
    return {
        (figure.organization, figure.fiscal_year, measure, text)
        for figure in parse_page(body).figures
        for measure, text in figure.measures.items()
    }


def test_a_page_cut_at_any_place_is_cut_short_and_says_nothing_that_the_whole_page_does_not() -> (
    None
):
    whole = facts_of(PAGE)
    read = 0
    for length in range(PAGE.index(b"<html") + 6, len(PAGE.rstrip()), 3):
        cut = PAGE[:length]
        assert Markup(cut.decode(errors="ignore")).cut_short, cut[-40:]
        try:
            facts = facts_of(cut)
        except PageRefusedError:
            continue
        assert facts <= whole, cut[-40:]
        assert not any(table.read_in_full for table in parse_page(cut).tables)
        read += bool(facts)
    assert read


@pytest.mark.parametrize(
    "whole",
    [
        "<html><body><table><tr><td>1</table></body></html>",
        "<HTML><BODY>1</BODY></HTML>\r\n\r\n<!-- saved -->\n",
        "<html><body>1</body></html><script>count()</script>",
        "<!-- <html> --><table><tr><td>1</td></tr></table>",
        "<table><tr><td>1</td></tr></table>\n",
        "<p>1 < 2</p>",
    ],
)
def test_a_page_that_is_closed_and_a_fragment_that_is_closed_are_whole(whole: str) -> None:
    assert not Markup(whole).cut_short


@pytest.mark.parametrize(
    "cut",
    [
        "<table><tr><td>1",
        "<table><tr><td>1</td></tr>",
        "<p>1</p><table",
        "<html><body>1</body>",
        "<html><body>1<!-- </html>",
        "<html><body>1<script>end = '</html>'",
        "<html><body>1<script>end = '</html>'</script>",
        "<html><body><table><tr><td>1</body></html>",
        "<html><title>1",
        "<html><body>1</html",
        "<html><body>1</body></html><html><head><title>2",
    ],
)
def test_a_page_with_a_table_or_its_end_missing_is_cut_short(cut: str) -> None:
    assert Markup(cut).cut_short
