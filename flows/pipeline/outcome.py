"""How a run ends: one table of endings, and the rule that chooses among those of a run that ran.

docs/schedule.md has the same table.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from extractors.archive.listing import OF_BUCKET
from flows.terminal import counted
from warehouse.runs import Counts

_ONE_PERCENT = 0.01
_LESS = "the site shows less than it should"  # deploy/automations.yaml matches it


_OF_EACH = re.compile(rf"(?:^|; )(?={OF_BUCKET})")


class Ending(NamedTuple):
    """One way in which a run ends.

    Attributes:
        state: the state that Prefect shows.
        exit_code: the exit code of the command, if it has one.
        recorded: `meta.run.outcome`, if the run has a record.
        when: what happened.
    """

    state: str
    exit_code: int | None
    recorded: str | None
    when: str


DONE = Ending(
    "Completed", 0, "done",
    "everything that was due was seen; so it is if nothing had changed, or nothing was due",
)  # fmt: skip
INCOMPLETE = Ending(
    "Incomplete", 3, "incomplete",
    "done, but some pages failed or were set aside, rows were set aside, a list was short, or the"
    " archive's bucket was away",
)  # fmt: skip
TOO_MANY = Ending(
    "Failed", 3, "incomplete",
    "more than `fail_above` (a quarter) of the pages failed or were set aside",
)  # fmt: skip
NOT_DONE = Ending(
    "Failed", 1, "failed",
    "the site was given up, none of its lists could be fetched, or everything that was requested"
    " of it failed",
)  # fmt: skip
NOT_STARTED = Ending(
    "Failed", 1, "failed",
    "it could not start or go on: robots.txt could not be fetched, the home was busy, a setting is"
    " invalid (exit code 2), a bug",
)  # fmt: skip
TIMED_OUT = Ending("TimedOut", None, "failed", "a task took too long")
STOPPED = Ending("Cancelled", 1, "interrupted", "stopped on request; the next run resumes its work")
NO_ROOM = Ending(
    "Failed", 1, "failed",
    "its disk was nearly full (`min_free_mb`); the next run resumes its work",
)  # fmt: skip
KILLED = Ending("Crashed", None, "running", "its process was killed; the next run resumes its work")
PASSED_OVER = Ending(
    "PassedOver", None, None,
    "skipped: it started late, and a run that started after its scheduled time has done its work",
)  # fmt: skip
LATE = Ending("Late", None, None, "no worker has started it")
ENDINGS = (
    DONE, INCOMPLETE, TOO_MANY, NOT_DONE, NOT_STARTED, TIMED_OUT, STOPPED, NO_ROOM, KILLED,
    PASSED_OVER, LATE,
)  # fmt: skip


class Outcome(NamedTuple):
    """How a run ended, and why in one line; the line is empty if nothing is wrong."""

    ending: Ending
    reason: str = ""


def outcome_of(
    counts: Counts,
    *,
    fail_above: float,
    incomplete: Sequence[str] = (),
    given_up: str | None = None,
    asks_site: bool = False,
) -> Outcome:
    """Return how a run with these counts ends.

    Args:
        counts: what became of its captures.
        fail_above: the share of failed and quarantined captures above which it has failed.
        incomplete: why it cannot have seen everything.
        given_up: why nothing more was requested of the site, if that is so.
        asks_site: whether its captures were requested of a site, not given as files.
    """
    if given_up:
        return Outcome(NOT_DONE, given_up)
    if asks_site and counts.failed and counts.failed == counts.captures:
        return Outcome(
            NOT_DONE, f"everything that was requested failed: {counted(counts.failed, 'page')}"
        )
    away = [why for why in incomplete if why.startswith(OF_BUCKET)]
    less = [why for why in incomplete if why not in away]
    share = (counts.failed + counts.quarantined) / max(counts.captures, 1)
    short = [f"{_LESS}: {'; '.join(less)}"] if less else []
    reason = "; ".join([*_not_taken(counts, share), *short, *away])
    if share > fail_above:
        return Outcome(TOO_MANY, reason)
    return Outcome(INCOMPLETE, reason) if reason else Outcome(DONE)


def outcome_recorded(
    outcome: str, counts: Counts, incomplete_because: str | None, *, fail_above: float
) -> Outcome:
    """Return how a run ended by its record in `meta.run`.

    A run that is under way is recorded as one that was killed.
    """
    if outcome in {"done", "incomplete"}:
        numbers = outcome_of(counts, fail_above=fail_above).reason  # is part of some records
        told = (incomplete_because or "").removeprefix(numbers).removeprefix("; ")
        others = [one for one in _OF_EACH.split(told.removeprefix(f"{_LESS}: ")) if one]
        if outcome == "incomplete" and not (numbers or others):
            others = ["some pages break off"]  # which counts as loaded, and as a failure
        return outcome_of(counts, fail_above=fail_above, incomplete=others)
    ending = {"failed": NOT_DONE, "interrupted": STOPPED}.get(outcome, KILLED)
    return Outcome(ending, incomplete_because or ending.when)


def _not_taken(counts: Counts, share: float) -> list[str]:
    """Return the numbers of what was not taken, in words; empty if everything was."""
    failed, set_aside, rows = counts.failed, counts.quarantined, counts.rows_quarantined
    words = []
    if failed:
        words.append(f"{failed} of {counted(counts.captures, 'page')} failed")
    if set_aside:
        of_all = "" if failed else f" of {counted(counts.captures, 'page')}"
        words.append(f"{set_aside}{of_all} {'was' if set_aside == 1 else 'were'} set aside")
    found = [f"{', '.join(words)} ({_percent(share)})"] if words else []
    if rows:
        found.append(f"{counted(rows, 'row was', 'rows were')} set aside")
    return found


def _percent(share: float) -> str:
    return "under 1%" if share < _ONE_PERCENT else f"{share:.0%}"
