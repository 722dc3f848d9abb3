"""The scheduled flow on a real, temporary Prefect server, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import yaml
from pages import ROOT, factsheet, save
from tables import ask

SCRIPT = """
import sys
from pathlib import Path
from prefect.testing.utilities import prefect_test_harness
from flows.nightly_ingest import nightly_ingest
with prefect_test_harness(server_startup_timeout=120):
    print(nightly_ingest(Path(sys.argv[1])))
    print(nightly_ingest(Path(sys.argv[1])))
"""


def test_the_flow_takes_in_what_lies_in_the_inbox_and_again_changes_nothing(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    save(home / "inbox", "page.txt", factsheet(figures={("FAO", 2015): "7"}))
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home)], capture_output=True, text=True, check=True
    )
    first, second = run.stdout.splitlines()[-2:]
    assert "loaded=1, unchanged=0" in first
    assert "loaded=0, unchanged=1" in second
    rows = ask(home / "warehouse.duckdb", "SELECT command, outcome FROM meta.run")
    assert rows == [("nightly-ingest", "done")] * 2


def test_every_deployment_names_a_flow_that_is_there() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert deployments
    for deployment in deployments:
        file, _, name = deployment["entrypoint"].partition(":")
        assert f"def {name}(" in (ROOT / file).read_text()
        assert deployment["schedules"]
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
