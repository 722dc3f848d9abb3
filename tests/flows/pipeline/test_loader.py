"""On the way from the archive into the tables: read part by part, loaded batch by batch."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.captures import NewCapture
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding.verify import verify
from flows.settings import Settings
from tests.flows.pages import PAGES, factsheet
from tests.flows.tables import ask, dump
from tests.homes import with_warehouse
from warehouse import ledger

FIRST = datetime(2015, 3, 1)  # noqa: DTZ001 because every time here is naive UTC
# One body at two addresses, another at an address that showed the first, and two programmes.
SPENT = [{("FAO", 2013): "100"}, {("FAO", 2013): "200"}, {("FAO", 2013): "300"}]
SHOWN = [(1, 0), (1, 1), (2, 0), (1, 0), (2, 2), (1, 2), (1, 2), (2, 0)]


def _capture(number: int) -> NewCapture:
    programme, spent = SHOWN[number]
    return NewCapture(
        url=f"http://gateway.example/factsheet/project/0009000{programme}?{number % 2}",
        captured_at=FIRST + timedelta(days=number // 2),
        captured_at_source="given",
        source="saved",
        body=factsheet(f"0009000{programme}", figures=SPENT[spent]).encode(),
    )


def _home(folder: str | Path, **more: object) -> Home:
    return Home(Settings(home=with_warehouse(Path(folder) / "home"))).changed(**more)


def _taken_in(home: Home, jobs: Sequence[Sequence[int]], after: Sequence[str]) -> Path:
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        for job, then in zip(jobs, after, strict=True):
            intake.add(map(_capture, job))
            getattr(intake, then)()
            in_archive = sum(home.archive.size(name) for name in home.archive.files())
            assert sum(ledger.indexed_bytes(run.con).values()) <= in_archive
        intake.load_all()
    return home.warehouse


@cache
def _at_once() -> dict[str, list[str]]:
    with TemporaryDirectory() as folder:
        return dump(_taken_in(_home(folder), [range(len(SHOWN))], ["load_all"]))


@given(
    st.permutations(range(len(SHOWN))),
    st.lists(
        st.sampled_from(["collect", "load_if_full", "load_all"]),
        min_size=len(SHOWN),
        max_size=len(SHOWN),
    ),
    st.sampled_from([1, 2, 3, 100]),
)
@settings(max_examples=2)
def test_however_captures_are_read_and_loaded_the_tables_are_the_same(
    order: list[int], after: list[str], batch: int
) -> None:
    """One body twice in a batch, in two, or again once it is loaded; and captures given twice."""
    jobs = [[number, order[0]] for number in order]
    with TemporaryDirectory() as folder:
        home = _home(folder, batch_captures=batch)
        assert dump(_taken_in(home, jobs, after)) == _at_once()
        assert verify(home, utc_now()) == []


def test_where_a_page_leads_is_known_before_anything_is_loaded(tmp_path: Path) -> None:
    body = (PAGES / "fund_factsheet.html").read_bytes()
    page = NewCapture("http://gateway.example/factsheet/fund/SMP00", FIRST, "given", "saved", body)
    home = _home(tmp_path)
    with (
        open_run(home, "ingest", utc_now()) as run,
        closing(Intake(run, follows_links=True)) as intake,
    ):
        for _ in range(2):  # before it is loaded, and after
            intake.add([page])
            intake.collect(wait=True)
            ((url, sha256),) = intake.take_parsed()
            assert url == page.url
            assert intake.links([sha256])[sha256] == ["/factsheet/fund/SMP00?page=2"]
            intake.load_all()


def test_a_page_added_twice_counts_as_parsed_once_its_links_are_known(tmp_path: Path) -> None:
    body = (PAGES / "fund_factsheet.html").read_bytes()
    page = NewCapture("http://gateway.example/factsheet/fund/SMP00", FIRST, "given", "saved", body)
    with (
        open_run(_home(tmp_path), "ingest", utc_now()) as run,
        closing(Intake(run, follows_links=True)) as intake,
    ):
        intake.add([page])
        intake.add([page])
        assert intake.take_parsed() == []
        intake.collect(wait=True)
        assert [url for url, _ in intake.take_parsed()] == [page.url]


def test_a_batch_is_loaded_when_it_is_full(tmp_path: Path) -> None:
    home = _home(tmp_path, batch_captures=3)
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        loaded = []
        for number in range(len(SHOWN)):
            intake.add([_capture(number)])
            intake.collect()
            intake.load_if_full()
            ((count,),) = run.con.execute("SELECT count(*) FROM raw.capture").fetchall()
            loaded.append(count)
        intake.load_all()
    assert loaded == [0, 0, 3, 3, 3, 6, 6, 6]
    assert ask(home.warehouse, "SELECT count(*) FROM raw.capture") == [(8,)]
