"""The server: HTTP/1.1 on loopback, misbehaving at the transport where a fault says so."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import count
from struct import pack
from time import monotonic, time
from typing import Any, NamedTuple, cast, get_args
from urllib.parse import unquote

from replica.http import Answer, ContentFault, Request, Site, accepts_gzip
from replica.server.control import PREFIX, answer_control
from replica.server.fault_answers import answer_of_fault, answer_of_redirected, page
from replica.server.state import LogEntry, Moment, State
from replica.server.wire import BODILESS, MOST_HEAD, Received, compressed, head_of, read_request

_ADDRESS = "127.0.0.1"
_NEVER_SECONDS = 300
_DRIP_SECONDS = 1
_ENDING_SECONDS = 1
_ACCEPT_SECONDS = 0.01
_RESET_SECONDS = 0.02  # for the client to read what was sent before the reset
_NO_LINGER = pack("ii", 1, 0)  # makes closing a socket reset the connection
_CONTENT_FAULTS = frozenset(get_args(ContentFault))
_SLOW_FAULTS = frozenset({"timeout", "reset", "drip"})


class _Reply(NamedTuple):
    """An answer as bytes, and the fault by which it is spoiled, if any."""

    status: int
    head: bytes
    body: bytes
    fault: str = ""
    logged: bool = True


class _Begun(NamedTuple):
    """When a request was received, by the wall's clock and by the machine's."""

    time: float
    monotonic: float


class _Server:
    """One site's connections; each answers its requests one after the other."""

    def __init__(self, site: Site, state: State) -> None:
        self._site = site
        self._state = state
        self._numbers = count(1)
        self.connections: dict[asyncio.Task[None], StreamWriter] = {}

    def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve a new connection in a task of its own, until it ends or the server does."""
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self.connections[task] = writer
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self.connections.pop(task).transport.abort()
        if not task.cancelled() and (error := task.exception()):
            self._state.note_error("connection", error)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        number = next(self._numbers)
        keep_alive = True
        with suppress(OSError):  # the client may have gone
            while keep_alive and (received := await read_request(reader)):
                await self._answer(received, number, reader, writer)
                keep_alive = received.keep_alive
            # Closing at once could reset the connection before the client has read the answer.
            writer.write_eof()
            with suppress(TimeoutError):
                await asyncio.wait_for(_read_to_end(reader), _ENDING_SECONDS)

    async def _answer(
        self, received: Received, connection: int, reader: StreamReader, writer: StreamWriter
    ) -> None:
        begun = _Begun(time(), monotonic())
        moment = self._state.moment
        reply = self._reply(received, moment)
        number = 0
        if reply.logged:  # before it is sent: a client that has the answer finds it in the log
            number = self._log(received, reply, begun, moment, connection)
        if reply.fault in _SLOW_FAULTS:
            await self._spoil(reply, number, begun, reader, writer)
        else:
            writer.write(reply.head + reply.body)
            await writer.drain()

    def _log(
        self, received: Received, reply: _Reply, begun: _Begun, moment: Moment, connection: int
    ) -> int:
        """Log a request and its reply, and return the number of the entry."""
        is_slow = reply.fault in _SLOW_FAULTS
        return self._state.log.add(
            LogEntry(
                number=0,
                time=begun.time,
                monotonic=begun.monotonic,
                now=moment.now,
                method=received.method,
                target=received.target,
                host=received.headers.get("host", ""),
                status=reply.status,
                fault=reply.fault,
                bytes_sent=0 if is_slow else len(reply.head) + len(reply.body),
                conditional=received.conditional,
                user_agent=received.headers.get("user-agent", ""),
                connection=connection,
                seconds=monotonic() - begun.monotonic,
            )
        )

    async def _spoil(
        self, reply: _Reply, number: int, begun: _Begun, reader: StreamReader, writer: StreamWriter
    ) -> None:
        """Send nothing, half a reply and a reset, or a byte at a time; complete the log's entry.

        Raises:
            ConnectionAbortedError: the connection is closed.
        """
        sent = 0
        try:
            match reply.fault:
                case "timeout":
                    with suppress(TimeoutError):
                        await asyncio.wait_for(_read_to_end(reader), _NEVER_SECONDS)
                    writer.transport.abort()
                case "reset":
                    whole = reply.head + reply.body
                    half = len(reply.body) // 2 or len(whole) // 2 - len(reply.head)
                    sent = len(reply.head) + half
                    writer.write(whole[:sent])
                    await asyncio.sleep(_RESET_SECONDS)
                    client = writer.get_extra_info("socket")
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                    writer.transport.abort()
                case _:
                    writer.write(reply.head)
                    sent = len(reply.head)
                    for byte in reply.body:
                        writer.write(bytes((byte,)))
                        sent += 1
                        await asyncio.sleep(_DRIP_SECONDS)
                        await writer.drain()  # raises once the client has gone
        finally:
            self._state.log.finish(number, sent, monotonic() - begun.monotonic)
        if writer.transport.is_closing():
            raise ConnectionAbortedError

    def _reply(self, received: Received, moment: Moment) -> _Reply:
        """Return the reply; 500 if the stand-in's own code fails, which the state records."""
        try:
            answer, fault = self._answer_to(received, moment)
        except Exception as error:
            self._state.note_error(f"{received.method} {received.target}", error)
            answer, fault = page(500, "The stand-in itself failed"), "internal_error"
        if accepts_gzip(received.headers.get("accept-encoding", "")):
            answer = compressed(answer)
        if fault == "truncated":
            answer = answer._replace(body=answer.body[: len(answer.body) // 2])
        has_body = received.method != "HEAD" and answer.status not in BODILESS
        return _Reply(
            status=0 if fault == "timeout" else answer.status,
            head=head_of(answer, moment.http_date, keep_alive=received.keep_alive),
            body=answer.body if has_body else b"",
            fault=fault,
            logged=not unquote(received.target).startswith(PREFIX),
        )

    def _answer_to(self, received: Received, moment: Moment) -> tuple[Answer, str]:
        """Return the answer and the fault by which it came about, if any."""
        if received.refused:
            return page(received.refused, "This request cannot be read"), ""
        path, _, query = received.target.partition("?")
        request = Request(received.method, unquote(path), query, received.headers)
        if request.path.startswith(PREFIX):
            return answer_control(self._state, request, received.body), ""
        if redirected := answer_of_redirected(received.target):
            return redirected, ""
        if received.method not in {"GET", "HEAD"}:
            return page(405, "This can only be read"), ""
        hit = self._state.faults.draw(request.path, query, moment.now)
        if hit is None:
            return self._site.answer(request, moment.now), ""
        host = received.headers.get("host", "")
        if answer := answer_of_fault(hit, received.target, host, moment.now):
            return answer, hit.kind
        if hit.kind in _CONTENT_FAULTS:
            fault = cast("ContentFault", hit.kind)
            return self._site.answer(request, moment.now, fault), hit.kind
        # The other faults spoil a body, so a conditional request gets one as well.
        request = request._replace(headers=received.unconditional_headers())
        return self._site.answer(request, moment.now), hit.kind


async def _read_to_end(reader: StreamReader) -> None:
    while await reader.read(MOST_HEAD):
        pass


@asynccontextmanager
async def listening(site: Site, state: State, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback while the block runs; yield the base URL. Port 0 picks a free one.

    Raises:
        OSError: if the port is in use.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(partial(_note, state))
    server = _Server(site, state)
    listener = await asyncio.start_server(server.accept, _ADDRESS, port, limit=MOST_HEAD)
    try:
        yield f"http://{_ADDRESS}:{listener.sockets[0].getsockname()[1]}"
    finally:
        # asyncio fails over connections that are still being accepted when the listener closes:
        # accept no more, and let those become connections first.
        loop.remove_reader(listener.sockets[0].fileno())
        await asyncio.sleep(_ACCEPT_SECONDS)
        tasks = list(server.connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        listener.close()
        await listener.wait_closed()


def _note(state: State, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Record an exception that asyncio reports as never caught."""
    error = context.get("exception") or RuntimeError("no exception given")
    state.note_error(context["message"], error)
