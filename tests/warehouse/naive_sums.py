"""What sums by year leave out, and sums by fund, worked out naively: programme by programme.

Nothing here is shared with the warehouse's SQL but the rule of the basis.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from tests.warehouse import naive_model
from tests.warehouse.naive_marts import (
    Known,
    current,
    expenditure_current,
    newest,
    total,
    without_sums,
)
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
        shown = [r[measure] for r in whole if r[measure] is not None]
        excess = sum(shown) - sum(r[measure] or 0 for r in parts)
        if shown and abs(excess) > Decimal(len(whole) + len(parts)) / 2 and (newer or excess > 0):
            return True
    return False


def _missing(told: Known, programme_id: str, covered: set[int]) -> list[int]:
    """The years of a programme's dates that have no figure, or all of them."""
    identity = told.identity[programme_id]
    start, end = identity["start_date"], identity["end_date"]
    newest_year = max(s.at.year for s in told.seen)
    last = min(end.year if end and not (start and end < start) else newest_year, newest_year)
    code = identity["fund_code"]
    of_fund = [
        r["fiscal_year"] for r in told.annual
        if code and told.identity[r["programme_id"]]["fund_code"] == code
        and not r["no_longer_shown_since"]
    ]  # fmt: skip
    first = min(start.year if start else min(of_fund, default=last), last)
    years = range(first, last + 1)
    return [year for year in years if year not in covered] or list(years)


def fund_year(told: Known) -> list[Record]:
    """mart.fund_year, where nothing is known of contributions."""
    groups: dict[tuple[str | None, str | None, int], tuple[list[Record], list[LeftOut]]] = {}

    def group(names: Record, year: int) -> tuple[list[Record], list[LeftOut]]:
        code, name = names["fund_code"], names["fund_name"]
        return groups.setdefault((code, None if code else name, year), ([], []))

    for record in expenditure_current(told):
        group(record, record["fiscal_year"])[0].append(record)
    for left_out in not_covered(told):
        group(told.identity[left_out.programme_id], left_out.fiscal_year)[1].append(left_out)
    return [
        {
            "fund_code": fund_code,
            "fund_name": max(
                filter(None, [*(r["fund_name"] for r in own),
                              *(told.identity[e.programme_id]["fund_name"] for e in left_out)]),
                default=None,
            ),
            "fiscal_year": year,
            "contributors": 0,
            "commitments_usd": None,
            "deposits_usd": None,
            "deposit_rate_pct": None,
            **_sums(own),
            "refunds_usd": total(own, "refunds_usd"),
            "figures_without_net_funded": sum(r["net_funded_usd"] is None for r in own),
            "newest_known_from": max((r["known_from"] for r in own), default=None),
            "contributors_not_covered": 0,
            **_what_is_left_out(left_out),
        }
        for (fund_code, _, year), (own, left_out) in groups.items()
    ]  # fmt: skip


def country_year(told: Known) -> list[Record]:
    """mart.country_year."""
    groups: dict[tuple[str | None, str | None, int], tuple[list[Record], list[LeftOut]]] = {}

    def group(programme_id: str, year: int) -> tuple[list[Record], list[LeftOut]]:
        country = told.identity[programme_id]
        key = (country["country_code"], country["country_name"], year)
        return groups.setdefault(key, ([], []))

    for record in expenditure_current(told):
        group(record["programme_id"], record["fiscal_year"])[0].append(record)
    for left_out in not_covered(told):
        group(left_out.programme_id, left_out.fiscal_year)[1].append(left_out)
    return [
        {
            "country_code": code,
            "country": name,
            "fiscal_year": year,
            **_sums(own),
            "refunds_usd": total(own, "refunds_usd"),
            "newest_known_from": max((r["known_from"] for r in own), default=None),
            **_what_is_left_out(left_out),
        }
        for (code, name, year), (own, left_out) in groups.items()
    ]


def organization_year(told: Known) -> list[Record]:
    """mart.organization_year, where nothing is known from the API."""
    groups: dict[tuple[str, int], tuple[list[Record], list[LeftOut]]] = {}

    def group(organization: str, year: int) -> tuple[list[Record], list[LeftOut]]:
        return groups.setdefault((organization, year), ([], []))

    current = expenditure_current(told)
    for record in current:
        group(record["organization"], record["fiscal_year"])[0].append(record)
    for left_out in not_covered(told):
        group(left_out.organization, left_out.fiscal_year)[1].append(left_out)
    for record in current:
        if record["organization"] == "(all)":
            left_out = LeftOut(
                record["programme_id"], "(all)", record["fiscal_year"], NAMELESS,
                record["known_from"],
            )  # fmt: skip
            for organization in _organizations(told, record["programme_id"]):
                group(organization, record["fiscal_year"])[1].append(left_out)
    return [
        {
            "organization": organization,
            "fiscal_year": year,
            **dict.fromkeys(_OF_API),
            **{
                name if name == "programmes" else f"programmes_{name}": value
                for name, value in _sums(own).items()
            },
            **_what_is_left_out(left_out),
        }
        for (organization, year), (own, left_out) in groups.items()
    ]


_OF_API = (
    "agency_codes", "organization_group", "basis", "approved_budget_usd", "net_funded_usd",
    "expenditure_usd", "delivery_rate_pct", "fund_count", "difference_usd", "known_from",
)  # fmt: skip


def _organizations(told: Known, programme_id: str) -> set[str]:
    """The organizations that a programme's figures or vouchers ever named."""
    named = [*told.annual, *told.cumulative, *naive_model.vouchers(told.seen)]
    return {r["organization"] for r in named if r["programme_id"] == programme_id} - {"(all)", None}


def _sums(own: list[Record]) -> Record:
    return {
        "programmes": len({r["programme_id"] for r in own}),
        "net_funded_usd": total(own, "net_funded_usd"),
        "transfers_usd": total(own, "transfers_usd"),
        "expenditure_usd": total(own, "expenditure_usd"),
        "delivery_rate_pct": _rate(own),
        "interim_usd": total((r for r in own if r["basis"] == "interim"), "expenditure_usd"),
        "year_end_usd": total((r for r in own if r["basis"] == "year_end"), "expenditure_usd"),
    }


def _what_is_left_out(left_out: list[LeftOut]) -> Record:
    return {
        "programmes_not_covered": len({e.programme_id for e in left_out}),
        "not_covered": in_words(left_out),
        "currency": "USD",
    }


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


def _rate(own: list[Record]) -> Decimal | None:
    """Expenditure over net funded amount in percent, of the figures that show both."""
    both = [
        r for r in own if r["expenditure_usd"] is not None and r["net_funded_usd"] is not None
    ]  # fmt: skip
    whole = total(both, "net_funded_usd")
    if not whole:
        return None
    rate = 100 * (total(both, "expenditure_usd") or 0) / whole
    return rate.quantize(Decimal("0.01"), ROUND_HALF_UP)


# Views that need nothing but the history, by name.
VIEWS: dict[str, Callable[[Known], list[Record]]] = {
    "mart.not_covered_year": not_covered_years,
    "mart.fund_year": fund_year,
    "mart.country_year": country_year,
    "mart.organization_year": organization_year,
}
