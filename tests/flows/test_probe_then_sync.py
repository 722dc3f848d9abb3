"""A probe's profile is all that a sync needs to load the site, with no name known beforehand."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from replica.books.moments import moment
from replica.today.truth import today_truth
from replica.world import World
from tests.command import Mptf
from tests.flows.syncs import flat_out
from tests.flows.tables import ask
from tests.stand_in import Replica

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
FIGURES = (
    "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd", "expenditure_usd",
    "delivery_rate_pct",
)  # fmt: skip
ORGANIZATION_FIGURES = (
    "approved_budget_usd", "net_funded_usd", "expenditure_usd", "delivery_rate_pct",
)  # fmt: skip
AMOUNTS = ("commitments_usd", "deposits_usd")
Facts = Counter[tuple[object, ...]]


def true_facts(world: World, kind: str, keys: Sequence[str]) -> Facts:
    """What the stand-in's API shows at the moment: keys, year, measure and value.

    Of the years that a sync asks for: it asks for none to come, for which some have pledged.
    """
    at = moment(NOW)
    return Counter(
        (*(fact[key] for key in keys), fact["fiscal_year"], fact["measure"],
         Decimal(str(fact["value"])) / 100)
        for fact in today_truth(world.gateway.records, NOW)
        if fact["kind"] == kind and fact["value"] is not None
        and int(str(fact["fiscal_year"])) <= NOW.year
        and moment(datetime.fromisoformat(str(fact["shown_from"]))) <= at
        and (
            fact["shown_until"] is None
            or at < moment(datetime.fromisoformat(str(fact["shown_until"])))
        )
    )  # fmt: skip


def loaded(home: Path, table: str, keys: Sequence[str], columns: Sequence[str]) -> Facts:
    """What is current in a table."""
    found = ask(
        home / "warehouse.duckdb",
        f"SELECT {', '.join(keys)}, fiscal_year, {', '.join(columns)} FROM {table}"  # noqa: S608 because the names are those above
        " WHERE no_longer_shown_since IS NULL",
    )
    facts: Facts = Counter()
    for row in found:
        of, values = row[: len(keys) + 1], row[len(keys) + 1 :]
        for column, value in zip(columns, values, strict=True):
            measure = column.removesuffix("_usd").removesuffix("_pct")
            if value is not None:
                facts[*of, measure, Decimal(str(value))] += 1
    return facts


def assert_loads_the_truth(world: World, mptf: Mptf, home: Path, profile: Path) -> None:
    written = mptf("probe", "--write", profile)
    assert written.exit_code == 0, written.stderr
    done = mptf("sync", "--profile", profile)
    assert done.exit_code == 0, done.stderr
    for kind, table, keys, columns in (
        ("figure", "core.expenditure_snapshot", ["programme_id"], FIGURES),
        ("organization_year", "core.organization_snapshot", ["agency_code"], ORGANIZATION_FIGURES),
        ("contribution", "core.contribution_snapshot", ["fund_code", "contributor"], AMOUNTS),
    ):  # fmt: skip
        truth = true_facts(world, kind, keys)
        assert len(truth) > 3
        assert loaded(home, table, keys, columns) == truth, kind


@pytest.mark.parametrize(
    ("seed", "page_rows"), [pytest.param(1, 0, marks=pytest.mark.proof), (4, 7)]
)
def test_a_probed_profile_loads_the_site(
    seed: int, page_rows: int, replica: Replica, mptf: Mptf, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Figures of programmes, years of organizations and contributions are the stand-in's."""
    world, running = replica(seed=seed, now=NOW, layout="today", api_page_rows=page_rows)
    for name, value in flat_out(running).items():
        monkeypatch.setenv(name, value)
    assert_loads_the_truth(world, mptf, home, tmp_path / "p.toml")


@pytest.mark.proof
@pytest.mark.parametrize("page_rows", [0, 50])
@pytest.mark.parametrize("seed", range(20, 30))
def test_a_probed_profile_loads_ten_more_sites(
    seed: int, page_rows: int, replica: Replica, mptf: Mptf, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    world, running = replica(
        seed=seed, now=NOW, layout="today", programmes=40, api_page_rows=page_rows
    )
    for name, value in flat_out(running).items():
        monkeypatch.setenv(name, value)
    assert_loads_the_truth(world, mptf, home, tmp_path / "p.toml")
