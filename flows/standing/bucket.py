"""What `mptf status` says of an archive in a bucket: what waits to be pushed, and who writes."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from extractors.archive.listing import Listing, queued
from extractors.errors import MptfError
from extractors.objects import is_bucket, open_store
from flows.pipeline.lease import lease_holder
from flows.places import Places
from flows.standing.health import Reason, Verdict, ago
from flows.terminal import counted

_PATIENCE = timedelta(days=1)  # with files that wait; a night or two without the bucket is none


class BucketState(NamedTuple):
    """The state of an archive in a bucket, as one home knows it.

    Attributes:
        place: the bucket, with its prefix.
        waiting: how many files wait in the home to be pushed.
        waiting_since: since when the oldest of them does (naive UTC).
    """

    place: str
    waiting: int
    waiting_since: datetime | None

    def reasons(self, now: datetime) -> list[Reason]:
        """Return what needs a person."""
        if self.waiting_since is None or now - self.waiting_since <= _PATIENCE:
            return []
        waits = counted(self.waiting, "file waits", "files wait")
        return [
            Reason(
                Verdict.LOOK,
                f"{waits} to be pushed to {self.place}, the oldest since"
                f" {self.waiting_since:%Y-%m-%d %H:%M} UTC, {ago(self.waiting_since, now)}",
                "mptf verify",
            )
        ]

    def line(self) -> str:
        """Return the state in a line."""
        waits = counted(self.waiting, "file waits", "files wait")
        return f"{self.place}: {waits if self.waiting else 'no file waits'} here to be pushed"


def bucket_state(home: Places) -> BucketState | None:
    """Return the state of a home's bucket, if it has one, without asking it anything."""
    place = home.settings.archive
    if place is None or not is_bucket(place):
        return None
    times = [
        datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None, microsecond=0)
        for path in queued(home.archive_folder, Listing(home.archive_folder, place))
    ]
    return BucketState(place, len(times), min(times, default=None))


def writer_line(state: BucketState, now: datetime) -> str:
    """Ask a bucket which home writes to it, and return the answer in a line."""
    try:
        holder = lease_holder(open_store(state.place), now)
    except MptfError as error:  # a variable of the environment may be wrong, too
        return str(error)
    return f"{holder} writes to it" if holder else "no home is writing to it"


def as_record(state: BucketState, now: datetime) -> dict[str, Any]:
    """Return the state for JSON, with the line about the writer."""
    return {**state._asdict(), "writer": writer_line(state, now)}
