"""The survey of a site: pages, the scripts that they load, and the API that these call."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from extractors.fetch.errors import Failure
from extractors.ids import fund_code_of, programme_id_of
from extractors.probe.findings.answers import LOGIN
from extractors.probe.findings.report import (
    NOT_ASKED,
    PageReport,
    ProbeReport,
    ScriptReport,
)
from extractors.probe.pages import PageScripts, page_scripts
from extractors.probe.scripts import find_calls_in
from extractors.profiles.profile import Profile
from flows.probe.api import ApiSurvey
from flows.probe.asking import Subjects
from flows.probe.sources import Source

# Pages whose scripts are known or likely to call the API, and the one that links to funds.
PATHS = ("/partners/organizations", "/analyze-all-contributions", "/")
FUND = "PB000"  # a fund that has long been there
_FUND_PATH, _PROGRAMME_PATH = "/fund/", "/project/"
_MOST_SUBJECTS = 3  # of one page
_PASSWORD = re.compile(rb"type=[\"']?password", re.IGNORECASE)
# Libraries come last: they call nothing by themselves.
_LIBRARY = re.compile(
    r"/core/|/libraries/|/vendor/|/node_modules/|jquery|bootstrap|popper|polyfill|leaflet|highcharts"
    r"|chart(?:s|\.js)?\.min|\bd3\b|moment|gtag|analytics|recaptcha|modernizr|select2|slick",
    re.IGNORECASE,
)


class Known(NamedTuple):
    """A fund and a programme that the warehouse knows."""

    fund: str | None = None
    programme: str | None = None


class _Page(NamedTuple):
    """A page that was answered, by its final URL."""

    url: str
    found: PageScripts


class Survey:
    """One survey of a site.

    Args:
        source: where responses come from.
        profile: the profile with what is known of the site.
        known: what the warehouse knows.
        progress: is called after each response.
    """

    def __init__(
        self, source: Source, profile: Profile, known: Known, progress: Callable[[], None]
    ) -> None:
        self._source = source
        self._site = source.site.known_as
        self._profile = profile
        self._known = known
        self._progress = progress
        self._subjects = Subjects()
        self._api = ApiSurvey(source, self._subjects)
        self._pages: list[_Page] = []
        self._page_reports: dict[str, PageReport] = {}
        self._scripts: dict[str, str] = {}
        self._script_reports: dict[str, ScriptReport] = {}
        self._surveyed: set[tuple[object, ...]] = set()
        self._truncated = False

    def run(self) -> ProbeReport:
        """Survey the site."""
        for path in PATHS:
            self._visit(self._site + path)
        self._visit_first(self._funds())
        self._visit_first(link for page in self._pages for link in page.found.projects)
        self._survey_scripts(share=3)
        self._api.add_known(self._profile)
        self._api.ask()
        if not any(urlsplit(url).path.startswith(_PROGRAMME_PATH) for url in self._page_reports):
            self._visit_first(self._programmes())
            self._survey_scripts(share=8)
            self._api.ask()
        return self._report()

    # Pages

    def _visit(self, url: str) -> None:
        """Fetch a page, and note what it loads and links to."""
        outcome = self._source.fetch(url, {})
        self._progress()
        if isinstance(outcome, Failure):
            self._page_reports[url] = PageReport(url, str(outcome.kind))
            return
        found = page_scripts(outcome.body, outcome.url)
        self._truncated |= found.truncated
        has_password = _PASSWORD.search(outcome.body) is not None
        is_login = has_password and (outcome.url != url or not found.scripts)
        self._page_reports[url] = PageReport(
            url, LOGIN if is_login else "", len(found.scripts), len(found.foreign_scripts),
            len(found.funds), len(found.projects),
        )  # fmt: skip
        self._pages.append(_Page(outcome.url, found))
        self._subjects.add(
            map(fund_code_of, [url, *found.funds[:_MOST_SUBJECTS]]),
            map(programme_id_of, [url, *found.projects[:_MOST_SUBJECTS]]),
        )

    def _visit_first(self, urls: Iterator[str]) -> None:
        if (url := next(urls, None)) is not None:
            self._visit(url)

    def _funds(self) -> Iterator[str]:
        """Yield pages of funds: those that are linked to, a known one, and an old one."""
        for page in self._pages:
            yield from page.found.funds
        yield from self._archived(_FUND_PATH)
        code = self._known.fund or FUND
        names = {"fund_code": code, "fund_code_lower": code.lower()}
        yield self._site + self._profile.fund_paths[0].format_map(names)

    def _programmes(self) -> Iterator[str]:
        """Yield pages of programmes: those of answers, and a known one."""
        path = self._profile.programme_paths[0]
        for programme_id in self._subjects.programme:
            yield self._site + path.format_map(_names_of(programme_id))
        yield from self._archived(_PROGRAMME_PATH)
        if self._known.programme:
            yield self._site + path.format_map(_names_of(self._known.programme))

    def _archived(self, folder: str) -> Iterator[str]:
        """Yield the pages of a kind that earlier probes fetched."""
        for url in self._source.archived_urls():
            if urlsplit(url).path.startswith(folder) and (
                fund_code_of(url) or programme_id_of(url)
            ):
                yield url

    # Scripts

    def _survey_scripts(self, share: int) -> None:
        """Fetch the scripts of the pages, and find the calls in them."""
        urls = dict.fromkeys(url for page in self._pages for url in page.found.scripts)
        for url in sorted(urls, key=lambda url: _LIBRARY.search(url) is not None):
            if url not in self._script_reports:
                self._fetch_script(url, share)
        for page in self._pages:
            self._find_calls(page)

    def _fetch_script(self, url: str, share: int) -> None:
        """Fetch a script, unless that leaves too few requests for the API."""
        left = self._source.left
        if left is not None and left <= self._source.requests // share:
            self._script_reports[url] = ScriptReport(url, NOT_ASKED)
            return
        outcome = self._source.fetch(url, {})
        self._progress()
        if isinstance(outcome, Failure):
            self._script_reports[url] = ScriptReport(url, str(outcome.kind))
            return
        self._script_reports[url] = ScriptReport(url, bytes=len(outcome.body))
        self._scripts[url] = outcome.body.decode(errors="replace").removeprefix("\ufeff")

    def _find_calls(self, page: _Page) -> None:
        """Find the calls of a page's scripts, unless another page has exactly these."""
        found = page.found
        own = {url: self._scripts[url] for url in found.scripts if url in self._scripts}
        inline = {f"{page.url}#script-{at}": text for at, text in enumerate(found.inline, start=1)}
        content = (*own, found.inline, found.settings)
        if not (own or inline) or content in self._surveyed:
            return
        self._surveyed.add(content)
        calls = find_calls_in(own | inline, found.settings)
        self._truncated |= calls.truncated
        self._api.add(calls, page.url)

    def _report(self) -> ProbeReport:
        source = self._source
        rules = source.robots.rules
        words = "sets no rules" if rules is None else "sets rules, which were kept"
        seconds = source.robots.crawl_delay
        pause = f", and asks for {seconds:g} s between requests" if seconds else ""
        return ProbeReport(
            site=self._site,
            probed_at=source.started_at,
            requests=source.requests,
            robots=words + pause,
            pages=tuple(self._page_reports.values()),
            scripts=tuple(self._script_reports.values()),
            methods=self._api.reports(),
            truncated=self._truncated,
        )


def _names_of(programme_id: str) -> dict[str, str]:
    return {"programme_id": programme_id, "programme_number": programme_id.lstrip("0")}
