"""Random histories: core is what the naive model says, in whatever order and batches."""

from operator import attrgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.records import Page
from tests.warehouse import naive_model
from tests.warehouse.histories import Seen, dump, empty_warehouse, grown, load_seen, loaded, rows
from tests.warehouse.naive_model import Key, Record
from tests.warehouse.random_histories import batches, histories, nights
from transforms.schemas import ALL_TABLES, describe
from warehouse.connection import Connection

_RICH = settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_State = dict[str, list[tuple[Any, ...]]]
_FIGURES = {
    "core.expenditure_snapshot": naive_model.expenditure_snapshot,
    "core.cumulative_snapshot": naive_model.cumulative_snapshot,
}


def _once(seen: list[Seen]) -> list[Seen]:
    return list({s.capture_id: s for s in seen}.values())


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def _assert_is_the_models(con: Connection, seen: list[Seen]) -> None:
    by_id = {s.capture_id: s for s in seen}
    for table, model in _FIGURES.items():
        found = rows(con, f"FROM {table}")
        assert _keyed([_without(r, "capture_id") for r in found]) == _keyed(model(seen)), table
        for record in found:
            capture = by_id[record["capture_id"]]
            key = Key(record["organization"], record.get("fiscal_year"))
            assert capture.at == record["known_from"]
            assert isinstance(capture.page, Page)
            assert capture.page.programme_id == record["programme_id"]
            assert naive_model.shows(capture, key)
    found = rows(con, "FROM core.programme")
    assert _keyed([_without(r, "capture_id") for r in found]) == _keyed(naive_model.programme(seen))
    for record in found:
        capture = by_id[record["capture_id"]]
        assert isinstance(capture.page, Page)
        assert capture.at == record["known_from"]
        assert capture.page.programme_id == record["programme_id"]


def _keyed(records: list[Record]) -> dict[tuple[Any, ...], Record]:
    """Records by what tells them apart; none may be there twice."""
    names = (
        "programme_id",
        "organization",
        "fiscal_year",
        "voucher_number",
        "line_no",
        "known_from",
    )
    keyed = {tuple(r.get(name) for name in names): r for r in records}
    assert len(keyed) == len(records)
    return keyed


def _assert_vouchers_and_lists(con: Connection, seen: list[Seen]) -> None:
    found = [_without(r, "capture_id") for r in rows(con, "FROM core.voucher")]
    assert _keyed(found) == _keyed(naive_model.vouchers(seen))
    for table, printed, text in (
        ("core.narrative", "passages", "text"),
        ("core.document", "documents", "title"),
        ("core.contact", "contacts", "name"),
    ):
        expected = [
            (programme_id, known_from, getattr(entry, text))
            for programme_id, known_from, entries in naive_model.list_vintages(seen, printed)
            for entry in entries
        ]
        kept = [(r["programme_id"], r["known_from"], r[text]) for r in rows(con, f"FROM {table}")]
        assert sorted(kept) == sorted(expected), table


def _assert_keys_hold(con: Connection) -> None:
    """No key is there twice, and none is NULL, but for a year or a date that a page leaves out."""
    for table, model in ALL_TABLES.items():
        key = describe(model).key
        columns = ", ".join(key)
        twice = con.execute(
            f"SELECT {columns} FROM {table} GROUP BY ALL HAVING count(*) > 1"  # noqa: S608 because the names are the models' own
        ).fetchall()
        assert not twice, table
        if not table.startswith(("observed.", "vintage.")):
            unknown = " OR ".join(f"{name} IS NULL" for name in key)
            assert not con.execute(f"FROM {table} WHERE {unknown}").fetchall(), table


def _state(con: Connection) -> _State:
    state = dump(con, "core", "mart")
    for table in ("meta.check_result", "meta.check_summary", "meta.finding"):
        state[table] = con.execute(f"FROM {table} ORDER BY ALL").fetchall()
    return state


def _differing(one: _State, other: _State) -> _State:
    """Per table, the rows that are in one of the two only."""
    assert one.keys() == other.keys()
    return {
        table: [r for r in one[table] + other[table] if (r in one[table]) != (r in other[table])]
        for table in one
        if one[table] != other[table]
    }


@pytest.mark.proof  # the state machine says the same of shorter histories
@_RICH
@given(data=st.data())
def test_core_is_what_the_model_says_however_it_was_loaded(data: st.DataObject) -> None:
    """In any order and batches, twice or once, core says what the model says of the captures."""
    seen = data.draw(histories(programmes=6))
    con = empty_warehouse()
    for batch in data.draw(batches(seen)):
        load_seen(con, batch)
    _assert_is_the_models(con, seen)
    _assert_vouchers_and_lists(con, seen)
    _assert_keys_hold(con)
    before = _state(con)

    load_seen(con, _once(seen)[: data.draw(st.integers(0, len(seen)))])
    assert not _differing(_state(con), before), "again is nothing"

    at_once = _state(loaded(*sorted(_once(seen), key=attrgetter("capture_id"))))
    assert not _differing(at_once, before), "order and batches do not matter"


@pytest.mark.proof  # test_warehouse_any_order and the state machine say the same
@settings(_RICH, max_examples=3)
@given(seen=histories(programmes=1, most=5))
def test_one_by_one_equals_at_once(seen: list[Seen]) -> None:
    """Each capture in a batch of its own gives the tables that one batch gives."""
    one_by_one = _state(grown(*seen))
    assert not _differing(_state(loaded(*_once(seen))), one_by_one)


@pytest.mark.proof  # the state machine loads nights too
@settings(_RICH)
@given(visits=nights())
def test_night_by_night_equals_at_once(visits: list[list[Seen]]) -> None:
    """Pages that are seen again and again give what the model says, and what one batch gives."""
    seen = [s for visit in visits for s in visit]
    con = empty_warehouse()
    for visit in visits:
        load_seen(con, visit)
    _assert_is_the_models(con, seen)
    _assert_vouchers_and_lists(con, seen)
    night_by_night = _state(con)
    assert not _differing(_state(loaded(*seen)), night_by_night)
