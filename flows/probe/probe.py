"""The run of a probe: of the site, or of what earlier probes archived."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from extractors.archive.reader import Archive
from extractors.errors import MptfError
from extractors.fetch.clock import Clock, RealClock, StoppedError
from extractors.probe.findings.learned import profile_of
from extractors.probe.findings.report import ProbeReport
from extractors.profiles.profile import Profile
from extractors.profiles.read import load_profile
from extractors.profiles.write import dump_profile
from flows.pipeline.home import Home
from flows.pipeline.progress import Progress, no_progress
from flows.pipeline.run import utc_now
from flows.pipeline.stopping import StopRequest
from flows.probe.sources import Source, open_archive, open_site
from flows.probe.survey import Known, Survey
from warehouse import visits
from warehouse.connection import open_reader
from warehouse.errors import DatabaseError

FOLDER = "probe"


class NotReachedError(MptfError):
    """Nothing of the site was answered; the message says why."""


class StoppedProbeError(MptfError):
    """The probe was asked to stop."""

    hint = "stopped as asked; `mptf probe --from-archive` reports what was archived"


def probe(
    home: Home, most: int, clock: Clock | None = None, progress: Progress = no_progress
) -> ProbeReport:
    """Return what the site has, by at most so many requests; each response is archived.

    Raises:
        SiteClosedError, SettingsError, BadBaseError: as `open_site`.
        NotReachedError: nothing was answered.
        StoppedProbeError: it was asked to stop.
        DiskFullError: its disk is nearly full.
    """
    stop = StopRequest([home.folder], home.settings.min_free_mb)
    clock = clock or RealClock(lambda: stop.received)
    known = _known(home)
    try:
        with (
            stop.listening(),
            open_site(home.settings, _archive(home), clock, utc_now(), most) as source,
        ):

            def show() -> None:
                progress(done=source.requests, of=most)
                if stop.received:
                    raise StoppedError

            return _survey(source, known, show)
    except StoppedError as error:
        raise (StoppedProbeError() if stop.signalled else stop.error()) from error


def probe_archive(home: Home, base_url: str | None) -> ProbeReport:
    """Return what earlier probes found, from what they archived; nothing is requested.

    Without a base URL it is the site that was probed last.

    Raises:
        NoProbeError: no probe is archived.
        NotReachedError: nothing was answered.
    """
    return _survey(open_archive(_archive(home), base_url), Known(), lambda: None)


def _survey(source: Source, known: Known, show: Callable[[], None]) -> ProbeReport:
    report = Survey(source, load_profile("today"), known, show).run()
    if not report.reached:
        raise NotReachedError(f"{report.site}: {report.conclusion}")
    return report


def _archive(home: Home) -> Archive:
    return Archive(home.folder / FOLDER, home.settings.max_body_bytes)


def _known(home: Home) -> Known:
    """Return a fund and a programme that were seen lately, if the warehouse has any."""
    if not home.warehouse.exists():
        return Known()
    with suppress(DatabaseError, MptfError), closing(open_reader(home.warehouse)) as con:
        funds, programmes = visits.known_funds(con), visits.known_programmes(con)
        return Known(funds[-1].key if funds else None, programmes[-1].key if programmes else None)
    return Known()


def write_profile(report: ProbeReport, file: Path) -> Profile:
    """Write a profile of what answered, and return it.

    Raises:
        NothingLearnedError: nothing answered that a profile could ask for; no file is written.
    """
    profile = profile_of(report, file.stem, load_profile("today"))
    new = file.with_name(f".{file.name}.new")
    new.write_text(dump_profile(profile), "utf-8")
    new.replace(file)
    return profile
