"""What is derived from sightings, night by night, is what the whole ledger says."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.warehouse.histories import Seen, dump, empty_warehouse, load_seen
from tests.warehouse.random_histories import nights
from warehouse.derive import derive_all

_DERIVED = ("core", "vintage")


@pytest.mark.parametrize("histories", [2, pytest.param(300, marks=pytest.mark.proof)])
def test_nights_derive_what_the_ledger_says(histories: int) -> None:
    """In the order of the nights, or with one that comes late."""

    @settings(
        max_examples=histories,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=nights(), late=st.integers(0, 40))
    def holds(history: list[list[Seen]], late: int) -> None:
        if late < len(history) - 1:
            history.append(history.pop(late))
        con = empty_warehouse()
        for night in history:
            load_seen(con, night)
        grown = dump(con, *_DERIVED)
        derive_all(con)
        for table, found in dump(con, *_DERIVED).items():
            assert grown[table] == found, table

    holds()
