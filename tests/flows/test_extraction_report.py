"""What the extraction report says of pages that were read in part, and of layouts that drift."""

import json
from functools import partial
from typing import Any

import pytest

from tests.command import Mptf, run_mptf
from tests.flows.pages import factsheet, save
from tests.homes import with_warehouse

_FIGURES = {("FAO", 2014): "100,000", ("UNICEF", 2014): "200,000"}
_UNKNOWN = "| Organization | Year | Net Funded Amount | Pledged |"


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Mptf:
    """A page read whole in 2015; a year later a heading of it has become one that nobody knows.

    The tests query it only.
    """
    folder = tmp_path_factory.mktemp("drifted")
    mptf = partial(run_mptf, with_warehouse(folder / "home"))
    page = factsheet("00090001", figures=_FIGURES)
    changed = page.replace("| Organization | Year | Net Funded Amount | Expenditure |", _UNKNOWN)
    assert changed != page
    before = save(folder, "before.txt", page)
    after = save(folder, "after.txt", changed)
    other = save(folder, "other.txt", factsheet("00090002"))
    assert mptf("ingest", before, "--captured-at", "2015-06-01T00:00:00Z").exit_code == 0
    assert mptf("ingest", other, "--captured-at", "2015-06-01T00:00:00Z").exit_code == 0
    assert mptf("ingest", after, "--captured-at", "2016-06-01T00:00:00Z").exit_code == 0
    return mptf


def _rows(mptf: Mptf, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(mptf("sql", query, "--format", "json").stdout)
    return found


def test_pages_tables_and_what_is_unknown_are_counted_by_kind(drifted: Mptf) -> None:
    (row,) = _rows(drifted, "FROM meta.extraction")
    assert (row["page_kind"], row["representation"]) == ("programme_factsheet", "piped_text")
    assert (row["pages"], row["refused"]) == (3, 0)
    assert (row["tables_read"], row["tables_unread"]) == (5, 0)
    assert row["unknown"] == 1
    assert row["known_share_pct"] == round(100 * row["known"] / (row["known"] + 1), 2)


def test_the_share_of_pages_that_fill_a_field(drifted: Mptf) -> None:
    fields = {row["field"]: row for row in _rows(drifted, "FROM meta.extraction_field")}
    assert (fields["figures"]["pages"], fields["figures"]["filled"]) == (3, 2)
    assert fields["figures"]["filled_share_pct"] == 66.67
    assert (fields["vouchers"]["filled"], fields["vouchers"]["records"]) == (3, 3)
    assert fields["title"]["filled_share_pct"] == 100
    assert (fields["fund_code"]["filled"], fields["fund_code"]["filled_share_pct"]) == (0, 0)


def test_a_page_whose_known_share_falls_is_layout_drift_with_an_example(drifted: Mptf) -> None:
    (row,) = _rows(drifted, "FROM meta.layout_drift")
    assert row["layout"].startswith("programme_factsheet in piped_text: organization, year, net f")
    assert "pledged" in row["layout"]
    assert row["pages"] == 1
    assert row["known_share_before_pct"] == 100 > row["known_share_pct"]
    assert row["url"] == "file:after.txt"
    (example,) = _rows(
        drifted, "SELECT c.captured_at FROM raw.capture AS c SEMI JOIN meta.layout_drift USING"
        " (capture_id, url)"
    )  # fmt: skip
    assert example["captured_at"] == "2016-06-01 00:00:00"


def test_what_nobody_knows_keeps_its_values(drifted: Mptf) -> None:
    (row,) = _rows(drifted, "FROM meta.finding WHERE kind = 'unknown_heading'")
    assert row["detail"] == "Pledged: 100,000 | 200,000"


def test_status_shows_it(drifted: Mptf) -> None:
    status = json.loads(drifted("status", "--json").stdout)
    assert [row["pages"] for row in status["extraction"]] == [3]
    assert {"figures", "title"} <= {row["field"] for row in status["extraction_fields"]}
    assert [row["url"] for row in status["layout_drift"]] == ["file:after.txt"]
    assert [row["text"] for row in status["unknown_headings"]] == ["Pledged"]
    printed = drifted("status").stdout
    assert all(part in printed for part in ("extraction fields", "layout drift", "Pledged"))
