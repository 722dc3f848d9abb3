"""Night after night against the stand-in: the tables hold what was seen, and nobody was rude."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from flows.pipeline.home import Home
from replica.server.state import LogEntry
from tests.flows.nights import IMPATIENT, Notebook, home_for, night
from tests.flows.tables import ask
from tests.stand_in import Replica

CRAWL_DELAY = 1.0  # what the stand-in's robots.txt asks for
NEVER = 36_500  # days until a page's turn comes, in which it would be requested in full
MOST_ATTEMPTS = 4  # three, and one at the end
FORBIDDEN = ("/document/", "/feedback")
NEW_SCHEME = datetime(2022, 7, 1)  # noqa: DTZ001 because every time here is naive UTC


def rude(entries: list[LogEntry]) -> list[str]:
    """Requests of one night that the rules do not allow."""
    asked = Counter(entry.target for entry in entries)
    found = [f"{target} asked {times} times" for target, times in asked.items()
             if times > MOST_ATTEMPTS]  # fmt: skip
    for before, after in pairwise(entries):
        seconds = (after.now - before.now).total_seconds()
        if seconds < CRAWL_DELAY and before.target != "/robots.txt":
            found.append(f"{after.target} asked {seconds} seconds after {before.target}")
    found += [entry.target for entry in entries if entry.target.startswith(FORBIDDEN)]
    found += [entry.target for entry in entries if "mptf-warehouse/" not in entry.user_agent]
    return found


@pytest.mark.proof
def test_after_every_night_the_tables_hold_what_was_seen_last(
    replica: Replica, tmp_path: Path
) -> None:
    """Every fault at 2%, across a deadline and the site's new addresses; the counts add up.

    `make chaos` lives through a year of it.
    """
    times = [NEW_SCHEME + timedelta(days=days) for days in (-65, -2, -1, 0, 1, 9)]
    world, running = replica(programmes=24, seed=7, now=times[0], faults=("all=0.02",))
    home = home_for(tmp_path / "home", running, **IMPATIENT)
    book = Notebook(world, running)
    liars: set[str] = set()
    for time in times:
        running.move_to(time.replace(hour=2))
        counts, _ = night(home, running)
        sums = counts.loaded + counts.unchanged + counts.quarantined + counts.failed
        assert counts.captures == sums
        book.write_down(home)
        assert book.differences(home) == []
        entries = running.log()
        liars |= {entry.target for entry in entries if entry.fault == "lying_validator"}
        assert rude(entries) == []
        running.clear_log()
    assert book.rows > 24
    found = ask(home.warehouse, "SELECT DISTINCT url FROM meta.lying_validator")
    assert {str(url).removeprefix("http://gateway.example") for (url,) in found} <= liars


@pytest.mark.proof
def test_a_validator_that_lied_is_found_out_and_what_rested_on_it_is_no_evidence(
    replica: Replica, tmp_path: Path
) -> None:
    """An ETag that stays: 304 says unchanged, until a request without conditions shows it."""
    start = datetime(2016, 1, 10, 2)  # noqa: DTZ001 because every time here is naive UTC
    faults = ("lying_validator=1@/factsheet/project/*",)
    world, running = replica(programmes=30, seed=2, now=start, faults=faults)
    home = home_for(
        tmp_path / "home", running, check_every=1_000_000, figures_turn_days=NEVER,
        closed_days=NEVER,
    )  # fmt: skip
    book = Notebook(world, running)
    for months in range(5):
        running.move_to(start + timedelta(days=40 * months))
        night(home, running)
        book.write_down(home)
    trusting = len(book.differences(home))  # the notebook does not believe those 304
    assert trusting == 0
    last = "SELECT max(last_seen) FROM core.expenditure_snapshot"
    ((believed,),) = ask(home.warehouse, last)
    assert str(believed) > "2016-06"
    checking = Home(home.settings.model_copy(update={"check_every": 1}))
    running.move_to(start + timedelta(days=250))
    night(checking, running)
    book.write_down(home)
    assert book.differences(home) == []
    lied = ask(home.warehouse, "SELECT url FROM meta.lying_validator")
    assert len(lied) > 3
    ((between,),) = ask(
        home.warehouse,
        "SELECT count(*) FROM core.expenditure_snapshot AS s JOIN raw.capture AS c"
        " USING (capture_id) WHERE c.url IN (SELECT url FROM meta.lying_validator)"
        " AND s.last_seen BETWEEN TIMESTAMP '2016-02-01' AND TIMESTAMP '2016-08-01'",
    )
    assert between == 0
    running.clear_log()
    running.move_to(start + timedelta(days=290))
    night(home, running)
    asked = {str(url).removeprefix("http://gateway.example") for (url,) in lied}
    conditional = {entry.target for entry in running.log() if entry.conditional}
    assert not asked & conditional
    assert conditional
