"""What a run says at its end."""

from flows.run import Run
from warehouse.ledger import Counts


def problem_lines(run: Run) -> list[str]:
    """Why a run is incomplete; then a line for each thing that was set aside or that failed."""
    lines = [f"incomplete: {why}" for why in run.incomplete]
    lines += [
        f"quarantined: {row.url} ({row.stood_at}): {row.message} [{row.rule}]"
        for row in run.set_aside()
    ]
    return lines + [f"failed: {failed.subject}: {failed.detail}" for failed in run.failures]


def summary_line(counts: Counts, seconds: float) -> str:
    """The counts of a run, the way every command ends."""
    rows = f" ({counts.rows_quarantined} rows set aside)" if counts.rows_quarantined else ""
    return (
        f"captures {counts.captures}, loaded {counts.loaded}, unchanged {counts.unchanged}, "
        f"quarantined {counts.quarantined}, failed {counts.failed}{rows}, seconds {seconds:.1f}"
    )
