"""The map of countries: outlines that come with this package, shaded by what was spent.

`world.json` says where its outlines are from and how they were drawn.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from warehouse.answers import QueryResult
from webpage import cells, links

_CLASSES = 5
_MOST_NOT_DRAWN = 200  # that are named below the map
_STEPS = (1, 2, 5)  # limits of classes are these, times a power of ten


class Shape(NamedTuple):
    """A country with programmes: its outline, or the place of one too small for an outline."""

    path: str
    at: tuple[int, int] | None
    href: str
    label: str
    shade: str  # of its class: `m0` is the lowest, `mx` that of no figure


class WorldMap(NamedTuple):
    """The map: its size, the land without programmes, the countries with some, and the legend."""

    width: int
    height: int
    land: str
    shapes: list[Shape]
    legend: list[tuple[str, str]]  # shade, and what it means
    not_drawn: list[tuple[str, str]]  # link and name of what has programmes and no place on the map
    more_not_drawn: int


def world_map(countries: QueryResult) -> WorldMap | None:
    """Return the map for the rows of the query `country`; None if none of them is a country."""
    records = countries.records()
    if not any(record["country_code"] for record in records):
        return None
    world = _world()
    limits = class_limits([r["expenditure_usd"] for r in records if r["country_code"]])
    shapes: list[Shape] = []
    not_drawn: list[tuple[str, str]] = []
    for record in records:
        if shape := _shape(record, limits):
            shapes.append(shape)
        else:
            not_drawn.append((_href(record), record["country"] or "no country named"))
    shapes.sort(key=lambda shape: shape.at is not None)  # places lie above outlines
    shown = {record["country_code"] for record in records}
    land = [path for code, path in world["outlines"].items() if code not in shown]
    return WorldMap(
        world["width"],
        world["height"],
        "".join([*land, world["without_code"]]),
        shapes,
        list(_legend(limits, shapes)),
        not_drawn[:_MOST_NOT_DRAWN],
        max(0, len(not_drawn) - _MOST_NOT_DRAWN),
    )


@cache
def _world() -> dict[str, Any]:
    world: dict[str, Any] = json.loads(files("webpage").joinpath("world.json").read_bytes())
    return world


def class_limits(amounts: list[Decimal | None]) -> list[Decimal]:
    """Return round limits that divide amounts above 0 into at most five classes of like size."""
    known = sorted(amount for amount in amounts if amount is not None and amount > 0)
    limits = {
        _rounded(known[len(known) * part // _CLASSES]) for part in range(1, _CLASSES) if known
    }
    return sorted(limit for limit in limits if limit > known[0])


def _rounded(amount: Decimal) -> Decimal:
    """Return the greatest of 1, 2, 5, 10, 20, 50, ... that is not above the amount, from 1 on."""
    power = Decimal(10) ** max(0, amount.adjusted())
    return max((step * power for step in _STEPS if step * power <= amount), default=Decimal(1))


def _shape(record: dict[str, Any], limits: list[Decimal]) -> Shape | None:
    """Return what is drawn of a country; None if it has no place on the map."""
    world, code = _world(), record["country_code"]
    path, place = world["outlines"].get(code, ""), world["places"].get(code)
    if not path and place is None:
        return None
    spent = record["expenditure_usd"]
    if spent is None:
        said, shade = "no expenditure by year known", "mx"
    else:
        said = f"US$ {cells.amount(spent)} spent, {cells.BASES[record['basis']]}"
        shade = f"m{sum(spent >= limit for limit in limits)}"
    label = f"{cells.visible(record['country'])}: {said}"
    return Shape(path, place and (place[0], place[1]), _href(record), label, shade)


def _href(record: dict[str, Any]) -> str:
    return f"country/{links.country_file_name(record['country_key'])}.html"


def _legend(limits: list[Decimal], shapes: list[Shape]) -> Iterator[tuple[str, str]]:
    used = {shape.shade for shape in shapes}
    texts = [cells.amount(limit) for limit in limits]
    for number, upper in enumerate([*texts, None]):
        if number == 0:
            text = f"below {upper}" if upper else "any amount"
        else:
            text = f"{texts[number - 1]} to below {upper}" if upper else f"{texts[-1]} and more"
        yield f"m{number}", text
    if "mx" in used:
        yield "mx", "no expenditure by year known"
