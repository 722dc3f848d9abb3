"""The data of one page's charts; `specifications.py` has how they are drawn."""

from decimal import Decimal
from itertools import islice
from typing import Any

from warehouse.answers import QueryResult
from webpage.cells import truncate, visible

# Limits of one page, to keep it small.
_MAX_YEARS, _MAX_FIGURES, _MAX_STEPS = 100, 150, 1_200
_Records = list[dict[str, Any]]


def years_data(result: QueryResult, prefix: str = "") -> list[list[Any]]:
    """Return year, kind and US$ of each bar and mark, from the columns whose names begin so."""
    kinds = {
        "deposits_usd": "deposited", "year_end_usd": "year_end", "interim_usd": "interim",
        "transfers_usd": "transferred",
    }  # fmt: skip
    return [
        [record["fiscal_year"], kind, _number(record[prefix + name])]
        for record in reversed(result.records()[:_MAX_YEARS])
        for name, kind in kinds.items()
        if record.get(prefix + name) is not None
    ]


def history_data(result: QueryResult) -> dict[str, Any]:
    """Return the steps of each figure, and the position of the one with the richest history."""
    figures: dict[tuple[int, str], _Records] = {}
    for record in result.records():
        if record["expenditure_usd"] is not None:
            figures.setdefault((record["fiscal_year"], record["organization"]), []).append(record)
    left = _MAX_STEPS
    drawn: list[tuple[int, str, _Records]] = []
    for (year, organization), steps in islice(figures.items(), _MAX_FIGURES):
        if left <= 0:
            break
        drawn.append((year, organization, steps[-left:]))
        left -= len(steps)
    first = max(
        range(len(drawn)), key=lambda at: (_richness(drawn[at][2]), drawn[at][0]), default=0
    )
    return {
        "first": first,
        "figures": [
            {
                "year": year,
                "organization": visible(truncate(organization, 80)),
                "steps": [
                    [
                        f"{step['known_from'].isoformat()}Z",
                        _number(step["expenditure_usd"]),
                        "restated" if step["change"] == "restated" else step["basis"],
                    ]
                    for step in steps
                ],
                "until": f"{steps[-1]['last_seen'].isoformat()}Z",
            }
            for year, organization, steps in drawn
        ],
    }


def _richness(steps: _Records) -> tuple[int, int, int]:
    """Return how many bases, restatements and values a figure had."""
    return (
        len({step["basis"] for step in steps}),
        sum(step["change"] == "restated" for step in steps),
        len({step["expenditure_usd"] for step in steps}),
    )


def _number(value: Decimal) -> float | int:
    """Return a JSON number, for drawing only."""
    return int(value) if value == value.to_integral_value() else float(value)
