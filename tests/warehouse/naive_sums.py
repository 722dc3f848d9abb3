"""Sums by fund, country, organization and age, worked out naively, with what they leave out."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from tests.warehouse import naive_model
from tests.warehouse.naive_left_out import (
    NAMELESS,
    LeftOut,
    in_words,
    not_covered,
    not_covered_years,
)
from tests.warehouse.naive_marts import (
    Known,
    expenditure_current,
    histories,
    known,
    total,
    without_sums,
)
from tests.warehouse.naive_model import Record


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


def revision_triangle(told: Known) -> list[Record]:
    found: list[Record] = []
    if not told.annual:
        return found
    left_out = not_covered(told)
    seen_until = max(r["no_longer_shown_since"] or r["last_seen"] for r in told.annual)
    for year in {r["fiscal_year"] for r in told.annual}:
        for age in range(seen_until.year - year + 1):
            year_end = datetime(year + age + 1, 1, 1)  # noqa: DTZ001 because times are naive UTC throughout
            then = known([s for s in told.seen if s.at < year_end], told.parsers)
            last = [vintages[-1] for vintages in histories(then.annual).values()]
            shown = without_sums(r for r in last if not r["no_longer_shown_since"])
            spent = [
                r for r in shown
                if r["fiscal_year"] == year and r["expenditure_usd"] is not None
            ]  # fmt: skip
            if spent:
                found.append(
                    {
                        "fiscal_year": year,
                        "age_years": age,
                        "known_by": min(year_end, seen_until),
                        "programmes": len({r["programme_id"] for r in spent}),
                        "expenditure_usd": _sum(spent),
                        "interim_usd": _sum(spent, "interim"),
                        "year_end_usd": _sum(spent, "year_end"),
                        "not_covered": in_words(
                            e for e in left_out if e.fiscal_year == year and e.known_from < year_end
                        ),
                    }
                )
    return found


def _sum(records: Iterable[Record], basis: str | None = None) -> Decimal:
    chosen = (r for r in records if basis in {None, r["basis"]})
    return sum((r["expenditure_usd"] for r in chosen), start=Decimal(0))


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
    "mart.fund_year": fund_year,
    "mart.revision_triangle": revision_triangle,
}
# More of them, which read the same tables.
MORE_VIEWS: dict[str, Callable[[Known], list[Record]]] = {
    "mart.not_covered_year": not_covered_years,
    "mart.country_year": country_year,
    "mart.organization_year": organization_year,
}
