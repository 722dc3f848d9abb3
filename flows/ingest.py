"""Saved captures into the archive, and from there into the warehouse."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from extractors.archive.inputs import CaptureOverrides, FindBody, KnownBody, SavedItem
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RefusedInput, RevisitCapture
from flows.pipeline.intake import Intake
from flows.pipeline.load import catch_up
from flows.pipeline.loader import in_parts
from flows.pipeline.run import Run
from warehouse import ledger

Progress = Callable[[int], None]


def ingest(
    run: Run, paths: Sequence[Path], given: CaptureOverrides, progress: Progress = lambda _: None
) -> None:
    """Archive and load every capture under some paths; what is loaded already is passed over.

    Everything is in the archive before it is read, so a run that is killed at any moment is
    finished by the same command.
    """
    catch_up(run)
    limit = run.home.settings.max_body_bytes
    met: dict[tuple[str, datetime], KnownBody] = {}  # not loaded yet
    found = _noted(
        (new for path in paths for new in read_saved(path, given, limit, _held(run, met))), met
    )
    with Intake(run) as intake:
        for part in in_parts(run, found, _size):
            if run.stop.asked:
                intake.load()
                run.stop.check()
            for item in part:
                if isinstance(item, RefusedInput):
                    run.fail(item.name, "unusable_file", item.message)
            intake.add([item for item in part if not isinstance(item, RefusedInput)])
            intake.read()
            if intake.is_full:
                intake.load()
                met.clear()
            progress(len(part))
        intake.load()


def _noted(
    found: Iterable[SavedItem], met: dict[tuple[str, datetime], KnownBody]
) -> Iterator[SavedItem]:
    """What was found, and in `met` what it holds, for records of later files that refer to it."""
    for item in found:
        if isinstance(item, NewCapture):
            met[item.url, item.captured_at] = KnownBody(item.body_sha256, item.body_bytes)
        yield item


def _held(run: Run, met: Mapping[tuple[str, datetime], KnownBody]) -> FindBody:
    """Finds what was met or is loaded, for records that only refer to it."""

    def held(url: str, time: datetime) -> KnownBody | None:
        if (url, time) in met:
            return met[url, time]
        found = ledger.body_of(run.con, url, time)
        return None if found is None else KnownBody(*found)

    return held


def _size(item: NewCapture | RevisitCapture | RefusedInput) -> int:
    return len(item.body) if isinstance(item, NewCapture) else 0
