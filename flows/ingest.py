"""Saved captures into the archive, and from there into the warehouse."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from extractors.archive.inputs import CaptureOverrides, FindBody, KnownBody, SavedItem
from extractors.archive.saved import read_saved
from extractors.captures import NewCapture, RefusedInput, RevisitCapture
from flows.pipeline.intake import Intake
from flows.pipeline.loader import catch_up, in_parts
from flows.pipeline.run import Run
from warehouse import ledger

Progress = Callable[[int], None]
_Seen = dict[tuple[str, datetime], KnownBody]


def ingest(
    run: Run,
    paths: Sequence[Path],
    overrides: CaptureOverrides,
    progress: Progress = lambda _: None,
) -> None:
    """Archive and load every capture under some paths; skip what is loaded already.

    Everything is archived before it is parsed, so the same command finishes a killed run.
    """
    catch_up(run)
    limit = run.home.settings.max_body_bytes
    seen: _Seen = {}  # captures of this run that are not loaded yet
    find_body = _finder(run, seen)
    items = _remembered(
        (item for path in paths for item in read_saved(path, overrides, limit, find_body)), seen
    )
    with closing(Intake(run)) as intake:
        for part in in_parts(run, items, _size):
            if run.stop.received:
                intake.load_all()
                run.stop.check()
            for item in part:
                if isinstance(item, RefusedInput):
                    run.log.fail(item.name, "unusable_file", item.message)
            intake.add(item for item in part if not isinstance(item, RefusedInput))
            intake.collect(wait=True)
            if intake.is_full:
                intake.load_parsed()
                seen.clear()
            progress(len(part))
        intake.load_all()


def _remembered(items: Iterable[SavedItem], seen: _Seen) -> Iterator[SavedItem]:
    """Yield the items, and remember their bodies for records of later files that refer to them."""
    for item in items:
        if isinstance(item, NewCapture):
            seen[item.url, item.captured_at] = KnownBody(
                item.body_sha256, item.body_bytes, item.cut_short
            )
        yield item


def _finder(run: Run, seen: Mapping[tuple[str, datetime], KnownBody]) -> FindBody:
    """Return a function that finds the body to which a revisit record refers."""

    def find(url: str, time: datetime) -> KnownBody | None:
        if (url, time) in seen:
            return seen[url, time]
        found = ledger.body_of(run.con, url, time)
        return None if found is None else KnownBody(*found)

    return find


def _size(item: NewCapture | RevisitCapture | RefusedInput) -> int:
    return len(item.body) if isinstance(item, NewCapture) else 0
