"""What a visit saw, compared with the visit before: lists, answers and factsheets that shrank."""

from collections.abc import Sequence

from flows.pipeline.run import Run
from flows.terminal import counted
from warehouse import visits


def note_what_shrank(run: Run, run_ids: Sequence[str], captures: visits.Taken) -> None:
    """Note why a visit is incomplete: each list, answer or set of pages that shrank too much.

    Args:
        run: the run that ends the visit, and whose log gets the reasons.
        run_ids: all runs of the visit.
        captures: their captures.
    """
    kept = 1 - run.home.settings.largest_drop
    incomplete = run.log.incomplete
    for seen in visits.lists_seen(run.con, run_ids):
        if seen.rows_in_all is not None and seen.rows < seen.rows_in_all:
            incomplete.append(
                f"{seen.url} lists {counted(seen.rows_in_all, 'row')}, and {seen.rows} could be"
                " read"
            )
        elif seen.rows_before is not None and seen.rows < kept * seen.rows_before:
            incomplete.append(
                f"{seen.url} lists {counted(seen.rows, 'row')}, after {seen.rows_before} the time"
                " before"
            )
    incomplete += [
        f"{answer.url} answers {counted(answer.rows, 'row')}, after {answer.rows_before} the time"
        " before"
        for answer in visits.answers_shrunk(run.con, captures)
    ]
    shown = visits.shown(run.con, run_ids)
    if shown.with_figures < kept * shown.with_figures_before:
        incomplete.append(
            f"{shown.with_figures} of {counted(shown.pages, 'factsheet')} show figures, after"
            f" {shown.with_figures_before} the time before"
        )
    elif shown.figures < kept * shown.figures_before:
        incomplete.append(
            f"the factsheets show {counted(shown.figures, 'figure')}, after {shown.figures_before}"
        )
