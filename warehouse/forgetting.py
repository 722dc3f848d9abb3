"""Captures that are forgotten: taken out of all that is derived, and found again to be restored."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from warehouse.connection import (
    ArrowStream,
    Connection,
    one,
    registered,
    retry_with_more_memory,
    space_joined,
    sql,
    transaction,
)
from warehouse.derive import NO_SOURCE, derive
from warehouse.ledger import Place
from warehouse.load import delete_observations


def apply_orders(
    con: Connection, orders: ArrowStream, archive_files: ArrowStream, *, derives: bool = True
) -> None:
    """Record orders to forget captures, and take those captures out of all that is derived.

    Of all orders about a capture the newest counts, in whatever sequence they come. Captures to be
    restored are listed by `awaiting_restore` until they are loaded.

    Args:
        con: the warehouse, open for writing.
        orders: the columns of raw.forget_order.
        archive_files: how far each archive file is read once this is done.
        derives: derive what the orders change; else nothing may be derived yet.
    """
    with registered(con, new_order=orders, new_archive_file=archive_files):
        retry_with_more_memory(con, lambda: _apply_orders(con, derives=derives))


def _apply_orders(con: Connection, *, derives: bool) -> None:
    with transaction(con):
        con.execute(sql("forget/1_orders"))
        if one(con, "SELECT count(*) FROM forgotten_capture"):
            _find_changed(con)  # while the captures are there
            con.execute(sql("forget/3_captures"))
            delete_observations(con, "unseen_body")
            if derives:
                con.execute("CREATE OR REPLACE TEMP TABLE changed_body AS FROM forgotten_capture")
                con.execute(sql("load/page_body_again"))
                derive(con)
        con.execute(sql("load/archive_file"))


def _find_changed(con: Connection) -> None:
    """Find what is derived from the captures in `forgotten_capture`."""
    con.execute(NO_SOURCE)
    con.execute("CREATE TEMP TABLE new_capture AS FROM forgotten_capture")
    con.execute(sql("load/changed_source"))
    con.execute("DROP TABLE new_capture")  # a batch registers a frame under this name
    con.execute(sql("forget/2_changed_subject"))


def keys_that_hang_on(con: Connection, capture_ids: Iterable[str]) -> set[str]:
    """Return the first keys of all rows that would differ without some captures.

    Those are the captures' bodies and their parts, and the programmes, funds and organizations
    that would be derived anew if the captures were forgotten.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE forgotten_capture AS FROM raw.capture"
        " WHERE capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(capture_ids)],
    )
    _find_changed(con)
    rows = con.execute(
        "SELECT unnest([parse_key, programme_id, fund_code]) FROM forgotten_capture"
        " UNION SELECT part_key FROM observed.part SEMI JOIN forgotten_capture USING (parse_key)"
        " UNION SELECT empty_part_key FROM observed.answer"
        " SEMI JOIN forgotten_capture USING (parse_key)"
        " UNION SELECT about FROM changed_subject"
        " UNION SELECT code FROM changed_source"
        # Checks of all funds together.
        " UNION SELECT '(all)' FROM changed_source WHERE kind = 'contribution'"
    ).fetchall()
    return {key for (key,) in rows if key is not None}


class KnownCapture(NamedTuple):
    """A capture that counts, is forgotten or was erased; of an erased one only its IDs are known.

    Attributes:
        capture_id: its identifier.
        body_sha256: SHA-256 of its body.
        action: what was ordered last about it; None if nothing ever was.
        url: its URL.
        captured_at: when it was captured.
        source: where it came from, as in raw.capture.
        captured_at_source: how its time is known, as in raw.capture.
    """

    capture_id: str
    body_sha256: str
    action: str | None
    url: str | None
    captured_at: datetime | None
    source: str | None
    captured_at_source: str | None

    @property
    def counts(self) -> bool:
        """Return whether it is not forgotten."""
        return self.action in {None, "restore"}


def known_captures(
    con: Connection,
    column: Literal["capture_id", "body_sha256", "run_id", "url"],
    values: Iterable[str],
) -> list[KnownCapture]:
    """Return the captures, forgotten ones too, of which a column has one of some values."""
    fields = ", ".join(KnownCapture._fields)
    rows = con.execute(
        f"SELECT {fields} FROM ({sql('known_captures')})"  # noqa: S608 because the names are the fields of a class
        f" WHERE {column} IN (SELECT unnest(string_split(?, ' ')))"
        " ORDER BY captured_at, url, capture_id",
        [space_joined(values)],
    ).fetchall()
    return [KnownCapture(*row) for row in rows]


def has_orders(con: Connection) -> bool:
    """Return whether any capture was ever ordered to be forgotten."""
    return bool(one(con, "SELECT count(*) FROM raw.forget_order"))


def forgotten(con: Connection, capture_ids: Iterable[str]) -> dict[str, str]:
    """Return those of the captures that are forgotten or erased, and which of the two."""
    rows = con.execute(
        "SELECT capture_id, action FROM raw.forget_order WHERE action <> 'restore'"
        " AND capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(capture_ids)],
    ).fetchall()
    return dict(rows)


def erased_bodies(con: Connection, sha256s: Iterable[str]) -> set[str]:
    """Return those of the bodies that are erased and must not come back."""
    rows = con.execute(
        "SELECT DISTINCT body_sha256 FROM raw.forget_order WHERE action = 'erase'"
        " AND body_sha256 IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(sha256s)],
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def bodies_to_erase(con: Connection) -> set[str]:
    """Return the erased bodies of which the archive held captures when it was read last."""
    rows = con.execute(
        "SELECT DISTINCT o.body_sha256 FROM raw.forgotten"
        " JOIN raw.forget_order AS o USING (capture_id) WHERE o.action = 'erase'"
    ).fetchall()
    return {sha256 for (sha256,) in rows}


def files_to_erase_from(con: Connection) -> list[str]:
    """Return the archive files that held the erased bodies when they were read last."""
    rows = con.execute(
        "SELECT DISTINCT warc_file FROM raw.forgotten"
        " SEMI JOIN (FROM raw.forget_order WHERE action = 'erase') AS o USING (capture_id)"
        " ORDER BY warc_file"
    ).fetchall()
    return [warc_file for (warc_file,) in rows]


def newest_order(con: Connection, capture_ids: Iterable[str]) -> datetime | None:
    """Return when one of the captures was ordered to be forgotten or restored last."""
    time: datetime | None = one(
        con,
        "SELECT max(ordered_at) FROM raw.forget_order"
        " WHERE capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(capture_ids)],
    )
    return time


def awaiting_restore(con: Connection) -> list[Place]:
    """Return the captures in the archive that are to be restored, and are not loaded yet."""
    return _places(con, "SELECT capture_id FROM raw.forget_order WHERE action = 'restore'")


def bodies_held(con: Connection, parse_keys: Iterable[str]) -> dict[str, Place]:
    """Return the forgotten captures whose records hold the bodies of some keys, by key."""
    held = "SELECT capture_id FROM raw.forget_order WHERE action <> 'erase'"
    wanted = set(parse_keys)
    places = _places(con, held, "NOT unchanged") if wanted else []
    return {place.parse_key: place for place in places if place.parse_key in wanted}


def _places(con: Connection, capture_ids: str, condition: str = "true") -> list[Place]:
    rows = con.execute(
        f"SELECT {', '.join(Place._fields)} FROM raw.forgotten"  # noqa: S608 because the conditions are those above
        f" WHERE {condition} AND capture_id IN ({capture_ids}) ORDER BY captured_at, capture_id"
    ).fetchall()
    return [Place(*row) for row in rows]
