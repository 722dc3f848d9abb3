"""One Prefect server for all tests of the schedule, as `mptf up` starts it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from tests.flows.prefect_server import Server
from tests.flows.receiver import Receiver, receiving


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    """The webhook that the server sends alerts to."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="package")
def server(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every deployment of prefect.yaml, and one worker."""
    server = Server(tmp_path_factory.mktemp("prefect"))
    server.environment["MPTF_ALERT_URL"] = receiver.url
    with closing(server):
        server.up()
        yield server


@pytest.fixture
def prefect(server: Server) -> Iterator[Server]:
    """Run flows in the tests' own process, recorded by the server."""
    with temporary_settings(
        {PREFECT_API_URL: f"{server.url}/api", PREFECT_HOME: server.folder / "prefect"}
    ):
        yield server
        EventsWorker.drain_all()  # else both go on sending when the server has stopped
        APILogWorker.drain_all()
