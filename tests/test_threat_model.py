"""Tests of the threat model's tables and of the locks."""

import re
from pathlib import Path

import pytest

from tests.dependencies import locked

ROOT = Path(__file__).parents[1]
_ROW = re.compile(r"^\| (?!threat|---)(?P<cells>.+) \|$", re.MULTILINE)


def test_every_test_that_the_threat_model_names_exists() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text()
    rows = [row["cells"].split(" | ") for row in _ROW.finditer(text)]
    assert len(rows) > 30
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)\(", sources, re.MULTILINE))
    for threat, _, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, threat
        assert set(named) <= existing, threat


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_locked_by_its_hashes(name: str) -> None:
    """A lock names no URL or index, from which another package might come."""
    lock = (ROOT / name).read_text()
    packages = re.split(r"^(?=[A-Za-z0-9])", lock.partition("\n")[2], flags=re.MULTILINE)[1:]
    assert len(packages) > 100
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;]+", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]
    assert "://" not in lock
    assert "index" not in lock


def test_the_list_of_dependencies_is_that_of_the_lock() -> None:
    """As `make docs` writes it after `make lock`."""
    text = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [row["cells"].split(" | ") for row in _ROW.finditer(text)]
    assert {name: version for name, version, *_ in rows if name != "package"} == locked()
    assert len(locked()) > 100
