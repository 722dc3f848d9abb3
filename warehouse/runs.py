"""Runs: what each was to do, what became of it, and what failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from warehouse.connection import Connection, one, space_joined, transaction
from warehouse.ledger import NO_TIME, Period

CUT_SHORT = "cut_short"
# Failures of what was captured all the same: it counts as loaded or quarantined, not as failed too.
CAPTURED = frozenset({CUT_SHORT, "unanswered"})


class Counts(NamedTuple):
    """What became of everything that a run was to take.

    captures = loaded + unchanged + quarantined + failed, and captures - failed of them are in
    `raw.capture`, or were forgotten.

    Attributes:
        captures: the pages that it asked for, and the files and records that it was given; each
            once, however often it was tried. What was named and is nowhere counts too.
        loaded: those with content that was parsed and loaded.
        unchanged: those that brought nothing new: the bytes are known (a 304 too), or the capture
            itself is, or was forgotten.
        quarantined: those that were set aside whole.
        failed: those that could not be taken; `meta.failure` has a row for each.
        rows_quarantined: rows set aside, of captures that are not.
    """

    captures: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    failed: int = 0
    rows_quarantined: int = 0


class Programmes(NamedTuple):
    """How many programmes a sync knows, found due (None if it chose none), and visited.

    Of a sync of some funds, those of these funds.
    """

    known: int
    due: int | None
    visited: int

    @property
    def left(self) -> int | None:
        """Return how many it left for their turn, or for the next nights; None if it chose none."""
        return None if self.due is None else self.known - self.visited

    @property
    def record(self) -> dict[str, int | None]:
        """Return the numbers by name."""
        return {**self._asdict(), "left": self.left}

    def __str__(self) -> str:
        """Return the numbers in words."""
        return f"known {self.known}, {visits_in_words(self.due, self.visited, self.left)}"


def visits_in_words(due: int | None, visited: int, left: int | None) -> str:
    """Return how many programmes a sync found due (if it chose any), visited and left."""
    if due is None:
        return f"visited {visited}"
    return f"due {due}, visited {visited}, left for their turn {left}"


class Failed(NamedTuple):
    """One capture, URL or file that failed: which, the kind of failure, and a message."""

    subject: str
    kind: str
    detail: str
    programme_id: str | None = None


def begin_run(con: Connection, run_id: str, command: str, started_at: datetime) -> None:
    """Record the start of a run; a killed run stays `running`."""
    con.execute(
        "INSERT INTO meta.run BY NAME SELECT ? AS run_id, ? AS command, ? AS started_at,"
        " 'running' AS outcome, 0 AS captures, 0 AS loaded, 0 AS unchanged, 0 AS quarantined,"
        " 0 AS failed, 0 AS rows_quarantined",
        [run_id, command, started_at],
    )


def newest_command(con: Connection) -> str | None:
    """Return the command of the run that began last."""
    command: str | None = one(con, "SELECT arg_max(command, (started_at, run_id)) FROM meta.run")
    return command


def resume_run(con: Connection, run_id: str, resumes: str) -> None:
    """Record which unfinished run a run continues."""
    con.execute("UPDATE meta.run SET resumes = ? WHERE run_id = ?", [resumes, run_id])


def captured_by(con: Connection, run_ids: Sequence[str]) -> tuple[dict[str, bool], Period]:
    """Return the captures of some runs, whether each brought a new body, and their period."""
    if not run_ids:
        return {}, NO_TIME
    rows = con.execute(
        "SELECT capture_id, NOT unchanged, captured_at FROM raw.capture"
        " WHERE run_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(run_ids)],
    ).fetchall()
    times = [time for *_, time in rows]
    made = Period(min(times), max(times)) if times else NO_TIME
    return {capture_id: is_new for capture_id, is_new, _ in rows}, made


def ended_since(con: Connection, command: str, time: datetime, now: datetime) -> datetime | None:
    """Return when the newest complete run of a command that began at or after a time ended.

    Runs that began after `now` had a wrong clock, and are ignored.
    """
    row = con.execute(
        "SELECT max(ended_at) FROM meta.run WHERE command = ? AND started_at BETWEEN ? AND ?"
        " AND outcome IN ('done', 'incomplete') AND incomplete_because IS NULL",
        [command, time, now],
    ).fetchall()
    ended: datetime | None = row[0][0]
    return ended


def changed_since(con: Connection, time: datetime | None) -> bool:
    """Return whether a run that ended after a time, or ever, may have changed the tables.

    A killed run may have, and its record does not say what it loaded.
    """
    return bool(
        one(
            con,
            "SELECT count(*) FROM meta.run"
            " WHERE coalesce(ended_at, started_at) > coalesce(?, '-infinity'::TIMESTAMP)"
            " AND (loaded > 0 OR ended_at IS NULL"
            " OR split_part(command, ' ', 1) IN ('forget', 'quarantine', 'rebuild'))",
            [time],
        )
    )


def end_run(
    con: Connection,
    run_id: str,
    ended_at: datetime,
    outcome: str,
    counts: Counts,
    failures: Sequence[Failed],
    incomplete_because: str | None,
    programmes: Programmes | None = None,
) -> None:
    """Record how a run ended, its failures, and how many programmes a sync visited."""
    visits = (programmes.due, programmes.visited, programmes.left) if programmes else (None,) * 3
    with transaction(con):
        con.execute(
            "UPDATE meta.run SET ended_at = ?, outcome = ?, captures = ?, loaded = ?,"
            " unchanged = ?, quarantined = ?, failed = ?, rows_quarantined = ?,"
            " incomplete_because = ?, programmes_due = ?, programmes_visited = ?,"
            " programmes_left = ? WHERE run_id = ?",
            [ended_at, outcome, *counts, incomplete_because, *visits, run_id],
        )
        if failures:
            con.execute(
                "INSERT INTO meta.failure SELECT ?, unnest(?), unnest(?), unnest(?), unnest(?)",
                [run_id, *map(list, zip(*failures, strict=True))],
            )


def run_record(con: Connection, run_id: str) -> dict[str, Any]:
    """Return a run's row of `meta.run`."""
    found = con.execute("FROM meta.run WHERE run_id = ?", [run_id])
    (row,) = found.fetchall()
    return dict(zip((column[0] for column in con.description or ()), row, strict=True))


def runs_with_failure(con: Connection, kind: str) -> list[str]:
    """Return the runs in which something failed in one way."""
    rows = con.execute("SELECT DISTINCT run_id FROM meta.failure WHERE kind = ?", [kind])
    return [run_id for (run_id,) in rows.fetchall()]
