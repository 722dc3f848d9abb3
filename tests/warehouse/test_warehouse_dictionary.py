"""Tables are what the models say, and every table, view and column says what it is."""

import re
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.histories import (
    Seen,
    annual,
    at,
    cumulative,
    dump,
    empty_warehouse,
    loaded,
    new_warehouse,
    page,
    row,
    rows,
    voucher,
)
from transforms.schemas import ALL_TABLES, columns_of, describe
from transforms.validate import frame_of
from warehouse.connection import check_version, open_reader, open_writer
from warehouse.errors import WarehouseMissingError, WarehouseVersionError
from warehouse.schema import dictionary, prepare, view_entries

# The names that analysts rely on: columns may be added, these stay.
_CONTRACT = {
    "core.programme": "programme_id known_from title description fund_code fund_name theme "
    "start_date end_date country status participating_organization capture_id",
    "core.fund": "fund_code known_from name fund_type start_date end_date status capture_id",
    "core.expenditure_snapshot": "programme_id organization fiscal_year basis known_from"
    " approved_budget_usd net_funded_usd transfers_usd refunds_usd expenditure_usd"
    " delivery_rate_pct organization_printed last_seen no_longer_shown_since capture_id",
    "core.cumulative_snapshot": "programme_id organization basis known_from"
    " approved_budget_usd net_funded_usd transfers_usd refunds_usd expenditure_usd"
    " delivery_rate_pct organization_printed last_seen no_longer_shown_since capture_id",
    "core.voucher": "programme_id voucher_number line_no organization voucher_date amount_usd"
    " status first_seen last_seen capture_id",
    "core.funding_status": "fund_code statement_month as_of known_from block line label"
    " amount_usd pct role capture_id",
    "core.narrative": "programme_id known_from section outcome_no seq text capture_id",
    "core.document": "programme_id known_from url title document_date capture_id",
    "core.contact": "programme_id known_from seq name role telephone email skype",
    "raw.capture": "capture_id url page_kind programme_id fund_code representation source"
    " captured_at captured_at_source fetched_at http_status body_sha256 body_bytes unchanged"
    " run_id",
    "meta.run": "run_id command started_at ended_at outcome captures"
    " loaded unchanged quarantined failed",
    "meta.quarantine": "quarantine_id capture_id table_name row_text rule message parser_version"
    " resolved_at",
    "meta.finding": "capture_id kind subject detail",
    "meta.check_result": "check_name subject capture_id passed expected actual tolerance",
    "meta.check_summary": "check_name passed failed",
    "meta.data_dictionary": "table_name column_name type unit description source",
}
_KEYS = {
    "core.programme": "programme_id known_from",
    "core.fund": "fund_code known_from",
    "core.expenditure_snapshot": "programme_id organization fiscal_year basis known_from",
    "core.cumulative_snapshot": "programme_id organization basis known_from",
    "core.voucher": "programme_id voucher_number line_no",
    "core.funding_status": "fund_code statement_month known_from block line",
    "core.narrative": "programme_id known_from section outcome_no seq",
    "core.document": "programme_id known_from url",
    "core.contact": "programme_id known_from seq",
    "raw.capture": "capture_id",
}
_OURS = "schema_name IN ('raw', 'observed', 'vintage', 'core', 'mart', 'meta')"
_RELATIONS = f"""
    SELECT schema_name || '.' || table_name AS name, '' AS column_name, 'TABLE' AS type, comment
    FROM duckdb_tables() WHERE {_OURS} AND NOT temporary
    UNION ALL
    SELECT schema_name || '.' || view_name, '', 'VIEW', comment
    FROM duckdb_views() WHERE {_OURS} AND NOT temporary
    UNION ALL
    SELECT schema_name || '.' || table_name, column_name, data_type, comment
    FROM duckdb_columns() WHERE {_OURS}
"""  # noqa: S608 because all of it is written here


