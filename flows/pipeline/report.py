"""What a run says at its end."""

from dataclasses import replace
from typing import NamedTuple

from flows.pipeline.run import Run
from flows.terminal import shown
from warehouse import ledger
from warehouse.changes import Change, changes, totals
from warehouse.ledger import Counts


class Report(NamedTuple):
    """A run that has ended, in the words of its record.

    `outcome` is done or incomplete; `changes` are those of `run_ids`, the runs whose work it was;
    `covered` says how many programmes the warehouse knows, and so on.
    """

    outcome: str
    counts: Counts
    seconds: float
    problems: list[str]
    notes: list[str]
    changes: list[Change]
    covered: dict[str, int]

    @property
    def summary(self) -> str:
        """The counts in one line."""
        return summary_line(self.counts, self.seconds)

    def found(self, name: str) -> int:
        """How many changes of one kind there are."""
        return next((change.in_all for change in self.changes if change.name == name), 0)


def report_of(run: Run, seconds: float, run_ids: list[str] | None = None) -> Report:
    """A run's report, at its end: its warehouse is still open.

    With `run_ids`, it is of all of these, of which the run is the last.
    """
    run_ids = run_ids or [run.run_id]
    run = replace(run, met=ledger.captured_by(run.con, run_ids) | run.met)
    counts = run.counts()
    return Report(
        outcome=run.outcome(counts),
        counts=counts,
        seconds=seconds,
        problems=problem_lines(run),
        notes=note_lines(run),
        changes=changes(run.con, run_ids),
        covered=totals(run.con),
    )


def note_lines(run: Run) -> list[str]:
    """What a run noted on its way, a line each, safe to be shown."""
    return list(map(shown, run.notes))


def problem_lines(run: Run) -> list[str]:
    """Why a run is incomplete; then a line for each thing that was set aside or that failed.

    They quote pages and names of files, and are safe to be shown.
    """
    lines = [f"incomplete: {why}" for why in run.incomplete]
    lines += [
        f"quarantined: {row.url} ({row.stood_at}): {row.message} [{row.rule}]"
        for row in run.set_aside()
    ]
    lines += [f"failed: {failed.subject}: {failed.detail}" for failed in run.failures]
    return list(map(shown, lines))


def summary_line(counts: Counts, seconds: float) -> str:
    """The counts of a run, the way every command ends."""
    rows = f" ({counts.rows_quarantined} rows set aside)" if counts.rows_quarantined else ""
    return (
        f"captures {counts.captures}, loaded {counts.loaded}, unchanged {counts.unchanged}, "
        f"quarantined {counts.quarantined}, failed {counts.failed}{rows}, seconds {seconds:.1f}"
    )
