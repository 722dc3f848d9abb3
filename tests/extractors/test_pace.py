"""How often a host is asked: the delays, and that all processes of the machine share them."""

import multiprocessing
import os
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.fetch.clock import RealClock, StoppedError
from extractors.fetch.throttle import HostThrottle, Rules

RULES = Rules(shortest=0.5, longest=60, target=1)


class SleptTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(0.0, seconds)


def times_of(turnstile: HostThrottle, clock: SleptTime, seconds: list[float]) -> list[float]:
    """When each request went out, if the answers took so long."""
    times = []
    for taken in seconds:
        turnstile.wait()
        times.append(clock.time)
        clock.time += taken
        turnstile.answered(taken, well=True)
    return times


def test_the_delay_follows_the_sites_own_slowness(tmp_path: Path) -> None:
    """One request under way on average: as long between two as an answer takes."""
    clock = SleptTime()
    times = times_of(HostThrottle(tmp_path, "site", RULES, clock), clock, [4.0] * 12)
    assert times[-1] - times[-2] == pytest.approx(4.0, abs=0.1)
    clock = SleptTime()
    two = RULES._replace(target=2)
    times = times_of(HostThrottle(tmp_path, "other", two, clock), clock, [0.1] * 12)
    assert times[-1] - times[-2] == pytest.approx(0.5, abs=0.01)


def test_errors_double_the_delay_up_to_the_longest(tmp_path: Path) -> None:
    clock = SleptTime()
    turnstile = HostThrottle(tmp_path, "site", RULES, clock)
    gaps = []
    for _ in range(9):
        before = clock.time
        turnstile.wait()
        gaps.append(clock.time - before)
        turnstile.answered(0.1, well=False)
    assert gaps[1:] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_what_robots_ask_for_is_never_undercut(tmp_path: Path) -> None:
    clock = SleptTime()
    turnstile = HostThrottle(tmp_path, "site", RULES, clock)
    turnstile.at_least(90)
    times = times_of(turnstile, clock, [0.1] * 5)
    assert all(after - before >= 90 for before, after in pairwise(times))


def test_a_hold_keeps_everyone_out(tmp_path: Path) -> None:
    clock = SleptTime()
    HostThrottle(tmp_path, "site", RULES, clock).hold(30)
    HostThrottle(tmp_path, "site", RULES, clock).wait()
    assert clock.time == 1030
    HostThrottle(tmp_path, "another", RULES, clock).wait()
    assert clock.time == 1030


@given(jump=st.floats(-1e9, 1e9), hold=st.floats(0, 1e9))
def test_a_clock_that_jumps_never_stops_the_run(
    tmp_path_factory: pytest.TempPathFactory, jump: float, hold: float
) -> None:
    clock = SleptTime()
    turnstile = HostThrottle(tmp_path_factory.mktemp("pace"), "site", RULES, clock)
    turnstile.wait()
    turnstile.hold(hold)
    clock.time += jump
    before = clock.time
    turnstile.wait()
    assert clock.time - before <= 3600 + 1e-6 * abs(clock.time)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"last": "x"}', b"\xff" * 5000])
def test_a_damaged_file_is_as_none(tmp_path: Path, content: bytes) -> None:
    clock = SleptTime()
    HostThrottle(tmp_path, "site", RULES, clock).wait()
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    HostThrottle(tmp_path, "site", RULES, clock).wait()


def test_every_user_of_the_machine_may_go_through(tmp_path: Path) -> None:
    """Whatever the umask of who came first; and a file that is there is never created again."""
    before = os.umask(0o022)
    try:
        HostThrottle(tmp_path, "site", RULES, SleptTime()).wait()
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o666
    file.chmod(0o600)
    HostThrottle(tmp_path, "site", RULES, SleptTime()).wait()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    """The folder is everybody's: what another user put there must not be written to."""
    folder, victim = tmp_path / "shared", tmp_path / "victim"
    folder.mkdir()
    victim.write_text("precious")
    HostThrottle(folder, "site", RULES, SleptTime()).wait()
    (file,) = folder.iterdir()
    file.unlink()
    file.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic"):
        HostThrottle(folder, "site", RULES, SleptTime()).wait()
    assert victim.read_text() == "precious"


def go_through(folder: Path, times: int) -> None:
    turnstile = HostThrottle(folder, "site", Rules(0.05, 1, 1), RealClock())
    with (folder / "times").open("a") as file:
        for _ in range(times):
            turnstile.wait()
            file.write(f"{time.time()}\n")
            file.flush()
            turnstile.answered(0.0, well=True)


def test_processes_share_the_pace(tmp_path: Path) -> None:
    """Three at once: however late they are woken, the n-th goes n delays after the first could."""
    context = multiprocessing.get_context("spawn")
    begun = time.time()
    processes = [context.Process(target=go_through, args=(tmp_path, 5)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    times = sorted(map(float, (tmp_path / "times").read_text().split()))
    assert len(times) == 15
    assert all(after - begun >= 0.05 * number for number, after in enumerate(times))


def test_who_sleeps_wakes_when_the_run_is_to_stop() -> None:
    begun = time.monotonic()
    with pytest.raises(StoppedError):
        RealClock(lambda: time.monotonic() - begun > 0.3).sleep(60)
    assert time.monotonic() - begun < 5
