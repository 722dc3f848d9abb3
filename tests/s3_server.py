"""moto's server, which stands in for S3. As a program it prints its port, and ends with its input.

It answers one request at a time. Of many that create a name, S3 lets one succeed; moto looks for
the name first and then writes, so that two can.
"""

import logging
import sys
from collections.abc import Iterable
from io import BytesIO
from threading import Lock, Thread
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


def serve(address: str) -> int:
    """Serve in the background until the process ends; return the port."""
    logging.getLogger("werkzeug").setLevel("ERROR")  # not a line for each request
    moto = DomainDispatcherApplication(create_backend_app)
    turn = Lock()

    def one_at_a_time(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(size))  # of whoever is slow
        with turn:
            return list(moto(environ, start_response))

    server = make_server(
        address, 0, one_at_a_time, threaded=True, request_handler=MotoRequestHandler
    )
    Thread(target=server.serve_forever, daemon=True).start()
    return server.port


if __name__ == "__main__":
    print(serve("127.0.0.1"), flush=True)
    sys.stdin.read()
