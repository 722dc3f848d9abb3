"""The rules by which `mptf status --check` judges a home; docs/operators.md has them in words.

What is known and explained must not stay red for ever, so a thing that needs a look needs it for
`look_days` days. After that it is listed, and changes no verdict.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from flows.pipeline.outcome import (
    INCOMPLETE,
    KILLED,
    NOT_DONE,
    STOPPED,
    TOO_MANY,
    Ending,
    Outcome,
    outcome_recorded,
)
from flows.terminal import counted
from warehouse.runs import Counts
from warehouse.status import News

_MOST_MINUTES, _MOST_HOURS = 90, 48  # that are told as such
_REPEATED = ("ingest", "backfill", "rebuild")  # besides sync, commands that a schedule may run


class Verdict(StrEnum):
    """How a home stands, the worst first."""

    FAILED = "failed"
    OVERDUE = "overdue"
    LOOK = "look"
    OK = "ok"

    @property
    def exit_code(self) -> int:
        """Return the exit code of `mptf status --check`."""
        return {Verdict.OK: 0, Verdict.LOOK: 3}.get(self, 1)


class Reason(NamedTuple):
    """One thing that is wrong or needs a person, and the command that helps."""

    verdict: Verdict
    text: str
    command: str


class Limits(NamedTuple):
    """The settings that the rules go by."""

    expect_every_hours: float
    look_days: float
    fail_above: float


class Facts(NamedTuple):
    """What the rules look at.

    Attributes:
        last_runs: the last run of each command, as in `meta.run`, and its `kind`.
        news: what came up in the last `look_days` days.
        synced_at: when the newest visit to the site ended; None if there was none.
        unseen: programmes whose year-end figures are due and that no run asked for since.
    """

    last_runs: Sequence[Mapping[str, Any]]
    news: News
    synced_at: datetime | None
    unseen: int


def verdict_of(reasons: Sequence[Reason]) -> Verdict:
    """Return the worst verdict among some reasons."""
    found = {reason.verdict for reason in reasons}
    return next((verdict for verdict in Verdict if verdict in found), Verdict.OK)


def reasons_of(facts: Facts, limits: Limits, now: datetime) -> list[Reason]:
    """Return everything that is wrong or needs a person, the worst first."""
    reasons = [
        *_overdue(facts, limits, now),
        *(reason for run in facts.last_runs for reason in _of_run(run, facts.news, limits, now)),
        *_news(facts.news, limits),
        *_year_end(facts),
    ]
    return sorted(reasons, key=lambda reason: list(Verdict).index(reason.verdict))


def outcome_of_run(run: Mapping[str, Any], limits: Limits) -> Outcome:
    """Return how a run of `meta.run` ended."""
    counts = Counts(*(run[name] for name in Counts._fields))
    because = run["incomplete_because"]
    return outcome_recorded(run["outcome"], counts, because, fail_above=limits.fail_above)


def ago(time: datetime, now: datetime) -> str:
    """Return how long ago something was, in words."""
    minutes = max(0, round((now - time).total_seconds() / 60))
    if minutes <= _MOST_MINUTES:
        return f"{counted(minutes, 'minute')} ago"
    if minutes <= _MOST_HOURS * 60:
        return f"{counted(round(minutes / 60), 'hour')} ago"
    return f"{counted(round(minutes / 1440), 'day')} ago"


def _overdue(facts: Facts, limits: Limits, now: datetime) -> Iterator[Reason]:
    """Yield that a visit to the site is overdue, if the newest one ended too long ago."""
    hours, ended = limits.expect_every_hours, facts.synced_at
    if hours and ended and now - ended > timedelta(hours=hours):
        yield Reason(
            Verdict.OVERDUE,
            f"the last sync that was done ended at {ended:%Y-%m-%d %H:%M} UTC, {ago(ended, now)};"
            f" one is expected every {hours:g} hours",
            "mptf sync",
        )


def _of_run(run: Mapping[str, Any], news: News, limits: Limits, now: datetime) -> Iterator[Reason]:
    """Yield what the last run of a command calls for: a sync has failed until one is done."""
    kind = run["kind"]
    is_new = now - run["started_at"] <= timedelta(days=limits.look_days)
    if kind != "sync" and not (kind in _REPEATED and is_new):
        return
    ending, reason = outcome_of_run(run, limits)
    started = f"the {kind} of {run['started_at']:%Y-%m-%d %H:%M} UTC"
    again = f"mptf {run['command']}" if kind != "ingest" else "mptf ingest PATH..."
    if ending in {NOT_DONE, KILLED} or (kind == "sync" and ending == TOO_MANY):
        because = reason if ending == TOO_MANY else run["incomplete_because"]
        text = f"{started} {'was killed' if ending == KILLED else 'failed'}"
        yield Reason(
            Verdict.FAILED if kind == "sync" else Verdict.LOOK,
            f"{text}: {because}" if because else text,
            _causes(run) if ending == TOO_MANY else again,
        )
    elif ending == STOPPED:
        yield Reason(Verdict.LOOK, f"{started} was stopped on request", again)
    elif ending in {INCOMPLETE, TOO_MANY} and _is_news(run, ending, news):
        command = _causes(run) if run["failed"] else "mptf probe" if kind == "sync" else again
        yield Reason(Verdict.LOOK, f"{started} is incomplete: {reason}", command)


def _is_news(run: Mapping[str, Any], ending: Ending, news: News) -> bool:
    """Return whether something failed that is not known; what was set aside is told by itself."""
    because = None if ending == TOO_MANY else run["incomplete_because"]  # else it has the numbers
    if run["kind"] != "sync":
        return bool(run["failed"] or because)
    return bool(news.failures) or _without_numbers(because) != _without_numbers(
        because and news.incomplete_before
    )


def _without_numbers(text: str | None) -> str:
    return re.sub(r"\d+", "", text or "")


def _causes(run: Mapping[str, Any]) -> str:
    """Return the command that lists what failed; if nothing did, what was set aside."""
    if not run["failed"]:
        return "mptf quarantine list"
    return f"mptf sql \"FROM meta.failure WHERE run_id = '{run['run_id']}'\""


def _news(news: News, limits: Limits) -> Iterator[Reason]:
    lately = f"in the last {limits.look_days:g} days"
    pages, rows = news.set_aside
    if pages or rows:
        found = [counted(pages, "page")] * bool(pages) + [counted(rows, "row")] * bool(rows)
        verb = "was" if pages + rows == 1 else "were"
        yield Reason(
            Verdict.LOOK,
            f"{' and '.join(found)} {verb} set aside {lately}",
            "mptf quarantine list",
        )
    if news.failed_checks:
        yield Reason(
            Verdict.LOOK,
            f"{counted(news.failed_checks, 'check fails', 'checks fail')} on pages that came"
            f" {lately}: judge whether the page is wrong",
            'mptf sql "FROM meta.check_result"',
        )
    if news.drifted:
        yield Reason(
            Verdict.LOOK,
            f"less is understood than before of pages of {counted(news.drifted, 'layout')}: the"
            " site has changed",
            'mptf sql "FROM meta.layout_drift"',
        )


def _year_end(facts: Facts) -> Iterator[Reason]:
    """Yield that programmes with an interim figure were not asked for since 30 April."""
    if facts.unseen and facts.synced_at:
        yield Reason(
            Verdict.LOOK,
            f"{counted(facts.unseen, 'programme')} without a year-end figure"
            f" {'was' if facts.unseen == 1 else 'were'} not asked for since 30 April",
            "mptf sync --year-end",
        )
