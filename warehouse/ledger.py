"""The ledger: captures, bodies, archive files and quarantine."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from warehouse.connection import Connection, one, space_joined, sql

# Whether a URL is a programme's (an ID of eight digits) or a fund's (a code of five signs).
_OF_URL = (
    "lpad(regexp_extract(url, '/project/(\\d{1,8})', 1), 8, '0') = $key"
    " OR upper(regexp_extract(url, '/fund/([A-Za-z0-9]{5})', 1)) = $key"
)


class OpenQuarantine(NamedTuple):
    """One page or row in quarantine, with where it was captured."""

    quarantine_id: str
    table_name: str
    rule: str
    message: str
    stood_at: str
    row_text: str
    url: str
    captured_at: datetime
    capture_id: str
    programme_id: str | None
    parser_version: str


class Place(NamedTuple):
    """Where the archive holds a capture, and the key of its parse."""

    capture_id: str
    parse_key: str
    warc_file: str
    warc_offset: int
    captured_at: datetime
    url: str


class Period(NamedTuple):
    """The time over which some captures were made. The ledger is searched only there."""

    first: datetime
    last: datetime

    def including(self, *times: datetime) -> "Period":
        """Return the period that some times, too, are part of."""
        return Period(min((self.first, *times)), max((self.last, *times)))

    def joined(self, other: "Period") -> "Period":
        """Return the period of two."""
        return Period(min(self.first, other.first), max(self.last, other.last))


NO_TIME = Period(datetime.max, datetime.min)  # noqa: DTZ901 because every time here is naive UTC
ALL_TIME = Period(datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001 because every time here is naive UTC


def capture_states(con: Connection, capture_ids: Sequence[str], made: Period) -> dict[str, str]:
    """Return the state of the captures that the ledger holds: loaded, quarantined or forgotten."""
    rows = con.execute(
        "SELECT capture_id, state FROM raw.capture"
        " WHERE captured_at BETWEEN $first AND $last"
        " AND capture_id IN (SELECT unnest(string_split($ids, ' ')))"
        " UNION ALL SELECT capture_id, 'forgotten' FROM raw.forget_order"
        " WHERE action <> 'restore' AND capture_id IN (SELECT unnest(string_split($ids, ' ')))",
        {"ids": space_joined(capture_ids), **made._asdict()},
    ).fetchall()
    return dict(rows)


def outcomes_of_all(con: Connection) -> tuple[int, int, int]:
    """Count all captures: loaded with a new body, with a known one or forgotten, and set aside."""
    ((loaded, unchanged, set_aside),) = con.execute(
        "SELECT count(*) FILTER (state = 'loaded' AND NOT unchanged),"
        " count(*) FILTER (state = 'loaded' AND unchanged)"
        "   + (SELECT count(*) FROM raw.forgotten),"
        " count(*) FILTER (state <> 'loaded') FROM raw.capture"
    ).fetchall()
    return loaded, unchanged, set_aside


def known_captures(con: Connection, capture_ids: Iterable[str], made: Period) -> set[str]:
    """Return those of the captures that the ledger holds."""
    rows = con.execute(
        "SELECT capture_id FROM raw.capture WHERE captured_at BETWEEN ? AND ?"
        " AND capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [*made, space_joined(capture_ids)],
    ).fetchall()
    return {capture_id for (capture_id,) in rows}


def known_parses(con: Connection, parse_keys: Iterable[str]) -> set[str]:
    """Return those of the keys whose bodies are parsed and loaded."""
    rows = con.execute(
        "SELECT parse_key FROM observed.body"
        " WHERE parse_key IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(parse_keys)],
    ).fetchall()
    return {parse_key for (parse_key,) in rows}


def count_captures(con: Connection) -> int:
    """Count the captures that the ledger holds."""
    return int(one(con, "SELECT count(*) FROM raw.capture"))


def pages_with_finding(
    con: Connection, capture_ids: Sequence[str] | None, made: Period, kind: str
) -> int:
    """Count those of some captures, or of all, that are loaded and have a finding of one kind."""
    query = """
        SELECT count(DISTINCT c.capture_id)
        FROM raw.capture AS c
        JOIN observed.finding AS f USING (parse_key)
        WHERE c.state = 'loaded'
            AND f.kind = $1
            AND c.captured_at BETWEEN $3 AND $4
            AND ($2 IS NULL OR c.capture_id IN (SELECT unnest(string_split($2, ' '))))
    """
    ids = None if capture_ids is None else space_joined(capture_ids)
    return int(one(con, query, [kind, ids, *(ALL_TIME if ids is None else made)]))


def bodies_of_other_parsers(con: Connection, parser_version: str) -> int:
    """Count the bodies that another version of the parser parsed."""
    query = "SELECT count(*) FROM observed.body WHERE parser_version <> ?"
    return int(one(con, query, [parser_version]))


def first_captures(con: Connection, parse_keys: Iterable[str]) -> dict[str, tuple[str, datetime]]:
    """Return URL and time of the capture whose archive record holds the body of each key."""
    rows = con.execute(
        "SELECT parse_key, arg_min((url, archived_at), (archived_at, url)) FROM vintage.page_body"
        " WHERE archived_at IS NOT NULL"
        " AND parse_key IN (SELECT unnest(string_split(?, ' '))) GROUP BY parse_key",
        [space_joined(parse_keys)],
    ).fetchall()
    return dict(rows)


def indexed_bytes(con: Connection) -> dict[str, int]:
    """Return up to which byte the ledger knows each archive file."""
    return dict(con.execute("FROM raw.archive_file").fetchall())


def times_captured(con: Connection, key: str, source: str) -> set[tuple[str, datetime]]:
    """Return URL and time of every capture of a programme's or fund's URLs from one source.

    Forgotten ones are among them. The time is the source's, also where the page shows another.
    """
    rows = con.execute(
        "SELECT url, coalesce(given_at, captured_at) FROM"  # noqa: S608 because it is the condition above
        " (FROM raw.capture UNION ALL BY NAME FROM raw.forgotten)"
        f" WHERE source = $source AND ({_OF_URL})",
        {"source": source, "key": key},
    ).fetchall()
    return set(rows)


def captures_of_programme(con: Connection, programme_id: str) -> list[Place]:
    """Return every capture of the bodies about a programme, or ever captured at its URLs."""
    return _places(
        con,
        f"SELECT parse_key FROM raw.capture WHERE programme_id = $key OR {_OF_URL}",  # noqa: S608 because it is the condition above
        programme_id,
    )


def captures_of_fund(con: Connection, fund_code: str) -> list[Place]:
    """Return every capture of the bodies about a fund, or ever captured at its URLs."""
    return _places(
        con,
        "SELECT parse_key FROM raw.capture"  # noqa: S608 because it is the condition above
        f" WHERE subject = 'fund' AND fund_code = $key OR {_OF_URL}",
        fund_code,
    )


def captures_in_quarantine(con: Connection, quarantine_id: str) -> list[Place]:
    """Return every capture of the body of something in quarantine."""
    return _places(
        con,
        "SELECT parse_key FROM meta.quarantine WHERE quarantine_id = $key AND resolved_at IS NULL",
        quarantine_id,
    )


def _places(con: Connection, parse_keys: str, key: str) -> list[Place]:
    rows = con.execute(
        f"SELECT {', '.join(Place._fields)} FROM raw.capture"  # noqa: S608 because `parse_keys` is one of the queries above
        f" WHERE parse_key IN ({parse_keys}) ORDER BY captured_at, capture_id",
        {"key": key},
    ).fetchall()
    return [Place(*row) for row in rows]


def open_quarantine(con: Connection) -> list[OpenQuarantine]:
    """Return what is in quarantine, oldest capture first."""
    rows = con.execute(
        f"SELECT {', '.join(OpenQuarantine._fields)} FROM ({sql('quarantine')})"  # noqa: S608 because the names are the fields of a class
        " ORDER BY captured_at, capture_id, table_name, stood_at"
    ).fetchall()
    return [OpenQuarantine(*row) for row in rows]


def quarantine_of(
    con: Connection, capture_ids: Sequence[str], made: Period
) -> list[OpenQuarantine]:
    """Return what is in quarantine of some captures, oldest capture first."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE asked AS SELECT capture_id, parse_key FROM raw.capture"
        " WHERE captured_at BETWEEN ? AND ?"
        " AND capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [*made, space_joined(capture_ids)],
    )
    # A row of a page is in quarantine with the first capture that showed it, at whatever time.
    first, last = con.execute(sql("quarantine_period")).fetchall()[0]
    if first is None:
        return []
    rows = con.execute(
        f"""
        SELECT {", ".join(OpenQuarantine._fields)}
        FROM ({sql("quarantine")})
        WHERE captured_at BETWEEN ? AND ?
            AND if(
                table_name = 'raw.capture',
                capture_id IN (SELECT capture_id FROM asked),
                parse_key IN (SELECT parse_key FROM asked)
            )
        ORDER BY captured_at, capture_id, table_name, stood_at
        """,  # noqa: S608 because the names are the fields of a class
        [first, last],
    ).fetchall()
    return [OpenQuarantine(*row) for row in rows]


