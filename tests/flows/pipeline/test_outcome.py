"""How a run ends is decided by one rule, in one table that operators find in the documentation."""

import re

import pytest

from flows.pipeline.outcome import (
    DONE,
    ENDINGS,
    INCOMPLETE,
    KILLED,
    NOT_DONE,
    STOPPED,
    TOO_MANY,
    Ending,
    Outcome,
    outcome_of,
    outcome_recorded,
)
from flows.settings import Settings
from tests.flows.pages import ROOT
from warehouse.runs import Counts

_ROW = re.compile(r"^\| (.+) \| (\w+) \| (\d?) \| (\w*) \|$", re.MULTILINE)
_LESS = "the site shows less than it should"
_SHORT = "/portfolio/fund lists 3 rows, after 9 the time before"


def test_the_table_of_endings_is_in_the_documentation() -> None:
    rows = [
        tuple("" if cell is None else str(cell) for cell in (when, state, exit_code, recorded))
        for state, exit_code, recorded, when in ENDINGS
    ]
    assert _ROW.findall((ROOT / "docs" / "schedule.md").read_text()) == rows


@pytest.mark.parametrize(
    ("counts", "incomplete", "expected"),
    [
        (Counts(), [], Outcome(DONE)),
        (Counts(120, 0, 120), [], Outcome(DONE)),
        (
            Counts(120, 100, 15, 2, 3), [],
            Outcome(INCOMPLETE, "3 of 120 pages failed, 2 were set aside (4%)"),
        ),
        (
            Counts(1200, 1199, 0, 1), [_SHORT],
            Outcome(INCOMPLETE, f"1 of 1200 pages was set aside (under 1%); {_LESS}: {_SHORT}"),
        ),
        (Counts(8, 8, rows_quarantined=1), [], Outcome(INCOMPLETE, "1 row was set aside")),
        (Counts(8, 6, 0, 0, 2), [], Outcome(INCOMPLETE, "2 of 8 pages failed (25%)")),
        (Counts(8, 5, 0, 1, 2), [],
         Outcome(TOO_MANY, "2 of 8 pages failed, 1 was set aside (38%)")),
        (Counts(3, 0, 0, 3), [], Outcome(TOO_MANY, "3 of 3 pages were set aside (100%)")),
        (Counts(3, 0, 0, 0, 3), [],
         Outcome(NOT_DONE, "everything that was requested failed: 3 pages")),
    ],
)  # fmt: skip
def test_the_share_that_was_not_taken_decides(
    counts: Counts, incomplete: list[str], expected: Outcome
) -> None:
    """A night on which nothing had changed, or nothing was due, is a success."""
    found = outcome_of(counts, fail_above=0.25, incomplete=incomplete, asks_site=True)
    assert found == expected


def test_files_that_all_fail_were_tried_nevertheless() -> None:
    """A command that was given files did what it could: its exit code is 3, not 1."""
    counts = Counts(2, failed=2)
    assert outcome_of(counts, fail_above=0.25).ending is TOO_MANY
    assert TOO_MANY.exit_code == 3


def test_a_site_that_was_given_up_is_a_failure_whatever_was_loaded_before() -> None:
    found = outcome_of(Counts(9, 9), fail_above=1, given_up="it stopped answering", asks_site=True)
    assert found == (NOT_DONE, "it stopped answering")


def test_the_threshold_is_a_setting() -> None:
    """At most as much as it says may fail; with 1, no share is too great."""
    assert Settings().fail_above == 0.25
    half = Counts(10, 5, failed=5)
    assert outcome_of(half, fail_above=0.5).ending is INCOMPLETE
    assert outcome_of(half, fail_above=0.49).ending is TOO_MANY
    assert outcome_of(Counts(1, failed=1), fail_above=1).ending is INCOMPLETE


@pytest.mark.parametrize(
    ("recorded", "ending"),
    [("done", DONE), ("failed", NOT_DONE), ("interrupted", STOPPED), ("running", KILLED)],
)
def test_a_record_tells_how_its_run_ended(recorded: str, ending: Ending) -> None:
    assert outcome_recorded(recorded, Counts(3, 3), None, fail_above=0.25).ending is ending


def test_a_record_repeats_the_reason_once() -> None:
    """One that was recorded above the threshold of its time is judged by that of today."""
    counts = Counts(8, 5, 0, 1, 2)
    reason = outcome_of(counts, fail_above=0.25).reason
    assert outcome_recorded("incomplete", counts, reason, fail_above=0.25) == (TOO_MANY, reason)
    short = outcome_of(counts, fail_above=0.25, incomplete=[_SHORT]).reason
    assert outcome_recorded("incomplete", counts, short, fail_above=0.25) == (TOO_MANY, short)
    assert outcome_recorded("incomplete", counts, None, fail_above=0.5) == (INCOMPLETE, reason)
