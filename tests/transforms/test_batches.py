"""What is typed piece by piece and validated together is what all of it at once gives."""

from collections.abc import Callable
from datetime import datetime

import pytest

from extractors.ledger import Capture
from extractors.page_kinds import PageKind, Representation
from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedFigure
from transforms.batches import Observations, Typed, validated
from transforms.ledger import capture_frame
from transforms.observe import ReadBody, observe, typed

QUERY = "getAnalyzeAllProjects/PROJECT_ID,ORGANIZATION,BUDGET/fromYear:2016,toYear:2016"
NOW = datetime(2020, 1, 1)  # noqa: DTZ001 because the archive's times are naive UTC


def factsheet(number: int, *years: str) -> ReadBody:
    """A page with an organization's expenditure; 1950 is a year that no table takes."""
    figures = [
        PrintedFigure(
            1, "FAO", year, {"expenditure": "7"}, False, f"row {year}", f"{number} {year}"
        )
        for year in years
    ]
    kind = PageKind.PROGRAMME_FACTSHEET
    page = Page(kind, Representation.HTML, f"{number:08d}", figures=figures)
    return ReadBody(f"{number:064x}", page)


def answer(number: int, *programmes: int) -> ReadBody:
    """An answer of the API with a row for each programme."""
    rows = ", ".join(
        f'{{"PROJECT_ID": "{one:08d}", "ORGANIZATION": "FAO", "YEAR": 2016, "BUDGET": {one}}}'
        for one in programmes
    )
    return ReadBody(f"{number:064x}", parse_page(f'{{"data": [{rows}]}}'.encode(), QUERY))


def assert_equal(one: Observations, other: Observations) -> None:
    for name, frame in one.frames.items():
        assert frame.rows() == other.frames[name].rows(), name
    assert one.quarantined == other.quarantined


def test_a_row_that_fails_is_quarantined_with_its_own_text_whichever_piece_it_is_in() -> None:
    bodies = [
        factsheet(1, "2013", "1950"), factsheet(2, "2013"), factsheet(3, "1950", "2014", "1951"),
    ]  # fmt: skip
    whole = observe(bodies)
    assert [row.row_text for row in whole.quarantined] == ["1 1950", "3 1950", "3 1951"]
    assert [row.parse_key for row in whole.quarantined] == [
        bodies[at].parse_key for at in (0, 2, 2)
    ]
    assert_equal(validated([typed([one]) for one in bodies]), whole)


@pytest.mark.parametrize("piece_of", [typed, observe])
def test_a_part_that_answers_of_two_pieces_have_is_kept_once(
    piece_of: Callable[[list[ReadBody]], Typed | Observations],
) -> None:
    bodies = [answer(1, 11, 12), answer(2, 11, 13)]
    whole = observe(bodies)
    assert whole.frames["observed.part"].height == 4
    assert sorted(whole.frames["observed.figure"]["approved_budget_usd"].to_list()) == [11, 12, 13]
    assert_equal(validated([piece_of([one]) for one in bodies]), whole)


def test_an_answer_with_a_row_that_fails_validation_was_not_read_in_full() -> None:
    """What it lacks is then no evidence that a contribution is gone."""
    rows = [
        f'{{"FUND_CODE": "{code}", "DONOR": "X", "DEPOSITS": 1}}' for code in ("PB000", "PB0001")
    ]
    for printed, is_full in ((rows[:1], True), (rows, False)):
        text = f'{{"data": [{", ".join(printed)}]}}'
        context = "getContributions/FUND_CODE,DONOR,DEPOSITS/year:2016"
        seen = observe([ReadBody("0" * 64, parse_page(text.encode(), context))])
        assert seen.frames["observed.contribution"]["fund_code"].to_list() == ["PB000"]
        assert seen.frames["observed.answer"]["read_in_full"].to_list() == [is_full]


def test_nothing_gives_a_frame_of_every_table() -> None:
    assert_equal(validated([]), observe([]))
    assert validated([]).frames


def capture(capture_id: str, warc_file: str, offset: int) -> Capture:
    return Capture(
        capture_id, "https://mptf.undp.org/factsheet/fund/SMP00", "gateway", NOW, "clock", NOW, 200,
        "0" * 64, 1, False, None, None, "run", warc_file, offset,
    )  # fmt: skip


def test_a_capture_that_was_archived_twice_keeps_its_first_place() -> None:
    places = [("b", "2.warc.gz", 0), ("a", "1.warc.gz", 90), ("b", "1.warc.gz", 500)]
    frame = capture_frame([capture(*place) for place in places])
    found = frame.select("capture_id", "warc_file", "warc_offset").sort("capture_id").rows()
    assert found == [("a", "1.warc.gz", 90), ("b", "1.warc.gz", 500)]
