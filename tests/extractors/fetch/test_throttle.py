"""Delays between requests to a host, and that the processes of a user share them."""

import multiprocessing
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.fetch.clock import RealClock, StoppedError
from extractors.fetch.errors import FailureKind, FetchError
from extractors.fetch.throttle import Budget, Delays, HostThrottle, LimitedRequests, NoThrottle
from tests.processes import PATIENCE

DELAYS = Delays(shortest=0.5, longest=60, target=1)


class FakeClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)


def throttle_in(
    folder: Path, clock: FakeClock, host: str = "site", **delays: float
) -> HostThrottle:
    return HostThrottle(folder, host, DELAYS._replace(**delays), clock)


def delays_of(throttle: HostThrottle, clock: FakeClock, seconds: float, count: int) -> list[float]:
    """Return the times between requests whose responses take `seconds`."""
    times = []
    for _ in range(count):
        throttle.wait()
        times.append(clock.time)
        clock.time += seconds
        throttle.record(seconds, ok=True)
    return [after - before for before, after in pairwise(times)]


def test_the_delay_approaches_the_response_time(tmp_path: Path) -> None:
    """One request in flight on average."""
    clock = FakeClock()
    delays = delays_of(throttle_in(tmp_path, clock), clock, 4.0, 12)
    assert delays[-1] == pytest.approx(4.0, abs=0.1)


def test_the_delay_is_never_below_the_shortest(tmp_path: Path) -> None:
    clock = FakeClock()
    delays = delays_of(throttle_in(tmp_path, clock, target=2), clock, 0.1, 12)
    assert delays[-1] == pytest.approx(0.5, abs=0.01)


def test_errors_double_the_delay_up_to_the_longest(tmp_path: Path) -> None:
    clock = FakeClock()
    throttle = throttle_in(tmp_path, clock)
    delays = []
    for _ in range(9):
        before = clock.time
        throttle.wait()
        delays.append(clock.time - before)
        throttle.record(0.1, ok=False)
    assert delays[1:] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_crawl_delay_is_obeyed_even_above_the_longest_delay(tmp_path: Path) -> None:
    clock = FakeClock()
    throttle = throttle_in(tmp_path, clock)
    throttle.require_delay(90)
    assert min(delays_of(throttle, clock, 0.1, 5)) >= 90


def test_a_pause_holds_for_every_run_and_for_its_host_only(tmp_path: Path) -> None:
    clock = FakeClock()
    throttle_in(tmp_path, clock).pause(30)
    throttle_in(tmp_path, clock).wait()
    assert clock.time == 1030
    throttle_in(tmp_path, clock, "another").wait()
    assert clock.time == 1030


@given(jump=st.floats(-1e9, 1e9), pause=st.floats(0, 1e9))
def test_a_clock_that_jumps_never_stops_the_run(
    tmp_path_factory: pytest.TempPathFactory, jump: float, pause: float
) -> None:
    clock = FakeClock()
    throttle = throttle_in(tmp_path_factory.mktemp("throttles"), clock)
    throttle.wait()
    throttle.pause(pause)
    clock.time += jump
    before = clock.time
    throttle.wait()
    assert clock.time - before <= 3600 + 1e-6 * abs(clock.time)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"null", b'{"last": "x"}', b"\xff" * 5000, b"[" * 4096,
        b'{"last": NaN, "delay": 1, "until": 0}',
        b'{"last": 1%s, "delay": 1, "until": 0}' % (b"0" * 400),
    ],
)  # fmt: skip
def test_an_invalid_state_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    clock = FakeClock()
    throttle_in(tmp_path, clock).wait()
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    throttle_in(tmp_path, clock).wait()
    assert file.read_bytes().startswith(b'{"last": 100')


def test_the_state_belongs_to_one_user(tmp_path: Path) -> None:
    """The folder is created when it is needed, and no other user can read or write the file."""
    throttle_in(tmp_path / "new" / "folder", FakeClock()).wait()
    (file,) = (tmp_path / "new" / "folder").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def send_requests(folder: Path, count: int) -> None:
    throttle = HostThrottle(folder, "site", Delays(0.05, 1, 1), RealClock())
    with (folder / "times").open("a") as file:
        for _ in range(count):
            throttle.wait()
            file.write(f"{time.time()}\n")
            file.flush()
            throttle.record(0.0, ok=True)


def test_processes_share_the_delay(tmp_path: Path) -> None:
    """With three processes, the n-th request comes at least n delays after the start."""
    context = multiprocessing.get_context("spawn")
    start = time.time()
    processes = [context.Process(target=send_requests, args=(tmp_path, 5)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE)
        assert process.exitcode == 0
    times = sorted(map(float, (tmp_path / "times").read_text().split()))
    assert len(times) == 15
    assert all(sent - start >= 0.05 * number for number, sent in enumerate(times))


def test_stopping_the_run_ends_a_sleep() -> None:
    start = time.monotonic()
    with pytest.raises(StoppedError):
        RealClock(lambda: time.monotonic() - start > 0.3).sleep(2 * PATIENCE)
    assert time.monotonic() - start < PATIENCE


def test_no_request_is_sent_beyond_a_budget() -> None:
    """Those before go at the pace of the limiter that it stands on."""
    budget = Budget(2)
    limiter = LimitedRequests(NoThrottle(), budget)
    limiter.wait()
    limiter.wait()
    for _ in range(2):
        with pytest.raises(FetchError) as raised:
            limiter.wait()
        assert raised.value.kind is FailureKind.NOT_ASKED
    assert budget.left == 0
