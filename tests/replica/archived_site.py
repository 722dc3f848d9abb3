"""A small site that changes over time, and an archive of it: shared by the archive's tests."""

from collections.abc import Collection
from datetime import datetime

from replica.http import Answer, ContentFault, Request
from replica.webarchive.site import WebArchive

NOW = datetime.fromisoformat("2025-06-01")
MOVED = datetime.fromisoformat("2022-07-01")
EARLIEST = datetime.fromisoformat("2008-01-01")
NUMBERS = range(1, 30)
_GONE = datetime.fromisoformat("2018-01-01")


class ChangingSite:
    """Pages that change yearly, one that always does, one that never does, one that goes.

    From mid-2022 the old addresses lead to the new ones. It notes every path that it is asked for.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        assert fault is None
        self.asked.append(request.path)
        if request.path.startswith("/factsheet/") and now >= MOVED:
            location = request.path.removeprefix("/factsheet")
            return Answer(301, (("Location", location), ("Content-Type", "text/html")), b"")
        if request.path == "/clock":
            return _page(f"It is {now}.")
        if request.path == "/still" or (request.path == "/leaving" and now < _GONE):
            return _page("Nothing changes here.")
        if request.path == "/list":
            return _page(f"The list of {now.year // 4}: {request.query}")
        if "/project/" in request.path and (now >= MOVED or "/factsheet/" in request.path):
            return _page(f'Figures of {now.year}, <a href="/list?page=1">list</a>')
        return _page("Not found", 404)

    def addresses(self, now: datetime) -> list[str]:
        known = ["/clock", "/leaving", "/list?page=1", "/list?page=2&Sort=Name", "/still"]
        known += [f"/factsheet/project/{number:08d}" for number in NUMBERS]
        if now >= MOVED:
            known += [f"/project/{number:08d}" for number in NUMBERS]
        return sorted(known)


def _page(text: str, status: int = 200) -> Answer:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{hash_of(text)}"'))
    return Answer(status, headers, f"<html><body>{text}</body></html>".encode())


def hash_of(text: str) -> str:
    """Something that depends on a text alone."""
    return f"{sum(text.encode()):x}"


def archive(
    site: ChangingSite | None = None,
    *,
    most_rows: int = 100_000,
    excluded: Collection[str] = (),
    requests_per_minute: int | None = None,
    clock: "Clock | None" = None,
) -> WebArchive:
    """An archive of the site, the same one every time."""
    site = site or ChangingSite()
    return WebArchive(
        site,
        site.addresses,
        seed=4,
        most_rows=most_rows,
        excluded=excluded,
        requests_per_minute=requests_per_minute,
        clock=clock or Clock(),
    )


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def get(site: WebArchive, target: str, now: datetime = NOW) -> Answer:
    """The answer to a GET of a path and query."""
    path, _, query = target.partition("?")
    return site.answer(Request("GET", path, query, {}), now)


def search(site: WebArchive, query: str, now: datetime = NOW) -> list[list[str]]:
    """The rows that a query lists."""
    answer = get(site, f"/cdx/search/cdx?{query}", now)
    assert answer.status == 200, answer.body
    return [line.split(" ") for line in answer.body.decode().splitlines()]


def digits(time: datetime) -> str:
    """A time as the archive writes it."""
    return time.strftime("%Y%m%d%H%M%S")


def time_of(timestamp: str) -> datetime:
    """The time that the archive writes so."""
    return datetime.fromisoformat(f"{timestamp[:8]}T{timestamp[8:]}")
