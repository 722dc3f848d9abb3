"""Each kind of fault as a client meets it, on real sockets."""

import gzip
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import httpx
import pytest

from replica.http import ContentFault
from replica.server.faults import KINDS
from replica.server.serving import Running, serving
from tests.processes import PATIENCE, eventually
from tests.replica.fixed_site import ETAG, NOW, PAGE, FixedSite, RawClient


@contextmanager
def faulty(*faults: str) -> Iterator[tuple[Running, RawClient]]:
    with serving(FixedSite(), now=NOW, faults=faults) as running, RawClient(running) as raw:
        yield running, raw
        assert not running.internal_errors


def faults_logged(running: Running) -> list[str]:
    return [entry.fault for entry in running.log()]


@pytest.mark.parametrize("kind", ["403", "404", "429", "500", "503"])
def test_an_error_status_is_a_page_of_its_own(kind: str) -> None:
    with faulty(f"{kind}=1") as (running, raw):
        raw.ask()
        answer = raw.answer()
        assert (answer.status, answer.headers["content-type"][:9]) == (int(kind), "text/html")
        assert answer.body not in (b"", PAGE)
        assert faults_logged(running) == [kind]


@pytest.mark.parametrize("kind", ["429", "503"])
def test_retry_after_comes_in_every_form_in_turn(kind: str) -> None:
    with faulty(f"{kind}=1") as (_, raw):
        forms = []
        for _ in range(8):
            raw.ask()
            forms.append(raw.answer().headers.get("retry-after"))
    assert forms[:4] == forms[4:]
    assert set(forms) == {"2", "Wed, 20 Apr 2016 00:00:02 GMT", "in a while", None}


def test_timeout_never_answers_and_is_logged_at_once() -> None:
    with faulty("timeout=1@/t") as (running, _):
        with RawClient(running) as client:
            client.ask("/t")
            eventually(lambda: faults_logged(running) == ["timeout"] or None, "request")
            client.socket.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.socket.recv(1)
        eventually(lambda: running.log()[0].seconds >= 0.1 or None, "end of the request")
        assert (running.log()[0].status, running.log()[0].bytes_sent) == (0, 0)


def test_requests_behind_a_slow_one_wait_for_it() -> None:
    with faulty("drip=1@/small") as (running, raw):
        raw.ask("/small")
        raw.ask("/page")
        raw.head()
        raw.read(1)
        assert [entry.target for entry in running.log()] == ["/small"]


