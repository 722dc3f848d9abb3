"""What was known on each day: the data behind the days that a reader picks on a page."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, starmap
from operator import itemgetter
from typing import Any

from warehouse.answers import QueryResult
from webpage.cells import in_full, truncate, visible
from webpage.pages import PageFolder, WrittenFile
from webpage.scripts import html_json

_MEASURES = (
    "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd", "expenditure_usd",
    "delivery_rate_pct",
)  # fmt: skip
_SUMS = (
    "year_end_figures", "interim_figures", "net_funded_usd", "transfers_usd", "year_end_usd",
    "interim_usd", "came", "went", "became_final", "restated", "restated_usd",
)  # fmt: skip
ALL = "(all)"  # the key of the sums of all programmes
_BYTES = 100_000  # of a programme's figures


def figures_known(
    spans: QueryResult | None, restatements: QueryResult | None
) -> dict[str, Any] | None:
    """Return what was known of a programme's figures; None without any.

    Years that do not fit are left out whole, the oldest first, and counted in `left_out`: a figure
    that is there has all its days.
    """
    if spans is None:
        return None
    days, captures, figures = _Places(), _Places(), _Places()
    listed: list[list[Any]] = []
    left, left_out = _BYTES, 0
    for _, of_year in groupby(spans.records(), key=itemgetter("fiscal_year")):
        records = [(record, list(map(record.get, _MEASURES))) for record in of_year]
        left -= sum(starmap(_size, records))
        if left < 0:
            left_out += len({record["organization"] for record, _ in records})
        else:
            listed += (_span(*each, figures, days, captures) for each in records)
    return {
        "measures": _MEASURES,
        "days": list(days),
        "captures": list(captures),
        "figures": [(year, _shown(organization)[0]) for year, organization in figures],
        "spans": listed,
        "restated": list(_restated(restatements, figures)),
        "left_out": left_out,
    }


class _Places(dict[Any, int]):
    """Values in the order in which they were asked for, each with its place."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


def _span(
    record: dict[str, Any], measures: list[Decimal | None], figures: _Places, days: _Places,
    captures: _Places,
) -> list[Any]:  # fmt: skip
    """Return figure, first day, day of the end, day of its vintage, basis, capture, measures."""
    until = record["shown_until"]
    return [
        figures[_figure(record)],
        days[_day(record["shown_from"])],
        until and days[_day(until)],
        days[_day(record["known_from"])],
        record["basis"],
        captures[record["capture_id"][:12]],
        *map(_plain, measures),
    ]


def _size(record: dict[str, Any], measures: list[Decimal | None]) -> int:
    """Return about how many bytes a span takes."""
    numbers = len("".join(map(str, measures))) + 3 * len(measures)
    return 60 + numbers + _shown(record["organization"])[1]


def _restated(restatements: QueryResult | None, figures: _Places) -> Iterable[list[Any]]:
    """Yield the figure, measure and day of each restatement."""
    for record in restatements.records() if restatements else []:
        figure = _figure(record)
        if figure in figures:
            yield [figures[figure], record["measure"], _day(record["restated_at"])]


def _figure(record: dict[str, Any]) -> tuple[int, str]:
    return record["fiscal_year"], record["organization"]


@lru_cache(4096)
def _shown(organization: str) -> tuple[str, int]:
    """Return an organization's name as it is shown, and its size in bytes."""
    name = visible(truncate(organization, 160))
    return name, len(html_json(name).encode())


@lru_cache(4096)
def _day(value: datetime | date) -> str:
    return value.isoformat()[:10]


def _plain(value: Any) -> Any:
    """Return a decimal as text in full; others as they are."""
    return in_full(value) if isinstance(value, Decimal) else value


def write_sums(
    folder: PageFolder, name: str, sums: QueryResult | None, years: QueryResult | None
) -> list[WrittenFile]:
    """Write a script with what was known of a page's sums by year; nothing without any.

    It sets `mptfSums`. `years` says what the sums of a year leave out.
    """
    if sums is None:
        return []
    records = sums.records()
    days = sorted({_day(record["until_end_of"]) for record in records})
    places = {day: place for place, day in enumerate(days)}
    left_out = {
        record["fiscal_year"]: record["not_covered"]
        for record in (years.records() if years else [])
        if record["not_covered"]
    }
    steps: dict[int, list[list[Any]]] = {year: [] for year in left_out}
    for record in records:
        steps.setdefault(record["fiscal_year"], []).append(
            [places[_day(record["until_end_of"])], *map(_plain, map(record.get, _SUMS))]
        )
    told = {
        "period": records[0]["period"],
        "days": days,
        "years": [
            {"year": year, "steps": of_year, "not_covered": left_out.get(year)}
            for year, of_year in sorted(steps.items(), reverse=True)
        ],
    }
    script = f"window.mptfSums = {html_json(told)};\n"
    return [folder.write(name, script.encode())]
