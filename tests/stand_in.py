"""The stand-in Gateway for any test that fetches."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from replica.server.serving import Running, serving
from replica.world import World, open_world

Replica = Callable[..., tuple[World, Running]]


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """Start a stand-in: `replica(programmes=12, seed=1, now=..., faults=[...])`.

    Other arguments are those of `open_world`, such as `layout="today"`.

    Requests are not throttled unless a test sets a delay; captures have the stand-in's time.

    It stops at the test's end, and fails the test after any error of its own code.
    """
    for delay in ("SHORTEST_DELAY", "WAYBACK_INDEX_DELAY", "WAYBACK_REPLAY_DELAY"):
        monkeypatch.setenv(f"MPTF_{delay}", "0")
    monkeypatch.setenv("MPTF_SITE_CLOCK", "true")
    started: list[Running] = []
    with ExitStack() as stack:

        def start(
            *,
            programmes: int = 12,
            seed: int = 1,
            now: datetime = datetime(2016, 4, 20, 3, 7),  # noqa: DTZ001 because every time here is naive UTC
            faults: tuple[str, ...] = (),
            **options: Any,
        ) -> tuple[World, Running]:
            world = open_world(seed, programmes, **options)
            running = stack.enter_context(serving(world, now=now, seed=seed, faults=faults))
            started.append(running)
            return world, running

        yield start
    errors = [error for running in started for error in running.internal_errors]
    assert errors == []
