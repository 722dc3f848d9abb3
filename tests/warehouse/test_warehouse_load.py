"""Loading: all or nothing, again is nothing, and what does not count is set aside."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from extractors.page_kinds import PageRefusedError
from extractors.records import Page
from tests.warehouse.histories import (
    Seen,
    annual,
    at,
    batch_of,
    capture_of,
    dump,
    empty_warehouse,
    grown,
    load_seen,
    loaded,
    page,
    row,
    rows,
    voucher,
)
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import ReadBody, observe
from transforms.schemas import OBSERVED_TABLES
from warehouse.connection import (
    Connection,
    WriterLimits,
    one,
    open_writer,
    retry_with_more_memory,
    transaction,
)
from warehouse.load import Batch, load

_EVERYTHING = page(
    annual(row("FAO", 2015, expenditure="100"), row("UNDP", 2015, expenditure="1,23")),
    title="Water",
    narrative=["Wells."],
    documents=["Report"],
    contacts=["Contact A"],
    vouchers=[voucher("V1"), voucher(None)],
)
_OTHER_ADDRESS = "https://gateway.example/project/00099999"
_ALL = ("raw", "observed", "core", "mart", "meta")


def _open_quarantine(con: Connection) -> list[tuple[str, str]]:
    return con.execute(
        "SELECT table_name, rule FROM meta.quarantine WHERE resolved_at IS NULL ORDER BY ALL"
    ).fetchall()


def _states(con: Connection) -> list[str]:
    return [
        state
        for (state,) in con.execute("SELECT state FROM raw.capture ORDER BY captured_at").fetchall()
    ]


def test_loading_again_changes_no_row_of_anything() -> None:
    """The same batch, loaded twice, leaves every table as it was, quarantine included."""
    seen = [Seen(at("2015-07-01"), _EVERYTHING)]
    con = loaded(*seen)
    before = dump(con, *_ALL)
    load_seen(con, seen)
    assert dump(con, *_ALL) == before


def test_reading_again_to_the_same_end_changes_no_row_of_anything() -> None:
    """With `again`, a body that is read as before leaves every table as it was."""
    seen = [Seen(at("2015-07-01"), _EVERYTHING), Seen(at("2015-08-01"), _EVERYTHING)]
    con = loaded(*seen)
    before = dump(con, *_ALL)
    load_seen(con, seen, again=True)
    assert dump(con, *_ALL) == before


def test_a_capture_that_is_twice_in_a_batch_is_one() -> None:
    """Its identifier is the ledger's key."""
    once = Seen(at("2015-07-01"), _EVERYTHING)
    con = loaded(once, once)
    assert one(con, "SELECT count(*) FROM raw.capture") == 1


def test_an_empty_batch_changes_nothing() -> None:
    """A run that meets nothing new may still load."""
    con = loaded(Seen(at("2015-07-01"), _EVERYTHING))
    before = dump(con, *_ALL)
    load_seen(con, [])
    assert dump(con, *_ALL) == before


def test_archive_files_are_known_by_how_far_they_were_read() -> None:
    """A later batch moves the mark."""
    con = empty_warehouse()
    for size in (10, 20):
        load(con, batch_of(con, [])._replace(archive_files=archive_file_frame({"a.warc.gz": size})))
    assert con.execute("FROM raw.archive_file").fetchall() == [("a.warc.gz", 20)]


def _read_as(seen: Seen, said: Page) -> ReadBody:
    """The body as another version of the parser reads it."""
    return ReadBody(seen.sha256, said)


# What does not count.


@pytest.mark.parametrize("first", [0, 1])
def test_an_address_that_contradicts_the_content_is_set_aside(first: int) -> None:
    """The capture is in the ledger as quarantined, with the reason, and nowhere in core."""
    seen = [
        Seen(at("2015-07-01"), page(annual(row("FAO", 2015, expenditure="100")))),
        Seen(at("2015-08-01"), page(annual(row("FAO", 2015, expenditure="900"))), _OTHER_ADDRESS),
    ]
    con = grown(seen[first], seen[1 - first])
    assert _states(con) == ["loaded", "quarantined"]
    assert con.execute("SELECT expenditure_usd FROM core.expenditure_snapshot").fetchall() == [
        (100,)
    ]
    (aside,) = rows(con, "FROM meta.quarantine")
    assert aside["capture_id"] == seen[1].capture_id
    assert (aside["table_name"], aside["rule"]) == (
        "raw.capture",
        "programme_id_contradicts_address",
    )
    assert _OTHER_ADDRESS in aside["message"]
    assert "00091001" in aside["message"]
    assert aside["resolved_at"] is None


