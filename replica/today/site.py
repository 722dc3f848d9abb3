"""Today's site: every URL of the layout since 2022, answered as of the site's time."""

import re
from datetime import datetime

from replica.books.dice import share
from replica.books.funds import closed_on, overview_of
from replica.books.moments import DAY, NEW_YEAR, date_of, moment
from replica.books.portfolio import FundOutline, Outline
from replica.books.records import Records
from replica.http import Answer, ContentFault, Request
from replica.pages.answers import HTML, NOT_FOUND, tag_of, validators
from replica.pages.site import PDF, ROBOTS
from replica.today.api import Api, Options
from replica.today.calls import Call, Sample, sample_of, script_calls
from replica.today.documents import document_at, document_numbered, document_path
from replica.today.names import BASE, names_of
from replica.today.pages import (
    TEXT_PAGES,
    Shell,
    fund_body,
    home_body,
    programme_body,
    shell_page,
    table_body,
    text_body,
)
from replica.today.scripts import Scripts, write_scripts
from replica.today.tables import Tables

_OLD = re.compile(r"/factsheet/(?P<kind>project|fund)/(?P<name>[0-9A-Za-z]{5,8})(?:/.*)?")
_OLD_DOCUMENT = re.compile(r"/document/download/([0-9]{1,7})")
_PROJECT = re.compile(r"/project/([0-9]{1,8})")
_FUND = re.compile(r"/fund/([0-9a-z]{5})")
_SCRIPTS = ("/themes/custom/", "/sites/default/files/js/")
_JAVASCRIPT = "application/javascript; charset=utf-8"
_FEATURED = 5
_TAGGED_PAGES = 0.5


