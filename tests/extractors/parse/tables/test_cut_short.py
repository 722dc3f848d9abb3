"""Pages that break off: nothing that stands last is read, and no table counts as read in full."""

import pytest

from extractors.parse.pages import parse_page
from extractors.records import Page

HEAD = "Organization,Fiscal Year,Approved Budget,Expenditure\n"
WHOLE = HEAD + "FAO,2014,500,300\nUNDP,2015,700,600\n"


def figures(page: Page) -> dict[tuple[str | None, str | None], dict[str, str]]:
    return {
        (figure.organization, figure.fiscal_year): {
            name: text for name, text in figure.measures.items() if text
        }
        for figure in page.figures
    }


def test_a_page_known_to_be_cut_short_has_no_table_that_was_read_in_full() -> None:
    """Its last cell is not read either, and a finding names the reason and that cell."""
    whole, cut = parse_page(WHOLE.encode()), parse_page(WHOLE.encode(), cut_short="length")
    assert (whole.cut_short, [table.read_in_full for table in whole.tables]) == (None, [True])
    assert (cut.cut_short, [table.read_in_full for table in cut.tables]) == ("length", [False])
    assert figures(cut) == {
        ("FAO", "2014"): {"approved_budget": "500", "expenditure": "300"},
        ("UNDP", "2015"): {"approved_budget": "700"},
    }
    assert [(one.kind, one.detail) for one in cut.findings] == [
        ("cut_short", "length: nothing behind '600', which is not read")
    ]


@pytest.mark.parametrize("end", range(len(WHOLE) - 4, len(WHOLE)))
def test_csv_without_a_line_end_is_cut_short(end: int) -> None:
    """Wherever the file ends, no figure is another than in the whole one."""
    cut, whole = parse_page(WHOLE[:end].encode()), figures(parse_page(WHOLE.encode()))
    assert cut.cut_short == "breaks_off"
    for key, measures in figures(cut).items():
        assert measures.items() <= whole[key].items()


def test_a_row_whose_key_is_cut_off_is_not_read() -> None:
    """Without its organization a row would be that of another, or of all."""
    text = "Fiscal Year,Expenditure,Organization\n2014,300,FAO\n2015,600,UNDP"
    assert list(figures(parse_page(text.encode()))) == [("FAO", "2014")]
