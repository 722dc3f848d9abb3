"""The demo: three nightly syncs of the stand-in Gateway, the last two with a release."""

from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import NamedTuple, TextIO

from flows.crawl.selection import Selection
from flows.pipeline.home import Home
from flows.pipeline.report import problem_lines, summary_line
from flows.pipeline.run import open_run, utc_now
from flows.publish import publish
from flows.sync import sync
from flows.table import write_table
from replica.pages.site import open_site
from replica.server.serving import Running, serving
from warehouse.connection import open_reader

SEED, PROGRAMMES = 4, 80
_SITE = "http://gateway.example"  # the URL under which the stand-in's pages are stored


class Night(NamedTuple):
    """One sync.

    Attributes:
        time: the site's time (UTC).
        faults: faults of the site, as `mptf replica serve --fault` has them.
        about: a line about the night for the reader.
        released: whether a release follows; the first night has no history worth publishing.
    """

    time: datetime
    faults: Sequence[str]
    about: str
    released: bool = True


NIGHTS = (
    Night(
        datetime(2015, 11, 20, 3, 7),  # noqa: DTZ001 because every time here is naive UTC
        (),
        "figures of 2015 are interim, and those of 2014 final",
        released=False,
    ),
    Night(
        datetime(2016, 4, 20, 3, 11),  # noqa: DTZ001 because every time here is naive UTC
        ("maintenance=0.04", "truncated=0.06", "404=0.04"),
        "final reports for 2015 come in, and are interim until 30 April; some pages fail",
    ),
    Night(
        datetime(2016, 6, 15, 3, 4),  # noqa: DTZ001 because every time here is naive UTC
        (),
        "2015 is final; some figures of earlier years were restated",
    ),
)
_INTERIM_AND_FINAL = """
SELECT programme_id, organization, fiscal_year, interim_usd, year_end_usd, difference_usd,
    interim_known_from::DATE AS interim_seen,
    year_end_known_from::DATE AS final_seen
FROM mart.interim_vs_year_end
WHERE difference_usd <> 0
ORDER BY ALL
LIMIT 10
"""
_RESTATED = """
SELECT programme_id, organization, fiscal_year, was.expenditure_usd AS was_usd,
    became.expenditure_usd AS became_usd, became.known_from::DATE AS seen
FROM core.expenditure_snapshot AS was
JOIN core.expenditure_snapshot AS became USING (programme_id, organization, fiscal_year, basis)
WHERE basis = 'year_end' AND became.known_from > was.known_from
    AND became.expenditure_usd <> was.expenditure_usd
ORDER BY ALL
LIMIT 10
"""
_QUESTIONS = {
    'sql "FROM mart.expenditure_current"': "the figure to quote today, with its basis",
    'sql "FROM mart.interim_vs_year_end"': "how far interim figures were off",
    'sql "FROM mart.programme_current"': "the programmes",
    'sql "FROM meta.finding"': "oddities of the pages",
    "quarantine list": "what was quarantined, and why",
    "status": "runs, coverage, quarantine, checks",
    'sql "FROM mart.restatement" --release': "the newest release, as analysts query it",
}


def demonstrate(home: Home, out: TextIO, progress: TextIO) -> None:
    """Sync with the stand-in on three nights, then print what analysts ask first."""
    gateway = open_site(SEED, PROGRAMMES)
    with serving(gateway, now=NIGHTS[0].time, seed=SEED) as site:
        home = home.changed(
            base_url=site.base_url, known_as=_SITE, shortest_delay=0, site_clock=True,
            processes=0, retry_seconds=0.1,
        )  # fmt: skip
        for night in NIGHTS:
            _sync(home, site, night, progress)
    con = open_reader(home.warehouse)
    try:
        out.write("\nThe last interim figure beside the first year-end one, in US$:\n")
        write_table(con, _INTERIM_AND_FINAL, out)
        out.write("\nYear-end figures that were restated:\n")
        write_table(con, _RESTATED, out)
    finally:
        con.close()
    out.write("\nTry next:\n")
    for question, meaning in _QUESTIONS.items():
        out.write(f"  mptf --home {home.folder} {question:<40}  {meaning}\n")


def _sync(home: Home, site: Running, night: Night, progress: TextIO) -> None:
    site.move_to(night.time)
    site.set_faults(night.faults)
    progress.write(f"{night.time:%d %B %Y}: {night.about}\n")
    started = monotonic()
    with open_run(home, "sync", utc_now()) as run:
        sync(run, Selection(everything=True, fresh=True))
        progress.writelines(f"  {line}\n" for line in problem_lines(run))
        counts = run.counts()
        progress.write(f"  {summary_line(counts, monotonic() - started)}\n")
    if counts.loaded and night.released:
        published = publish(home, night.time, night.time.date())
        progress.write(f"  release {published.file.name}\n")
