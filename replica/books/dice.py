"""Repeatable chance: everything in the stand-in is a function of its keys."""

import math
from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


def share(*key: object) -> float:
    """Return a number in [0, 1) that depends on the key alone."""
    return int.from_bytes(_digest(key), "big") / 2**64


class Dice:
    """A sequence of random draws that depends on its key alone.

    It uses the generator's `random()` only: Python promises no other sequence across versions.
    """

    def __init__(self, *key: object) -> None:
        self.roll = Random(int.from_bytes(_digest(key), "big")).random  # noqa: S311 because it must repeat

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.roll() < probability

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[int(self.roll() * len(items))]

    def numbers(self, *sizes: int) -> list[int]:
        """Return a number below each size, all from one roll; the sizes' product is below 2**53."""
        left = int(self.roll() * 2**53)
        drawn = []
        for size in sizes:
            left, number = divmod(left, size)
            drawn.append(number)
        return drawn

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Return different items, in the order in which they were drawn."""
        left = list(items)
        return [left.pop(int(self.roll() * len(left))) for _ in range(min(count, len(left)))]

    def magnitude(self, low: float, high: float) -> float:
        """Return a number between low and high, evenly spread over the orders of magnitude."""
        return low * math.exp(self.roll() * math.log(high / low))

    def shares(self, count: int) -> list[float]:
        """Return positive parts of one, none of them tiny."""
        weights = [0.3 + self.roll() for _ in range(count)]
        whole = sum(weights)
        return [weight / whole for weight in weights]


def _digest(key: tuple[object, ...]) -> bytes:
    return blake2b("\x1f".join(map(str, key)).encode(), digest_size=8).digest()
