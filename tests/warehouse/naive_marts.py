"""What mart says of a history, worked out naively: from the model's vintages, row by row.

Names of columns are the views'; addresses and times of captures are left to the caller, as are the
checks. Nothing here is shared with the warehouse's SQL.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from extractors.records import Page
from tests.warehouse import naive_model
from tests.warehouse.histories import Seen
from tests.warehouse.naive_model import Key, Record

NAMED = ("title", "fund_code", "fund_name", "country", "country_code", "status")
_FIRST_VOUCHERS = 2009
Series = tuple[str, str, int | None]  # programme, organization, year


class Known(NamedTuple):
    """What there is to be asked of: captures, their parsers by body, and the vintages."""

    seen: Sequence[Seen]
    parsers: dict[str, str]
    annual: list[Record]
    cumulative: list[Record]
    identity: dict[str, Record]  # the newest of each programme
    newest_year: int  # of the newest capture, of whatever page


def known(seen: Sequence[Seen], parsers: dict[str, str], others: Sequence[Seen] = ()) -> Known:
    """Everything that the views are made of; `others` are captures of other pages."""
    identity: dict[str, Record] = {}
    for record in naive_model.programme(seen):
        newest = identity.setdefault(record["programme_id"], record)
        if record["known_from"] > newest["known_from"]:
            identity[record["programme_id"]] = record
    annual = naive_model.expenditure_snapshot(seen)
    cumulative = naive_model.cumulative_snapshot(seen)
    newest_year = max((s.at.year for s in [*seen, *others]), default=0)
    return Known(seen, parsers, annual, cumulative, identity, newest_year)


def series(record: Record) -> Series:
    """The figure that a vintage is one of."""
    return record["programme_id"], record["organization"], record.get("fiscal_year")


def without_sums(records: Iterable[Record]) -> list[Record]:
    """Without `(all)` for a programme's year for which organizations are named."""
    records = list(records)
    named = {
        (r["programme_id"], r.get("fiscal_year")) for r in records if r["organization"] != "(all)"
    }
    return [
        r for r in records
        if r["organization"] != "(all)" or (r["programme_id"], r.get("fiscal_year")) not in named
    ]  # fmt: skip


def histories(records: Iterable[Record]) -> dict[Series, list[Record]]:
    """Vintages by figure, oldest first."""
    found: dict[Series, list[Record]] = {}
    for record in sorted(records, key=lambda r: r["known_from"]):
        found.setdefault(series(record), []).append(record)
    return found


def _named(told: Known, record: Record, names: Sequence[str] = NAMED) -> Record:
    identity = told.identity[record["programme_id"]]
    return record | {name: identity[name] for name in names}


def expenditure_vintage(told: Known) -> list[Record]:
    return [_named(told, record) | {"currency": "USD"} for record in told.annual]


def current(records: Iterable[Record]) -> list[Record]:
    """The vintage to quote today of each figure that is shown."""
    return newest(r for r in records if not r["no_longer_shown_since"])


def newest(records: Iterable[Record]) -> list[Record]:
    """The vintage of each figure that counts: year-end before interim."""
    return [
        max(vintages, key=lambda r: (r["basis"] == "year_end", r["known_from"]))
        for vintages in histories(records).values()
    ]


def expenditure_current(told: Known) -> list[Record]:
    return without_sums(current(expenditure_vintage(told)))


def interim_expenditure(told: Known) -> list[Record]:
    """What is interim now: the newest vintage decides, not the newest interim one."""
    shown = (r for r in expenditure_vintage(told) if not r["no_longer_shown_since"])
    last = without_sums(vintages[-1] for vintages in histories(shown).values())
    return [record for record in last if record["basis"] == "interim"]


def year_end_expenditure(told: Known) -> list[Record]:
    return without_sums(current(r for r in expenditure_vintage(told) if r["basis"] == "year_end"))


def figure_history(told: Known) -> list[Record]:
    found = []
    restated = {
        (r["programme_id"], r["organization"], r["fiscal_year"], r["restated_at"])
        for r in restatement(told)
        if r["measure"] == "expenditure_usd"
    }
    for vintages in histories(without_sums(expenditure_vintage(told))).values():
        begun: list[tuple[Record | None, Record]] = [(None, vintages[0]), *pairwise(vintages)]
        for number, (before, record) in enumerate(begun, 1):
            known_to = vintages[number]["known_from"] if number < len(vintages) else None
            was, spent = before and before["expenditure_usd"], record["expenditure_usd"]
            found.append(
                record
                | {
                    "vintage_no": number,
                    "known_to": known_to,
                    "change_usd": None if was is None or spent is None else spent - was,
                    "change": _change(
                        before, record, (*series(record), record["known_from"]) in restated
                    ),
                }
            )
    return found


def _change(before: Record | None, record: Record, is_restated: bool) -> str:
    if before is None:
        return "first seen"
    final = record["basis"] == "year_end"
    if is_restated:
        return "restated"
    if record["basis"] != before["basis"]:
        return "became final" if final else "became interim again"
    if record["expenditure_usd"] == before["expenditure_usd"]:
        return "other measure"
    if before["expenditure_usd"] is None:
        return "first expenditure"
    return "read otherwise" if final else "interim changed"


