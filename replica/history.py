"""One thing's values through time."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

from replica.dice import Dice
from replica.moments import midnight

V = TypeVar("V")
_DAY_BEGINS, _DAY_ENDS = 8 * 3600, 20 * 3600


class History(Generic[V]):
    """One thing's values, each with the moment from which the site shows it; in time's order."""

    __slots__ = ("moments", "values")

    def __init__(self, changes: Iterable[tuple[int, V]] = ()) -> None:
        self.moments: list[int] = []
        self.values: list[V] = []
        for moment, value in changes:
            self.add(moment, value)

    def add(self, moment: int, value: V) -> None:
        """A later value; at the moment of the last one it takes its place."""
        if self.moments and moment <= self.moments[-1]:
            moment = self.moments[-1] + 1
        self.moments.append(moment)
        self.values.append(value)

    def before(self, end: int) -> "History[V]":
        """What was shown before a moment."""
        kept = zip(self.moments, self.values, strict=True)
        return History((moment, value) for moment, value in kept if moment < end)

    def at(self, now: int) -> V | None:
        """The value shown at a moment; None before the first."""
        found = bisect_right(self.moments, now)
        return self.values[found - 1] if found else None


def an_hour(day: date, dice: Dice) -> int:
    """A moment of that day's working hours."""
    return midnight(day) + dice.whole(_DAY_BEGINS, _DAY_ENDS)