def test_everything_has_a_comment_and_an_entry_in_the_dictionary() -> None:
    """Every table, view and column is described in both places, alike, and nothing else is."""
    con = empty_warehouse()
    found = {
        (name, column): (kind, comment)
        for name, column, kind, comment in con.execute(_RELATIONS).fetchall()
    }
    entries = {
        (e["table_name"], e["column_name"]): e for e in rows(con, "FROM meta.data_dictionary")
    }
    assert len(found) > 200
    assert set(entries) == set(found)
    for key, (kind, comment) in found.items():
        assert entries[key]["type"] == kind, key
        assert len(entries[key]["description"]) > 3, key
        assert comment, key
        assert comment.startswith(entries[key]["description"]), key


def test_every_schema_has_a_table_or_a_view() -> None:
    """The claim above is about all five."""
    names = dump(empty_warehouse(), "raw", "observed", "core", "mart", "meta")
    assert {name.partition(".")[0] for name in names} == {"raw", "observed", "core", "mart", "meta"}


def test_amounts_and_rates_carry_their_unit() -> None:
    """A column named `_usd` is in US$ and exact, one named `_pct` in percent."""
    entries = rows(empty_warehouse(), "FROM meta.data_dictionary WHERE column_name <> ''")
    amounts = [e for e in entries if e["column_name"].endswith("_usd")]
    rates = [e for e in entries if e["column_name"].endswith("_pct")]
    assert {e["unit"] for e in amounts} == {"US$"}
    assert {e["type"] for e in amounts if e["table_name"].startswith("core.")} == {"DECIMAL(18,2)"}
    assert not [e for e in amounts + rates if e["type"] in {"DOUBLE", "FLOAT"}]
    assert {e["unit"] for e in rates} == {"percent"}


def test_every_column_says_where_it_comes_from_and_in_what_it_is_measured() -> None:
    """A part of the page, or how it was derived; times are in UTC, decimals have a unit."""
    entries = rows(empty_warehouse(), "FROM meta.data_dictionary WHERE column_name <> ''")
    assert [e for e in entries if not e["source"]] == []
    assert {e["unit"] for e in entries if e["type"] == "TIMESTAMP"} == {"UTC"}
    decimals = {e["unit"] for e in entries if e["type"].startswith("DECIMAL")}
    assert decimals == {"US$", "percent", "US$ or percent", "US$, percent or year"}


# Columns of whole numbers that count nothing: years, places, numbers of things, bits.
_COUNTS_NOTHING = re.compile(
    r"(\w+_)?year|\w+_no|seq|http_status|schema_version|weight|vintage\.\w+\.pages?"
)
_BRACKETS = {")": "(", "]": "["}


def faults_of_form(text: str, *, is_sentence: bool) -> list[str]:
    """Return what is wrong with the form of a description: nothing, if it reads as a whole."""
    opened: list[str] = []
    for sign in text:
        if sign in "([" or (sign in _BRACKETS and (not opened or opened.pop() != _BRACKETS[sign])):
            opened.append(sign)
    signs = {
        "begins like a fragment": not re.match(r"[A-Z0-9`]", text),
        "has a fragment behind a full stop": re.search(r"[.:;,]\s*[.:;,]|\. [a-z]", text),
        "has stray blanks": text != " ".join(text.split()),
        "has an unbalanced bracket": opened,
        "has an unbalanced backtick": text.count("`") % 2,
        "breaks off": re.search(r"\b(a|and|or|the|those( \w+)?)\.?$", text),
        "points elsewhere": re.search(r"\b(see|the \w+) (above|below)\b", text),
        "ends with no full stop": is_sentence and not text.endswith("."),
        "ends as no phrase does": not is_sentence and re.search(r"\W$", text.rstrip(")`")),
    }
    return [fault for fault, found in signs.items() if found]