def restatement(told: Known) -> list[Record]:
    """Changes of a measure between two sights of it as year-end that one parser read."""
    found = []
    histories = naive_model.instants(told.seen)
    for programme_id, organization, year in {series(r) for r in without_sums(told.annual)}:
        key = Key(organization, year)
        for measure in naive_model.MEASURES:
            sights = list(naive_model.shown_final(histories[programme_id], key, measure))
            since = sights[0][0] if sights else None
            for (at_before, before), (at, value) in pairwise(sights):
                if value == before:
                    continue
                if _parser(told, programme_id, key, at_before) == _parser(
                    told, programme_id, key, at
                ):
                    record = {"programme_id": programme_id, "organization": organization}
                    found.append(
                        _named(told, record, ("title", "fund_code", "fund_name", "country"))
                        | {
                            "fiscal_year": year,
                            "basis": "year_end",
                            "measure": naive_model.column(measure),
                            "unit": "percent" if measure == "delivery_rate" else "US$",
                            "old_value": before,
                            "new_value": value,
                            "change": value - before,
                            "restated_at": at,
                            "old_known_from": since,
                            "currency": "USD",
                        }
                    )
                since = at
    return found


def _parser(told: Known, programme_id: str, key: Key, at: datetime) -> str:
    """Which parser read the page that showed a figure at a time."""
    shown = [
        s for s in naive_model.evidence(_of(told, programme_id))
        if s.at == at and naive_model.shows(s, key)
    ]  # fmt: skip
    return told.parsers[max(shown, key=lambda s: (s.sha256, s.capture_id)).sha256]


def _of(told: Known, programme_id: str) -> list[Seen]:
    return [
        s for s in told.seen if isinstance(s.page, Page) and s.page.programme_id == programme_id
    ]


def interim_vs_year_end(told: Known) -> list[Record]:
    found = []
    for vintages in histories(expenditure_vintage(told)).values():
        spent = [r for r in vintages if r["expenditure_usd"] is not None]
        final = next((r for r in spent if r["basis"] == "year_end"), None)
        before = [
            r for r in spent
            if final and r["basis"] == "interim" and r["known_from"] < final["known_from"]
        ]  # fmt: skip
        if final is None or not before:
            continue
        interim = before[-1]
        found.append(
            {
                name: final[name]
                for name in ("programme_id", "title", "fund_code", "fund_name", "country",
                             "organization", "fiscal_year", "currency")
            }
            | {
                "interim_usd": interim["expenditure_usd"],
                "interim_known_from": interim["known_from"],
                "year_end_usd": final["expenditure_usd"],
                "year_end_known_from": final["known_from"],
                "difference_usd": final["expenditure_usd"] - interim["expenditure_usd"],
            }
        )  # fmt: skip
    return without_sums(found)


def as_of(told: Known, moment: datetime) -> list[Record]:
    """What a visitor who only knew what was seen by then would say that is shown."""
    then = known([s for s in told.seen if s.at <= moment], told.parsers)
    newest = [vintages[-1] for vintages in histories(expenditure_vintage(then)).values()]
    return [
        {name: value for name, value in record.items() if name not in _LATER} | {"as_of": moment}
        for record in without_sums(r for r in newest if not r["no_longer_shown_since"])
    ]


_LATER = ("last_seen", "no_longer_shown_since")


def total(records: Iterable[Record], name: str) -> Decimal | None:
    """The sum of what is known; None, not 0, where nothing is."""
    values = [r[name] for r in records if r[name] is not None]
    return sum(values, start=Decimal(0)) if values else None


def missing_year_end(told: Known, today: datetime) -> list[Record]:
    found = []
    newest_final = today.year - (1 if today.month >= 5 else 2)
    then = known([s for s in told.seen if s.at <= today], told.parsers)
    shown = [r for r in then.annual if not r["no_longer_shown_since"]]
    for own in histories(without_sums(shown)).values():
        spent = [r for r in own if r["expenditure_usd"] is not None]
        interim = [r["expenditure_usd"] for r in spent if r["basis"] == "interim"]
        year = own[0]["fiscal_year"]
        if len(interim) == len(spent) and year <= newest_final:
            deadline = date(year + 1, 4, 30)
            names = ("title", "fund_code", "fund_name")
            found.append(
                _named(
                    told,
                    {
                        "programme_id": own[0]["programme_id"],
                        "organization": own[0]["organization"],
                        "fiscal_year": year,
                        "deadline": deadline,
                        "days_late": (today.date() - deadline).days,
                        "basis": own[-1]["basis"],
                        "last_interim_usd": interim[-1] if interim else None,
                        "currency": "USD",
                    },
                    names,
                )
            )
    return found


