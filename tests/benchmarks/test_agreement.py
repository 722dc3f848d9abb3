"""The peer in the benchmarks loads the same rows as we do, from the site and from its cache."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from benchmarks.agreement import DisagreementError, Facts, check, our_facts
from benchmarks.crawls import scrapy
from benchmarks.measure import measured
from tests.command import Mptf
from tests.stand_in import Replica

_ERAS = [datetime(year, 4, 20, 3, 7) for year in (2011, 2016, 2019, 2024)]  # noqa: DTZ001 because every time here is naive UTC


def _agree(
    replica: Replica, mptf: Mptf, home: Path, now: datetime, programmes: int
) -> tuple[Facts, Path]:
    """Let us and Scrapy read one site; its rows from there and from its cache agree with ours."""
    _, running = replica(programmes=programmes, now=now)
    result = mptf("sync", "--base-url", running.base_url, "--all")
    assert result.exit_code == 0, result.output
    ours = our_facts(home / "warehouse.duckdb")
    assert ours["expenditure"][0] > programmes
    assert ours["vouchers"][0] > programmes
    for source in ("site", "cache"):
        running.clear_log()
        file = home / f"{source}.duckdb"
        measured(scrapy(running.base_url, file, home / "http-cache", source))
        check("Scrapy", file, ours)
    assert running.log() == []
    return ours, file


@pytest.mark.proof
def test_the_peer_loads_the_same_rows_and_sums_as_ours(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts and sums agree for each measure; one wrong figure is reported by its measure."""
    monkeypatch.setenv("MPTF_PROCESSES", "0")
    ours, file = _agree(replica, mptf, home, _ERAS[1], 60)
    with duckdb.connect(str(file)) as con:
        con.execute(
            "UPDATE figure SET amount = amount + 1 WHERE rowid ="
            " (SELECT min(rowid) FROM figure WHERE measure = 'expenditure' AND organization <> '')"
        )
    rows, total = ours["expenditure"]
    with pytest.raises(DisagreementError) as raised:
        check("Scrapy", file, ours)
    assert str(raised.value) == (
        "Scrapy has not loaded the same rows:"
        f" expenditure: {rows} rows of {total + 1} instead of {rows} of {total}"
    )


@pytest.mark.proof
@pytest.mark.parametrize("now", _ERAS, ids=lambda now: f"{now:%Y}")
def test_the_peer_agrees_with_ours_in_every_era_of_the_site(
    replica: Replica, mptf: Mptf, home: Path, now: datetime
) -> None:
    """The claim covers all sixteen layouts and many pages of vouchers."""
    _agree(replica, mptf, home, now, 600)
