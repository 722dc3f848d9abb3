"""Pages of the archive parsed again, offline: those of some programmes, or those in quarantine."""

from collections.abc import Sequence
from itertools import chain

from extractors.archive.reader import ArchivedRecord
from extractors.records import PARSER_VERSION
from flows.pipeline.catch_up import catch_up
from flows.pipeline.lending import with_bodies_held
from flows.pipeline.loader import Reparse, in_parts, load_records
from flows.pipeline.run import Run
from warehouse import ledger


def note_bodies_parsed(run: Run) -> None:
    """Note how many pages were parsed, and by which version."""
    run.log.notes.append(
        f"pages parsed: {run.log.bodies_parsed}; any others were parsed by parser"
        f" {PARSER_VERSION} before"
    )


def rebuild_programmes(run: Run, programme_ids: Sequence[str], *, reread: bool = False) -> None:
    """Derive the vintages of some programmes anew; parse again what an older parser parsed.

    With `reread`, all their bodies are parsed again. A programme of which the archive holds nothing
    is a failure.
    """
    catch_up(run)
    for programme_id in dict.fromkeys(programme_ids):
        run.stop.check()
        captures = ledger.captures_of_programme(run.con, programme_id)
        if not captures:
            fail_without_capture(run, f"programme {programme_id}")
        parse_again(run, captures, "all" if reread else "older")
    note_bodies_parsed(run)


def fail_without_capture(run: Run, subject: str) -> None:
    """Record a programme or fund that was named, and of which the archive holds nothing."""
    run.log.fail(
        subject,
        "no_capture",
        "the archive holds no capture of it: `mptf backfill --source wayback` or `--source gateway`"
        " fetches it, `mptf ingest` loads saved pages",
    )


def retry(run: Run, quarantine_ids: Sequence[str]) -> None:
    """Parse again what is in quarantine, all of it or some; load what no longer fails.

    A page is parsed once, however many of its rows are in quarantine.
    """
    catch_up(run)
    ids = quarantine_ids or [row.quarantine_id for row in ledger.open_quarantine(run.con)]
    of_parse: dict[str, list[ledger.Place]] = {}
    for quarantine_id in dict.fromkeys(ids):
        places = ledger.captures_in_quarantine(run.con, quarantine_id)
        if places:
            of_parse[places[0].parse_key] = places
        else:
            run.log.fail(quarantine_id, "not_in_quarantine", "not in quarantine")
    for part in in_parts(run, of_parse.values(), lambda _: 0):
        run.stop.check()
        parse_again(run, list(chain.from_iterable(part)), "all")


def parse_again(run: Run, places: Sequence[ledger.Place], which: Reparse) -> None:
    """Replace what the bodies of some captures say by a new parse, in one transaction.

    The captures must be all captures of these bodies. A body whose record the archive cannot give
    any more keeps its old parse, and is a failure.
    """
    records: list[ArchivedRecord] = []
    lost: set[str] = set()
    for place in places:
        try:
            records.append(run.home.archive.record(place.warc_file, place.warc_offset))
        except (ValueError, OSError) as error:
            lost.add(place.parse_key)
            why = str(getattr(error, "strerror", None) or error)
            run.log.fail(f"capture {place.capture_id}", "archive_damaged", why)
    whole = [record for record in records if record.capture.parse_key not in lost]
    if whole:
        load_records(run, with_bodies_held(run, whole), {}, reparse=which)
