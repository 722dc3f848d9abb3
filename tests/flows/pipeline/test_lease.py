"""The lease of an archive in a bucket: one home at a time has it, and a kill frees it in time."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from extractors.archive.bucket import BucketArchive
from extractors.archive.listing import LEASE_FILE
from extractors.objects import Store, open_store
from flows.pipeline.home import ArchiveUse, Home
from flows.pipeline.lease import Lease, lease_holder
from flows.places import HomeBusyError
from flows.settings import Settings
from tests.processes import eventually
from tests.services import S3, use

START = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
SECONDS = 300


class Clock:
    """A clock that a test sets."""

    now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return an empty bucket's prefix."""
    use(monkeypatch, s3)
    return open_store(f"s3://{s3.bucket()}/archive")


def _lease(
    store: Store,
    home: str,
    clock: Callable[[], datetime],
    lock: str = "1",
    seconds: float = SECONDS,
) -> Lease:
    return Lease(store, home, lock, f"sync of {home}", seconds, clock)


def test_one_home_has_the_lease_until_it_gives_it_back(store: Store, clock: Clock) -> None:
    first, second = _lease(store, "a", clock), _lease(store, "b", clock)
    first.take()
    with first.renewed():
        held = r"`mptf sync of a` \(process \d+ on .*, since 2016-04-20 03:07:00 UTC\) is writing"
        with pytest.raises(HomeBusyError, match=held):
            second.take()
        assert str(lease_holder(store, clock())).startswith("`mptf sync of a`")
    assert lease_holder(store, clock()) is None
    second.take()
    assert first.lost is second.lost is None


def test_a_killed_home_keeps_others_waiting_no_longer_than_its_lease(
    store: Store, clock: Clock
) -> None:
    """Another waits a fifth of the lease more, because its clock may be ahead."""
    killed, other = _lease(store, "a", clock), _lease(store, "b", clock)
    killed.take()
    clock.pass_seconds(SECONDS + SECONDS // 5)
    with pytest.raises(HomeBusyError):
        other.take()
    clock.pass_seconds(1)
    other.take()


def test_a_killed_home_has_its_own_lease_again_at_once_and_a_copy_of_it_has_not(
    store: Store, clock: Clock
) -> None:
    _lease(store, "a", clock).take()
    with pytest.raises(HomeBusyError):
        _lease(store, "a", clock, lock="2").take()
    _lease(store, "a", clock).take()


def test_of_many_homes_that_ask_at_once_one_gets_the_lease(store: Store, clock: Clock) -> None:
    def take(number: int) -> bool:
        with suppress(HomeBusyError):
            _lease(store, f"home {number}", clock, str(number)).take()
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1


def test_a_lease_is_renewed_while_its_run_works(store: Store, clock: Clock) -> None:
    lease = _lease(store, "a", clock, seconds=5)
    lease.take()
    clock.pass_seconds(60)
    with lease.renewed():
        eventually(lambda: lease_holder(store, clock()), "lease")
        with pytest.raises(HomeBusyError):
            _lease(store, "b", clock).take()


def test_a_home_that_another_has_taken_over_from_knows_and_leaves_its_lease(
    store: Store, clock: Clock
) -> None:
    late, other = _lease(store, "a", clock, seconds=5), _lease(store, "b", clock)
    late.take()
    clock.pass_seconds(600)
    other.take()
    with late.renewed():
        eventually(lambda: late.lost, "loss of the lease")
        assert late.lost is not None
        assert "`mptf sync of b`" in late.lost
    holder = lease_holder(store, clock())
    assert holder is not None
    assert holder.home == "b"


def test_a_run_goes_on_while_the_bucket_is_away_and_takes_the_lease_when_it_is_back(
    store: Store, clock: Clock, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # where nothing listens
    lease = _lease(store, "a", clock, seconds=5)
    lease.take()
    with lease.renewed():
        monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
        eventually(lambda: lease_holder(store, clock()), "lease")
    assert lease.lost is None
    assert lease_holder(store, clock()) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1]", b"\xff", b'{"home": "x"}', b"[" * 100_000,
     json.dumps({"home": "x", "host": "h", "pid": 1, "command": "c", "since": "2016-04-20",
                 "until": "9999-01-01", "lock": 9}).encode(),
     json.dumps({"home": "x", "host": "h", "pid": 1, "command": "c", "since": None,
                 "until": ["2016-04-21"], "lock": 9}).encode(),
     b'{"home": "x", "pid": 1e999}',
     pytest.param(bytes(65 << 20), id="huge", marks=pytest.mark.lake)],
)  # fmt: skip
def test_a_lease_that_cannot_be_believed_keeps_nobody_out(
    store: Store, clock: Clock, content: bytes
) -> None:
    store.write(LEASE_FILE, content)
    _lease(store, "a", clock).take()
    assert lease_holder(store, clock()) is not None


def test_homes_with_one_bucket_write_one_after_the_other_and_publish_at_any_time(
    store: Store, tmp_path: Path
) -> None:
    homes = [Home(Settings(home=tmp_path / name, archive=store.place)) for name in "ab"]
    with homes[0].writing("sync", START):
        with pytest.raises(HomeBusyError, match=r"`mptf sync` .* is writing to s3://"):
            homes[1].writing("sync", START).__enter__()
        with homes[1].writing("publish", START, archive="none"):
            assert homes[1].lost_lease is None
    with homes[1].writing("sync", START):
        pass
    assert homes[0].identity() == homes[1].identity()


def test_homes_with_one_folder_write_one_after_the_other(tmp_path: Path) -> None:
    homes = [Home(Settings(home=tmp_path / name, archive=str(tmp_path / "x"))) for name in "ab"]
    with homes[0].writing("sync", START):
        use_of: ArchiveUse
        for use_of in ("write", "read"):
            with pytest.raises(HomeBusyError, match=r"`mptf sync` .* is writing to this archive"):
                homes[1].writing("rebuild", START, archive=use_of).__enter__()
        with homes[1].writing("publish", START, archive="none"):
            pass
    with homes[1].writing("rebuild", START, archive="read"):
        pass


def test_a_home_below_another_has_an_archive_of_its_own(tmp_path: Path) -> None:
    """The demo's invented figures never reach the archive of the home."""
    home = Home(Settings(home=tmp_path, archive="s3://bucket/prefix"))
    assert isinstance(home.archive, BucketArchive)
    below = home.below("demo").archive
    assert not isinstance(below, BucketArchive)
    assert below.folder == tmp_path / "demo" / "archive"


def test_a_home_that_uses_the_archive_of_another_waits_for_that_home(tmp_path: Path) -> None:
    """Whoever of the two is first; and its own archive needs no second lock."""
    owner = Home(Settings(home=tmp_path / "owner"))
    guest = Home(Settings(home=tmp_path / "guest", archive=str(owner.archive.folder)))
    busy = r"`mptf sync` .* is writing to this archive"
    with owner.writing("sync", START), pytest.raises(HomeBusyError, match=busy):
        guest.writing("rebuild", START, archive="read").__enter__()
    busy = r"`mptf rebuild` .* is writing to this home"
    with (
        guest.writing("rebuild", START, archive="read"),
        pytest.raises(HomeBusyError, match=busy),
    ):
        owner.writing("sync", START).__enter__()
    assert [path.name for path in owner.folder.iterdir()] == ["writer.lock"]
