"""What the charts of one page are drawn from; how they are drawn stands in specifications.py."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from warehouse.answers import QueryResult
from webpage.cells import cut, visible

# Of one page, so that it stays small.
_MOST_YEARS, _MOST_FIGURES, _MOST_STEPS = 100, 150, 1_200
_Figure = tuple[tuple[int, str], list[dict[str, Any]]]


def years_data(answer: QueryResult) -> list[list[Any]]:
    """Year, kind and US$: what the bars and marks of one page are."""
    kinds = {"year_end_usd": "year_end", "interim_usd": "interim", "transfers_usd": "transferred"}
    return [
        [record["fiscal_year"], kind, _number(record[name])]
        for record in reversed(answer.records()[:_MOST_YEARS])
        for name, kind in kinds.items()
        if record[name] is not None
    ]


def history_data(answer: QueryResult) -> dict[str, Any]:
    """Each figure's steps, and which is shown first: the one of which there is most to say."""
    figures: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for record in answer.records():
        if record["expenditure_usd"] is not None:
            figures.setdefault((record["fiscal_year"], record["organization"]), []).append(record)
    some = list(_as_many_as_fit(figures.items()))
    first = max(range(len(some)), key=lambda at: (_steps(some[at][1]), some[at][0][0]), default=0)
    return {
        "first": first,
        "figures": [
            {
                "year": year,
                "organization": visible(cut(organization, 80)),
                "steps": [
                    [
                        f"{step['known_from'].isoformat()}Z",
                        _number(step["expenditure_usd"]),
                        "restated" if _restated(step) else step["basis"],
                    ]
                    for step in steps
                ],
                "until": f"{steps[-1]['last_seen'].isoformat()}Z",
            }
            for (year, organization), steps in some
        ],
    }


def _as_many_as_fit(figures: Iterable[_Figure]) -> Iterator[_Figure]:
    left = _MOST_STEPS
    for key, steps in islice(figures, _MOST_FIGURES):
        if left > 0:
            yield key, steps[-left:]
        left -= len(steps)


def _restated(step: dict[str, Any]) -> bool:
    """Whether another value was final before."""
    return bool(step["change"] == "restated")


def _steps(steps: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """How much there is to say of a figure: bases, restatements, values."""
    return (
        len({step["basis"] for step in steps}),
        sum(map(_restated, steps)),
        len({step["expenditure_usd"] for step in steps}),
    )


def _number(value: Decimal) -> float | int:
    """For drawing only."""
    return int(value) if value == value.to_integral_value() else float(value)
