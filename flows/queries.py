"""The commands that only read: sql, status, quarantine list."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TextIO

from flows.pipeline.home import Home
from flows.releases import newest_file
from flows.terminal import shown, shown_on
from warehouse import ledger
from warehouse.connection import Connection, open_reader, sql, sql_names
from warehouse.errors import WarehouseBusyError, WarehouseMissingError
from warehouse.query import untrusted, write_csv, write_json, write_table

_WRITERS = {"table": write_table, "csv": write_csv, "json": write_json}


def answer(
    home: Home, query: str, form: str, as_of: datetime | None, *, release: bool, out: TextIO
) -> None:
    """Write the whole result of a query.

    While the working file is being written, the newest release is queried instead.
    """
    file = newest_file(home.releases) if release else home.warehouse
    if file is None:
        raise WarehouseMissingError(f"there is no release in {home.releases} yet")
    try:
        _answer(home, file, query, form, as_of, out)
    except WarehouseBusyError:
        newest = newest_file(home.releases)
        if newest is None or release:
            raise
        sys.stderr.write(
            f"mptf: the working file is being written; {newest.name} answers,"
            " as of its newest capture\n"
        )
        _answer(home, newest, query, form, as_of, out)


def _answer(
    home: Home, file: Path, query: str, form: str, as_of: datetime | None, out: TextIO
) -> None:
    limits = home.settings
    if form != "csv" or out.isatty():  # CSV is for programs and is not escaped
        out = shown_on(out)
    with untrusted(file, limits.sql_memory, limits.sql_seconds, as_of) as con:
        _WRITERS[form](con, query, out)


def report_status(home: Home, *, as_json: bool, out: TextIO) -> None:
    """Write the result of each query in warehouse/sql/status, as text or as one JSON object."""
    con, out = open_reader(home.warehouse), shown_on(out)
    try:
        for position, name in enumerate(sql_names("status")):
            title = name.partition("/")[2]
            if as_json:
                out.write(f'{"," if position else "{"}\n"{title}": ')
                write_json(con, sql(name), out)
            else:
                out.write(f"{title.replace('_', ' ')}\n")
                write_table(con, sql(name), out)
        out.write("}\n" if as_json else "")
    finally:
        con.close()


def report_quarantine(home: Home, *, as_json: bool, out: TextIO) -> None:
    """Write everything in quarantine, as text or as one JSON array."""
    con = open_reader(home.warehouse)
    try:
        if as_json:
            write_json(con, sql("quarantine"), shown_on(out))
        else:
            _list_quarantine(con, out)
    finally:
        con.close()


def _list_quarantine(con: Connection, out: TextIO) -> None:
    for row in ledger.open_quarantine(con):
        out.write(
            f"{row.quarantine_id}  {row.rule}\n"
            f"  {shown(row.message)}\n"
            f"  {row.table_name}, {shown(row.stood_at)}: {shown(row.row_text)}\n"
            f"  {shown(row.url)}, captured {row.captured_at:%Y-%m-%d %H:%M:%S}, "
            f"capture {row.capture_id}, parser {row.parser_version}\n"
        )