def voucher_reconciliation(told: Known) -> list[Record]:
    found = []
    newest = without_sums(current(told.annual)) + without_sums(current(told.cumulative))
    vouchers = naive_model.vouchers(told.seen)
    for programme_id in told.identity:
        own = [
            r for r in newest
            if r["programme_id"] == programme_id and r["transfers_usd"] is not None
        ]  # fmt: skip
        annual = [r for r in own if "fiscal_year" in r]
        paid = [v for v in vouchers if v["programme_id"] == programme_id]
        transfers = annual or own
        nameless = any(r["organization"] == "(all)" for r in transfers) or any(
            v["organization"] is None for v in paid
        )

        def whose(record: Record, *, nameless: bool = nameless) -> str:
            return "(all)" if nameless else record["organization"]

        for organization in {whose(r) for r in [*paid, *transfers]}:
            its = [r for r in transfers if whose(r) == organization]
            got = [v["amount_usd"] for v in paid if whose(v) == organization]
            found.append(
                {
                    "programme_id": programme_id,
                    "organization": organization,
                    **_compared(told, programme_id, its, got if paid else None),
                }
            )
    return [_named(told, r, ("title", "fund_code", "fund_name")) for r in found]


def _compared(
    told: Known, programme_id: str, transfers: list[Record], paid: list[Decimal] | None
) -> Record:
    """One organization's vouchers beside what was transferred to it."""
    annual = [r for r in transfers if "fiscal_year" in r]
    late = [r for r in annual if r["fiscal_year"] >= _FIRST_VOUCHERS]
    figures = len(late) if annual else len(transfers)
    amount = total(transfers, "transfers_usd")
    before = (
        sum((r["transfers_usd"] for r in annual if r not in late), start=Decimal(0))
        if annual
        else Decimal(0)
        if transfers and _start_year(told, programme_id) >= _FIRST_VOUCHERS
        else None
    )
    since = None if amount is None or before is None else amount - before
    vouchers = None if paid is None else sum(paid, start=Decimal(0))
    difference = None if vouchers is None or since is None else vouchers - since
    tolerance = Decimal(figures + 1) / 2
    return {
        "transfers_usd": amount,
        "transfers_before_2009_usd": before,
        "transfers_since_2009_usd": since,
        "vouchers": None if paid is None else len(paid),
        "vouchers_usd": vouchers,
        "difference_usd": difference,
        "tolerance_usd": tolerance,
        "agrees": None if difference is None else abs(difference) <= tolerance,
        "agrees_not_known_because": (
            "no voucher of the programme is shown"
            if paid is None
            else "no transfers are known"
            if amount is None
            else "transfers before 2009 are not known: they are not shown by year"
            if before is None
            else None
        ),
        "currency": "USD",
    }


def _start_year(told: Known, programme_id: str) -> int:
    start = told.identity[programme_id]["start_date"]
    return start.year if start else 0


def coverage(told: Known) -> list[Record]:
    """Of programmes that pages showed; none of these histories has lists."""
    spent: dict[tuple[str, int], bool] = {}  # whether a year of a programme has a final figure
    for r in told.annual:
        final = r["basis"] == "year_end" and r["expenditure_usd"] is not None
        spent[r["programme_id"], r["fiscal_year"]] = final or spent.get(
            (r["programme_id"], r["fiscal_year"]), False
        )
    found: dict[tuple[str | None, int | None], list[set[str]]] = {}

    def count(programme_id: str, year: int | None, *, figures: bool, final: bool) -> None:
        row = found.setdefault(
            (told.identity[programme_id]["fund_code"], year), [set(), set(), set()]
        )
        for programmes, counts in zip(row, (True, figures, final), strict=True):
            programmes.update([programme_id] if counts else [])

    since_start = [
        (r["programme_id"], r["basis"] == "year_end" and r["expenditure_usd"] is not None)
        for r in told.cumulative
    ]
    for programme_id in told.identity:
        own = [final for (key, _), final in spent.items() if key == programme_id]
        own += [final for key, final in since_start if key == programme_id]
        count(programme_id, None, figures=bool(own), final=any(own))
    for (programme_id, year), final in spent.items():
        count(programme_id, year, figures=True, final=final)
    return [
        {
            "fund_code": fund_code,
            "fiscal_year": year,
            "expected": len(programmes),
            "fetched": len(programmes),
            "with_figures": len(figures),
            "with_year_end": len(final),
        }
        for (fund_code, year), (programmes, figures, final) in found.items()
    ]


# Views that need nothing but the history, by name.
VIEWS: dict[str, Callable[[Known], list[Record]]] = {
    "mart.programme_current": lambda told: list(told.identity.values()),
    "mart.expenditure_vintage": expenditure_vintage,
    "mart.expenditure_current": expenditure_current,
    "mart.interim_expenditure": interim_expenditure,
    "mart.year_end_expenditure": year_end_expenditure,
    "mart.figure_history": figure_history,
    "mart.restatement": restatement,
    "mart.interim_vs_year_end": interim_vs_year_end,
    "mart.voucher_reconciliation": voucher_reconciliation,
    "meta.coverage": coverage,
}
