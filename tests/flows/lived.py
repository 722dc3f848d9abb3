"""A home in which much has happened: nights, pages that were set aside, and forgotten captures."""

from datetime import datetime, timedelta
from pathlib import Path

from extractors.profiles.write import dump_profile
from flows.pipeline.home import Home
from replica.server.serving import serving
from replica.world import Layout, open_world
from tests.command import run_mptf
from tests.flows.nights import home_for, night
from tests.flows.pages import PAGES, factsheet, save
from tests.flows.todays_profile import profile_for

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC


def lived_home(
    folder: Path, *, programmes: int = 6, layout: Layout = "classic", nights: int = 2
) -> Home:
    """Fill a home: revisits in other files than their bodies, a row in quarantine, orders.

    One captured page is forgotten; another is forgotten, and shown again by a later file.
    """
    world = open_world(1, programmes, layout=layout)
    profile = "classic"
    if layout == "today":
        profile = str(save(folder, "own.toml", dump_profile(profile_for(world.today.names))))
    with serving(world, now=NOW, seed=1) as running:
        home = home_for(
            folder / "home", running, shortest_delay=0, site_clock=True, profile=profile
        )
        for _ in range(nights):
            night(home, running)
            running.move_to(running.now + timedelta(days=9))
    pages = {
        "forgotten.txt": factsheet("00090001", figures={("FAO", 2014): "100"}),
        "held.txt": factsheet("00090002", figures={("WHO", 2015): "20"}),
    }
    for number, (name, text) in enumerate(pages.items()):
        page = save(folder / "pages", name, text)
        ingest(home, page, f"2015-06-0{number + 1}")
        assert run_mptf(home.folder, "forget", page).exit_code == 0
    ingest(home, save(folder / "again", "held.txt", pages["held.txt"]), "2015-09-01")
    ingest(home, PAGES / "amount_grouped_wrongly.html", "2015-10-01")
    return home.changed(processes=0)


def ingest(home: Home, page: Path, time: str) -> None:
    """Load a page as captured at a time."""
    done = run_mptf(home.folder, "ingest", page, "--captured-at", time)
    assert done.exit_code in {0, 3}, done.output
