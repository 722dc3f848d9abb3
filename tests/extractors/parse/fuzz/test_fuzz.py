"""Damaged pages are parsed or refused, and never raise anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extractors.parse.fuzz import runs
from tests.extractors.parse.fuzz.corpus import Input, corpus

CONTEXT = "getAnalyzeAllProjects/,BUDGET,/year:2015"


def test_a_thousand_damaged_pages_are_parsed_or_refused_by_a_rule() -> None:
    """Pages, API answers, workbooks, MHTML and CSV files, in bounded time and memory."""
    had = runs.peak_megabytes()  # with the tests that this process ran before
    outcome = runs.run(1_000, seed=1, most_megabytes=max(runs.MEGABYTES, had + 300))
    assert [(fault.number, fault.error) for fault in outcome.faults] == []
    assert outcome.parsed + outcome.refused.total() == outcome.inputs == 1_000
    assert outcome.parsed > 300, "the damage leaves nothing to parse"
    assert outcome.refused.total() > 30, "the damage does nothing"
    assert min(outcome.forms[form] for form in ("markup", "api", "workbook", "mhtml", "csv")) > 50


def test_the_same_seed_gives_the_same_inputs_and_another_gives_others() -> None:
    pages = corpus()
    one, again, other = (
        [runs.damaged(pages, seed, number) for number in range(30)] for seed in (1, 1, 2)
    )
    assert one == again != other


@settings(max_examples=200)
@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8")),
    st.sampled_from(("", CONTEXT)),
)
def test_any_bytes_are_parsed_or_refused(body: bytes, context: str) -> None:
    """As a page, or as an answer of the API."""
    runs.understand(Input(body, context))