def test_a_page_that_is_refused_is_set_aside() -> None:
    """A maintenance page is in the ledger and in quarantine, with its rule, and ends nothing."""
    con = grown(
        Seen(at("2015-07-01"), _EVERYTHING),
        Seen(at("2015-08-01"), PageRefusedError("maintenance", "the site was down", "Back soon")),
    )
    assert _states(con) == ["loaded", "quarantined"]
    (aside,) = rows(con, "FROM meta.quarantine WHERE table_name = 'raw.capture'")
    assert (aside["rule"], aside["message"], aside["row_text"]) == (
        "maintenance", "the site was down", "Back soon",
    )  # fmt: skip
    assert one(con, "SELECT count(*) FROM core.expenditure_snapshot") == 1


def test_a_row_that_breaks_a_rule_is_set_aside_and_the_rest_is_kept() -> None:
    """The quarantine names the table, the rule, the place and the text."""
    con = loaded(Seen(at("2015-07-01"), _EVERYTHING))
    assert _open_quarantine(con) == [
        ("core.expenditure_snapshot", "amount"),
        ("core.voucher", "voucher_number_missing"),
    ]
    (aside,) = rows(con, "FROM meta.quarantine WHERE rule = 'amount'")
    assert aside["stood_at"] == "table 1, row 2"
    assert "1,23" in aside["row_text"]
    assert one(con, "SELECT count(*) FROM core.expenditure_snapshot") == 1
    assert one(con, "SELECT count(*) FROM core.voucher") == 1


def test_a_row_stays_in_quarantine_when_its_page_is_seen_unchanged() -> None:
    """The body is known and not read, so nothing has been put right."""
    con = loaded(Seen(at("2015-07-01"), _EVERYTHING))
    before = _open_quarantine(con)
    assert before
    load_seen(con, [Seen(at("2015-08-01"), _EVERYTHING)])
    assert _open_quarantine(con) == before


def test_a_page_stays_in_quarantine_when_its_body_is_seen_under_the_right_address() -> None:
    """The capture under the wrong address still does not count."""
    said = page(annual(row("FAO", 2015, expenditure="100")))
    con = grown(
        Seen(at("2015-07-01"), said, _OTHER_ADDRESS),
        Seen(at("2015-08-01"), said),
    )
    assert _states(con) == ["quarantined", "loaded"]
    assert _open_quarantine(con) == [("raw.capture", "programme_id_contradicts_address")]


def test_what_a_new_reading_takes_is_resolved() -> None:
    """A parser that reads the body otherwise replaces what it said, and closes its quarantine."""
    seen = Seen(at("2015-07-01"), _EVERYTHING)
    con = loaded(seen)
    better = page(annual(row("FAO", 2015, expenditure="100"), row("UNDP", 2015, expenditure="123")))
    found = observe([_read_as(seen, better)])
    load(
        con,
        Batch(found.frames, capture_frame([capture_of(seen)]), quarantine_frame(found.quarantined),
              archive_file_frame({})),
        again=True,
    )  # fmt: skip
    assert _open_quarantine(con) == []
    assert one(con, "SELECT count(*) FROM meta.quarantine") == 2, "nothing is deleted"
    assert con.execute(
        "SELECT organization, expenditure_usd FROM core.expenditure_snapshot ORDER BY ALL"
    ).fetchall() == [("FAO", 100), ("UNDP", 123)]
    assert one(con, "SELECT count(*) FROM core.voucher") == 0, "the new reading has none"


def test_a_row_that_fails_again_is_open_again() -> None:
    """Resolved by one reading and broken by the next: it is in quarantine once, unresolved."""
    seen = Seen(at("2015-07-01"), _EVERYTHING)
    con = loaded(seen)
    found = observe([_read_as(seen, page(title="Water"))])
    better = Batch(
        found.frames,
        capture_frame([capture_of(seen)]),
        quarantine_frame([]),
        archive_file_frame({}),
    )
    load(con, better, again=True)
    assert _open_quarantine(con) == []
    load_seen(con, [seen], again=True)
    assert len(_open_quarantine(con)) == one(con, "SELECT count(*) FROM meta.quarantine") == 2


