"""What is derived from sightings, night by night, is what the whole ledger says."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.warehouse.histories import (
    Seen,
    dump,
    empty_warehouse,
    load_seen,
)
from tests.warehouse.random_histories import nights
from warehouse.connection import Connection
from warehouse.derive import derive_all

_DERIVED = ("core", "vintage")


def _assert_derived_as_the_ledger_says(con: Connection) -> None:
    grown = dump(con, *_DERIVED)
    derive_all(con)
    for table, found in dump(con, *_DERIVED).items():
        assert grown[table] == found, table


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(history=nights(), late=st.integers(0, 40))
def test_nights_derive_what_the_ledger_says(history: list[list[Seen]], late: int) -> None:
    """One night may come late, too."""
    if late < len(history) - 1:
        history.append(history.pop(late))
    con = empty_warehouse()
    for night in history:
        load_seen(con, night)
    _assert_derived_as_the_ledger_says(con)
