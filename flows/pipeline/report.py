"""What a run says at its end."""

from dataclasses import replace
from typing import Any, NamedTuple

from extractors.fetch.errors import FailureKind
from flows.pipeline.outcome import Outcome
from flows.pipeline.run import Run
from flows.terminal import counted, shown
from warehouse import ledger, runs
from warehouse.changes import Change, changes, totals
from warehouse.runs import Counts, Programmes

# Kinds of changes, which are named for many, and one of them.
_ONE_CHANGE = {
    "new programmes": "new programme",
    "restatements": "restatement",
    "status changes": "status change",
    "years become final": "year becomes final",
}


class Report(NamedTuple):
    """A run that has ended, in text that is safe to show.

    Attributes:
        outcome: how it ended, and why.
        counts: what became of its captures.
        seconds: how long it took.
        problems: lines that name what failed, was quarantined or is missing.
        notes: lines for the operator.
        changes: what the run, with the runs that it continued, changed in the warehouse.
        covered: how many programmes and so on the warehouse knows.
        programmes: how many a sync visited; None for other commands.
    """

    outcome: Outcome
    counts: Counts
    seconds: float
    problems: list[str]
    notes: list[str]
    changes: list[Change]
    covered: dict[str, int]
    programmes: Programmes | None = None

    @property
    def summary(self) -> str:
        """Return the counts in one line."""
        return summary_line(self.counts, self.seconds)

    def change_count(self, name: str) -> int:
        """Return how many changes of one kind there are."""
        return next((change.in_all for change in self.changes if change.name == name), 0)


def report_of(run: Run, seconds: float, run_ids: list[str] | None = None) -> Report:
    """Return the report of a run whose warehouse is still open.

    With `run_ids`, it covers all of these runs, of which this is the last.
    """
    run_ids = run_ids or [run.run_id]
    captured, made = runs.captured_by(run.con, run_ids)
    outcomes, made = captured | run.log.capture_outcomes, made.joined(run.log.made)
    run = replace(run, log=replace(run.log, capture_outcomes=outcomes, made=made))
    return Report(
        outcome=run.outcome(),
        counts=run.counts(),
        seconds=seconds,
        problems=problem_lines(run),
        notes=note_lines(run),
        changes=changes(run.con, run_ids),
        covered=totals(run.con),
        programmes=run.log.programmes,
    )


def counted_changes(change: Change) -> str:
    """Return how many changes of a kind there are, in words."""
    return counted(change.in_all, _ONE_CHANGE.get(change.name, change.name), change.name)


def note_lines(run: Run) -> list[str]:
    """Return the notes of a run, safe to show."""
    notes = list(run.log.notes)
    captures, made = run.captures, run.log.made
    if shells := ledger.pages_with_finding(run.con, captures, made, "figures_filled_in_by_scripts"):
        hold = "holds" if shells == 1 else "hold"
        notes.append(
            f"{counted(shells, 'page')} of today's site {hold} no figures: they come from its API"
        )
    if cut := ledger.pages_with_finding(run.con, captures, made, "cut_short"):
        of_pages = f"{cut} pages break off before their ends" if cut > 1 else "1 page breaks off"
        notes.append(f"{of_pages}: read up to there, and nothing ends by what is missing")
    return list(map(shown, notes))


def problem_lines(run: Run) -> list[str]:
    """Return a line for each reason why a run is incomplete, each quarantined row, each failure.

    They quote pages and file names, and are safe to show.
    """
    lines = [f"incomplete: {why}" for why in run.incomplete()]
    lines += [
        f"quarantined: {row.url} ({row.stood_at}): {row.message} [{row.rule}]"
        for row in run.quarantined()
    ]
    failures = run.log.failures
    asked = [failed for failed in failures if failed.kind != FailureKind.NOT_ASKED]
    lines += [f"failed: {failed.subject}: {failed.detail}" for failed in asked]
    if unasked := len(failures) - len(asked):
        lines.append(f"not requested after others had failed: {unasked} (meta.failure names them)")
    return list(map(shown, lines))


def record_of(run: Run, seconds: float) -> dict[str, Any]:
    """Return all that a command tells of a run that has ended: its row of `meta.run` first.

    Text is as pages and files have it, and is not made safe to show.
    """
    log = run.log
    failures = [
        {"subject": one.subject, "kind": one.kind, "detail": one.detail} for one in log.failures
    ]
    return {
        **log.record,
        **({"programmes": log.programmes.record} if log.programmes else {}),
        "seconds": round(seconds, 1),
        "failures": failures,
        "notes": log.notes,
    }


def summary_line(counts: Counts, seconds: float) -> str:
    """Return the counts of a run in one line, with which every command ends."""
    aside = counts.rows_quarantined
    rows = f" ({counted(aside, 'row')} set aside)" if aside else ""
    return (
        f"captures {counts.captures}, loaded {counts.loaded}, unchanged {counts.unchanged}, "
        f"quarantined {counts.quarantined}, failed {counts.failed}{rows}, seconds {seconds:.1f}"
    )
