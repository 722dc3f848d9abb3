"""The stand-in beside a test or a demo: its server in a thread, and its handle."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

from replica.http import Site
from replica.server.connections import listening
from replica.server.state import LogEntry, State


class Running:
    """A server that runs; every method may be called from any thread."""

    def __init__(self, base_url: str, state: State) -> None:
        self.base_url = base_url  # without a slash at its end
        self._state = state

    @property
    def now(self) -> datetime:
        """Return the site's time."""
        return self._state.moment.now

    def move_to(self, now: datetime) -> None:
        """Set the site's time (naive UTC), forwards or backwards."""
        self._state.move_to(now)

    def set_faults(self, texts: Iterable[str]) -> None:
        """Replace all fault rules, such as `503=0.02` or `reset=1@/factsheet/*`."""
        self._state.set_faults(texts)

    def log(self) -> list[LogEntry]:
        """Return every request since the log was cleared, in the order in which they started."""
        return self._state.log.entries()

    def clear_log(self) -> None:
        """Forget all entries of the log."""
        self._state.log.clear()

    @property
    def internal_errors(self) -> tuple[str, ...]:
        """Return a line for each error of the stand-in's own code."""
        return tuple(self._state.internal_errors)


@contextmanager
def serving(
    site: Site, *, now: datetime, seed: int = 0, faults: Iterable[str] = ()
) -> Iterator[Running]:
    """Serve the site on a free port while the block runs."""
    state = State(now, seed, faults)
    ready: Future[tuple[str, Callable[[], object]]] = Future()

    async def serve() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with listening(site, state) as base_url:
            ready.set_result((base_url, lambda: loop.call_soon_threadsafe(stopped.set)))
            await stopped.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except Exception as error:
            if ready.done():
                state.note_error("serving", error)
            else:
                ready.set_exception(error)

    thread = Thread(target=run, name="replica", daemon=True)
    thread.start()
    base_url, stop = ready.result()
    try:
        yield Running(base_url, state)
    finally:
        stop()
        thread.join()


def serve_until_signalled(
    site: Site, state: State, port: int, announce: Callable[[str], object]
) -> None:
    """Serve the site until SIGINT or SIGTERM; `announce` is called with the base URL.

    Raises:
        OSError: if the port is in use.
    """

    async def serve() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        async with listening(site, state, port) as base_url:
            announce(base_url)
            await stopped.wait()

    asyncio.run(serve())
