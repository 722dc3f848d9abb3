"""Tests of the model of other sizes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.scale import Costs, History, costs_of, lines, main


def row(benchmark: str, variant: str, units: int, cpu: float, **details: Any) -> dict[str, Any]:
    return {
        "benchmark": benchmark, "variant": variant, "size": units, "units": units, "error": None,
        "cpu_seconds": cpu, "details": details,
    }  # fmt: skip


def measured(units: int) -> list[dict[str, Any]]:
    """Rows of one size, each with a start that does not grow with it."""
    return [
        row("first sync", "ours", units, 9,
            captures=units, archive_bytes=7 * units + 10, warehouse_bytes=30 * units + 500),
        row("unchanged re-sync", "ours", units, 3 + 2 * units,
            captures=2 * units, archive_bytes=8 * units + 10),
        row("a night's load", "a generated ledger", units, 0, file_bytes=units + 99),
        row("read", "one reader", units, 3 + 4 * units, parts_bytes=5 * units),
        row("rebuild by many", "parts, 2 shards", units, 3 + 7 * units, own_cpu_seconds=1 + units),
    ]  # fmt: skip


def test_a_page_costs_what_two_sizes_differ_by() -> None:
    """So what starting costs is in none of them."""
    assert costs_of([*measured(1_000), *measured(10)]) == Costs(
        read_page=4000, load_capture=1000, derive_capture=6000, sync_capture=2000, archive_page=7,
        archive_capture=1, warehouse_page=30, warehouse_capture=1, parts_page=5,
    )  # fmt: skip


def test_only_what_cores_share_is_divided_among_them() -> None:
    costs = costs_of([*measured(1_000), *measured(10)])
    history = History("one", captures=3_600, pages=1_800)
    assert [costs.read_hours(history, cores) for cores in (1, 2, 4)] == [2, 1, 0.5]
    assert [costs.rebuild_hours(history, cores) for cores in (1, 2, 6)] == [7, 4, 2]
    assert costs.gigabytes(history)["archive"] == (1_800 * 7 + 1_800) / 1e9


def test_the_guide_shows_what_the_model_says_of_the_costs_that_it_quotes() -> None:
    text = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()
    (shown,) = re.findall(r"^```text\n(CPU ms: .*?)^```$", text, re.MULTILINE | re.DOTALL)
    quoted = re.findall(r" a (?:page|capture) ([\d,.]+\d)", shown)
    costs = Costs(*(float(cost.replace(",", "")) for cost in quoted))
    assert list(lines(costs)) == shown.splitlines()


def test_without_two_sizes_there_is_no_model(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"rows": measured(10)}))
    main(file)
    assert capsys.readouterr().out == "no model: first sync ours was not measured at two sizes\n"
    noisy = [*measured(10), *measured(20), row("read", "one reader", 30, 1, parts_bytes=200)]
    file.write_text(json.dumps({"rows": noisy}))
    main(file)
    told = capsys.readouterr().out
    assert told == "no model: the sizes are too small to say what read a page costs\n"
    file.write_text(json.dumps({"rows": [*measured(10), *measured(20)]}))
    main(file)
    assert "a hundred times, 20 years" in capsys.readouterr().out
