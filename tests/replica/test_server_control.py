"""The control addresses under /_replica/."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from replica.server.serving import Running, serving
from replica.server.state import LogEntry
from tests.processes import PATIENCE
from tests.replica.fixed_site import NOW, FixedSite, utc


@pytest.fixture
def running() -> Iterator[Running]:
    with serving(FixedSite(), now=NOW, faults=["500=0"]) as running:
        yield running
        assert not running.internal_errors


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.base_url, timeout=PATIENCE) as client:
        yield client


@pytest.mark.parametrize(
    ("to", "then"),
    [
        ("2016-05-01", utc(2016, 5, 1)),
        ("2016-05-01T12:30:05", utc(2016, 5, 1, 12, 30, 5)),
        ("2016-05-01T12:30Z", utc(2016, 5, 1, 12, 30)),
        ("2016-05-01T01:00%2B02:00", utc(2016, 4, 30, 23)),
        ("1999-12-31", utc(1999, 12, 31)),
    ],
)
def test_the_date_moves_both_ways(
    client: httpx.Client, running: Running, to: str, then: datetime
) -> None:
    assert client.get("/_replica/date").text == "2016-04-20T00:00:00\n"
    assert client.post(f"/_replica/date?to={to}").text == f"{then.isoformat()}\n"
    assert running.now == then
    assert client.get("/echo").json()[4] == str(then)


def test_faults_are_shown_and_replaced(client: httpx.Client) -> None:
    assert client.get("/_replica/faults").json() == ["500=0"]
    assert client.post("/_replica/faults", json=["404=1@/x"]).json() == ["404=1@/x"]
    assert client.get("/x").status_code == 404
    assert client.get("/y").status_code == 200


def test_the_log_is_json_lines_without_control_requests(
    client: httpx.Client, running: Running
) -> None:
    for path in ("/a", "/_replica/date", "/b", "/c"):
        client.get(path)
    lines = client.get("/_replica/log?since=1").text.splitlines()
    entries = httpx.Response(200, text="[" + ",".join(lines) + "]").json()
    assert [(entry["number"], entry["target"]) for entry in entries] == [(2, "/b"), (3, "/c")]
    assert all(tuple(entry) == LogEntry._fields for entry in entries)
    assert [entry["now"] for entry in entries] == [NOW.isoformat()] * 2
    assert [entry.number for entry in running.log()] == [1, 2, 3]


def test_a_cleared_log_goes_on_counting(client: httpx.Client, running: Running) -> None:
    client.get("/a")
    assert client.delete("/_replica/log").status_code == 204
    assert client.get("/_replica/log").text == ""
    client.get("/b")
    assert [entry.number for entry in running.log()] == [2]


@pytest.mark.parametrize(
    ("method", "address", "body", "status", "said"),
    [
        ("POST", "date", "", 400, "to='' is no date or time such as 2016-04-20T12:00"),
        ("POST", "date?to=yesterday", "", 400, "to='yesterday' is no date or time"),
        ("POST", "faults", "", 400, "the body is no JSON list of faults"),
        ("POST", "faults", '{"503": 1}', 400, "the body is no JSON list of faults"),
        ("POST", "faults", "[503]", 400, "the body is no JSON list of faults"),
        ("POST", "faults", '["503"]', 400, "'503' is no fault such as 503=0.02"),
        ("GET", "log?since=x", "", 400, "since='x' is no number of a request"),
        ("PUT", "log", "", 405, "/_replica/log does not take PUT"),
        ("GET", "clock", "", 404, "no control address /_replica/clock"),
    ],
)
def test_wrong_control_input_is_one_clear_line(
    client: httpx.Client, method: str, address: str, body: str, status: int, said: str
) -> None:
    answer = client.request(method, f"/_replica/{address}", content=body)
    assert answer.status_code == status
    assert answer.text.startswith(said)
    assert answer.text.count("\n") == 1
    assert client.get("/_replica/date").text == "2016-04-20T00:00:00\n"
    assert client.get("/_replica/faults").json() == ["500=0"]
