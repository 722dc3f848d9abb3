"""Processes that tests start and wait for: every wait has an end, which no busy machine reaches."""

import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypeVar

PATIENCE = 240  # seconds for what takes seconds; less than a test may take, so that it says why
_POLL_SECONDS = 0.05
# Below the ports that systems give to clients (Linux: from 32768), one of which may be connected
# from the port that was free just now.
_PORTS = range(20_000, 32_000)
T = TypeVar("T")
Text = TypeVar("Text", str, bytes)


def eventually(find: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
    """Call a function until it returns something, and return that."""
    until = time.monotonic() + within
    while (found := find()) is None:
        assert time.monotonic() < until, f"no {what} after {within} s"
        time.sleep(_POLL_SECONDS)
    return found


@contextmanager
def killed_after(process: "subprocess.Popen[Text]") -> Iterator["subprocess.Popen[Text]"]:
    """Kill a process at the end of the block if it still runs, and close its pipes.

    `with subprocess.Popen(...)` alone waits for its end, for ever if the test has failed.
    """
    with process:
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    """Return a port of this machine that nothing listens on and no client is given."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@contextmanager
def http_server(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve HTTP on loopback while the block runs; yield the base URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
