"""Several machines: one Prefect server on PostgreSQL, and workers with folders of their own."""

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from prefect import flow
from prefect.blocks.system import Secret
from prefect.client.schemas.objects import State

from flows.pipeline.home import Home
from flows.rebuilding.read import read_share
from flows.scheduled.reading import Order, call_off, sending
from flows.scheduled.sharing import Shares
from flows.settings import settings
from tests.command import run_mptf
from tests.flows.pages import factsheet, save
from tests.flows.prefect_server import Server, run_here, site
from tests.flows.tables import ask, holders
from tests.processes import PATIENCE, eventually
from tests.services import S3, Postgres
from tests.stand_in import Replica
from warehouse.derive import WHOLE

pytestmark = pytest.mark.lake
_ENDS = {"Completed", "Failed", "Crashed"}


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture(scope="module")
def server(
    postgres: Postgres, database: str, s3: S3, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server on PostgreSQL, as docs/schedule.md sets it up, with the first machine's worker."""
    server = Server(tmp_path_factory.mktemp("first"))
    server.environment |= s3.environment | {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": postgres.url(database, "postgresql+asyncpg"),
        "MPTF_ARCHIVE": f"s3://{s3.bucket()}/mptf",
    }
    with closing(server):
        server.up()
        yield server


def test_a_night_runs_with_the_server_on_postgresql(
    server: Server, database: str, replica: Replica, postgres: Postgres
) -> None:
    """In the home of `mptf up`; nothing of Prefect's is stored in SQLite, and no key anywhere."""
    _, running = replica(programmes=8)
    run = server.ended(server.begin("nightly-sync/nightly", None, environment=site(running)))
    assert run["state"]["name"] == "Completed"
    assert ask(server.folder / "warehouse.duckdb", "SELECT count(*) > 8 FROM raw.capture")[0][0]
    assert not list(server.folder.rglob("*.db"))
    assert "ERROR" not in server.log("prefect-server")
    keys = [server.environment["AWS_SECRET_ACCESS_KEY"], "id-of-the-tests", postgres.password]
    assert [key for key in keys if key in postgres.dump(database)] == []
    assert [key for key in keys if holders(server.folder, key.encode())] == []


def test_a_second_machine_with_a_home_of_its_own_is_refused(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """In one line, before it requests anything. The first machine's worker goes on working."""
    _, running = replica(programmes=8)
    server.signal_worker(signal.SIGSTOP)
    try:
        own = {"MPTF_HOME": str(tmp_path / "second"), "MPTF_ARCHIVE": str(tmp_path / "archive")}
        with server.worker("second", **own):
            run_id = server.begin("nightly-sync/nightly", None, environment=site(running))
            run = server.ended(run_id)
    finally:
        server.signal_worker(signal.SIGCONT)
    assert run["state"]["name"] == "Failed"
    said = run["state"]["message"]
    assert f":{tmp_path / 'second'}), but work pool 'mptf' is for home " in said
    assert str(server.folder) in said
    assert "\n" not in said
    assert running.log() == []
    assert [file.name for file in (tmp_path / "second").iterdir()] == ["home.json"]
    run = server.ended(server.begin("nightly-sync/nightly", None, environment=site(running)))
    assert run["state"]["name"] == "Completed"


@pytest.mark.usefixtures("prefect")
def test_a_second_machine_with_the_same_bucket_takes_the_nights_over(
    server: Server, replica: Replica, tmp_path: Path
) -> None:
    """Its home gets what the first one archived, and the history is one.

    What only its runs may know, as the pool's variables would, is in a secret block.
    """
    _, running = replica(programmes=8)
    first = server.ended(server.begin("nightly-sync/nightly", None, environment=site(running)))
    assert first["state"]["name"] in {"Completed", "PassedOver"}
    Secret(value=running.base_url).save("mptf-site")
    environment = site(running, MPTF_BASE_URL="{{ prefect.blocks.secret.mptf-site }}")
    server.signal_worker(signal.SIGSTOP)
    try:
        with server.worker("deputy", MPTF_HOME=str(tmp_path)):
            weekly = server.begin("weekly-check/weekly", None, environment=environment)
            assert server.ended(weekly)["state"]["name"] == "Completed"
    finally:
        server.signal_worker(signal.SIGCONT)
    captures = "SELECT capture_id FROM raw.capture ORDER BY ALL"
    known = ask(server.folder / "warehouse.duckdb", captures)
    assert len(known) > 8
    assert set(known) <= set(ask(tmp_path / "warehouse.duckdb", captures))


class _Gate:
    """The identity of a machine's home, for which its runs wait until the gate is opened."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self._pipe = home / "home.json"
        os.mkfifo(self._pipe)

    def open(self) -> None:
        """Tell it to the run that waits, and to all that come."""
        told = json.dumps({"home": "0" * 32})
        with self._pipe.open("w") as waiting:
            file = self._pipe.with_name("told.json")
            file.write_text(told)
            file.replace(self._pipe)
            waiting.write(told)


@pytest.fixture
def first(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    """The first machine's home, for this process too, with some files that are not read yet."""
    for name, value in server.environment.items():
        if name.startswith(("AWS_", "MPTF_")):
            monkeypatch.setenv(name, value)
    for number in range(4):
        page = factsheet(f"0009000{number}", figures={("FAO", 2015): "7"})
        saved = save(tmp_path, f"{number}.txt", page)
        assert run_mptf(server.folder, "ingest", saved).exit_code == 0
    return Home(settings(server.folder))


def _has_parts(home: Home, place: Path) -> bool:
    """Whether every archive file has its part at a place."""
    report = read_share(home, WHOLE, place)
    return report.there == report.files >= 4


def test_a_run_with_the_only_place_of_its_pool_reads_every_share(
    server: Server, first: Home
) -> None:
    """The runs that it deals out would wait for ever; it takes them back, and none is left."""
    files = len(first.archive.files())
    server.prefect("work-pool", "set-concurrency-limit", "mptf", "1")
    try:
        with server.worker("only"):
            run = server.ended(server.begin("read-archive/read", None, readers=3, shares=4))
    finally:
        server.prefect("work-pool", "clear-concurrency-limit", "mptf")
    assert run["state"]["message"] == "4 shares read"
    assert set(server.runs("read-share").values()) <= {"Cancelled", *_ENDS}
    again = server.ended(server.begin("read-archive/read", None))
    assert re.fullmatch(r"\d+ shares? read", again["state"]["message"])
    rebuilt = server.ended(server.begin("rebuild/from-archive", None))
    assert rebuilt["state"]["name"] == "Completed"
    assert f"archive files loaded from parts: {files} of {files}" in server.lines(rebuilt["id"])


class _Dealing(NamedTuple):
    """A run that deals out one share, and reads nothing until it is told to."""

    shares: Shares
    ended: Future[State[Any]]


@contextmanager
def _dealt_out(to: Path) -> Iterator[_Dealing]:
    shares = Shares([WHOLE], call_off)
    order = Order({"to": str(to), "home": None}, None)

    @flow(name="dealing")
    def dealing() -> None:
        with sending([WHOLE], shares, order, 1):
            eventually(lambda: shares.over() or None, "end of the share", 3 * PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        try:
            yield _Dealing(shares, pool.submit(copy_context().run, run_here, dealing))
        finally:
            shares.close()


def _begun(server: Server) -> str:
    """The run of a share that has begun, and waits for its gate."""
    return eventually(
        lambda: next(
            (run for run, at in server.runs("read-share").items() if at == "Running"), None
        ),
        "run of a share",
    )


@pytest.mark.usefixtures("prefect")
def test_a_share_is_read_by_another_machine(server: Server, first: Home, tmp_path: Path) -> None:
    """One with a home of its own. While its run is under way there, it is not taken back."""
    second, parts = tmp_path / "second", tmp_path / "parts"
    gate = _Gate(second)
    with (
        server.worker("second", "--work-queue", "shares", MPTF_HOME=str(second)),
        _dealt_out(parts) as dealing,
    ):
        share = _begun(server)
        assert dealing.shares.take() is None
        gate.open()
        assert server.ended(share)["state"]["name"] == "Completed"
        assert dealing.ended.result(PATIENCE).name == "Completed"
    assert _has_parts(first, parts)
    assert dealing.shares.failures == {}


@pytest.mark.timeout(1200)  # seconds
@pytest.mark.usefixtures("prefect")
def test_the_share_of_a_machine_that_lost_its_power_is_anybodys_again(
    server: Server, first: Home, tmp_path: Path
) -> None:
    """Prefect says after three minutes that its run has crashed."""
    parts = tmp_path / "parts"
    _Gate(tmp_path / "second")
    with (
        server.worker("cut", "--work-queue", "shares", MPTF_HOME=str(tmp_path / "second")) as cut,
        _dealt_out(parts) as dealing,
    ):
        share = _begun(server)
        eventually(lambda: server.heartbeats(share) or None, "heartbeat")
        for process in [*_below(cut.pid), cut.pid]:
            os.kill(process, signal.SIGKILL)
        server.is_in(share, "Crashed", within=2 * PATIENCE)
        taken = eventually(dealing.shares.take, "share that was given back")
        read_share(first, taken, parts)
        dealing.shares.done(taken)
        assert dealing.ended.result(PATIENCE).name == "Completed"
    assert _has_parts(first, parts)


def _below(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (*_below(child), child)]
