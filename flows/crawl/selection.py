"""What a sync visits and what a backfill loads, as they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, NamedTuple

from extractors.ids import fund_code_of, programme_id_of
from extractors.times import last_second

Source = Literal["archive", "wayback", "gateway"]


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
        if self.source == "gateway" and self.funds and self.programme_ids:
            raise ValueError("the site is asked for funds or for programmes: run it once for each")
        if self.source == "archive" and self.base_url:
            raise ValueError("the archive is here: a base URL is for wayback and gateway")

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
