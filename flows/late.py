"""Runs that begin long after their time: whether their work has been done meanwhile."""

from datetime import datetime

from flows.pipeline.home import Home
from flows.pipeline.run import utc_now
from warehouse import ledger
from warehouse.connection import open_reader
from warehouse.errors import WarehouseMissingError


def done_since(home: Home, command: str, scheduled: datetime, *, wait: float) -> datetime | None:
    """When a run of a command that began at or after a time came to its end; None if none did.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
    """
    with home.writing(command, utc_now(), wait=wait) as now:
        try:
            con = open_reader(home.warehouse)
        except WarehouseMissingError:
            return None
        try:
            return ledger.ended_since(con, command, scheduled, now)
        finally:
            con.close()
