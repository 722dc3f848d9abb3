"""What the warehouse knows that decides a visit."""

from datetime import datetime
from pathlib import Path

import pytest

from extractors.page_kinds import PageKind, PageRefusedError
from extractors.records import Page
from tests.warehouse.histories import (
    SITE,
    Seen,
    annual,
    at,
    capture_of,
    empty_warehouse,
    page,
    row,
    rows,
)
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import ReadBody, observe
from warehouse import runs
from warehouse.connection import Connection, open_writer
from warehouse.load import Batch, load
from warehouse.parse_cache import copy_runs
from warehouse.schema import prepare
from warehouse.visits import known_programmes, shown

PROGRAMME = "00091001"


def _run(con: Connection, run_id: str, started: datetime, *, fails: bool, has: bool) -> None:
    """A sync that had the programme's factsheet, or failed at some page of it, or both."""
    runs.begin_run(con, run_id, "sync", started)
    failures = [runs.Failed("view", "timeout", "", PROGRAMME)] if fails else []
    if has:
        _load(con, run_id, started, page(title=run_id))
    counts = runs.Counts(0, 0, 0, 0, len(failures), 0)
    runs.end_run(con, run_id, started, "done", counts, failures, None)


def _load(
    con: Connection,
    run_id: str,
    time: datetime,
    fetched: Page | PageRefusedError,
    key: str = PROGRAMME,
) -> None:
    seen = Seen(time, fetched, f"{SITE}{key}", status=200)
    capture = capture_of(seen)._replace(run_id=run_id, fetched_at=time)
    said = observe([ReadBody(seen.sha256, seen.page)])
    load(con, Batch(said.frames, capture_frame([capture]), quarantine_frame([]),
                    archive_file_frame({})))  # fmt: skip


@pytest.mark.parametrize(
    ("second", "failed"),
    [
        ({"fails": False, "has": True}, False),
        ({"fails": True, "has": True}, True),
        ({"fails": False, "has": False}, True),
    ],
)
def test_a_failure_stands_until_a_later_run_has_the_programme(
    second: dict[str, bool], *, failed: bool
) -> None:
    """Not only until the run that had it has another of its pages, a moment after it began."""
    con = empty_warehouse()
    _run(con, "one", at("2015-01-01T10:00:00"), fails=True, has=True)
    (known,) = known_programmes(con)
    assert known.failed
    _run(con, "two", at("2015-01-02T10:00:00"), **second)
    (known,) = known_programmes(con)
    assert known.failed is failed


def test_what_failed_before_an_upgrade_is_known_after_it(tmp_path: Path) -> None:
    """A file of another version is built anew from the archive, which holds no failures."""
    old = tmp_path / "old.duckdb"
    before = open_writer(old)
    prepare(before)
    runs.begin_run(before, "one", "sync", at("2015-01-01T10:00:00"))
    failed = [runs.Failed("view", "timeout", "", PROGRAMME)]
    runs.end_run(before, "one", at("2015-01-01T10:00:00"), "done", runs.Counts(), failed, None)
    before.execute("UPDATE meta.warehouse SET schema_version = 17")
    before.close()
    con = empty_warehouse()
    assert copy_runs(con, old)
    _load(con, "one", at("2015-01-01T10:00:00"), page(title="one"))
    (known,) = known_programmes(con)
    assert known.failed


def test_a_page_under_the_url_of_another_programme_mends_no_failure() -> None:
    """It is quarantined: what failed before is still to be seen."""
    con = empty_warehouse()
    _run(con, "one", at("2015-01-01T10:00:00"), fails=True, has=True)
    runs.begin_run(con, "two", "sync", at("2015-01-02T10:00:00"))
    _load(con, "two", at("2015-01-02T10:00:00"), page(title="two"), "00091002")
    assert rows(con, "SELECT programme_id, state FROM raw.capture WHERE run_id = 'two'") == [
        {"programme_id": PROGRAMME, "state": "quarantined"}
    ]
    (known,) = known_programmes(con)
    assert known.failed


@pytest.mark.parametrize(
    ("kind", "compared", "without"),
    [(PageKind.PROGRAMME_FACTSHEET, 1, 1), (PageKind.PROGRAMME_PAGE, 0, 0)],
)
def test_a_page_of_today_is_seen_but_is_no_factsheet_that_lost_its_figures(
    kind: PageKind, compared: int, without: int
) -> None:
    con = empty_warehouse()
    _load(con, "one", at("2021-01-01"), page(annual(row("FAO", 2015, expenditure="100"))))
    today = page(title="Wells")
    today.kind = kind
    _load(con, "two", at("2023-01-01"), today)
    found = shown(con, ["two"])
    assert (found.pages, found.with_figures_before - found.with_figures) == (compared, without)
    (known,) = known_programmes(con)
    assert known.seen_at == at("2023-01-01")


@pytest.mark.parametrize("resumes", [True, False])
def test_what_a_killed_night_visited_is_visited_again_unless_another_finishes_it(
    *, resumes: bool
) -> None:
    """Its main page was seen, and perhaps no page of its vouchers."""
    con = empty_warehouse()
    runs.begin_run(con, "killed", "sync", at("2015-01-01T10:00:00"))
    _load(con, "killed", at("2015-01-01T10:05:00"), page(title="first"))
    (known,) = known_programmes(con)
    assert known.failed
    runs.begin_run(con, "next", "sync", at("2015-01-02T10:00:00"))
    if resumes:
        runs.resume_run(con, "next", "killed")
    runs.end_run(con, "next", at("2015-01-02T11:00:00"), "done", runs.Counts(0, 0, 0, 0), [], None)
    (known,) = known_programmes(con)
    assert known.failed is not resumes
    _run(con, "last", at("2015-01-03T10:00:00"), fails=False, has=True)
    (known,) = known_programmes(con)
    assert not known.failed


@pytest.mark.parametrize("answer", [None, PageRefusedError("login_page", "asks for a password")])
def test_what_fails_every_night_does_not_keep_others_from_their_turn(
    answer: PageRefusedError | None,
) -> None:
    """A night takes the first of these programmes: one requested in vain last night comes last."""
    con = empty_warehouse()
    other = "00091002"
    _load(con, "one", at("2015-01-01T10:00:00"), page(title="withdrawn"))
    _load(con, "one", at("2015-01-02T10:00:00"), page(programme_id=other), other)
    assert [known.key for known in known_programmes(con)] == [PROGRAMME, other]
    if answer is None:
        _run(con, "two", at("2015-03-01T10:00:00"), fails=True, has=False)
    else:
        _load(con, "two", at("2015-03-01T10:00:00"), answer)
    assert [known.key for known in known_programmes(con)] == [other, PROGRAMME]
