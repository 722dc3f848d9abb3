"""Which programmes and funds a sync visits: those whose pages may say something that is not known.

The lists and the API are asked every night. A page is visited the night on which they tell of a
change, and in its turn for what they do not tell.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from zlib import crc32

from flows.crawl.selection import Selection
from flows.settings import Settings
from warehouse.visits import KnownSubject, ListNews

_CLOSED = "Financially Closed"
_MAY_DEADLINE = (5, 1)  # from which day on the year before is final


class Turns(NamedTuple):
    """The most days between two visits to a page whatever the lists say.

    Attributes:
        figures: of one that prints figures, of which the lists tell no more than sums.
        texts: of one without figures, since they come from the API.
        closed: of a programme that is financially closed.
    """

    figures: int
    texts: int
    closed: int

    @classmethod
    def of(cls, settings: Settings) -> "Turns":
        """Return those of the settings."""
        return cls(settings.figures_turn_days, settings.texts_turn_days, settings.closed_days)

    @property
    def longest(self) -> int:
        """Return the most days between two visits to any page."""
        return max(self)

    def days_of(self, subject: KnownSubject) -> int:
        """Return the most days between two visits to a page."""
        days = self.figures if subject.prints_figures else self.texts
        return max(days, self.closed) if subject.status == _CLOSED else days

    def has_come(self, subject: KnownSubject, now: datetime) -> bool:
        """Return whether a page's turn has come since it was seen.

        Turns begin on days of their own, spread evenly by the keys, whenever a page was seen.
        """
        if subject.seen_at is None:
            return False
        days, key = self.days_of(subject), subject.key
        return _turn(key, days, now) != _turn(key, days, subject.seen_at)


class Rank(IntEnum):
    """How soon a night visits a programme that is due; those of one rank by `known_programmes`."""

    NEVER_REQUESTED = 0
    LISTED_ANEW = 1
    MONEY_MOVED = 2
    TURN = 3


class Due(NamedTuple):
    """The rule, at one time and after the lists of that night.

    Attributes:
        now: the time.
        turns: the most days between two visits.
        news: what the lists tell.
    """

    now: datetime
    turns: Turns
    news: ListNews

    def selects(self, subject: KnownSubject, selection: Selection) -> bool:
        """Return whether a sync that names no fund or programme visits a page."""
        if selection.everything:
            return True
        if selection.year_end:
            return self._is_new(subject) or self._became_final(subject)
        return self.is_due(subject)

    def is_due(self, subject: KnownSubject) -> bool:
        """Return whether a page, or the basis of its figures, may have changed."""
        return (
            self._is_new(subject)
            or subject.key in self.news.listed_anew
            or (subject.key in self.news.money_moved and _may_be_paid(subject))
            or self._became_final(subject)
            or self.turns.has_come(subject, self.now)
        )

    def rank(self, subject: KnownSubject) -> Rank:
        """Return how soon a night visits a page that is due: what is told before mere turns."""
        if subject.requested_at is None:
            return Rank.NEVER_REQUESTED
        if subject.key in self.news.listed_anew:
            return Rank.LISTED_ANEW
        if subject.key in self.news.money_moved and _may_be_paid(subject):
            return Rank.MONEY_MOVED
        return Rank.TURN

    def _is_new(self, subject: KnownSubject) -> bool:
        return subject.seen_at is None or subject.failed

    def _became_final(self, subject: KnownSubject) -> bool:
        """Return whether a 30 April has passed: a figure seen unchanged after it is year-end."""
        return (
            subject.prints_figures
            and subject.seen_at is not None
            and _newest_final_year(self.now) != _newest_final_year(subject.seen_at)
        )


def seen_since(settings: Settings, now: datetime) -> datetime:
    """Return a time since which every page has had its turn, also if many nights were missed."""
    return now - 2 * timedelta(days=Turns.of(settings).longest)


def _may_be_paid(subject: KnownSubject) -> bool:
    return subject.prints_figures and subject.status != _CLOSED


def _turn(key: str, days: int, time: datetime) -> int:
    return (time.toordinal() + crc32(key.encode())) // days


def _newest_final_year(time: datetime) -> int:
    return time.year - (1 if (time.month, time.day) >= _MAY_DEADLINE else 2)
