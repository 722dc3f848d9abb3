"""The Gateway: every URL, in the old scheme and the new, answered as of the site's time."""

import re
from datetime import datetime

from replica.books.dice import share
from replica.books.moments import moment, time_of
from replica.books.records import Records
from replica.http import Answer, ContentFault, Request
from replica.pages.answers import NOT_FOUND, in_new_scheme
from replica.pages.fund_pages import FUND_VIEWS, fund_page, list_page, list_view
from replica.pages.programme_pages import VIEWS, Pages, programme_page

_FACTSHEET = re.compile(
    r"(?P<old>/factsheet)?/(?P<kind>project|fund)/(?P<name>[0-9A-Za-z]{5,8})(?:/(?P<view>[a-z/]+))?"
)
_WITH_MONTHS = 0.3  # of the funds
_LIST = re.compile(r"/portfolio/([a-z]+)(/excel)?")
_DOCUMENT = re.compile(r"/document/download/([0-9]{1,7})")
ROBOTS = b"User-agent: *\nDisallow: /document/\nDisallow: /feedback\nCrawl-delay: 1\n"
PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>"
    b"endobj\n%% document %d\ntrailer<</Root 1 0 R>>\n%%%%EOF\n"
)


class Gateway:
    """The site: a pure function of the request, the fault and the time."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._pages = Pages()

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer to one request at that time."""
        seconds = moment(now)
        found = _FACTSHEET.fullmatch(request.path)
        if found is None:
            return self._other_page(request, seconds, fault)
        kind, name, view = found["kind"], found["name"], found["view"] or ""
        if in_new_scheme(seconds) and found["old"]:
            return _moved(request)
        if not in_new_scheme(seconds) and not found["old"]:
            return NOT_FOUND
        if kind == "project":
            outline = self.records.portfolio.by_id.get(name)
            if outline is None or outline.approved > seconds or view not in VIEWS:
                return NOT_FOUND
            return programme_page(self.records, self._pages, outline, view, request, seconds, fault)
        fund = self.records.portfolio.by_code.get(name.upper())
        opened = self.records.portfolio.opened(fund) if fund else None
        if fund is None or opened is None or opened > seconds or view not in FUND_VIEWS:
            return NOT_FOUND
        return fund_page(self.records, fund, view, request, seconds, fault)

    def draw_all(self, now: datetime) -> None:
        """Draw and cache every factsheet shown at a time."""
        headers = {"accept-encoding": "gzip"}
        for path in self.addresses(now):
            if _FACTSHEET.fullmatch(path):
                self.answer(Request("GET", path, "", headers), now)

    def addresses(self, now: datetime) -> list[str]:
        """Return the sorted paths of pages public by that time, in both schemes if both existed."""
        seconds = moment(now)
        portfolio = self.records.portfolio
        programmes = [o.programme_id for o in portfolio.outlines if o.approved <= seconds]
        codes = [fund.code for fund in portfolio.open_funds(seconds)]
        paths = ["/portfolio/fund", "/portfolio/agency", "/portfolio/donor"]
        paths += [f"/factsheet/project/{programme_id}" for programme_id in programmes]
        paths += [f"/factsheet/fund/{code}" for code in codes]
        if in_new_scheme(seconds):
            paths += [f"/project/{programme_id}" for programme_id in programmes]
            paths += [f"/fund/{code.lower()}" for code in codes]
        return sorted(paths)

    def linked_addresses(self, now: datetime) -> list[str]:
        """Return these paths, and those that ask for some funds' statements of each December."""
        seconds = moment(now)
        portfolio = self.records.portfolio
        months = [
            f"/factsheet/fund/{fund.code}?fund_status_month_to=12&fund_status_year_to={year}"
            for fund in portfolio.open_funds(seconds)
            if share(self.records.seed, "statement months", fund.code) < _WITH_MONTHS
            for year in range(
                time_of(portfolio.opened(fund) or seconds).year, time_of(seconds).year
            )
        ]
        return sorted([*self.addresses(now), *months])

    def _other_page(self, request: Request, now: int, fault: ContentFault | None) -> Answer:
        if request.path == "/robots.txt":
            return Answer(200, (("Content-Type", "text/plain"),), ROBOTS)
        if found := _DOCUMENT.fullmatch(request.path):
            return self._document(int(found[1]), now)
        if found := _LIST.fullmatch(request.path):
            if found[2]:
                return list_view(self.records, found[1], now) or NOT_FOUND
            return list_page(self.records, found[1], request, now, fault) or NOT_FOUND
        return NOT_FOUND

    def _document(self, number: int, now: int) -> Answer:
        """Return a document that some programme lists: a small PDF."""
        outline = self.records.outline_of_document(number)
        if outline is None:
            return NOT_FOUND
        for shown, document in self.records.books(outline).documents:
            if document.number == number and shown <= now:
                return Answer(200, (("Content-Type", "application/pdf"),), PDF % number)
        return NOT_FOUND


def _moved(request: Request) -> Answer:
    """Redirect from the old scheme to the new, in which a fund's code is in lower case."""
    path = request.path.removeprefix("/factsheet")
    if path.startswith("/fund/"):
        path = path.lower()
    location = f"{path}?{request.query}" if request.query else path
    return Answer(301, (("Location", location), ("Content-Type", "text/html")), b"")


def open_site(seed: int, programmes: int) -> Gateway:
    """Return the stand-in's site."""
    return Gateway(Records(seed, programmes))
