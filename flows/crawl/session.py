"""One visit to the site, step by step: discover what is there, visit what is due, assess it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property

from extractors.fetch.clock import Clock, RealClock
from extractors.fetch.errors import FailureKind
from extractors.fetch.gateway import PageRequest, Site
from extractors.ids import fund_code_of, parse_key, programme_id_of
from extractors.profiles.profile import Profile
from flows.crawl.api import ApiVisit
from flows.crawl.assessment import note_what_shrank
from flows.crawl.crawler import Crawler
from flows.crawl.due import Due, Rank, Turns, seen_since
from flows.crawl.paths import fund_request, profile_of, programme_request
from flows.crawl.recognition import Recognition
from flows.crawl.selection import Selection
from flows.crawl.site import open_gateway, request_threads
from flows.crawl.work import Work, continue_unfinished, copy_of_url, work_of
from flows.pipeline.catch_up import catch_up
from flows.pipeline.intake import Intake
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import Run
from flows.pipeline.workers import parsing_in_workers
from flows.settings import AUTO
from flows.terminal import counted
from warehouse import runs, visits
from warehouse.visits import KnownSubject, Taken

_NOT_REQUESTED = frozenset({FailureKind.NOT_ASKED, FailureKind.ROBOTS})


class SyncSession:
    """One visit to the site, step by step."""

    def __init__(
        self,
        run: Run,
        selection: Selection,
        crawler: Crawler,
        site: Site,
        now: datetime,
        work: Work,
    ) -> None:
        self._run = run
        self._selection = selection
        self._crawler = crawler
        self._site = site
        self._now = now
        self._work = work
        self._api = ApiVisit(run, crawler, site, self._captures, now.year)
        self._turns = Turns.of(run.home.settings)
        # The programmes and funds that an earlier run of this work visited, at least in part.
        self._begun = {programme_id_of(url) or fund_code_of(url) for url in work.captured}
        self._due: int | None = None
        self._chosen: dict[str, None] = {}  # programmes, in the order of their visits

    @property
    def run_ids(self) -> list[str]:
        """Return the runs of this night's work: the first one, and those that continued it."""
        return list(dict.fromkeys([*self._work.run_ids, self._run.run_id]))

    def _captures(self) -> Taken:
        """Return the captures of this night's work, those that an earlier run had first too."""
        log = self._run.log
        captured, made = runs.captured_by(self._run.con, self.run_ids)
        return Taken([*(captured | log.capture_outcomes)], made.joined(log.made))

    def discover(self) -> None:
        """Ask the API, and fetch the lists and the funds' pages, which name the programmes.

        Raises:
            UnknownSiteError: without a profile, the site has none of the known forms.
        """
        selection, site, profile = self._selection, self._site, self._profile
        self._api.ask(profile, selection)
        if selection.programmes:
            return
        if not selection.funds:
            stays = bool(profile.queries)
            self._crawler.crawl(
                PageRequest(site.known_as + path, stays=stays) for path in profile.lists
            )
        if self._crawler.gave_up:
            return
        known = {fund.key: fund for fund in visits.known_funds(self._run.con)}
        self._crawler.crawl(
            self._as_known(fund_request(site, profile, code, known.get(code)), known.get(code))
            for code in selection.funds or self._funds_due(known)
        )

    def _funds_due(self, known: Mapping[str, KnownSubject]) -> list[str]:
        """Return the funds whose pages list programmes, and the others that are due."""
        rule = self._rule()
        return [
            code
            for code, fund in known.items()
            if fund.prints_figures or code in self._begun or rule.selects(fund, self._selection)
        ]

    @cached_property
    def _profile(self) -> Profile:
        """Return the profile of the settings, or the one that the site's first answers decide."""
        if self._run.home.settings.profile != AUTO:
            return profile_of(self._run.home.settings)
        recognition = Recognition(self._run, self._crawler, self._site, self._api, self._captures)
        if self._selection.programmes or self._selection.funds:
            return recognition.remembered()
        return recognition.recognize()

    def due(self) -> list[str]:
        """Return the programmes to visit by their rank, those of one seen longest ago first.

        Those that this work has visited already come before them, since the rest of their pages
        may be missing; they count towards the limit.
        """
        if self._crawler.gave_up:
            return []
        selection = self._selection
        if selection.programmes:
            return list(selection.programmes[: selection.limit])
        rule = self._rule()
        keys = [
            key
            for key, programme in self._known.items()
            if (not selection.funds or programme.fund_code in selection.funds)
            and (selection.funds or key in self._begun or rule.selects(programme, selection))
        ]
        ranks = {key: rule.rank(self._known[key]) for key in keys}
        keys.sort(key=lambda key: (key not in self._begun, ranks[key]))
        self._due = len(keys)
        return self._most(keys, ranks)[: selection.limit]

    def _most(self, keys: Sequence[str], ranks: Mapping[str, Rank]) -> list[str]:
        """Return those that one night visits: all never requested before, and so many others."""
        if self._selection.everything or self._selection.funds:
            return list(keys)
        others = [key for key in keys if ranks[key] is not Rank.NEVER_REQUESTED]
        left = set(others[self._run.home.settings.most_visits :])
        return [key for key in keys if key not in left]

    def _rule(self) -> Due:
        """Return the rule after all that the lists have told by now."""
        news = visits.list_news(self._run.con, seen_since(self._run.home.settings, self._now))
        return Due(self._now, self._turns, news)

    def _as_known(self, request: PageRequest, known: KnownSubject | None) -> PageRequest:
        """Return the request, in full where it is the page's turn: a validator may lie.

        So is the rest of what an earlier run of this work began to visit, maybe in its turn.
        """
        if known is None:
            return request
        come = known.key in self._begun or self._turns.has_come(known, self._now)
        return request._replace(afresh=come, refused_before=known.refused)

    @cached_property
    def _known(self) -> dict[str, KnownSubject]:
        known = visits.known_programmes(self._run.con)
        each = any(query.per == "programme" for query in self._profile.queries)
        if each and not self._profile.covers_programmes:  # a visit brings the figures
            known = [programme._replace(prints_figures=True) for programme in known]
        return {programme.key: programme for programme in known}

    def visit(self, programme_ids: Sequence[str], *, last: bool = True) -> None:
        """Fetch and load programmes' pages.

        Unless it is the last call, requests under way at its end go on; the last one also retries
        what failed before.

        Raises:
            InterruptedRunError: the run was asked to stop.
        """
        self._chosen |= dict.fromkeys(programme_ids)
        self._crawler.crawl(
            (
                self._as_known(
                    programme_request(self._site, self._profile, key, self._known.get(key)),
                    self._known.get(key),
                )
                for key in programme_ids
            ),
            last=last,
        )
        self._api.ask_for(self._profile, self._selection, programme_ids)

    def assess(self) -> None:
        """Record, by name, what ended early or shrank too much for the visit to be complete."""
        self._note_programmes()
        for url in visits.cut_short(self._run.con, self._captures()):
            self._run.log.fail(url, runs.CUT_SHORT, "breaks off; the next sync asks for it again")
        if self._profile.queries:
            self._note_api()
        if not self._selection.programmes:
            note_what_shrank(self._run, self.run_ids, self._captures())
        if not self._selection.programmes and not self._selection.funds:
            self._note_missing_lists()

    def _note_missing_lists(self) -> None:
        """Give the visit up if all lists failed, and note if none ever named a programme."""
        log = self._run.log
        failed = {failure.subject: failure.detail for failure in log.failures}
        lists = [self._site.known_as + path for path in self._profile.lists]
        if lists and not log.given_up and failed.keys() >= set(lists):
            log.given_up = f"none of the site's lists could be fetched: {failed[lists[0]]}"
        elif lists and log.programmes is not None and log.programmes.known == 0:
            log.incomplete.append("the site's lists name no programme")

    def _note_programmes(self) -> None:
        """Note how many programmes there are to choose from, were due, and were visited."""
        log = self._run.log
        visited = set(map(programme_id_of, visits.urls_of(self._run.con, self._captures())))
        visited |= {one.programme_id for one in log.failures if one.kind not in _NOT_REQUESTED}
        known = self._due if self._selection.funds else None  # all that belong to them are due
        if known is None:
            known = visits.count_known_programmes(self._run.con)  # with those that came just now
        log.programmes = runs.Programmes(known, self._due, len(visited & self._chosen.keys()))
        log.notes.append(f"programmes: {log.programmes}")

    def _note_api(self) -> None:
        """Note how much the API answered for how many requests, and what the profile lacks."""
        notes = self._run.log.notes
        figures = visits.answered_figures(self._run.con, self._captures())
        requests = counted(self._crawler.api_requests, "request")
        notes.append(f"API: {requests}, {counted(figures, 'figure')}")
        if not self._profile.covers_programmes:
            notes.append(
                f"profile {self._profile.name} has no query for programmes' figures:"
                " `mptf probe --write FILE` finds what the site's API has (docs/site.md)"
            )


