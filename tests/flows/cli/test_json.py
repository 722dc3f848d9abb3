"""Results for programs: one JSON object on stdout, the summary on stderr."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command import Mptf
from tests.flows.pages import ROOT, factsheet, save
from tests.flows.tables import ask


def told(mptf: Mptf, *arguments: str | Path) -> dict[str, Any]:
    """What a command prints with --json: one object, and nothing else."""
    found = json.loads(mptf(*arguments, "--json").stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return save(tmp_path, "p.html", factsheet(figures={("FAO", 2015): "1,2,3"}))


def test_the_example_in_the_documents_is_what_an_ingest_prints(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "operators.md").read_text()
    match = re.search(
        r"^mptf (ingest [^\n]*) --json\n```\n\n```json\n(.*?)^```$", text, re.M | re.S
    )
    assert match
    found = told(mptf, *match[1].split())
    changing = {"run_id", "started_at", "ended_at", "seconds"}
    shown = json.loads(match[2])
    assert list(found) == list(shown)
    assert {name: found[name] for name in found if name not in changing} == {
        name: shown[name] for name in shown if name not in changing
    }


def test_each_command_prints_its_row_of_the_runs(mptf: Mptf, home: Path, page: Path) -> None:
    commands: list[tuple[str | Path, ...]] = [
        ("ingest", page, "--captured-at", "2016-01-01"), ("quarantine", "retry"),
        ("backfill", "90001"), ("rebuild", "90001"), ("rebuild",), ("forget", page),
    ]  # fmt: skip
    for command in commands:
        found = told(mptf, *command)
        fields = "captures, loaded, unchanged, quarantined, failed, rows_quarantined, outcome"
        query = f"SELECT {fields} FROM meta.run WHERE run_id = '{found['run_id']}'"  # noqa: S608 because the ID is ours
        assert ask(home / "warehouse.duckdb", query) == [
            tuple(found[name] for name in fields.split(", "))
        ]
        assert found["captures"] == 1, command


def test_what_failed_is_named_by_subject_and_kind(mptf: Mptf) -> None:
    found = told(mptf, "backfill", "99")
    assert (found["outcome"], found["failed"]) == ("incomplete", 1)
    assert found["failures"] == [
        {
            "subject": "programme 00000099", "kind": "no_capture",
            "detail": "the archive holds no capture of it: `mptf backfill --source wayback` or"
            " `--source gateway` fetches it, `mptf ingest` loads saved pages",
        }
    ]  # fmt: skip


def test_a_dry_run_says_what_it_would_do(mptf: Mptf, page: Path) -> None:
    mptf("ingest", page, "--captured-at", "2016-01-01")
    assert told(mptf, "backfill", "90001", "--dry-run") == {
        "command": "backfill --source archive 00090001",
        "subjects": [{"subject": "programme 00090001", "pages": 1, "captures": 1}],
        "seconds_at_least": None,
    }
    (concerned,) = told(mptf, "forget", page, "--dry-run")["concerned"]
    assert concerned["captured_at"] == "2016-01-01 00:00:00"


def test_a_command_that_is_not_done_says_why(mptf: Mptf) -> None:
    found = told(mptf, "sync", "--base-url", "http://127.0.0.1:9", "--pace", "0")
    assert found["outcome"] == "failed"
    assert "robots.txt could not be fetched" in found["error"]


@pytest.mark.usefixtures("samples")
def test_publish_prints_the_release(mptf: Mptf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file, how many rows it has, and what changed since the one before."""
    monkeypatch.setenv("MPTF_KEEP_PAGES", "0")
    found = told(mptf, "publish")
    assert Path(found["file"]).is_file()
    assert found["rows"] > 0
    assert found.keys() == {"file", "rows", "changes", "removed", "seconds"}
