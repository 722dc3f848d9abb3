"""Fixtures for all tests: the stand-in, and a home of its own with the command line on it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from flows.cli.main import main
from tests.command import Mptf
from tests.stand_in import replica

__all__ = ["replica"]

# No claim is about how long an example takes: a busy machine is no fault.
# Forty examples of each, so that all claims together take some minutes.
settings.register_profile("untimed", deadline=None, max_examples=40)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest begins first, beside all others."""
    items.sort(key=lambda item: item.path.stem != "test_deployments")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def mptf(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mptf:
    """Run a command on the test's home; its exit code, output and errors are the result's."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, ["--home", str(home), *map(str, arguments)])

    return run
