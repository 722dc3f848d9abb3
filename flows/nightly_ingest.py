"""The scheduled flow: every night, take in what lies in the inbox."""

from pathlib import Path

from prefect import flow, task
from prefect.logging import get_run_logger

from extractors.saved import Given
from flows.home import Home
from flows.ingest import ingest
from flows.report import problem_lines, summary_line
from flows.run import open_run, utc_now
from flows.settings import settings
from warehouse.ledger import Counts


@task(retries=2, retry_delay_seconds=60, persist_result=False)
def take_in(home: Home, inbox: Path) -> Counts:
    """Ingest the inbox; safe to repeat, since what is loaded is passed over."""
    with open_run(home, "nightly-ingest", utc_now()) as run:
        ingest(run, [inbox], Given())
        counts = run.counts()
        logger = get_run_logger()
        for line in problem_lines(run):
            logger.warning(line)
        logger.info(summary_line(counts, (utc_now() - run.started_at).total_seconds()))
    return counts


@flow(name="nightly-ingest", log_prints=False)
def nightly_ingest(home: Path | None = None) -> Counts:
    """Archive and load every saved capture in the home's folder `inbox`."""
    here = Home(settings(home))
    inbox = here.folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    return take_in(here, inbox)
