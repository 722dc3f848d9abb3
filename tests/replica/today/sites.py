"""Worlds of today's layout, and what a client does with them."""

import json
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from replica.http import Answer, ContentFault, Request
from replica.today.calls import Call, call_of
from replica.today.words import Role
from replica.world import World, open_world

NOW = datetime.fromisoformat("2016-04-20T03:07:00")
LATER = datetime.fromisoformat("2025-03-01T12:00:00")
HEADERS = {"drupal-page-url": "/partners/organizations", "referer": "http://x.example/partners"}
SEEDS = tuple(range(1, 13))
PROGRAMMES = 40


@cache
def today(seed: int, api_page_rows: int = 0) -> World:
    return open_world(seed, PROGRAMMES, layout="today", api_page_rows=api_page_rows)


def get(
    world: World,
    path: str,
    now: datetime = NOW,
    fault: ContentFault | None = None,
    headers: dict[str, str] = HEADERS,
) -> Answer:
    return world.answer(Request("GET", path, "", headers), now, fault)


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """The rows in a JSON string that holds JSON."""
    assert answer.status == 200
    inner = json.loads(answer.body)
    assert isinstance(inner, str)
    data = json.loads(inner)
    assert data.keys() == {"data"}
    rows: list[dict[str, Any]] = data["data"]
    return rows


def rows(world: World, call: Call, now: datetime = NOW) -> list[dict[str, Any]]:
    return rows_of(get(world, call.path, now))


class Read(NamedTuple):
    """A method's rows by what their columns mean."""

    call: Call
    rows: list[dict[str, Any]]


def read(world: World, role: Role, now: datetime = NOW, **narrowed: Any) -> Read:
    """Call a method by the seed's names, and return its rows under their meanings."""
    call = call_of(world.today.names, role, **narrowed)
    meanings = {column: meaning for meaning, column in call.method.columns.items()}
    answered = rows(world, call, now)
    return Read(call, [{meanings[name]: row[name] for name in row} for row in answered])


def units(printed: str | None, places: int) -> int | None:
    """An amount in cents or a rate in hundredths: `2333254635.430`, `.88`, `-.05`."""
    if not printed:
        return None
    whole, point, rest = printed.lstrip("-").partition(".")
    assert point == "."
    assert len(rest) == places
    assert whole == "" or not whole.startswith("0")
    value = int((whole + rest)[: len(whole) + 2])
    return -value if printed.startswith("-") else value


def number(meaning: str, printed: str | None) -> int | None:
    return units(printed, 2 if meaning == "delivery_rate" else 3)