def test_a_reset_comes_midway_through_the_body() -> None:
    with faulty("reset=1") as (running, raw):
        raw.ask()
        status, headers = raw.head()
        assert (status, headers["content-length"]) == (200, str(len(PAGE)))
        assert raw.read(len(PAGE) // 2) == PAGE[: len(PAGE) // 2]
        with pytest.raises(ConnectionResetError):
            raw.read(1)
        assert len(PAGE) // 2 < running.log()[0].bytes_sent < len(PAGE)


def test_a_drip_is_a_byte_a_second() -> None:
    with faulty("drip=1") as (_, raw):
        begun = time.monotonic()
        raw.ask()
        status, headers = raw.head()
        assert (status, headers["content-length"]) == (200, str(len(PAGE)))
        assert raw.read(3) == PAGE[:3]
        assert time.monotonic() - begun > 1.9  # the third comes two seconds after the first


def test_only_the_end_of_the_gzip_stream_tells_a_truncated_page() -> None:
    with faulty("truncated=1") as (_, raw):
        raw.ask("/page", "Accept-Encoding: gzip")
        answer = raw.answer()
        assert len(answer.body) == int(answer.headers["content-length"])
        stream = zlib.decompressobj(31)
        part = stream.decompress(answer.body)
        assert PAGE.startswith(part)
        assert 0 < len(part) < len(PAGE)
        assert not stream.eof
        raw.ask("/page", "Accept-Encoding: identity")
        assert raw.answer().body == PAGE[: len(PAGE) // 2]


@pytest.mark.parametrize("kind", ["truncated", "reset", "drip"])
def test_a_fault_of_the_body_has_a_body_though_the_page_is_unchanged(kind: str) -> None:
    with faulty(f"{kind}=1") as (_, raw):
        raw.ask("/page", f"If-None-Match: {ETAG}")
        assert raw.head()[0] == 200


def expanded(body: bytes) -> int:
    stream, step = zlib.decompressobj(31), 256
    size = sum(len(stream.decompress(body[at : at + step])) for at in range(0, len(body), step))
    assert stream.eof
    return size


def test_a_bomb_is_one_valid_gzip_stream_of_a_gibibyte() -> None:
    with faulty("bomb=1") as (_, raw):
        raw.ask()
        answer = raw.answer()
        assert answer.headers["content-encoding"] == "gzip"
        assert len(answer.body) < 1 << 21
        assert expanded(answer.body) == 1 << 30


def test_a_stacked_bomb_of_some_kilobytes_holds_gigabytes() -> None:
    """The inner stream is only begun: its end is made like that of the single bomb."""
    with faulty("stacked_bomb=1") as (_, raw):
        raw.ask()
        answer = raw.answer()
        assert answer.headers["content-encoding"] == "gzip, gzip"
        assert len(answer.body) < 20_000
        inner = gzip.decompress(answer.body)
        assert int.from_bytes(inner[-4:], "little") == 4 * 2**30 % 2**32
        assert len(inner) > 4 << 20
        assert zlib.decompressobj(31).decompress(inner, 1 << 22) == b" " * (1 << 22)


def test_a_redirect_loop_never_ends() -> None:
    with faulty("redirect_loop=1") as (running, _):
        with (
            httpx.Client(
                base_url=running.base_url, follow_redirects=True, timeout=PATIENCE
            ) as client,
            pytest.raises(httpx.TooManyRedirects),
        ):
            client.get("/page?a=b")
        assert {entry.target for entry in running.log()} == {"/page?a=b", "/around/page?a=b"}


@pytest.mark.parametrize(
    ("asked", "sent_to"), [("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")]
)
def test_a_redirect_away_leads_to_another_host_that_answers(asked: str, sent_to: str) -> None:
    with faulty("redirect_away=1") as (running, _):
        port = running.base_url.rpartition(":")[2]
        answer = httpx.get(f"http://{asked}:{port}/page?a=b", timeout=PATIENCE)
        assert answer.status_code == 302
        assert answer.headers["location"] == f"http://{sent_to}:{port}/elsewhere/page?a=b"
        assert httpx.get(answer.headers["location"], timeout=PATIENCE).status_code == 200
        assert [entry.host for entry in running.log()] == [f"{asked}:{port}", f"{sent_to}:{port}"]


def test_maintenance_and_login_are_pages_with_status_200() -> None:
    with faulty("maintenance=1@/m", "login=1@/l") as (running, raw):
        raw.ask("/m")
        maintenance = raw.answer()
        raw.ask("/l")
        login = raw.answer()
        assert (maintenance.status, login.status) == (200, 200)
        assert b"<h1>We will be back shortly</h1>" in maintenance.body
        assert b"<h1>Please sign in to continue</h1>" in login.body
        assert faults_logged(running) == ["maintenance", "login"]


@pytest.mark.parametrize("kind", get_args(ContentFault))
def test_a_fault_of_content_is_committed_by_the_site(kind: str) -> None:
    with faulty(f"{kind}=1") as (running, _):
        of_programmes = kind in {"other_programme", "no_tables", "lying_validator"}
        page = "/project/echo" if of_programmes else "/mptf_rest_api/echo"
        told = httpx.get(
            running.base_url + page, headers={"If-None-Match": ETAG}, timeout=PATIENCE
        ).json()
        assert told[-1] == kind
        assert told[3]["if-none-match"] == ETAG
        assert faults_logged(running) == [kind]


def test_the_same_requests_meet_the_same_faults_again() -> None:
    """`all` at a low rate, asked without following or waiting, twice from the start."""
    hidden = [f"{kind}=0.05" for kind in KINDS if kind not in ("timeout", "drip", "reset")]

    def met() -> list[tuple[str, int, str]]:
        with faulty(*hidden) as (running, raw):
            for number in range(60):
                raw.ask(f"/{number % 30}", method="HEAD")
                raw.answer(with_body=False)
            return [(entry.target, entry.status, entry.fault) for entry in running.log()]

    first = met()
    assert len({fault for *_, fault in first}) > 5
    assert met() == first


def test_control_and_the_ends_of_redirects_are_never_faulted() -> None:
    with faulty("500=1", "500=1@*") as (running, _):
        for path in ("/_replica/date", "/elsewhere/x"):
            assert httpx.get(running.base_url + path, timeout=PATIENCE).status_code == 200
