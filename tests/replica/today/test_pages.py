"""The pages: shells without figures, their addresses, and the files beside them."""

import re
from collections import Counter
from datetime import datetime

import pytest

from replica.books.layouts import EXCEL_TABLE
from replica.books.moments import moment
from replica.books.portfolio import Outline
from replica.http import Answer
from replica.world import World, open_world
from tests.replica.today.sites import LATER, NOW, SEEDS, get, today

HREF = re.compile(r'(?:href|src)="(/[^"]*)"')


def shown(world: World, now: datetime = NOW) -> list[Outline]:
    outlines = world.gateway.records.portfolio.outlines
    return [outline for outline in outlines if outline.approved <= moment(now)]


def page(world: World, path: str, now: datetime = NOW) -> str:
    answer = get(world, path, now, headers={})
    assert answer.status == 200
    return answer.body.decode()


def location(answer: Answer) -> str:
    assert answer.status == 301
    return dict(answer.headers)["Location"]


@pytest.mark.parametrize("now", [NOW, LATER])
def test_no_page_has_a_figure(now: datetime) -> None:
    """Neither a figure of its programme nor anything that looks like an amount."""
    world = today(1)
    records = world.gateway.records
    for path in world.today.addresses(now):
        html = page(world, path, now)
        assert "<table" not in html
        assert "US$" not in html
        assert re.search(r"\d{1,3}(?:,\d{3})+|\d{6,}\.\d", html) is None
    looked = 0
    for outline in shown(world, now):
        text = page(world, f"/project/{outline.programme_id}", now)
        sheet = records.programme(outline, moment(now), (EXCEL_TABLE,))
        for table in sheet.tables:
            for value in table.total.values[:5]:
                if value is not None and abs(value) > 9999:
                    assert f"{value}" not in text
                    looked += 1
    assert looked > 50


def test_a_programmes_page_has_its_title_status_narrative_and_documents() -> None:
    """Under its number with or without zeros; figures and names are left to scripts."""
    world = today(2)
    records = world.gateway.records
    linked = 0
    for outline in shown(world):
        html = page(world, f"/project/{outline.programme_id}")
        assert page(world, f"/project/{outline.programme_id.lstrip('0')}") == html
        sheet = records.programme(outline, moment(NOW))
        title = sheet.identity.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert f"<title>{title} | MPTF Office</title>" in html
        assert f"<h1>{title}</h1>" in html
        assert f"Status: {sheet.identity.status}<" in html
        assert (
            f'rel="canonical" href="https://mptf.undp.org/project/{outline.programme_id}"' in html
        )
        assert '<meta name="description" content="' in html
        assert html.count("<p>") == len(sheet.passages) + 1
        documents = re.findall(r'href="(/sites/default/files/documents/[^"]*)"', html)
        assert len(documents) == len(sheet.documents)
        for path in documents:
            assert re.fullmatch(r"/sites/default/files/documents/\d{4}-\d{2}/[a-z0-9-]+\.pdf", path)
            assert get(world, path).body.startswith(b"%PDF")
            assert get(world, path.replace("documents/2", "documents/3")).status == 404
        linked += len(documents)
    assert linked > 20


def test_a_funds_page_has_labels_with_nothing_behind() -> None:
    world = today(2)
    for fund in world.gateway.records.portfolio.open_funds(moment(NOW)):
        html = page(world, f"/fund/{fund.code.lower()}")
        text = " ".join(re.sub(r"<[^>]*>", " ", html).split()).replace("&amp;", "&")
        assert f"<h1>{fund.name}".replace("&", "&amp;") in html
        assert re.search(r"Status: (Active|Closed) Latest reports: Fund established: \D", text)
        assert f"The work of {fund.name} is possible thanks to the efforts of ." in text


@pytest.mark.parametrize("now", [NOW, LATER])
def test_every_address_and_every_link_is_answered(now: datetime) -> None:
    """No address is listed twice, and all programmes and funds are among them."""
    for seed in SEEDS[:3]:
        world = today(seed)
        paths = world.today.addresses(now)
        assert len(paths) == len(set(paths))
        funds = world.gateway.records.portfolio.open_funds(moment(now))
        assert len(paths) == 5 + len(shown(world, now)) + len(funds)
        links = {link for path in paths for link in HREF.findall(page(world, path, now))}
        assert len(links) > 10
        for link in links:
            assert get(world, link, now, headers={}).status == 200


def test_old_addresses_lead_to_the_new_ones() -> None:
    world = today(1)
    outline = next(o for o in shown(world) if world.gateway.records.books(o).documents)
    number, code = outline.programme_id, outline.fund.code
    old = f"/factsheet/project/{number}"
    assert location(get(world, old)) == f"/project/{number}"
    assert location(get(world, f"{old}/figures/excel")) == f"/project/{number}"
    assert location(get(world, f"/factsheet/fund/{code}")) == f"/fund/{code.lower()}"
    assert location(get(world, "/portfolio/fund")) == "/"
    _, document = world.gateway.records.books(outline).documents[0]
    moved = location(get(world, f"/document/download/{document.number}", LATER))
    assert get(world, moved, LATER).body.startswith(b"%PDF")


def test_what_is_not_there_yet_or_never_is_a_404() -> None:
    world = today(1)
    later = next(o for o in shown(world, LATER) if o.approved > moment(NOW))
    for path in (
        f"/project/{later.programme_id}", "/project/99999999", "/fund/zzzzz", "/page/nothing",
        "/page/", "/themes/custom/x/js/y.js", "/sites/default/files/js/js_0.js", "/nothing",
    ):  # fmt: skip
        assert get(world, path).status == 404
    assert get(world, f"/project/{later.programme_id}", LATER).status == 200


def test_robots_forbid_the_api_only_if_told_to() -> None:
    """Otherwise robots.txt is that of the classic site."""
    forbidding = open_world(1, 12, layout="today", robots_forbids_api=True)
    classic = get(open_world(1, 12), "/robots.txt").body
    assert get(today(1), "/robots.txt").body == classic
    assert get(forbidding, "/robots.txt").body == classic + b"Disallow: /mptf_rest_api/\n"


def test_pages_with_a_tag_answer_304_until_they_change() -> None:
    """Some have one and some have none; a lying one stays though the page changes."""
    world = today(1)
    statuses: Counter[int] = Counter()
    for outline in shown(world):
        path = f"/project/{outline.programme_id}"
        first = get(world, path)
        tag = dict(first.headers).get("ETag")
        if tag is None:
            statuses[0] += 1
            continue
        same = get(world, path, LATER).body == first.body
        known = {"if-none-match": tag}
        assert get(world, path, headers=known).status == 304
        statuses[get(world, path, LATER, headers=known).status] += 1
        assert same == (get(world, path, LATER, headers=known).status == 304)
        lies = {get(world, path, now, "lying_validator").headers for now in (NOW, LATER)}
        assert len(lies) == 1
    assert statuses[0] > 5
    assert statuses[200] > 5


def test_other_programme_shows_another_programme_under_the_address() -> None:
    world = today(1)
    for outline in shown(world)[:10]:
        answer = get(world, f"/project/{outline.programme_id}", fault="other_programme")
        assert f"/project/{outline.programme_id}".encode() not in answer.body
        assert b'rel="canonical"' in answer.body
