"""Figures of a page that was cut short: a row that may be a sum is told from none that is one."""

from extractors.parse.pages import parse_page
from transforms.batches import Observations
from transforms.observe import ReadBody, observe

HEAD = "Project ID: 00090063\nOrganization,Fiscal Year,Net Funded Amount,Expenditure\n"
ROWS = ["In all countries,2014,900,700", "FAO,2014,500,300", "Reef Society,2014,300,299"]


def _said(rows: list[str], end: str, cut_short: str | None = None) -> Observations:
    page = parse_page((HEAD + "\n".join(rows) + end).encode(), cut_short=cut_short)
    return observe([ReadBody("0" * 64, page)])


def _figures(said: Observations) -> list[tuple[str, str]]:
    rows = said.frames["observed.figure"].to_dicts()
    return [(row["organization"], str(row["expenditure_usd"])) for row in rows]


def test_an_unknown_row_that_may_sum_missing_rows_is_set_aside() -> None:
    """The greatest of its year may be the total of rows that the page lacks; others are not."""
    said = _said([*ROWS, "ILO,2014,1,1"], "\n", cut_short="length")
    assert _figures(said) == [("FAO", "300.00"), ("Reef Society", "299.00"), ("ILO", "None")]
    assert [(row.rule, row.row_text) for row in said.quarantined] == [
        ("may_sum_missing_rows", "In all countries | 2014 | 900 | 700")
    ]


def test_a_whole_page_s_unknown_row_is_an_organization() -> None:
    """Only a sum of the rows that it prints is none."""
    said = _said([*ROWS, "ILO,2014,1,1"], "\n")
    assert _figures(said)[0] == ("In all countries", "700.00")
    assert said.quarantined == []
    assert _figures(_said(ROWS, "\n"))[0][0] == "In all countries"


def test_printed_totals_of_a_page_that_was_cut_short_are_no_checks() -> None:
    """The rows that they sum may be missing."""
    rows = ["Total,2014,900,700", "FAO,2014,500,300", "ILO,2014,1,1"]
    assert len(_said(rows, "\n").frames["observed.figure_total"]) == 2
    assert len(_said(rows, "").frames["observed.figure_total"]) == 0
