"""The server: HTTP/1.1 on loopback, on a raw protocol, because it must misbehave where told to."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from struct import pack
from time import monotonic, time
from typing import Any, NamedTuple, cast

from replica.http import Site
from replica.server.reading import RequestReader
from replica.server.replies import Received, Reply, reply_to
from replica.server.state import State

_ADDRESS = "127.0.0.1"
_BUFFER_SIZE = 1 << 16
_MOST_PENDING = 64
_NEVER_SECONDS = 300
_DRIP_SECONDS = 1
_ENDING_SECONDS = 1
_ACCEPT_SECONDS = 0.01
_RESET_SECONDS = 0.02  # for the client to read what comes before the reset
_NO_LINGER = pack("ii", 1, 0)  # closing then resets


class _Common(NamedTuple):
    """What the connections of one server share."""

    site: Site
    state: State
    numbers: "count[int]"
    connections: "set[_Connection]"
    buffer: memoryview


class _Connection(asyncio.BufferedProtocol):
    """One client. Requests are answered in order; while one answer takes its time, others wait.

    The buffer is one for all, since what is read is taken at once: asyncio's own way, a new buffer
    of 256 KB for each read, costs more than all that is done here for a small answer.
    """

    _transport: asyncio.Transport

    def __init__(self, common: _Common) -> None:
        self._common = common
        self._number = next(common.numbers)
        self._reader = RequestReader()
        self._pending: deque[Received] = deque()
        self._write_paused = False
        self._ending = False
        self._slow: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._common.connections.add(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 because asyncio says so
        return self._common.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._ending:
            return
        self._pending.extend(self._reader.feed(self._common.buffer[:nbytes]))
        self._work()
        if len(self._pending) > _MOST_PENDING:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self._work()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 because asyncio says so
        self._pending.clear()
        if self._slow:
            self._slow.cancel()
        self._common.connections.discard(self)

    def abort(self) -> None:
        """Drop the client, and what it still waits for."""
        self._pending.clear()
        self._transport.abort()

    def _work(self) -> None:
        """Answer what can be answered now."""
        pending = self._pending
        while pending and not self._write_paused and self._slow is None:
            self._answer(pending.popleft())
        if len(pending) <= _MOST_PENDING and not self._transport.is_closing():
            self._transport.resume_reading()

    def _answer(self, received: Received) -> None:
        begun_time, begun = time(), monotonic()
        state = self._common.state
        moment = state.moment
        reply = reply_to(received, state, moment, self._common.site)
        number = 0
        # Logged before it is sent: whoever has an answer finds it in the log.
        if reply.logged:
            number = state.log.add(
                time=begun_time,
                monotonic=begun,
                now=moment.now,
                method=received.method,
                target=received.target,
                host=received.headers.get("host", ""),
                status=reply.status,
                fault=reply.fault,
                bytes_sent=len(reply.head) + len(reply.body) if reply.manner == "whole" else 0,
                conditional=received.conditional,
                user_agent=received.headers.get("user-agent", ""),
                connection=self._number,
                seconds=monotonic() - begun,
            )
        if reply.manner == "whole":
            self._transport.write(reply.head + reply.body)
            if not reply.keep_alive:
                self._end()
        else:
            self._slow = asyncio.create_task(self._send_slowly(reply, number, begun))

    async def _send_slowly(self, reply: Reply, number: int, begun: float) -> None:
        head, body = reply.head, reply.body
        sent = 0
        try:
            if reply.manner == "never":
                await asyncio.sleep(_NEVER_SECONDS)
                self.abort()
            elif reply.manner == "reset":
                part = head + body[: len(body) // 2] if body else head[: len(head) // 2]
                self._transport.write(part)
                sent = len(part)
                await asyncio.sleep(_RESET_SECONDS)
                self._reset()
            else:
                self._transport.write(head)
                sent = len(head)
                for byte in body:
                    self._transport.write(bytes((byte,)))
                    sent += 1
                    await asyncio.sleep(_DRIP_SECONDS)
        finally:
            self._common.state.log.finish(number, sent, monotonic() - begun)
        self._slow = None
        if not reply.keep_alive and not self._transport.is_closing():
            self._end()
        self._work()

    def _reset(self) -> None:
        client = self._transport.get_extra_info("socket")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.abort()

    def _end(self) -> None:
        """Say that no more comes, and read on a while: closing at once could reset the answer."""
        self._ending = True
        self._pending.clear()
        with suppress(OSError):  # the client may have gone already
            self._transport.write_eof()
        asyncio.get_running_loop().call_later(_ENDING_SECONDS, self._transport.close)


@asynccontextmanager
async def listening(site: Site, state: State, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback while the block runs, on a free port where 0 is given; the base URL.

    Raises:
        OSError: where the port is in use.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: _note(state, context))
    common = _Common(site, state, count(1), set(), memoryview(bytearray(_BUFFER_SIZE)))
    server = await loop.create_server(lambda: _Connection(common), _ADDRESS, port)
    try:
        yield f"http://{_ADDRESS}:{server.sockets[0].getsockname()[1]}"
    finally:
        # Accept no more, and let what was just accepted become a connection: asyncio fails over
        # those that are still on their way when their server closes.
        loop.remove_reader(server.sockets[0].fileno())
        await asyncio.sleep(_ACCEPT_SECONDS)
        for connection in list(common.connections):
            connection.abort()
        while common.connections:
            await asyncio.sleep(0)
        server.close()
        await server.wait_closed()


def _note(state: State, context: dict[str, Any]) -> None:
    """What asyncio says of an exception that nobody caught."""
    error = context.get("exception") or RuntimeError("no exception given")
    state.note_error(context["message"], error)