def test_every_description_has_the_form_of_a_sentence_or_a_phrase() -> None:
    """A table's is one or more sentences, a column's one phrase, and none is a fragment."""
    entries = rows(empty_warehouse(), "FROM meta.data_dictionary")
    found = {
        (e["table_name"], e["column_name"]): faults_of_form(
            e["description"], is_sentence=not e["column_name"]
        )
        for e in entries
    }
    assert len(found) > 200
    assert {key: faults for key, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "text",
    [
        "How much of each fund was seen, year by year. a figure for it.",
        "Programmes that were ever listed; for a year, those with",
        "programmes with a figure",
        "Sum of the four below",
        "Rows  of it",
        "Rows (of it",
        "Rows] of it[",
        "Rows `of it",
        "Rows of it.",
        "Rows of it;, or none",
    ],
)
def test_a_broken_description_is_found(text: str) -> None:
    """Each has one fault, as a column's: the first two were published in November 2026."""
    assert len(faults_of_form(text, is_sentence=False)) >= 1


def test_every_number_has_a_unit_unless_it_counts_nothing() -> None:
    numbers = [
        e
        for e in rows(empty_warehouse(), "FROM meta.data_dictionary WHERE column_name <> ''")
        if re.search("INT|DECIMAL|DOUBLE", e["type"])
        and not _COUNTS_NOTHING.fullmatch(e["column_name"])
        and not _COUNTS_NOTHING.fullmatch(f"{e['table_name']}.{e['column_name']}")
    ]
    assert len(numbers) > 100
    assert [(e["table_name"], e["column_name"]) for e in numbers if not e["unit"]] == []


def test_a_views_column_means_what_it_means_where_it_comes_from() -> None:
    """By the tables and views that it names, not by any that has a column of that name."""
    found = {
        (e["table_name"], e["column_name"]): (e["description"], e["source"])
        for e in rows(empty_warehouse(), "FROM meta.data_dictionary")
    }
    same = [
        ("mart.expenditure_current", "core.expenditure_snapshot", "programme_id"),
        ("mart.expenditure_current", "core.programme", "status"),
        ("mart.missing_year_end", "core.programme", "fund_code"),
        ("mart.fund_status_current", "core.funding_status", "seq"),
        ("mart.voucher_reconciliation", "vintage.reconciliation", "transfers_usd"),
    ]
    for view, table, column in same:
        assert found[view, column] == found[table, column]


def test_a_view_with_a_column_that_nobody_explains_is_refused() -> None:
    """By name: so no gap in the dictionary is ever published. A meaning may go on for a line."""
    con = new_warehouse()
    columns = {"mart.odd": {"programme_id": "VARCHAR", "unheard_of": "INTEGER"}}
    text = "-- mart.odd: an odd view\nCREATE VIEW mart.odd AS FROM core.programme"
    with pytest.raises(LookupError, match=r"mart\.odd\.unheard_of"):
        view_entries(text, columns, dictionary(con))
    described = text.replace("\n", "\n-- unheard_of [US$]: so much\n")
    explained = view_entries(described, columns, dictionary(con))
    assert [(e.column_name, e.unit, e.description) for e in explained[2:]] == [
        ("unheard_of", "US$", "so much"),
    ]  # fmt: skip
    on_two_lines = described.replace("so much\n", "so\n-- much\n")
    assert view_entries(on_two_lines, columns, dictionary(con)) == explained
    commented = described + "\n-- A comment within the SQL is no description.\n"
    assert view_entries(commented, columns, dictionary(con)) == explained
    con.close()


def test_contacts_quarantine_and_what_is_forgotten_are_private() -> None:
    """They, and what contacts come from, are left out of releases; nothing of mart is private."""
    con = empty_warehouse()
    private = con.execute(
        "SELECT DISTINCT table_name FROM meta.data_dictionary WHERE private"
    ).fetchall()
    assert {name for (name,) in private if not name.startswith("vintage.")} == {
        "core.contact",
        "meta.quarantine",
        "observed.body",
        "observed.contact",
        "raw.forget_order",
        "raw.forgotten",
    }


