"""One thing's values through time."""

from bisect import bisect_right
from typing import Generic, TypeVar

V = TypeVar("V")


class History(Generic[V]):
    """One thing's values, each with the moment from which the site shows it; in time's order."""

    __slots__ = ("moments", "values")

    def __init__(self, moments: list[int], values: list[V]) -> None:
        self.moments = moments
        self.values = values

    def report(self, moment: int, value: V) -> None:
        """A later value; one that comes no later than the last takes its place."""
        if self.moments and moment <= self.moments[-1]:
            self.values[-1] = value
        else:
            self.moments.append(moment)
            self.values.append(value)

    def before(self, end: int) -> "History[V]":
        """What was shown before a moment."""
        kept = bisect_right(self.moments, end - 1)
        return History(self.moments[:kept], self.values[:kept])

    def at(self, now: int) -> V | None:
        """The value shown at a moment; None before the first."""
        found = bisect_right(self.moments, now)
        return self.values[found - 1] if found else None
