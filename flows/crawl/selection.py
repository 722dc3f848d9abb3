"""What a sync visits, what a backfill loads, and which programmes are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from extractors.ids import fund_code_of, programme_id_of
from extractors.times import last_second
from warehouse.visits import KnownSubject

Source = Literal["archive", "wayback", "gateway"]

_CLOSED = "Financially Closed"
_MAY_DEADLINE = (5, 1)  # from which day on the year before is final


@dataclass(frozen=True)
class Selection:
    """What a sync visits: every programme that is due, unless its fields say otherwise.

    Attributes:
        funds: only the programmes of these funds.
        programmes: only these programmes.
        limit: at most so many programmes.
        everything: closed programmes too, due or not.
        year_end: only programmes not seen since the last 30 April.
        fresh: do not continue an earlier run that was cut short.
        base_url: the site's URL, if it was given on the command line.

    Raises:
        ValueError: two fields contradict each other.
    """

    funds: Sequence[str] = ()
    programmes: Sequence[str] = ()
    limit: int | None = None
    everything: bool = False
    year_end: bool = False
    fresh: bool = False
    base_url: str | None = None

    def __post_init__(self) -> None:
        _remove_repeats(self, "funds", "programmes")
        if self.programmes and (self.funds or self.everything):
            raise ValueError("programmes are chosen by name: give neither a fund nor all")
        if self.year_end and (self.everything or self.funds or self.programmes):
            raise ValueError("year-end chooses the programmes: give nothing else that does")

    @property
    def command(self) -> str:
        """Return the command for the run's record; only a run of the same command continues it."""
        words = ["sync", *(f"--fund {code}" for code in self.funds)]
        words += [f"--programme {programme_id}" for programme_id in self.programmes]
        words += [f"--limit {self.limit}"] if self.limit is not None else []
        words += [f"--base-url {self.base_url}"] if self.base_url else []
        words += ["--all"] if self.everything else []
        return " ".join([*words, *(["--year-end"] if self.year_end else [])])


class Chosen(NamedTuple):
    """A programme or fund whose history is loaded; as text, `fund MDG00`."""

    kind: Literal["programme", "fund"]
    key: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def owns(self, url: str) -> bool:
        """Return whether a URL is one of its pages."""
        programme_id = programme_id_of(url)
        if self.kind == "programme":
            return programme_id == self.key
        return programme_id is None and fund_code_of(url) == self.key


@dataclass(frozen=True)
class BackfillSelection:
    """The programmes and funds whose history a backfill loads, from which source and which time.

    Attributes:
        programme_ids: the programmes.
        source: the archive of this home, a web archive, or the site.
        since: the first moment; a day counts from its first second.
        until: the last moment; a day counts to its last second.
        base_url: the URL of the site or the web archive, if it differs from the setting.
        funds: funds, each with its own pages and the programmes that are known to be its.

    Raises:
        ValueError: two fields contradict each other, or nothing is chosen.
    """

    programme_ids: Sequence[str]
    source: Source = "archive"
    since: date | None = None
    until: date | None = None
    base_url: str | None = None
    funds: Sequence[str] = ()

    def __post_init__(self) -> None:
        _remove_repeats(self, "programme_ids", "funds")
        if not (self.programme_ids or self.funds):
            raise ValueError("name a programme, or a fund with --fund")
        if self.source == "gateway" and (self.since or self.until):
            raise ValueError("the site shows only now: since and until are for archives")
        if self.source == "archive" and self.base_url:
            raise ValueError("the archive is here: an address is for wayback and gateway")

    @property
    def command(self) -> str:
        """Return the command for the run's record; only a run of the same command continues it."""
        words = ["backfill", "--source", self.source, *self.programme_ids]
        words += [f"--fund {code}" for code in self.funds]
        words += [f"--since {self.first.isoformat()}"] if self.first else []
        words += [f"--until {self.last.isoformat()}"] if self.last else []
        return " ".join([*words, *([f"--base-url {self.base_url}"] if self.base_url else [])])

    @property
    def settings(self) -> dict[str, str | None]:
        """Return the settings that it changes for its run."""
        return {"wayback_url" if self.source == "wayback" else "base_url": self.base_url}

    @property
    def first(self) -> datetime | None:
        """Return the first second."""
        if self.since is None or isinstance(self.since, datetime):
            return self.since
        return datetime.combine(self.since, time.min)

    @property
    def last(self) -> datetime | None:
        """Return the last second."""
        return last_second(self.until) if self.until else None

    def covers(self, captured_at: datetime) -> bool:
        """Return whether a capture of that time is within the period."""
        return (self.first is None or captured_at >= self.first) and (
            self.last is None or captured_at <= self.last
        )


def _remove_repeats(selection: Selection | BackfillSelection, *fields: str) -> None:
    """Keep each key once, in the order in which they were given."""
    for name in fields:
        object.__setattr__(selection, name, tuple(dict.fromkeys(getattr(selection, name))))


def is_selected(
    programme: KnownSubject, selection: Selection, now: datetime, closed_days: int
) -> bool:
    """Return whether a sync that names no fund or programme visits a programme."""
    if selection.everything:
        return True
    if selection.year_end:
        return (
            programme.seen_at is None or programme.failed or _became_final(programme.seen_at, now)
        )
    return is_due(programme, now, closed_days)


def is_due(programme: KnownSubject, now: datetime, closed_days: int) -> bool:
    """Return whether a programme's page, or the basis of its figures, may have changed.

    A closed programme is visited every `closed_days`, after a failure, and once after every 30
    April: a figure seen unchanged after that day has become year-end.
    """
    if programme.seen_at is None or programme.status != _CLOSED or programme.failed:
        return True
    if now - programme.seen_at >= timedelta(days=closed_days):
        return True
    return _became_final(programme.seen_at, now)


def _became_final(seen_at: datetime, now: datetime) -> bool:
    """Return whether a 30 April lies between two moments."""
    return _newest_final_year(now) != _newest_final_year(seen_at)


def _newest_final_year(time: datetime) -> int:
    return time.year - (1 if (time.month, time.day) >= _MAY_DEADLINE else 2)
