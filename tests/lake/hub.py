"""The site and the bucket of a network namespace: `python -m tests.lake.hub ADDRESS...`.

Prints their ports as JSON, then answers each line of standard input: `move ISO` sets the site's
time, `hosts` returns the Host of every request since the last call. Ends with its input.
"""

import json
import sys
from datetime import datetime
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

from replica.server.serving import serving
from replica.world import open_world
from tests.lake.proxy import Proxy
from tests.s3_server import serve

_START = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


def _forward(address: str, port: int) -> None:
    """Pass the connections to a port of an address on to the same port of loopback."""
    proxy = Proxy(port)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            proxy.pass_on(self.request)

    Thread(target=_Server((address, port), Handler).serve_forever, daemon=True).start()


def main(addresses: list[str]) -> None:
    """Serve until standard input ends."""
    bucket = serve("0.0.0.0")  # noqa: S104 because nobody else is in this network
    with serving(open_world(5, 12), now=_START) as site:
        port = int(site.base_url.rpartition(":")[2])
        for address in addresses:
            _forward(address, port)
        print(json.dumps({"site": port, "s3": bucket}), flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            hosts: list[str] = []
            if word == "move":
                site.move_to(datetime.fromisoformat(rest))
            else:
                hosts = [entry.host for entry in site.log()]
                site.clear_log()
            print(json.dumps(hosts), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
