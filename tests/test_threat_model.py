"""The threat model says what is tested, and it is; packages are what was locked."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ROW = re.compile(r"^\| (?!they could|---)(?P<cells>.+) \|$", re.MULTILINE)


def test_every_test_that_the_threat_model_names_is_there() -> None:
    told = (ROOT / "docs" / "threat-model.md").read_text()
    rows = [row["cells"].split(" | ") for row in _ROW.finditer(told)]
    assert len(rows) > 30
    written = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"^def (test_\w+)\(", written, re.MULTILINE))
    for threat, _, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, threat
        assert set(named) <= there, threat


def test_every_package_is_locked_by_its_hashes() -> None:
    """And by no address, from which something else might come."""
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.split(r"^(?=[A-Za-z0-9])", lock.partition("\n")[2], flags=re.MULTILINE)[1:]
    assert len(packages) > 100
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;]+", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]
    assert "://" not in lock
