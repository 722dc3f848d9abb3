"""What a run leaves in Prefect's records: progress, a table, a summary, its name and its state."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import cast
from uuid import UUID

from prefect import runtime
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed

from extractors.errors import MptfError
from flows.pipeline.outcome import DONE, INCOMPLETE
from flows.pipeline.report import Report, counted_changes
from flows.pipeline.stopping import CutShortError, InterruptedRunError
from flows.terminal import STEERING, counted, shown

_PROGRESS_SECONDS = 5.0  # between two updates
_MOST_LINES = 200  # of problems in the log
_SPECIAL = STEERING | str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_{}[]()#+!|~"} | {"<": "&lt;", "\n": " "}
)


def as_of() -> datetime:
    """Return when the run under way was to begin, in naive UTC, whenever it did."""
    scheduled: datetime = runtime.flow_run.scheduled_start_time or datetime.now(UTC)
    return scheduled.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def is_first_try() -> bool:
    """Return whether this is the run's first try, not a retry."""
    return (runtime.flow_run.run_count or 1) <= 1


@contextmanager
def _said_if_it_fails(what: str) -> Iterator[None]:
    """Log a failure to report; it must not fail the run."""
    try:
        yield
    except Exception as error:
        get_run_logger().warning("%s could not be told: %s", what, error)


class Progress:
    """A bar in the run's artifacts, moved every few seconds; it never fails."""

    def __init__(self, what: str, unit: str = "pages") -> None:
        self._what = what
        self._unit = unit
        self._bar: UUID | None = None
        self._moved_at = 0.0

    def __call__(self, done: int, of: int) -> None:
        """Show how many of the known pages are done."""
        if self._bar is not None and monotonic() - self._moved_at < _PROGRESS_SECONDS:
            return
        self._moved_at = monotonic()
        self._move(100 * done / max(of, 1), f"{done} of {of} {self._unit}")

    def end(self) -> None:
        """Show that everything is done."""
        if self._bar is not None:
            self._move(100, None)

    def _move(self, percent: float, description: str | None) -> None:
        with _said_if_it_fails("progress"):
            if self._bar is None:
                key = f"{self._what}-progress"
                self._bar = cast(UUID, create_progress_artifact(percent, key, description))
            else:
                update_progress_artifact(self._bar, percent, description)


def leave_report(what: str, report: Report) -> State[None]:
    """Log a run's notes and problems, leave its artifacts, name it; the state that it ends in."""
    logger = get_run_logger()
    for note in report.notes:
        logger.info(note)
    for line in report.problems[:_MOST_LINES]:
        logger.warning(line)
    if len(report.problems) > _MOST_LINES:
        logger.warning("... and %d more: see meta.failure", len(report.problems) - _MOST_LINES)
    with _said_if_it_fails("the counts"):
        create_table_artifact(table_of(report), f"{what}-counts", report.summary)
    with _said_if_it_fails("the summary"):
        create_markdown_artifact(markdown_of(what, report), f"{what}-summary", report.summary)
    with _said_if_it_fails("the run's name"):
        _rename(f"{what} {as_of():%Y-%m-%d}: {in_short(report)}")
    logger.info(report.summary)
    return state_of(report)


def state_of(report: Report) -> State[None]:
    """Return the state that a run ends in; its message says why first."""
    ending, reason = report.outcome
    message = "; ".join(filter(None, (shown(reason), report.summary)))
    if ending in {DONE, INCOMPLETE}:
        return Completed(name=ending.state, message=message)
    return Failed(name=ending.state, message=message)


def table_of(report: Report) -> list[dict[str, object]]:
    """Return the counts of a run as a table, one to a row."""
    counts = report.counts
    visited = {"programmes visited": report.programmes.visited} if report.programmes else {}
    found = {
        "captures": counts.captures, "loaded": counts.loaded, "unchanged": counts.unchanged,
        "quarantined": counts.quarantined, "rows set aside": counts.rows_quarantined,
        "failed": counts.failed, **visited,
        "restatements found": report.change_count("restatements"),
        "programmes known": report.covered["programmes"],
        "programmes with figures": report.covered["with_figures"],
        "programmes without a year-end figure that is due": report.covered["without_year_end"],
        "seconds": round(report.seconds, 1),
    }  # fmt: skip
    return [{"what": what, "count": count} for what, count in found.items()]


def markdown_of(what: str, report: Report) -> str:
    """Return changes for analysts, then problems, as Markdown; text of pages is escaped."""
    ending, reason = report.outcome
    lines = [f"# {what}: {ending.state}", "", *([_text(reason), ""] if reason else [])]
    if not report.changes:
        lines += ["Nothing changed.", ""]
    for change in report.changes:
        lines += [
            f"## {change.name}: {change.in_all}",
            "",
            *_table(change.columns, change.rows),
            "",
        ]
        if change.in_all > len(change.rows):
            lines += [f"... and {change.in_all - len(change.rows)} more", ""]
    if report.problems:
        lines += [f"## problems: {len(report.problems)}", ""]
        lines += [f"- {_text(line)}" for line in report.problems[:20]]
    return "\n".join(lines)


def in_short(report: Report) -> str:
    """Return a run's result in a few words."""
    words = [counted(report.counts.captures, "capture"), f"{report.counts.loaded} loaded"]
    words += [counted_changes(change) for change in report.changes]
    problems = report.counts.failed + report.counts.quarantined
    return ", ".join([*words, *([f"{problems} not taken"] if problems else [])])


def ended(work: Callable[[], State[None]]) -> State[None]:
    """Return the final state of some work: cancelled if asked to stop, failed by expected errors.

    Prefect logs the state's message, and a traceback of any other error.
    """
    try:
        return work()
    except CutShortError as error:
        return Failed(message=shown(str(error)))
    except InterruptedRunError:
        return Cancelled(message="stopped as asked; the next run goes on with its work")
    except MptfError as error:
        return Failed(message=shown(str(error)))


def _rename(name: str) -> None:
    run_id = runtime.flow_run.id
    if run_id is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(str(run_id)), name=name)


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    names = list(columns)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return lines + [f"| {' | '.join(_text(value) for value in row)} |" for row in rows]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return "" if value is None else str(value).translate(_SPECIAL)
