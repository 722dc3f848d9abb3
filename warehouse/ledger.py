"""The ledger: captures, bodies, archive files, quarantine and runs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from warehouse.connection import Connection, one, space_joined, sql, transaction

# Whether a URL is a programme's (its ID has eight digits) or a fund's (its code has five letters).
_OF_URL = (
    "lpad(regexp_extract(url, '/project/(\\d{1,8})', 1), 8, '0') = $key"
    " OR upper(regexp_extract(url, '/fund/([A-Za-z0-9]{5})', 1)) = $key"
)


# Failures of pages that were captured and loaded all the same, as far as they go.
LOADED_IN_PART = frozenset({"cut_short"})


class Counts(NamedTuple):
    """What became of everything that a run was to take.

    captures = loaded + unchanged + quarantined + failed, and captures - failed of them are in
    `raw.capture`, or were forgotten.

    Attributes:
        captures: the pages that it asked for, and the files and records that it was given; each
            once, however often it was tried. What was named and is nowhere counts too.
        loaded: those with content that was parsed and loaded.
        unchanged: those that brought nothing new: the bytes are known (a 304 too), or the capture
            itself is, or was forgotten.
        quarantined: those that were set aside whole.
        failed: those that could not be taken; `meta.failure` has a row for each.
        rows_quarantined: rows set aside, of captures that are not.
    """

    captures: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    failed: int = 0
    rows_quarantined: int = 0


class Failed(NamedTuple):
    """One capture, URL or file that failed: which, the kind of failure, and a message."""

    subject: str
    kind: str
    detail: str
    programme_id: str | None = None


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


def known_captures(
    con: Connection, capture_ids: Sequence[str], first: datetime, last: datetime
) -> set[str]:
    """Return those of the captures, made between two times, that the ledger holds."""
    rows = con.execute(
        "SELECT capture_id FROM raw.capture"
        " WHERE captured_at BETWEEN ?"
        " AND ? AND capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [first, last, space_joined(capture_ids)],
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
        "SELECT parse_key, any_value((url, archived_at)) FROM vintage.page_body"
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


def begin_run(con: Connection, run_id: str, command: str, started_at: datetime) -> None:
    """Record the start of a run; a killed run stays `running`."""
    con.execute(
        "INSERT INTO meta.run VALUES (?, ?, ?, NULL, 'running', 0, 0, 0, 0, 0, 0, NULL, NULL)",
        [run_id, command, started_at],
    )


def newest_command(con: Connection) -> str | None:
    """Return the command of the run that began last."""
    command: str | None = one(con, "SELECT arg_max(command, started_at) FROM meta.run")
    return command


def resume_run(con: Connection, run_id: str, resumes: str) -> None:
    """Record which unfinished run a run continues."""
    con.execute("UPDATE meta.run SET resumes = ? WHERE run_id = ?", [resumes, run_id])


def captured_by(con: Connection, run_ids: Sequence[str]) -> tuple[dict[str, bool], Period]:
    """Return the captures of some runs, whether each brought a new body, and their period."""
    if not run_ids:
        return {}, NO_TIME
    rows = con.execute(
        "SELECT capture_id, NOT unchanged, captured_at FROM raw.capture"
        " WHERE run_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(run_ids)],
    ).fetchall()
    times = [time for *_, time in rows]
    made = Period(min(times), max(times)) if times else NO_TIME
    return {capture_id: is_new for capture_id, is_new, _ in rows}, made


def ended_since(con: Connection, command: str, time: datetime, now: datetime) -> datetime | None:
    """Return when the newest complete run of a command that began at or after a time ended.

    Runs that began after `now` had a wrong clock, and are ignored.
    """
    row = con.execute(
        "SELECT max(ended_at) FROM meta.run WHERE command = ? AND started_at BETWEEN ? AND ?"
        " AND outcome IN ('done', 'incomplete') AND incomplete_because IS NULL",
        [command, time, now],
    ).fetchall()
    ended: datetime | None = row[0][0]
    return ended


def end_run(
    con: Connection,
    run_id: str,
    ended_at: datetime,
    outcome: str,
    counts: Counts,
    failures: Sequence[Failed],
    incomplete_because: str | None,
) -> None:
    """Record how a run ended, and its failures."""
    with transaction(con):
        con.execute(
            "UPDATE meta.run SET ended_at = ?, outcome = ?, captures = ?, loaded = ?,"
            " unchanged = ?, quarantined = ?, failed = ?, rows_quarantined = ?,"
            " incomplete_because = ? WHERE run_id = ?",
            [ended_at, outcome, *counts, incomplete_because, run_id],
        )
        if failures:
            con.execute(
                "INSERT INTO meta.failure SELECT ?, unnest(?), unnest(?), unnest(?), unnest(?)",
                [run_id, *map(list, zip(*failures, strict=True))],
            )


def run_record(con: Connection, run_id: str) -> dict[str, Any]:
    """Return a run's row of `meta.run`."""
    found = con.execute("FROM meta.run WHERE run_id = ?", [run_id])
    (row,) = found.fetchall()
    return dict(zip((column[0] for column in con.description or ()), row, strict=True))


def runs_with_failure(con: Connection, kind: str) -> list[str]:
    """Return the runs in which something failed in one way."""
    rows = con.execute("SELECT DISTINCT run_id FROM meta.failure WHERE kind = ?", [kind])
    return [run_id for (run_id,) in rows.fetchall()]


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


def keys_of_captures(con: Connection, capture_ids: Iterable[str]) -> set[str]:
    """Return the bodies, programmes and funds of some captures."""
    rows = con.execute(
        "SELECT parse_key, programme_id, fund_code FROM raw.capture"
        " WHERE capture_id IN (SELECT unnest(string_split(?, ' ')))",
        [space_joined(capture_ids)],
    ).fetchall()
    return {key for row in rows for key in row if key is not None}
