"""What a sync is to visit, and which programmes are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from warehouse.visits import KnownSubject

Source = Literal["archive", "wayback", "gateway"]

_CLOSED = "Financially Closed"
_LAST_SECOND = time(23, 59, 59)
_MAY_DEADLINE = (5, 1)  # from which day on the year before is final


@dataclass(frozen=True)
class Selection:
    """What a sync is to visit: all that is due, or less. `limit` is the most programmes.

    Raises:
        ValueError: what is given does not go together.
    """

    funds: Sequence[str] = ()
    programmes: Sequence[str] = ()
    limit: int | None = None
    everything: bool = False
    year_end: bool = False  # those not seen since the last 30 April, and no other
    fresh: bool = False
    base_url: str | None = None  # where the site is asked, if the run was told

    def __post_init__(self) -> None:
        _name_once(self, "funds", "programmes")
        if self.programmes and (self.funds or self.everything):
            raise ValueError("programmes are chosen by name: give neither a fund nor all")
        if self.year_end and (self.everything or self.funds or self.programmes):
            raise ValueError("year-end chooses the programmes: give nothing else that does")

    @property
    def command(self) -> str:
        """The command as the run's record has it: only the same work is gone on with."""
        words = ["sync", *(f"--fund {code}" for code in self.funds)]
        words += [f"--programme {programme_id}" for programme_id in self.programmes]
        words += [f"--limit {self.limit}"] if self.limit is not None else []
        words += [f"--base-url {self.base_url}"] if self.base_url else []
        words += ["--all"] if self.everything else []
        return " ".join([*words, *(["--year-end"] if self.year_end else [])])


@dataclass(frozen=True)
class BackfillSelection:
    """What a backfill is to bring: from the archive here, a web archive (wayback), or the site.

    Of days as `since` and `until`, both are wanted whole.

    Raises:
        ValueError: what is given does not go together.
    """

    programme_ids: Sequence[str]
    source: Source = "archive"
    since: date | None = None
    until: date | None = None
    base_url: str | None = None  # where the site or the web archive is asked, if not as set

    def __post_init__(self) -> None:
        _name_once(self, "programme_ids")
        if self.source == "gateway" and (self.since or self.until):
            raise ValueError("the site shows only now: since and until are for archives")
        if self.source == "archive" and self.base_url:
            raise ValueError("the archive is here: an address is for wayback and gateway")

    @property
    def command(self) -> str:
        """The command as the run's record has it: only the same work is gone on with."""
        words = ["backfill", "--source", self.source, *self.programme_ids]
        words += [f"--since {self.first.isoformat()}"] if self.first else []
        words += [f"--until {self.last.isoformat()}"] if self.last else []
        return " ".join([*words, *([f"--base-url {self.base_url}"] if self.base_url else [])])

    @property
    def settings(self) -> dict[str, str | None]:
        """What it sets for its run."""
        return {"wayback_url" if self.source == "wayback" else "base_url": self.base_url}

    @property
    def first(self) -> datetime | None:
        """The first second that is wanted."""
        return _second(self.since, time.min)

    @property
    def last(self) -> datetime | None:
        """The last second that is wanted."""
        return _second(self.until, _LAST_SECOND)

    def covers(self, captured_at: datetime) -> bool:
        """Whether a capture of that time is wanted."""
        return (self.first is None or captured_at >= self.first) and (
            self.last is None or captured_at <= self.last
        )


def _name_once(wanted: Selection | BackfillSelection, *fields: str) -> None:
    """Keep each key that was given, in the order in which they were, once."""
    for name in fields:
        object.__setattr__(wanted, name, tuple(dict.fromkeys(getattr(wanted, name))))


def _second(given: date | None, of_day: time) -> datetime | None:
    """A time as it is given, or one of the day that is given."""
    if given is None or isinstance(given, datetime):
        return given
    return datetime.combine(given, of_day)


def is_wanted(programme: KnownSubject, wanted: Selection, now: datetime, closed_days: int) -> bool:
    """Whether a programme belongs to a visit of no fund or programme in particular."""
    if wanted.everything:
        return True
    if wanted.year_end:
        return (
            programme.seen_at is None or programme.failed or _became_final(programme.seen_at, now)
        )
    return is_due(programme, now, closed_days)


def is_due(programme: KnownSubject, now: datetime, closed_days: int) -> bool:
    """Whether a programme's page may have changed, or what is known of it become final.

    A closed programme is visited now and then, after a failure, and once after every 30 April:
    what is seen unchanged after it has become final.
    """
    if programme.seen_at is None or programme.status != _CLOSED or programme.failed:
        return True
    if now - programme.seen_at >= timedelta(days=closed_days):
        return True
    return _became_final(programme.seen_at, now)


def _became_final(seen_at: datetime, now: datetime) -> bool:
    return _newest_final_year(now) != _newest_final_year(seen_at)


def _newest_final_year(time: datetime) -> int:
    return time.year - (1 if (time.month, time.day) >= _MAY_DEADLINE else 2)
