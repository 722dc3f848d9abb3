"""The log of every request, compact: a request costs about 150 bytes, and its address."""

from datetime import datetime, timedelta
from struct import Struct
from threading import Lock
from typing import NamedTuple

_ROW = Struct("<dddqQIHIIII?")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 because the site's times are naive UTC
_SECOND = timedelta(seconds=1)


class LogEntry(NamedTuple):
    """One request and what came of it.

    A request without an answer has status 0; one that could not be read has no method and target.
    """

    number: int  # from 1 on, in the order in which requests were taken up; never used again
    time: float  # seconds since 1970
    monotonic: float
    now: datetime  # the site's time
    method: str
    target: str  # path and query as asked
    host: str
    status: int
    fault: str  # empty: none
    bytes_sent: int
    conditional: bool
    user_agent: str
    connection: int
    seconds: float


class RequestLog:
    """Entries by number; safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: list[bytes] = []
        self._cleared = 0
        self._numbers: dict[str, int] = {}

    def add(
        self,
        *,
        time: float,
        monotonic: float,
        now: datetime,
        method: str,
        target: bytes,
        host: str,
        status: int,
        fault: str,
        bytes_sent: int,
        conditional: bool,
        user_agent: str,
        connection: int,
        seconds: float,
    ) -> int:
        """Note a request; the number it got."""
        number_of = self._number_of
        with self._lock:
            self._rows.append(
                _ROW.pack(
                    time, monotonic, seconds, (now - _EPOCH) // _SECOND, bytes_sent, connection,
                    status, number_of(method), number_of(host), number_of(fault),
                    number_of(user_agent), conditional,
                )
                + target
            )  # fmt: skip
            return self._cleared + len(self._rows)

    def finish(self, number: int, bytes_sent: int, seconds: float) -> None:
        """Note what was sent in the end, and when, of an answer that took its time."""
        with self._lock:
            index = number - self._cleared - 1
            if index < 0:
                return
            row = self._rows[index]
            time, monotonic, _, now, _, *rest = _ROW.unpack_from(row)
            fields = (time, monotonic, seconds, now, bytes_sent, *rest)
            self._rows[index] = _ROW.pack(*fields) + row[_ROW.size :]

    def entries(self, since: int = 0) -> list[LogEntry]:
        """The entries with a greater number than `since`."""
        with self._lock:
            first = max(since - self._cleared, 0)
            rows = self._rows[first:]
            first += self._cleared
            texts = list(self._numbers)
        return [_entry(number, row, texts) for number, row in enumerate(rows, first + 1)]

    def clear(self) -> None:
        """Forget all entries; the numbers go on."""
        with self._lock:
            self._cleared += len(self._rows)
            self._rows.clear()

    def _number_of(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))


def _entry(number: int, row: bytes, texts: list[str]) -> LogEntry:
    (time, monotonic, seconds, now, bytes_sent, connection, status, method, host, fault,
     user_agent, conditional) = _ROW.unpack_from(row)  # fmt: skip
    return LogEntry(
        number=number,
        time=time,
        monotonic=monotonic,
        now=_EPOCH + now * _SECOND,
        method=texts[method],
        target=row[_ROW.size :].decode("latin-1"),
        host=texts[host],
        status=status,
        fault=texts[fault],
        bytes_sent=bytes_sent,
        conditional=conditional,
        user_agent=texts[user_agent],
        connection=connection,
        seconds=seconds,
    )