def test_a_new_reading_moves_a_capture_from_one_programme_to_another() -> None:
    """The vintages of both are derived anew."""
    seen = Seen(at("2015-07-01"), page(title="Water"), "file:saved.html")
    con = loaded(seen)
    found = observe([_read_as(seen, page(title="Water", programme_id="00091002"))])
    load(
        con,
        Batch(
            found.frames,
            capture_frame([capture_of(seen)]),
            quarantine_frame([]),
            archive_file_frame({}),
        ),
        again=True,
    )
    assert con.execute("SELECT programme_id FROM core.programme").fetchall() == [("00091002",)]


# All or nothing.

_STORED = ("raw", "observed", "core", "meta")
_BEFORE = Seen(at("2015-07-01"), page(annual(row("FAO", 2015, expenditure="100"))))
_AFTER = Seen(at("2015-08-01"), _EVERYTHING)


@cache
def _undisturbed() -> dict[str, list[tuple[Any, ...]]]:
    return dump(loaded(_BEFORE, _AFTER), *_STORED)


def _null_in_captures(batch: Batch) -> Batch:
    frame = batch.captures
    assert isinstance(frame, pl.DataFrame)
    return batch._replace(captures=frame.with_columns(run_id=pl.lit(None, pl.String)))


def _null_in(table: str, column: str) -> Callable[[Batch], Batch]:
    def broken(batch: Batch) -> Batch:
        frame = batch.observations[table]
        assert isinstance(frame, pl.DataFrame)
        assert len(frame), table
        spoilt = frame.with_columns(pl.lit(None, frame.schema[column]).alias(column))
        return batch._replace(observations={**batch.observations, table: spoilt})

    return broken


def _column_missing(batch: Batch) -> Batch:
    frame = batch.observations["observed.body"]
    assert isinstance(frame, pl.DataFrame)
    frames = {**batch.observations, "observed.body": frame.drop("parse_key")}
    return batch._replace(observations=frames)


def _null_in_quarantine(batch: Batch) -> Batch:
    frame = batch.quarantined
    assert isinstance(frame, pl.DataFrame)
    assert len(frame)
    return batch._replace(quarantined=frame.with_columns(rule=pl.lit(None, pl.String)))


def _null_in_archive_files(batch: Batch) -> Batch:
    return batch._replace(
        archive_files=pl.DataFrame({"warc_file": ["a.warc.gz"], "indexed_bytes": [None]},
                                   schema={"warc_file": pl.String, "indexed_bytes": pl.Int64})
    )  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        _null_in_captures,
        *(_null_in(table, "parse_key") for table in ("observed.body", "observed.programme")),
        _null_in("observed.figure", "organization"),
        _null_in("observed.contact", "name"),
        _column_missing,
        _null_in_quarantine,
        _null_in_archive_files,
    ],
)
def test_a_batch_that_fails_is_rolled_back_whole(broken: Callable[[Batch], Batch]) -> None:
    """No table has a row of it, the error is the database's own, and the connection still loads."""
    undisturbed = _undisturbed()
    con = loaded(_BEFORE)
    known = dump(con, *_STORED)
    good = batch_of(con, [_AFTER])
    with pytest.raises((duckdb.ConstraintException, duckdb.BinderException)):
        load(con, broken(good))
    assert dump(con, *_STORED) == known
    load(con, good)
    assert dump(con, *_STORED) == undisturbed


def test_every_observed_table_is_loaded() -> None:
    """A batch brings a frame for each of them, under its name."""
    con = empty_warehouse()
    assert set(batch_of(con, []).observations) == set(OBSERVED_TABLES)


def test_what_does_not_fit_into_the_writers_memory_is_done_with_more(tmp_path: Path) -> None:
    """Once more, from the beginning, with room enough; nothing of the first try is left."""
    con = open_writer(tmp_path / "w.duckdb", WriterLimits("20MB"))
    con.execute("CREATE TABLE numbers (n BIGINT[])")
    tries = []

    def work() -> None:
        tries.append(one(con, "SELECT current_setting('memory_limit')"))
        with transaction(con):
            con.execute("INSERT INTO numbers VALUES ([1])")
            con.execute("INSERT INTO numbers SELECT list(n) FROM range(5_000_000) AS t (n)")

    retry_with_more_memory(con, work)
    assert tries == ["19.0 MiB", "190.0 MiB"]
    assert one(con, "SELECT current_setting('memory_limit')") == "19.0 MiB", "and then as before"
    assert one(con, "SELECT count(*) FROM numbers") == 2
    con.close()
