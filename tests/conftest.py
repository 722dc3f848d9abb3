"""Fixtures for all tests: the stand-in, a home with the command line on it, and loaded homes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.command import Mptf, run_mptf
from tests.flows.pages import SAMPLES, factsheet, save
from tests.homes import made_once, with_warehouse
from tests.services import postgres, s3
from tests.stand_in import replica

__all__ = ["postgres", "replica", "s3"]

# Neither a deadline nor a check of speed, because an example that is slow on a busy machine is no
# fault. Twenty examples of each property keep all of them together at some minutes; always the
# same, so that a commit passes each time or never. `make proof` draws others.
settings.register_profile(
    "drawn", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("same", settings.get_profile("drawn"), derandomize=True, database=None)
settings.load_profile("same")


# What takes longest is begun first, so that the rest runs beside it and no process is the last one
# for long. Each module is one process's, and all that ask Prefect are: they share a server.
_LONGEST = ("scheduled", "test_page", "test_sync", "test_documents", "test_demo")


class _ByModule(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """The tests of a module in one process, in their order, and all of Prefect's in one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        folder = file.rpartition("/")[0]
        return folder if folder.endswith("/scheduled") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Distribute modules to processes, whatever `--dist` says."""
    return _ByModule(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the order of all else stays."""

    def place(item: pytest.Item) -> int:
        names = {item.path.stem, item.path.parent.name}
        return next((n for n, name in enumerate(_LONGEST) if name in names), len(_LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session", autouse=True)
def _no_archive_of_the_operator() -> Iterator[None]:
    """Let no test write to an archive that is set where the tests are run."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("MPTF_ARCHIVE", raising=False)
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with an empty warehouse."""
    return with_warehouse(tmp_path / "home")


@pytest.fixture
def no_home(home: Path) -> None:
    """Remove the test's home, for claims about what a command does without one."""
    shutil.rmtree(home)


@pytest.fixture
def mptf(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mptf:
    """Return a function that runs a command on the test's home."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Result:
        return run_mptf(home, *arguments)

    return run


@pytest.fixture(scope="session")
def samples_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a home with docs/samples, loaded once for all tests. Copy it before writing."""

    def make(home: Path) -> None:
        assert run_mptf(home, "ingest", SAMPLES).exit_code == 0

    return made_once("samples", make, tmp_path_factory, worker_id)


@pytest.fixture(scope="session")
def published_home(
    samples_home: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """Return a home with docs/samples, a late report and one release. Copy it before writing.

    The figure of 2014 is late at the newest capture (15 June 2016), that of 2016 only since.
    """

    def make(home: Path) -> None:
        shutil.copytree(samples_home, home)
        page = factsheet("00090077", figures={("FAO", 2014): "7", ("WHO", 2016): "8"})
        late = save(home.parent, "late.txt", page)
        assert run_mptf(home, "ingest", late, "--captured-at", "2015-03-01").exit_code == 0
        assert run_mptf(home, "publish").exit_code == 0

    return made_once("published", make, tmp_path_factory, worker_id)


@pytest.fixture
def samples(samples_home: Path, home: Path) -> None:
    """Make the test's home a copy of the one with docs/samples."""
    shutil.copytree(samples_home, home, dirs_exist_ok=True)
