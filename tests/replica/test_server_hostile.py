"""Whatever a client sends, the stand-in answers it, and nothing of its own code fails."""

from urllib.parse import quote

import httpx
import pytest

from tests.processes import PATIENCE
from tests.stand_in import Replica

HUGE = "9" * 5000
DEEP = "(" * 5000
FACTSHEETS = "/factsheet/project/"


@pytest.mark.parametrize(
    "query",
    [
        "filter=original:(.*.*.*.*.*.*.*)*Z",
        "filter=" + quote("a{99999999999999999999}"),
        "filter=" + DEEP[:150],
        "filter=" + DEEP,
        f"fl={HUGE}",
        f"collapse=urlkey:{HUGE}",
        f"limit={HUGE}",
        "filter=statuscode:[",
    ],
    ids=lambda query: query[:30],
)
def test_a_query_of_the_index_that_cannot_be_answered_is_refused(
    replica: Replica, query: str
) -> None:
    _, running = replica()
    answer = httpx.get(
        f"{running.base_url}/cdx/search/cdx?url=mptf.undp.org/*&{query}", timeout=PATIENCE
    )
    assert answer.status_code == 400
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    "since", ["Mon, 01 Jan 99999999999999 00:00:00 GMT", "0:0:99999999999999999999", "yesterday"]
)
def test_a_condition_that_is_no_date_is_none(replica: Replica, since: str) -> None:
    world, running = replica(programmes=40)
    paths = [path for path in world.gateway.addresses(running.now) if FACTSHEETS in path]
    statuses = [
        httpx.get(
            running.base_url + path, headers={"If-Modified-Since": since}, timeout=PATIENCE
        ).status_code
        for path in paths
    ]
    assert statuses == [200] * len(paths)
    assert len(paths) > 10


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/_replica/log?since={HUGE}", b""),
        ("POST", "/_replica/faults", b"[" * 100_000),
        ("POST", "/_replica/date?to=0001-01-01T00:00:00%2B23:00", b""),
        ("POST", "/_replica/date?to=9998-12-31", b""),
        ("POST", "/_replica/date?to=1969-12-31", b""),
    ],
    ids=["log", "faults", "overflow", "late", "early"],
)
def test_a_control_address_refuses_what_it_cannot_take(
    replica: Replica, method: str, path: str, body: bytes
) -> None:
    _, running = replica()
    before = running.now
    answer = httpx.request(method, running.base_url + path, content=body, timeout=PATIENCE)
    assert (answer.status_code, answer.text.count("\n")) == (400, 1)
    assert running.now == before


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_pages_can_only_be_read(replica: Replica, method: str) -> None:
    _, running = replica()
    assert (
        httpx.request(method, f"{running.base_url}/portfolio/fund", timeout=PATIENCE).status_code
        == 405
    )