@pytest.mark.parametrize("table", list(ALL_TABLES))
def test_a_table_has_its_models_columns(table: str) -> None:
    """Names, order and types are the model's, and where it is no view, NOT NULL."""
    found = empty_warehouse().execute(f"DESCRIBE {table}").fetchall()
    expected = columns_of(ALL_TABLES[table])
    assert [(name, kind) for name, kind, *_ in found] == [(c.name, c.sql_type) for c in expected]
    if not describe(ALL_TABLES[table]).view:
        assert [null == "YES" for _, _, null, *_ in found] == [c.nullable for c in expected]


@pytest.mark.parametrize("table", list(_CONTRACT))
def test_the_names_that_analysts_rely_on_are_there(table: str) -> None:
    """Every column that the contract names."""
    found = [name for name, *_ in empty_warehouse().execute(f"DESCRIBE {table}").fetchall()]
    assert set(_CONTRACT[table].split()) <= set(found)


@pytest.mark.parametrize("table", list(_KEYS))
def test_keys_are_the_contracts_and_never_null(table: str) -> None:
    """The model declares them, and the table refuses NULL in them."""
    key = describe(ALL_TABLES[table]).key
    assert key == tuple(_KEYS[table].split())
    nullable = {c.name for c in columns_of(ALL_TABLES[table]) if c.nullable}
    assert not nullable & set(key)


def test_rows_of_core_keep_the_rules_of_their_models() -> None:
    """What is derived passes the checks that the models declare, table by table."""
    full = page(
        annual(row("FAO", 2015, expenditure="100", delivery_rate="87.5")),
        cumulative(row(None, None, expenditure="100")),
        title="Water",
        narrative=["Wells."],
        documents=["Report"],
        contacts=["Contact A"],
        vouchers=[voucher("V1")],
    )
    con = loaded(Seen(at("2015-07-01"), full), Seen(at("2016-07-01"), full))
    filled = set()
    for table, model in ALL_TABLES.items():
        found = rows(con, f"FROM {table}")
        if found:
            model.validate(frame_of(model, found), lazy=True)
            filled.add(table)
    assert {t for t in filled if t.startswith("core.")} == {
        "core.programme", "core.expenditure_snapshot", "core.cumulative_snapshot", "core.voucher",
        "core.narrative", "core.document", "core.contact",
    }  # fmt: skip


def test_preparing_again_changes_nothing() -> None:
    """A file of this version is left as it is."""
    con = loaded(Seen(at("2015-07-01"), page(title="Water")))
    before = dump(con, "raw", "observed", "core", "mart", "meta")
    prepare(con)
    assert dump(con, "raw", "observed", "core", "mart", "meta") == before


@pytest.mark.parametrize(("version", "advice"), [(0, "mptf rebuild"), (99, "install a newer one")])
def test_a_file_of_another_version_is_refused(version: int, advice: str) -> None:
    """The error says what to do."""
    con = new_warehouse()
    con.execute("UPDATE meta.warehouse SET schema_version = ?", [version])
    with pytest.raises(WarehouseVersionError, match=advice):
        prepare(con)
    con.close()


def test_a_database_that_is_no_warehouse_is_refused() -> None:
    """A file with tables of something else is not written to."""
    con = duckdb.connect(":memory:")
    con.execute("CREATE TABLE other (a INTEGER)")
    with pytest.raises(WarehouseVersionError, match="mptf rebuild"):
        check_version(con)
    con.close()


def test_a_warehouse_file_is_written_and_read_back(tmp_path: Path) -> None:
    """A reader sees what the writer left; before there is a file it is told what to run."""
    file = tmp_path / "home" / "warehouse.duckdb"
    with pytest.raises(WarehouseMissingError, match="mptf ingest"):
        open_reader(file)
    writer = open_writer(file)
    prepare(writer)
    before = dump(writer, "core", "meta")
    writer.close()
    reader = open_reader(file)
    assert dump(reader, "core", "meta") == before
    with pytest.raises(duckdb.InvalidInputException):
        reader.execute("DELETE FROM core.programme")
    reader.close()
