"""The report of what is in quarantine."""

from typing import TextIO

from flows.places import Places
from flows.terminal import shown, shown_on
from warehouse import ledger
from warehouse.connection import Connection, open_reader, sql
from warehouse.query import write_json


def report_quarantine(home: Places, *, as_json: bool, out: TextIO) -> None:
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
