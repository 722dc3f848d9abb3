"""Every command that docs/scale.md shows runs, in a bucket and a lake of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.pages import ROOT
from tests.flows.tables import dump
from tests.processes import PATIENCE
from tests.services import S3, Postgres, use
from tests.stand_in import Replica

pytestmark = pytest.mark.lake
GUIDE = (ROOT / "docs" / "scale.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_guide_leads_to_a_bucket_and_a_lake_and_back(
    replica: Replica, s3: S3, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a home that was there before, and another machine's."""
    use(monkeypatch, s3, postgres)
    _, running = replica(programmes=8)
    settings = {"BASE_URL": running.base_url, "SHORTEST_DELAY": "0", "KEEP_PAGES": "0"}
    for name, value in settings.items():
        monkeypatch.setenv(f"MPTF_{name}", value)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    places = {
        "/srv/mptf": str(tmp_path),
        "s3://bucket": f"s3://{s3.bucket()}",
        "host=db.example.org dbname=lake user=mptf": f"dbname={postgres.database()}",
    }
    into, other, back, read, lake = (_here(block, places) for block in BLOCKS)
    one, two = tmp_path / "data", tmp_path / "other"
    variables = "\n".join(line for line in into.splitlines() if line.startswith("export "))

    _run(f"mptf --home {one} sync")
    moved = _run(into)
    assert "no file waits here to be pushed" in moved
    assert "verify: all is well" in moved
    _run(f"{variables}\nexport MPTF_HOME={two}\n{other}")
    assert dump(one / "warehouse.duckdb") == dump(two / "warehouse.duckdb")
    rebuilt = _run(f"{variables}\n{read}")
    assert re.search(r"loaded from parts: (\d+) of \1$", rebuilt, re.MULTILINE)
    assert dump(one / "warehouse.duckdb") == dump(two / "warehouse.duckdb")
    assert "is in the lake: " in _run(f"{variables}\n{lake}")
    min((one / "archive").glob("*.warc.gz")).unlink()
    assert _run(f"{variables}\n{back}").count("verify: all is well") == 2


def test_what_needs_prefect_is_in_another_guide() -> None:
    """Whose commands tests/flows/scheduled runs."""
    assert "prefect worker" not in "".join(BLOCKS)
    assert "schedule.md#several-machines" in GUIDE


def _here(block: str, places: dict[str, str]) -> str:
    """Return a block for this machine's places, with the services that the tests have."""
    for shown, place in places.items():
        block = block.replace(shown, place)
    block = re.sub(r" (AWS_\w+|PGPASSWORD)=\S+", "", block)
    return re.sub(r"^export\n", "", block, flags=re.MULTILINE)


def _run(script: str) -> str:
    """Run a script until one of its commands fails; return everything that it says."""
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=ROOT, check=False, text=True, timeout=PATIENCE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout
