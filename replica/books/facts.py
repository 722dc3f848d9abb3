"""Facts, and the spells over which a site shows them."""

from collections.abc import Callable, Iterable, Iterator

from replica.books.moments import time_of

Value = int | str | None
Key = tuple[tuple[str, Value], ...]  # column and value, which together say what a fact is about
Facts = dict[Key, Value]


def spells(moments: Iterable[int], facts_at: Callable[[int], Facts]) -> Iterator[dict[str, Value]]:
    """Yield facts with the spell over which each was shown.

    Args:
        moments: all the moments at which facts may change, in order.
        facts_at: returns the facts shown at a moment.
    """
    shown: dict[Key, tuple[Value, int]] = {}
    for at in moments:
        facts = facts_at(at)
        for key, (value, since) in list(shown.items()):
            if key not in facts or facts[key] != value:
                yield _fact(key, value, since, at)
                del shown[key]
        for key, value in facts.items():
            shown.setdefault(key, (value, at))
    for key, (value, since) in shown.items():
        yield _fact(key, value, since, None)


def _fact(key: Key, value: Value, since: int, until: int | None) -> dict[str, Value]:
    return {
        **dict(key),
        "value": value,
        "shown_from": f"{time_of(since)}",
        "shown_until": None if until is None else f"{time_of(until)}",
    }
