"""Each step of a load reads and writes the tables that its header names, and no others."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import duckdb
import pytest

from warehouse.connection import Connection, sql, sql_names
from warehouse.schema import prepare

_STEPS = [name for folder in ("compare", "derive", "sources") for name in sql_names(folder)]
# The load's own steps, in the order of a batch that is loaded again from a parse cache.
_LOAD_STEPS = [
    f"load/{name}"
    for name in (
        "changed_before", "arrived", "forgotten", "quarantined_pages", "quarantined_rows",
        "staged_quarantine", "resolved", "archive_file", "changed_subject", "sighting",
        "known_page", "page_body", "page_body_again", "changed_source", "clear",
    )
]  # fmt: skip
_FORGET_STEPS = sql_names("forget")
_WHOLE_STEPS = sql_names("whole")
_ALL_STEPS = [*_LOAD_STEPS, *_FORGET_STEPS, *_WHOLE_STEPS, *_STEPS]
_WRITTEN = re.compile(
    r"^(?:INSERT INTO|DELETE FROM|UPDATE|CREATE OR REPLACE TEMP TABLE) (\S+)", re.M
)
_SPAN = {"first": datetime(2020, 1, 1), "last": datetime(2020, 1, 2)}  # noqa: DTZ001 because every time here is naive UTC
_PARAMETERS = {
    "load/arrived": _SPAN,
    "whole/subject": {"share": 1, "shares": 1, "at_once": 1},
}
# What a load registers or stages before its steps.
_BATCH = """
CREATE TEMP TABLE new_capture AS
SELECT * EXCLUDE (page_kind, subject, programme_id, fund_code, representation, state),
    '' AS address_subject, '' AS address_programme_id, '' AS address_fund_code
FROM raw.capture;
CREATE TEMP TABLE changed_source (kind VARCHAR, code VARCHAR);
CREATE TEMP TABLE new_body AS FROM observed.body;
CREATE TEMP TABLE new_quarantine AS SELECT * EXCLUDE (capture_id, resolved_at) FROM meta.quarantine;
CREATE TEMP TABLE staged_quarantine AS FROM meta.quarantine;
CREATE TEMP TABLE new_order AS FROM raw.forget_order;
CREATE TEMP TABLE changed_body AS SELECT parse_key FROM observed.body;
CREATE TEMP TABLE new_archive_file AS FROM raw.archive_file;
"""


def _named(step: str, what: str) -> set[str]:
    """Return the tables that a step's header names as read, or written."""
    (line,) = re.findall(rf"^-- {what}: (.+)$", sql(step), re.M)
    return set(line.split(", "))


@pytest.fixture(scope="module")
def derived() -> Iterator[Connection]:
    """An empty warehouse on which every step has run once, so that all tables are there."""
    with duckdb.connect() as con:
        con.execute("SET lambda_syntax = 'DISABLE_SINGLE_ARROW'")  # as in DuckDB 2
        prepare(con)
        con.execute(_BATCH)
        for step in _ALL_STEPS:
            _run(con, step)
        yield con


def _run(con: Connection, step: str) -> None:
    con.execute(sql(step), _PARAMETERS.get(step))


@contextmanager
def _without(con: Connection, tables: set[str]) -> Iterator[None]:
    """Drop some tables for as long as the block runs."""
    con.begin()
    try:
        for table in tables:
            con.execute(f"DROP TABLE {table}")
        yield
    finally:
        con.rollback()


def _tables(con: Connection) -> set[str]:
    rows = con.execute(
        "SELECT if(temporary, table_name, schema_name || '.' || table_name) FROM duckdb_tables()"
    ).fetchall()
    return {table for (table,) in rows}


@pytest.mark.parametrize("step", _ALL_STEPS)
def test_a_step_runs_with_only_the_tables_that_its_header_names(
    derived: Connection, step: str
) -> None:
    written = _named(step, "writes")
    kept = _named(step, "reads") | {table for table in written if "." in table}
    assert kept <= _tables(derived)
    with _without(derived, _tables(derived) - kept):
        _run(derived, step)
        assert _tables(derived) == kept | written


@pytest.mark.parametrize("step", _ALL_STEPS)
def test_a_step_needs_each_table_that_its_header_says_it_reads(
    derived: Connection, step: str
) -> None:
    for table in _named(step, "reads"):
        with (
            _without(derived, {table}),
            pytest.raises(duckdb.CatalogException, match=table.rpartition(".")[2]),
        ):
            _run(derived, step)


@pytest.mark.parametrize("step", _ALL_STEPS)
def test_a_step_writes_the_tables_that_its_header_says(step: str) -> None:
    assert set(_WRITTEN.findall(sql(step))) == _named(step, "writes")


def test_all_that_is_derived_of_a_programme_or_fund_is_cleared_before_it_is_derived_again() -> None:
    """The checks store what they find by themselves."""
    checks = {"meta.check_result", "vintage.passed_check"}
    derived = {table for step in sql_names("derive") for table in _named(step, "writes")}
    assert _named("load/clear", "writes") == {name for name in derived if "." in name} | checks


def test_a_step_reads_only_what_earlier_steps_or_the_load_have_made() -> None:
    made = {"changed_subject", "changed_source", "known_page"}
    for step in _STEPS:
        assert {table for table in _named(step, "reads") if "." not in table} <= made, step
        made |= _named(step, "writes")
