"""A webhook on loopback that remembers the messages that it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.processes import eventually, http_server

SECRET = "/hook/Xyzzy"  # noqa: S105 because it is the test's own


class Receiver:
    """What arrived, and the URL at which it did."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.messages: list[dict[str, str]] = []

    def about(self, run_id: str) -> dict[str, str]:
        """Wait for a message about a run, and return it."""
        return eventually(
            lambda: next((sent for sent in self.messages if run_id in sent["message"]), None),
            f"message about run {run_id}",
        )


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive messages while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == SECRET:
                receiver.messages.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http_server(Handler) as base_url:
        receiver = Receiver(f"{base_url}{SECRET}")
        yield receiver
