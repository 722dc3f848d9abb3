"""`mptf status`: how a home stands, judged in a line, then run by run, then in numbers."""

import shlex
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from flows.layout import table, wrapped
from flows.pipeline.outcome import DONE
from flows.places import Holder, Places
from flows.releases import newest_file
from flows.settings import Settings
from flows.standing.bucket import BucketState, as_record, bucket_state, writer_line
from flows.standing.health import (
    Facts,
    Limits,
    Reason,
    Verdict,
    ago,
    outcome_of_run,
    reasons_of,
    verdict_of,
)
from flows.terminal import counted, shown
from warehouse.connection import open_reader
from warehouse.errors import WarehouseBusyError
from warehouse.query import json_text
from warehouse.runs import visits_in_words
from warehouse.status import (
    Section,
    last_sync_ended_at,
    news_since,
    sections,
    unseen_since_deadline,
)

_MOST_ROWS = 10  # of a section, in text
_COUNTS = ("captures", "loaded", "unchanged", "quarantined", "failed")


def limits_of(settings: Settings) -> Limits:
    """Return the settings that a home is judged by."""
    return Limits(settings.expect_every_hours, settings.look_days, settings.fail_above)


class Standing(NamedTuple):
    """How a home stands.

    Attributes:
        verdict: the worst of the reasons.
        line: the same in one line.
        reasons: what is wrong, or needs a person.
        sections: the numbers; empty while another process writes.
        bucket: the state of the archive's bucket, if there is one.
    """

    verdict: Verdict
    line: str
    reasons: list[Reason]
    sections: Mapping[str, Section]
    bucket: BucketState | None = None


def standing_of(home: Places, now: datetime, wanted: Collection[str] | None = None) -> Standing:
    """Return how a home stands, with all sections or those that are wanted.

    While a run holds the working file, that run is judged.

    Raises:
        WarehouseMissingError, WarehouseVersionError: as `open_reader`.
    """
    limits = limits_of(home.settings)
    try:
        con = open_reader(home.warehouse)
    except WarehouseBusyError as error:
        return _under_way(home.holder(), str(error), limits, now)
    try:
        found = sections(con, None if wanted is None else {"last_runs", *wanted})
        last_runs = found["last_runs"].records
        since = now - timedelta(days=limits.look_days)
        facts = Facts(
            last_runs, news_since(con, since), last_sync_ended_at(con), unseen_since_deadline(con)
        )
    finally:
        con.close()
    bucket = bucket_state(home)
    reasons = reasons_of(facts, limits, now) + (bucket.reasons(now) if bucket else [])
    verdict = verdict_of(reasons)
    said = "; ".join(reason.text for reason in reasons) or _good_news(last_runs, now)
    return Standing(verdict, f"{verdict.upper()}: {said}", reasons, found, bucket)


def for_home(standing: Standing, folder: Path) -> Standing:
    """Return a standing whose commands name the home, as the command that asks did."""
    program = f"mptf --home {shlex.quote(str(folder))} "
    reasons = [
        one._replace(command=program + one.command.removeprefix("mptf "))
        for one in standing.reasons
    ]
    return standing._replace(reasons=reasons)


def failed_standing(error: Exception) -> Standing:
    """Return the standing of a home whose warehouse is missing or cannot be read."""
    first = str(error).splitlines()[0]
    return Standing(Verdict.FAILED, f"{Verdict.FAILED.upper()}: {first}", [], {})


def _under_way(holder: Holder | None, problem: str, limits: Limits, now: datetime) -> Standing:
    if holder is None:
        reason = Reason(Verdict.LOOK, problem, "mptf status")
        return Standing(Verdict.LOOK, f"LOOK: {problem}", [reason], {})
    text = f"`mptf {holder.command}` has been running since {holder.since:%Y-%m-%d %H:%M} UTC"
    hours = limits.expect_every_hours
    if hours and now - holder.since > timedelta(hours=hours):
        reason = Reason(Verdict.OVERDUE, f"{text}, for more than {hours:g} hours", "mptf status")
        return Standing(Verdict.OVERDUE, f"OVERDUE: {reason.text}", [reason], {})
    return Standing(Verdict.OK, f"OK: {text}; what it does is judged at its end", [], {})


def _good_news(last_runs: list[dict[str, Any]], now: datetime) -> str:
    """Return the end of the last sync, or else of the last run, with its counts."""
    ended = [run for run in last_runs if run["ended_at"]]
    ended.sort(key=lambda run: run["kind"] != "sync")
    if not ended:
        return "nothing was loaded yet"
    run = ended[0]
    return (
        f"the last {run['kind']} ended at {run['ended_at']:%Y-%m-%d %H:%M} UTC,"
        f" {ago(run['ended_at'], now)}: {_counts(run)}"
    )


