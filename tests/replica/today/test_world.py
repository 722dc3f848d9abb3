"""The layout of a world: classic unless told otherwise, and its archive's past in both."""

import json
import re
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from replica.http import Request
from replica.pages.site import open_site
from replica.server.serving import serving
from replica.world import open_world
from tests.processes import PATIENCE
from tests.replica.today.sites import HEADERS, LATER, NOW, get, today


def test_the_classic_layout_answers_as_before() -> None:
    """Every address, byte for byte as the site of pages alone; and it has no API."""
    world, site = open_world(4, 40), open_site(4, 40)
    compared = 0
    for now in (NOW, LATER):
        for path in (*site.addresses(now), "/robots.txt", "/", "/partners/organizations"):
            request = Request("GET", path, "", {})
            assert world.answer(request, now) == site.answer(request, now)
            compared += 1
    assert compared > 100
    known = next(iter(world.today.calls(NOW).values()))[0]
    assert get(world, known.path).status == 404
    assert get(today(4), known.path).status == 200


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    """Pages, scripts and calls at several times, in two orders."""
    first, second = (open_world(6, 30, layout="today") for _ in range(2))
    asked = []
    for time in ("2006-03-01", "2006-11-01", "2015-05-05", "2023-01-01"):
        now = datetime.fromisoformat(time)
        paths = [*first.today.addresses(now), "/robots.txt"]
        paths += [call.path for calls in first.today.calls(now).values() for call in calls]
        asked += [(path, now) for path in paths]
    told = {key: get(first, *key) for key in asked}
    assert {key: get(second, *key) for key in reversed(asked)} == told
    assert len(told) > 100


def test_the_archive_holds_classic_pages_and_since_mid_2022_todays() -> None:
    """Figures in old captures, shells in new ones, redirects from old addresses since."""
    world = today(1)
    forms: Counter[tuple[bool, str]] = Counter()
    for outline in world.gateway.records.portfolio.outlines:
        for path in ("/factsheet/project/", "/project/"):
            url = f"mptf.undp.org{path}{outline.programme_id}"
            query = f"url={url}&output=json"
            listed = json.loads(
                world.answer(Request("GET", "/cdx/search/cdx", query, {}), LATER).body or b"[]"
            )
            for row in listed[1:]:
                capture = world.answer(Request("GET", f"/web/{row[1]}id_/{row[2]}", "", {}), LATER)
                body = capture.body.decode("utf-8", "replace")
                form = "classic" if "Project Factsheet" in body else "shell"
                if capture.status != 200:
                    form = str(capture.status)
                forms[row[1] >= "20220701", form] += 1
    assert forms[False, "classic"] > 50
    assert forms[True, "shell"] > 10
    assert forms[True, "301"] > 10
    assert not forms[False, "shell"]
    assert not forms[True, "classic"]


def test_it_is_served_with_the_servers_faults() -> None:
    """A client that sends the headers gets figures; faults strike calls as they do pages."""
    world = open_world(1, 12, layout="today")
    call = world.today.calls(NOW)["partners"][0].path
    with serving(world, now=NOW, seed=1) as running:
        assert httpx.get(running.base_url + call, timeout=PATIENCE).status_code == 403
        answer = httpx.get(running.base_url + call, headers=HEADERS, timeout=PATIENCE)
        assert json.loads(answer.json())["data"]
        assert answer.headers["content-encoding"] == "gzip"
        home = httpx.get(running.base_url + "/", timeout=PATIENCE).text
        script = re.findall(r'<script src="([^"]*)"', home)[0]
        assert urlsplit(script).path == script
        assert httpx.get(running.base_url + script, timeout=PATIENCE).status_code == 200
        running.set_faults(["503=1@/mptf_rest_api/*"])
        assert (
            httpx.get(running.base_url + call, headers=HEADERS, timeout=PATIENCE).status_code == 503
        )
        assert running.internal_errors == ()