def captures_in_file(con: Connection, warc_file: str) -> dict[int, str]:
    """Return the captures of one archive file by byte offset, forgotten ones too.

    Those to be erased are left out: their records are there or not.
    """
    return dict(
        con.execute(
            "SELECT warc_offset, capture_id FROM raw.capture WHERE warc_file = $file"
            " UNION ALL SELECT warc_offset, capture_id FROM raw.forgotten"
            " ANTI JOIN (FROM raw.forget_order WHERE action = 'erase') AS o USING (capture_id)"
            " WHERE warc_file = $file",
            {"file": warc_file},
        ).fetchall()
    )


def captures_without_body(con: Connection, lost: Iterable[str]) -> set[str]:
    """Return all captures of the bodies that only lost archive records held."""
    rows = con.execute(
        "WITH lost AS (SELECT unnest(string_split(?, ' ')) AS capture_id),"
        " record AS (SELECT capture_id, parse_key, unchanged FROM raw.capture"
        " UNION ALL SELECT capture_id, parse_key, unchanged FROM raw.forgotten),"
        " held AS (FROM record ANTI JOIN lost USING (capture_id) WHERE NOT unchanged)"
        " SELECT c.capture_id FROM raw.capture AS c"
        " SEMI JOIN (FROM record SEMI JOIN lost USING (capture_id)) AS l"
        "   ON l.parse_key = c.parse_key"
        " ANTI JOIN held AS h ON h.parse_key = c.parse_key",
        [space_joined(lost)],
    ).fetchall()
    return {capture_id for (capture_id,) in rows}
