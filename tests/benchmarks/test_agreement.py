"""The peers in the benchmarks load the same rows as we do."""

import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from benchmarks.agreement import DisagreementError, check, our_facts
from benchmarks.crawls import PEERS
from benchmarks.measure import measured
from tests.command import Mptf
from tests.stand_in import Replica

_ERAS = [datetime(year, 4, 20, 3, 7) for year in (2011, 2016, 2019, 2024)]  # noqa: DTZ001 because every time here is naive UTC


def _agree(
    replica: Replica, mptf: Mptf, home: Path, peers: list[str], now: datetime, programmes: int
) -> dict[str, Path]:
    """Let us and the peers crawl one site; return the peers' files, which must agree with ours."""
    _, running = replica(programmes=programmes, now=now)
    result = mptf("sync", "--base-url", running.base_url, "--all")
    assert result.exit_code == 0, result.output
    ours = our_facts(home / "warehouse.duckdb")
    assert ours["expenditure"][0] > programmes
    assert ours["vouchers"][0] > programmes
    files = {}
    for peer in peers:
        module = PEERS[peer][0]
        files[peer] = home / f"{module}.duckdb"
        command = [sys.executable, "-m", f"benchmarks.peers.{module}", running.base_url]
        measured([*command, files[peer]])
        check(peer, files[peer], ours)
    return files


@pytest.mark.proof
def test_peers_load_the_same_rows_and_sums_as_ours(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts and sums agree for each measure; one wrong figure is reported by its measure."""
    monkeypatch.setenv("MPTF_PROCESSES", "0")
    file = _agree(replica, mptf, home, ["Scrapy", "dlt"], _ERAS[1], 60)["Scrapy"]
    ours = our_facts(home / "warehouse.duckdb")
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
def test_peers_agree_with_ours_in_every_era_of_the_site(
    replica: Replica, mptf: Mptf, home: Path, now: datetime
) -> None:
    """The claim covers all three peers, all sixteen layouts and many pages of vouchers."""
    _agree(replica, mptf, home, list(PEERS), now, 600)