def write_standing(standing: Standing, now: datetime, out: TextIO) -> None:
    """Write how a home stands as one JSON object."""
    said: dict[str, Any] = {
        "verdict": standing.verdict.value,
        "exit_code": standing.verdict.exit_code,
        "line": standing.line,
        "reasons": [
            {"verdict": one.verdict.value, "text": one.text, "command": one.command}
            for one in standing.reasons
        ],
    }
    if standing.bucket:
        said["archive"] = as_record(standing.bucket, now)
    found = said | {name: section.records for name, section in standing.sections.items()}
    texts = [f"{json_text(name)}: {json_text(value)}" for name, value in found.items()]
    out.write("{" + ",\n ".join(texts) + "}\n")


def standing_lines(standing: Standing, home: Places, now: datetime) -> Iterator[str]:
    """Yield how a home stands in lines of at most 80 characters: what matters first."""
    if standing.reasons:
        number = len(standing.reasons)
        needs = "thing needs" if number == 1 else "things need"
        yield f"{standing.verdict.upper()}: {number} {needs} a person"
    else:
        yield from wrapped(shown(standing.line), 2, 0)
    for reason in standing.reasons:
        yield from wrapped(shown(reason.text), 2)
        yield from wrapped(shown(reason.command), 6)
    if not standing.sections:
        return
    limits = limits_of(home.settings)
    found = dict(standing.sections)
    yield from ("", "last run of each command")
    last_runs = found.pop("last_runs").records
    for run in last_runs:
        yield from _last_run_lines(run, limits, now)
    newest = newest_file(home.releases)
    yield from wrapped(f"{'release':<11}{newest.stem if newest else 'none: `mptf publish`'}", 13, 2)
    if standing.bucket:
        yield from wrapped(f"{'archive':<11}{standing.bucket.line()}", 13, 2)
        yield from wrapped(shown(writer_line(standing.bucket, now)), 13)
    told_before = {run["run_id"] for run in last_runs}
    if earlier := [one for one in found.pop("runs").records if one["run_id"] not in told_before]:
        yield from ("", "runs before")
    for run in earlier:
        told = (
            f"{run['started_at']:%Y-%m-%d %H:%M}  {shown(run['command'])}: {_ending(run, limits)}"
        )
        yield from wrapped(told, 20, 2)
    for section in found.values():
        yield from _section_lines(section)
    if empty := [_title(section) for section in found.values() if not section.rows]:
        yield from ("", *wrapped(f"none: {', '.join(empty)}", 2, 0))


def _last_run_lines(run: Mapping[str, Any], limits: Limits, now: datetime) -> Iterator[str]:
    started = run["started_at"]
    when = f"{started:%Y-%m-%d %H:%M} UTC, {ago(started, now)}"
    yield from wrapped(f"{run['kind']:<11}{when}: {_ending(run, limits)}", 13, 2)
    yield from wrapped(_counts(run), 13)
    if (visited := run["programmes_visited"]) is not None:
        said = visits_in_words(run["programmes_due"], visited, run["programmes_left"])
        yield from wrapped(f"programmes {said}", 13)


def _ending(run: Mapping[str, Any], limits: Limits) -> str:
    """Return how a run ended, in words; who finished its work if it was cut short."""
    ending, reason = outcome_of_run(run, limits)
    if ending == DONE:
        return "done"
    words = {"running": "killed", "interrupted": "stopped on request"}
    word = words.get(run["outcome"], run["outcome"])
    if later := run.get("finished_at"):
        done = "loaded" if run["command"] == "ingest" else "finished"
        return f"{word}; {done} by the run of {later:%Y-%m-%d %H:%M}"
    because = run["incomplete_because"] if run["outcome"] != "incomplete" else reason
    return f"{word}; {shown(because)}" if because else word


def _counts(run: Mapping[str, Any]) -> str:
    aside = run["rows_quarantined"]
    rows = f", {counted(aside, 'row')} set aside" if aside else ""
    return ", ".join(f"{name} {run[name]}" for name in _COUNTS) + rows


def _section_lines(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    yield from ("", _title(section))
    if section.name == "coverage":
        width = max(map(len, section.columns))
        for name, value in section.records[0].items():
            yield f"  {name.replace('_', ' '):<{width}}  {'-' if value is None else value}"
        return
    first = section.rows[:_MOST_ROWS]
    rows = [[shown(v) if isinstance(v, str) else v for v in row] for row in first]
    yield from table(section.columns, rows)
    if more := len(section.rows) - len(rows):
        yield f"  ... and {more} more: `mptf status --json` has all"


def _title(section: Section) -> str:
    return section.name.replace("_", " ")
