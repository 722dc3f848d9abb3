"""Forgetting captures: out of all that is derived, back again, or out of the archive too."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from extractors.archive.erasing import erase_bodies
from extractors.archive.writer import ArchiveWriter
from extractors.ledger import ForgetAction
from extractors.objects import open_store
from flows.pipeline.catch_up import catch_up
from flows.pipeline.home import Home
from flows.pipeline.parts import has_parts, home_parts, remove_parts
from flows.pipeline.run import Run
from flows.rebuilding.rebuild import rebuild_all
from flows.targets import captures_named
from warehouse import forgetting
from warehouse.connection import Connection, open_reader, remove_file
from warehouse.forgetting import KnownCapture

# Asked with the captures before anything is ordered; refuses by an error.
Confirm = Callable[[Sequence[KnownCapture]], None]


def forget(
    run: Run,
    targets: Sequence[str],
    action: ForgetAction,
    confirm: Confirm = lambda _: None,
) -> list[KnownCapture]:
    """Carry out an action on all captures that some targets name; return those that it concerned.

    The order is archived before anything else happens, so the same command finishes a killed run.

    Raises:
        UnknownTargetError: a target names no capture.
        StoreUnreachableError: captures are to be erased, and the bucket cannot be reached.
    """
    if action == "erase":
        run.home.archive.look()  # what is erased must be erased in the bucket too
    catch_up(run)
    chosen = _concerned(run.home, run.con, targets, action)
    confirm(chosen)
    if chosen:
        _order(run, chosen, action)
        catch_up(run)
        for capture in chosen:
            run.log.capture_outcomes.setdefault(capture.capture_id, False)
            if capture.captured_at is not None:
                run.log.made = run.log.made.including(capture.captured_at)
    if action == "restore" and (gone := sum(capture.url is None for capture in chosen)):
        run.log.notes.append(f"{gone} of them were erased: load their pages again")
    if action == "erase":
        remove_file(run.home.building)  # it knows the archive as it was, and what is erased
        _remove_parts(run)
        erase_bodies(run.home.archive, forgetting.bodies_to_erase(run.con), run.started_at)
    return chosen


def _remove_parts(run: Run) -> None:
    """Remove the home's parts of the files that are erased from; name those that are elsewhere."""
    files = forgetting.files_to_erase_from(run.con)
    if has_parts(run.home):
        remove_parts(open_store(home_parts(run.home)), files)
    run.log.notes += [
        f"if `mptf read --to` wrote parts elsewhere, remove file={name} there" for name in files
    ]


def check_any_capture(home: Home) -> None:
    """Refuse a home that holds nothing.

    Raises:
        WarehouseMissingError: it has neither a warehouse nor an archive.
    """
    if not home.archive.files():
        open_reader(home.warehouse).close()


def forgettable(home: Home, targets: Sequence[str], action: ForgetAction) -> list[KnownCapture]:
    """Return the captures that an action would concern; write nothing.

    Raises:
        UnknownTargetError: a target names no capture.
        WarehouseMissingError, WarehouseBusyError, WarehouseVersionError: as `open_reader`.
    """
    con = open_reader(home.warehouse)
    try:
        return _concerned(home, con, targets, action)
    finally:
        con.close()


def _concerned(
    home: Home, con: Connection, targets: Sequence[str], action: ForgetAction
) -> list[KnownCapture]:
    """Return the captures that an action changes.

    A body is erased from all captures that show it, and given free for all of them.
    """
    named = captures_named(home, con, targets)
    if action == "forget":
        return [capture for capture in named.values() if capture.counts]
    bodies = {
        capture.body_sha256
        for capture in named.values()
        if action == "erase" or capture.action == "erase"
    }
    of_bodies = forgetting.known_captures(con, "body_sha256", bodies)
    if action == "erase":
        return [capture for capture in of_bodies if capture.action != "erase"]
    erased = {one.capture_id: one for one in of_bodies if one.action == "erase"}
    return [capture for capture in (named | erased).values() if not capture.counts]


def _order(run: Run, captures: Sequence[KnownCapture], action: ForgetAction) -> None:
    """Archive an order, later than any before it about these captures, whatever the clock says."""
    before = forgetting.newest_order(run.con, [capture.capture_id for capture in captures])
    time = max(run.started_at, before + timedelta(seconds=1)) if before else run.started_at
    with ArchiveWriter(run.home.archive, run.run_id, run.started_at, lambda _: None) as writer:
        writer.add_orders(action, time, [(one.capture_id, one.body_sha256) for one in captures])


def finish_erasing(home: Home, now: datetime) -> bool:
    """Build the warehouse file anew if it may still hold what was erased; return whether it did.

    DuckDB keeps the deleted rows in its file, so the file is replaced, without parsing anything.

    Raises:
        ArchiveIncompleteError: as `rebuild_all`; the same command again finishes the work.
    """
    con = open_reader(home.warehouse)
    try:
        unfinished = bool(forgetting.bodies_to_erase(con))
    finally:
        con.close()
    if unfinished:
        with rebuild_all(home, now, fresh=True):
            pass
    return unfinished
