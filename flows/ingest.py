"""Saved captures into the archive, and from there into the warehouse."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from extractors.archive.foreign.held_revisits import held_record, held_revisits
from extractors.archive.foreign.revisits import WITHOUT_PAGE, ResolvedItem, Revisits
from extractors.archive.inputs import CaptureOverrides, Revisit
from extractors.archive.reader import archive_file_name
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RefusedInput, RevisitCapture, SkippedInput
from flows.pipeline.bodies import ArchivedBodies
from flows.pipeline.catch_up import catch_up
from flows.pipeline.intake import Intake
from flows.pipeline.loader import in_parts
from flows.pipeline.run import Run
from flows.terminal import counted
from warehouse import runs
from warehouse.bodies import captured_bodies

Progress = Callable[[int], None]


def ingest(
    run: Run,
    paths: Sequence[Path],
    overrides: CaptureOverrides,
    progress: Progress = lambda _: None,
) -> None:
    """Archive and load every capture under some paths; skip what is loaded already.

    Everything is archived before it is parsed, so the same command finishes a killed run. Revisits
    whose bodies do not come before them are loaded last.
    """
    catch_up(run)
    limit = run.home.settings.max_body_bytes
    revisits = Revisits()
    items = (item for path in paths for item in read_saved(path, overrides, limit))
    with closing(Intake(run)) as intake:
        seen = _take_in(run, intake, revisits.resolved(items), progress)
        revisits.hold(_held_revisits(run))
        archived = ArchivedBodies(run.home.archive, run.con, revisits.urls())
        _take_in(run, intake, revisits.rest(archived.find), progress)
        intake.archive_non_captures(map(held_record, revisits.without_page))
    _note(run, seen)


class _Seen(NamedTuple):
    """How many items were skipped, and how many pages have only their file's time."""

    skipped: int
    dated_by_file: int


def _note(run: Run, seen: _Seen) -> None:
    if seen.skipped:
        run.log.notes.append(
            f"{counted(seen.skipped, 'file or record', 'files or records')} skipped:"
            " parts of pages, such as pictures"
        )
    if seen.dated_by_file:
        run.log.notes.append(
            f"{counted(seen.dated_by_file, 'page has', 'pages have')} the time of the file as"
            " capture time, since nothing else tells it: if that is wrong, `mptf forget` the file"
            " and load it with --captured-at"
        )


def _held_revisits(run: Run) -> list[Revisit]:
    """Return the revisits of earlier runs that wait for their pages."""
    failed = runs.runs_with_failure(run.con, WITHOUT_PAGE)
    files = {archive_file_name(run_id) for run_id in failed}.intersection(run.home.archive.files())
    held = list(held_revisits(run.home.archive, sorted(files)))
    captures = captured_bodies(run.con, {revisit.url for revisit in held}) if held else []
    found = {(capture.url, capture.captured_at) for capture in captures}
    return [revisit for revisit in held if (revisit.url, revisit.captured_at) not in found]


def _take_in(run: Run, intake: Intake, items: Iterable[ResolvedItem], progress: Progress) -> _Seen:
    """Archive and load some captures, log what is none, and count what to note."""
    skipped = dated_by_file = 0
    for part in in_parts(run, items, _size):
        if run.stop.received:
            intake.load_all()
            run.stop.check()
        for item in part:
            if isinstance(item, RefusedInput):
                run.log.fail(item.name, item.kind, item.message)
        skipped += sum(isinstance(item, SkippedInput) for item in part)
        dated_by_file += sum(_is_dated_by_file(item) for item in part)
        intake.add(item for item in part if isinstance(item, NewCapture | RevisitCapture))
        intake.collect(wait=True)
        intake.load_if_full()
        progress(len(part))
    intake.load_all()
    return _Seen(skipped, dated_by_file)


def _is_dated_by_file(item: ResolvedItem) -> bool:
    return isinstance(item, NewCapture) and item.captured_at_source == "file_time"


def _size(item: ResolvedItem) -> int:
    return len(item.body) if isinstance(item, NewCapture) else 0
