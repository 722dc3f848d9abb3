"""What sums by year leave out, worked out naively: programme by programme.

Nothing here is shared with the warehouse's SQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from tests.warehouse.naive_marts import Known, current, newest, without_sums
from tests.warehouse.naive_model import Record

CUMULATIVE = "cumulative figures only"
LARGER = "larger figures since the start than by year"
ALL_ROWS = "(all) rows that organizations do not add up to"
GONE = "figures that are no longer shown"
NAMELESS = "figures that name no organization"
REASONS = (CUMULATIVE, LARGER, ALL_ROWS, GONE, NAMELESS)
_MEASURES = ("transfers_usd", "net_funded_usd", "expenditure_usd")
_NAMED = 10


class LeftOut(NamedTuple):
    """One programme and year that a sum leaves out."""

    programme_id: str
    organization: str
    fiscal_year: int
    reason: str
    known_from: datetime


def not_covered(told: Known) -> list[LeftOut]:
    """Every programme and year that a sum leaves out."""
    return [
        left_out for programme_id in sorted(_programmes(told))
        for left_out in _of_programme(told, programme_id)
    ]  # fmt: skip


def not_covered_years(told: Known) -> list[Record]:
    """mart.not_covered_year, less the sources."""
    names = ("title", "fund_code", "fund_name", "country", "country_code", "country_name")
    return [
        {name: told.identity[left_out.programme_id][name] for name in names} | left_out._asdict()
        for left_out in not_covered(told)
    ]  # fmt: skip


def _programmes(told: Known) -> set[str]:
    return {r["programme_id"] for r in [*told.annual, *told.cumulative]}


def _of_programme(told: Known, programme_id: str) -> Iterator[LeftOut]:
    annual = [r for r in told.annual if r["programme_id"] == programme_id]
    cumulative = [r for r in told.cumulative if r["programme_id"] == programme_id]
    shown = current(annual)
    years, wholes = without_sums(shown), without_sums(current(cumulative))
    nameless = any(r["organization"] == "(all)" for r in [*years, *wholes])

    def whose(record: Record) -> str:
        return "(all)" if nameless else str(record["organization"])

    for organization in {whose(r) for r in wholes}:
        whole = [r for r in wholes if whose(r) == organization]
        parts = [r for r in years if whose(r) == organization]
        if not parts or _holds_more(whole, parts):
            for year in _missing(told, programme_id, {r["fiscal_year"] for r in parts}):
                reason = LARGER if parts else CUMULATIVE
                yield LeftOut(programme_id, organization, year, reason, _known_from(whole))
    for year in {r["fiscal_year"] for r in annual}:
        of_year = [r for r in shown if r["fiscal_year"] == year]
        unnamed = [r for r in of_year if r["organization"] == "(all)"]
        named = [r for r in of_year if r["organization"] != "(all)"]
        if unnamed and named and _holds_more(unnamed, named):
            yield LeftOut(programme_id, "(all)", year, ALL_ROWS, _known_from(unnamed))
        if not of_year:
            for gone in newest(r for r in annual if r["fiscal_year"] == year):
                organization = gone["organization"]
                yield LeftOut(programme_id, organization, year, GONE, gone["known_from"])


def _known_from(records: Sequence[Record]) -> datetime:
    latest: datetime = max(r["known_from"] for r in records)
    return latest


def _holds_more(whole: Sequence[Record], parts: Sequence[Record]) -> bool:
    """Whether any measure of the whole is more than its parts, and more than rounding explains."""
    newer = _known_from(whole) > _known_from(parts)
    for measure in _MEASURES:
        shown = [amount for r in whole if (amount := _amount(r, measure)) is not None]
        by_part = [amount for r in parts if (amount := _amount(r, measure)) is not None]
        excess = sum(shown, start=Decimal(0)) - sum(by_part, start=Decimal(0))
        if shown and abs(excess) > Decimal(len(whole) + len(parts)) / 2 and (newer or excess > 0):
            return True
    return False


def _amount(record: Record, measure: str) -> Decimal | None:
    """A measure; a net funded amount that is not shown is transfers less refunds."""
    amount: Decimal | None = record[measure]
    transfers: Decimal | None = record["transfers_usd"]
    if measure == "net_funded_usd" and amount is None and transfers is not None:
        return transfers - (record["refunds_usd"] or 0)
    return amount


def _missing(told: Known, programme_id: str, covered: set[int]) -> list[int]:
    """The years of a programme's dates that have no figure, or all of them."""
    identity = told.identity[programme_id]
    start, end = identity["start_date"], identity["end_date"]
    ends = end is not None and not (start and end < start)
    last = min(end.year, told.newest_year) if ends else told.newest_year
    code = identity["fund_code"]
    of_fund = [
        r["fiscal_year"] for r in told.annual
        if code and told.identity[r["programme_id"]]["fund_code"] == code
        and not r["no_longer_shown_since"]
    ]  # fmt: skip
    first = min(start.year if start else min(of_fund, default=last), last)
    years = range(first, last + 1)
    return [year for year in years if year not in covered] or list(years)


def in_words(entries: Iterable[LeftOut]) -> str | None:
    """The column not_covered: how many programmes, why, and ten of them."""
    said = []
    entries = list(entries)
    for reason in REASONS:
        ids = sorted({e.programme_id for e in entries if e.reason == reason})
        if ids:
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            thing = "programme" if len(ids) == 1 else "programmes"
            said.append(f"{len(ids)} {thing} with {reason}: {', '.join(ids[:_NAMED])}{more}")
    return "; ".join(said) or None
