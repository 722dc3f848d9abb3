"""The crawler asks for what shows contributions, and for nothing that shows the same again."""

from collections import Counter
from datetime import datetime
from pathlib import Path

from tests.command import Mptf
from tests.flows.tables import ask
from tests.stand_in import Replica


def test_a_view_of_contributors_is_asked_for_where_the_page_lacks_the_table(
    replica: Replica, mptf: Mptf, home: Path
) -> None:
    """Once, of the one fund in three whose page does; the contributors of all are known."""
    world, running = replica(
        programmes=12, seed=7, now=datetime(2015, 3, 1)  # noqa: DTZ001 because it is naive UTC
    )  # fmt: skip
    done = mptf("sync", "--base-url", running.base_url, "--limit", "1")
    assert done.exit_code == 0, done.stderr
    asked = Counter(entry.target for entry in running.log())
    assert set(asked.values()) == {1}
    views = [target for target in asked if target.endswith("/contributions/excel")]
    assert views == ["/factsheet/fund/CLIXC/contributions/excel"]
    assert asked["/portfolio/donor"] == 1
    funds = ask(
        home / "warehouse.duckdb",
        "SELECT DISTINCT fund_code FROM core.contribution_snapshot UNION"
        " SELECT fund_code FROM core.contribution_cumulative_snapshot WHERE fund_code <> '(all)'",
    )
    assert {str(code) for (code,) in funds} == set(world.gateway.records.portfolio.by_code)
