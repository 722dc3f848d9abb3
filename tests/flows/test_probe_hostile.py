"""`mptf probe` on a site whose pages and scripts lead elsewhere: no request leaves the site."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from tests.command import Mptf
from tests.processes import http_server

MOST = 40  # requests
ROBOTS = "User-agent: *\nDisallow: /my_api/getHidden\nDisallow: /hidden\n"
ANSWER = json.dumps({"data": [{"agency_code": "1", "ORGANIZATION": "UNDP", "BUDGET": "1"}]})
CALL = "/my_api/getMoney{}/BUDGET,agency_code/year:2024"


def elsewhere(port: int) -> list[str]:
    """Ways to write the URL of another server; `@SITE@` stands for the site's own host."""
    return [
        f"http://127.0.0.1:{port}", f"//127.0.0.1:{port}", f"///127.0.0.1:{port}",
        f"http:\\\\127.0.0.1:{port}", f"\\\\127.0.0.1:{port}", f"/\\127.0.0.1:{port}",
        f"http:/127.0.0.1:{port}", f"HTTP://127.0.0.1:{port}", f"http://localhost:{port}",
        f"http://2130706433:{port}", f"http://0x7f000001:{port}", f"http://127.1:{port}",
        f"http://[::ffff:127.0.0.1]:{port}", f"http://127.0.0.1.:{port}",
        f"http://１２７.０.０.１:{port}", f"http://127。0。0。1:{port}",  # noqa: RUF001 because hosts may look so
        f"http://@SITE@@127.0.0.1:{port}", f"@127.0.0.1:{port}", f":x@127.0.0.1:{port}",
        f"http://@SITE@\\@127.0.0.1:{port}", f"http://127.0.0.1:{port}#@SITE@",
        f"http://user:pass@127.0.0.1:{port}", f"\t http://127.0.0.1:{port}",
        f"ht\ntp://127.0.0.1:{port}", f"https://127.0.0.1:{port}", f"ftp://127.0.0.1:{port}",
        "file://", "javascript:", "data:,", "http://[", "http://", "//", f".127.0.0.1:{port}",
    ]  # fmt: skip


class _Recording(BaseHTTPRequestHandler):
    """Answers everything, and records the paths and headers that it is asked with."""

    asked: list[tuple[str, str]]
    answer: Callable[[str], tuple[int, str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Host"]))
        status, kind, body = type(self).answer(self.path)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 because http.server says so
        """Nothing is logged."""


def handler(
    asked: list[tuple[str, str]], answer: Callable[[str], tuple[int, str, str]]
) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Recording,), {"asked": asked, "answer": staticmethod(answer)})


def site_of(targets: list[str]) -> Callable[[str], tuple[int, str, str]]:
    """A site whose scripts call each target, and whose pages load scripts of it and link to it."""
    calls = [json.dumps(target + CALL.format(at)) for at, target in enumerate(targets)]
    script = "".join(f"fetch({call});\n$.ajax({{url: {call}}});\n" for call in calls)
    script += f"const host = {json.dumps(targets[1])}; fetch(host + '{CALL.format('Host')}');"
    script += f"fetch('/my_api/getHidden/BUDGET/year:2024'); fetch('{CALL.format('Own')}');"
    script += "while (true) {} document.write('<img src=/ran>'); fetch('/my_api/x' + eval('1'));"
    tags = "".join(
        f'<script src="{target}/a{at}.js"></script><a href="{target}/fund/pb{at:03}">x</a>'
        f'<a href="{target}/project/{at:08}">y</a>'
        for at, target in enumerate(targets)
    )
    page = f"<base href='{targets[0]}/'><script src='/js/own.js'></script>{tags}"
    own = "<script src='/js/own.js'></script><script src='/js/away.js'></script>"
    own += "<script src='/hidden/h.js'></script>" + tags

    def answer(path: str) -> tuple[int, str, str]:
        if path == "/robots.txt":
            return 200, "text/plain", ROBOTS
        if path.startswith("/my_api/"):
            return 200, "application/json", ANSWER
        if path == "/js/own.js":
            return 200, "text/javascript", script
        if path == "/js/away.js" or path.startswith("/project/"):
            return 302, "text/html", f"{targets[0]}/redirected"
        return 200, "text/html", page if path == "/" else own

    return answer


def test_no_address_in_a_page_or_a_script_leads_a_probe_off_the_site(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor past robots.txt, to more requests than allowed, or to what only a browser would run."""
    monkeypatch.setenv("MPTF_SHORTEST_DELAY", "0")
    here: list[tuple[str, str]] = []
    there: list[tuple[str, str]] = []
    with http_server(handler(there, lambda _: (200, "application/json", ANSWER))) as other:
        targets = elsewhere(urlsplit(other).port or 0)
        own_site = handler(here, site_of(targets))
        with http_server(own_site) as base_url:
            host = urlsplit(base_url).netloc
            own_site.answer = staticmethod(  # type: ignore[attr-defined]  # of _Recording
                site_of([target.replace("@SITE@", host) for target in targets])
            )
            done = mptf("probe", "--base-url", base_url, "--requests", str(MOST), "--json")
    assert done.exit_code == 0, done.stderr
    assert there == []
    paths = [path for path, _ in here]
    assert {asked for _, asked in here} == {host}
    assert paths[0] == "/robots.txt"
    assert [path for path in paths if "idden" in path or path in {"/ran", "/redirected"}] == []
    assert [path for path in paths if "getMoneyOwn" in path]
    assert len(paths) <= MOST
    report = json.loads(done.stdout)
    assert [one for one in report["methods"] if "another host" in str(one)]
