"""The log alone: what it keeps, and at what cost."""

import tracemalloc
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from replica.server.log import LogEntry, RequestLog
from tests.replica.fixed_site import utc

texts = st.text(max_size=20)
times = st.datetimes(utc(1000, 1, 1)).map(lambda time: time.replace(microsecond=0))
entries = st.builds(
    LogEntry,
    number=st.just(0),
    time=st.floats(0, 1e12),
    monotonic=st.floats(0, 1e12),
    now=times,
    method=texts,
    target=st.text(st.characters(codec="latin-1"), max_size=20),
    host=texts,
    status=st.integers(0, 999),
    fault=texts,
    bytes_sent=st.integers(0, 2**40),
    conditional=st.booleans(),
    user_agent=texts,
    connection=st.integers(0, 2**32 - 1),
    seconds=st.floats(0, 1e6),
)


def add(log: RequestLog, entry: LogEntry) -> int:
    fields = {**entry._asdict(), "target": entry.target.encode("latin-1")}
    del fields["number"]
    return log.add(**fields)


@given(st.lists(entries, max_size=4), st.integers(0, 5))
def test_what_goes_in_comes_out(added: list[LogEntry], since: int) -> None:
    log = RequestLog()
    numbered = [entry._replace(number=add(log, entry)) for entry in added]
    assert log.entries() == numbered
    assert log.entries(since) == numbered[since:]


@given(entries, entries)
def test_finishing_changes_its_own_entry_alone(first: LogEntry, second: LogEntry) -> None:
    log = RequestLog()
    number = add(log, first)
    add(log, second)
    log.finish(number, 17, 2.5)
    assert log.entries() == [
        first._replace(number=1, bytes_sent=17, seconds=2.5), second._replace(number=2)
    ]  # fmt: skip


def test_finishing_what_was_cleared_is_nothing() -> None:
    log = RequestLog()
    entry = LogEntry(0, 0.0, 0.0, utc(2016, 4, 20), "GET", "/", "", 200, "", 0, False, "", 1, 0.0)
    number = add(log, entry)
    log.clear()
    log.finish(number, 17, 2.5)
    assert log.entries() == []


def test_20_000_requests_cost_less_than_6_mb() -> None:
    tracemalloc.start()
    try:
        log = RequestLog()
        for number in range(20_000):
            log.add(
                time=1e9 + number,
                monotonic=number + 0.5,
                now=utc(2016, 4, 20) + timedelta(seconds=number),
                method="GET",
                target=b"/factsheet/project/%08d?view=excel" % number,
                host="127.0.0.1:8000",
                status=200,
                fault="",
                bytes_sent=25_000 + number,
                conditional=True,
                user_agent="mptf-warehouse/0.1",
                connection=number,
                seconds=0.001,
            )
        assert tracemalloc.get_traced_memory()[0] < 6_000_000
    finally:
        tracemalloc.stop()