@contextmanager
def open_session(
    run: Run,
    selection: Selection,
    clock: Clock | None = None,
    progress: Progress = no_progress,
) -> Iterator[SyncSession]:
    """Read the site's robots.txt, and continue the work of an earlier run that was cut short.

    Raises:
        SiteClosedError: robots.txt cannot be fetched, so nothing was requested.
        SettingsError: the site is not on this machine, and no contact or no pace is set.
        BadBaseError: the base URL is invalid.
    """
    settings = run.home.settings
    run.log.asks_site = True
    unfinished = continue_unfinished(run, selection)  # first, so that the next run does so, too
    catch_up(run)
    clock = clock or RealClock(lambda: run.stop.received)
    with (
        open_gateway(settings, clock) as gateway,
        parsing_in_workers(run, settings.processes or 0) as parsing_run,
        closing(Intake(parsing_run, follows_links=True)) as intake,
    ):
        try:
            now = gateway.read_robots()
        finally:
            intake.archive_non_captures(gateway.pop_non_captures())
        work = work_of(run, unfinished)
        copies = visits.copies(run.con, seen_since(settings, now))
        intake.expect(parse_key(copy.url, copy.body_sha256, None) for copy in copies)
        with ThreadPoolExecutor(request_threads(settings)) as pool:
            crawler = Crawler(
                run, gateway, pool, intake, clock,
                copy_of=copy_of_url(copies, settings, now.date()), captured=work.captured,
                progress=progress,
            )  # fmt: skip
            try:
                yield SyncSession(run, selection, crawler, gateway.site, now, work)
            except BaseException:
                gateway.abort()  # else the pool would wait for every response under way
                raise