class Today:
    """The site since 2022: a pure function of the request, the fault and the time.

    `names` are those that the seed has chosen; tests alone may look at them.
    """

    def __init__(self, records: Records, options: Options = Options()) -> None:  # noqa: B008
        self.records = records
        self.options = options
        self.names = names_of(records.seed)
        self.tables = Tables(records, self.names)
        self._api = Api(records.seed, self.tables, self.names, options)
        self._scripts: dict[Sample | None, Scripts] = {}
        self._samples: dict[int, Sample | None] = {}

    def answer(self, request: Request, now: datetime, fault: ContentFault | None = None) -> Answer:
        """Return the answer to one request at that time."""
        seconds, path = moment(now), request.path
        if path.startswith(BASE):
            return self._api.answer(request, seconds, fault)
        if path.startswith(_SCRIPTS):
            script = self.scripts(seconds).files.get(path)
            return _file(_JAVASCRIPT, script.encode()) if script is not None else NOT_FOUND
        if path == "/robots.txt":
            more = f"Disallow: {BASE}\n".encode() if self.options.robots_forbids_api else b""
            return _file("text/plain", ROBOTS + more)
        if document := document_at(self.records, path, seconds):
            return _file("application/pdf", PDF % document.number)
        if location := self._moved_to(path, seconds):
            return Answer(301, (("Location", location), ("Content-Type", "text/html")), b"")
        shell = self._shell(path, seconds, fault)
        return self._page(shell, request, seconds, fault) if shell else NOT_FOUND

    def draw_all(self, now: datetime) -> None:
        """Write the scripts, and collect the figures that the API answers at a time."""
        self.scripts(moment(now))
        self.tables.cents.at(moment(now))

    def addresses(self, now: datetime) -> list[str]:
        """Return the sorted paths of the pages public by that time, without those of the API."""
        seconds = moment(now)
        portfolio = self.records.portfolio
        paths = ["/", "/partners/organizations", "/analyze-all-contributions"]
        paths += [f"/page/{slug}" for slug in TEXT_PAGES]
        paths += [_project_path(o) for o in portfolio.outlines if o.approved <= seconds]
        paths += [_fund_path(fund) for fund in portfolio.open_funds(seconds)]
        return sorted(paths)

    def calls(self, now: datetime) -> dict[str, list[Call]]:
        """Return the calls that the scripts of each kind of page make at a time."""
        return self._calls(moment(now))

    def scripts(self, now: int) -> Scripts:
        """Return the site's scripts; they change with the year."""
        sample = self._sample(now)
        if sample not in self._scripts:
            calls = self._calls(now)
            self._scripts[sample] = write_scripts(self.records.seed, self.names, calls)
        return self._scripts[sample]

    def _calls(self, now: int) -> dict[str, list[Call]]:
        sample = self._sample(now)
        return script_calls(self.names, sample, self.options.api_page_rows) if sample else {}

    def _sample(self, now: int) -> Sample | None:
        """Return values that had rows when the year began, or have them now; None without any."""
        year = date_of(now // DAY).year
        if year not in self._samples:
            begin = NEW_YEAR[year] * DAY
            self._samples[year] = sample_of(self.tables, self.names, begin, year)
        return self._samples[year] or sample_of(self.tables, self.names, now, year + 1)

    def _moved_to(self, path: str, now: int) -> str | None:
        """Return the new address of a page of the classic site."""
        if found := _OLD.fullmatch(path):
            return f"/{found['kind']}/{found['name'].lower()}"
        if path.startswith("/portfolio/"):
            return "/"
        if found := _OLD_DOCUMENT.fullmatch(path):
            return document_numbered(self.records, int(found[1]), now)[0] or None
        return None

    def _shell(self, path: str, now: int, fault: ContentFault | None) -> Shell | None:
        if found := _PROJECT.fullmatch(path):
            outline = self.records.portfolio.by_id.get(found[1].zfill(8))
            if outline is None or outline.approved > now:
                return None
            if fault == "other_programme":
                outline = self._neighbour(outline, now)
            return self._programme(outline, now)
        if found := _FUND.fullmatch(path):
            fund = self.records.portfolio.by_code.get(found[1].upper())
            opened = self.records.portfolio.opened(fund) if fund else None
            return self._fund(fund, now) if fund and opened is not None and opened <= now else None
        loaded = self.scripts(now).loaded
        match path:
            case "/":
                funds = self.records.portfolio.open_funds(now)[:_FEATURED]
                links = [(_fund_path(fund), fund.name) for fund in funds]
                about = "Pooled funds and their programmes."
                return Shell(path, "Home", about, home_body(links), loaded["home"])
            case "/partners/organizations":
                body = table_body("organizations")
                about = "The organizations that take part in pooled funds."
                return Shell(path, "Participating organizations", about, body, loaded["partners"])
            case "/analyze-all-contributions":
                body, about = table_body("contributions"), "Contributions to pooled funds by year."
                return Shell(path, "All contributions", about, body, loaded["contributions"])
        if (slug := path.removeprefix("/page/")) in TEXT_PAGES and path != slug:
            title, paragraphs = TEXT_PAGES[slug]
            return Shell(path, title, paragraphs[0], text_body(paragraphs), loaded["home"][:1])
        return None

    def _fund(self, fund: FundOutline, now: int) -> Shell:
        portfolio = self.records.portfolio
        outlines = [one for one in portfolio.in_fund[fund.number] if one.approved <= now]
        overview = overview_of(portfolio, fund)
        documents = self._documents(outlines[-1], now) if outlines else []
        status = "Closed" if closed_on(outlines, now) else "Active"
        body = fund_body(fund.name, status, overview, documents)
        return Shell(_fund_path(fund), fund.name, overview, body, self.scripts(now).loaded["fund"])

    def _programme(self, outline: Outline, now: int) -> Shell:
        books = self.records.books(outline)
        title, status = books.titles.at(now) or "", books.statuses.at(now) or ""
        passages = [passage for shown, passage in books.passages if shown <= now]
        body = programme_body(title, status, passages, self._documents(outline, now))
        about = passages[0].text if passages else title
        scripts = self.scripts(now).loaded["project"]
        return Shell(_project_path(outline), title, about, body, scripts)

    def _documents(self, outline: Outline, now: int) -> list[tuple[str, str]]:
        return [
            (document_path(document, shown), document.title)
            for shown, document in self.records.books(outline).documents
            if shown <= now
        ]

    def _neighbour(self, outline: Outline, now: int) -> Outline:
        """Return another programme that the site shows, if there is one."""
        outlines = self.records.portfolio.outlines
        later = outlines[outline.number + 1 :] + outlines[: outline.number]
        return next((other for other in later if other.approved <= now), outline)

    def _page(self, shell: Shell, request: Request, now: int, fault: ContentFault | None) -> Answer:
        body = shell_page(shell)
        has_tag = share(self.records.seed, "page tag", request.path) < _TAGGED_PAGES
        tag = tag_of(request.path if fault == "lying_validator" else body.decode())
        checked = validators("weak" if has_tag else "none", tag, now, now, request)
        if checked.unchanged:
            return Answer(304, checked.headers, b"")
        return Answer(200, (("Content-Type", HTML), *checked.headers), body)


def _file(media_type: str, body: bytes) -> Answer:
    return Answer(200, (("Content-Type", media_type),), body)


def _project_path(outline: Outline) -> str:
    return f"/project/{outline.programme_id}"


def _fund_path(fund: FundOutline) -> str:
    return f"/fund/{fund.code.lower()}"
