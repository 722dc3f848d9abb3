"""What core says of a history, worked out naively from the words of docs: one capture at a time.

Nothing here is shared with the warehouse's SQL. The model knows only amounts printed as plain
digits, and the few organizations below.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from extractors.records import Measure, Page, PrintedFigure, PrintedVoucher
from tests.warehouse.histories import NOT_MODIFIED, SENT, Seen
from transforms.dates import parse_date

Record = dict[str, Any]

ONE_NAME = {"FAO": "FAO", "UN Women": "UN Women", "UNIFEM": "UN Women", None: "(all)"}
IDENTITY = (
    "title", "description", "fund_code", "fund_name", "theme", "start_date", "end_date",
    "country", "status", "participating_organization",
)  # fmt: skip
UNREADABLE_DATES = ("TBD",)
# The office's own books: they are carried forward across the basis.
BOOKS: tuple[Measure, ...] = ("approved_budget", "net_funded", "transfers", "refunds")
RATED_BY: tuple[Measure, ...] = ("expenditure", "net_funded", "transfers", "refunds")
MEASURES: tuple[Measure, ...] = (*BOOKS, "expenditure", "delivery_rate")


class Key(NamedTuple):
    """A row of a figure table; without a year it is a row since the programme's start."""

    organization: str
    year: int | None


class Instant(NamedTuple):
    """What one second showed of a programme: its captures, the one that counts most last."""

    at: datetime
    captures: Sequence[Seen]

    def pages(self) -> Iterator[Page]:
        """The pages, the one that counts most last."""
        for capture in self.captures:
            assert isinstance(capture.page, Page)
            yield capture.page


def instants(seen: Iterable[Seen]) -> dict[str, list[Instant]]:
    """Each programme's instants in time order; a capture counts once however often it is loaded."""
    programmes: dict[str, list[Instant]] = {}
    for capture in seen:
        assert isinstance(capture.page, Page)
        assert capture.page.programme_id is not None
        programmes.setdefault(capture.page.programme_id, [])
    for programme_id, found in programmes.items():
        own = {
            s.capture_id: s
            for s in seen
            if isinstance(s.page, Page) and s.page.programme_id == programme_id
        }
        counting = evidence(own.values())
        ordered = sorted(counting, key=attrgetter("at", "sha256", "capture_id"))
        found += [
            Instant(time, list(at_once)) for time, at_once in groupby(ordered, attrgetter("at"))
        ]
    return programmes


def evidence(own: Iterable[Seen]) -> list[Seen]:
    """One programme's captures that count.

    A page that was said to be unchanged (304) does not where another page, sent in full after this
    one was, has shown other figures since.
    """
    own = list(own)
    sent = [capture for capture in own if capture.status == SENT]
    found = []
    for capture in own:
        before = [s.at for s in sent if s.url == capture.url and s.at <= capture.at]
        contradicted = capture.status == NOT_MODIFIED and any(
            max(before) < other.at < capture.at
            and None not in (_figures(other), _figures(capture))
            and _figures(other) != _figures(capture)
            for other in sent
            if before
        )
        if not contradicted:
            found.append(capture)
    return found


def _figures(capture: Seen) -> Any:
    """What tells the figures of a page from those of another; None for a page without any."""
    page = capture.page
    assert isinstance(page, Page)
    filled = {figure.table_no for figure in page.figures}
    tables = frozenset(
        (t.by_year, t.by_organization, t.read_in_full and t.table_no in filled) for t in page.tables
    )
    rows = frozenset(
        (f.organization, f.fiscal_year, *(amount(f.measures.get(name)) for name in MEASURES))
        for f in page.figures
    )
    return (tables, rows) if tables else None


def amount(printed: str | None) -> Decimal | None:
    """A printed amount or rate; a dash is none."""
    return None if printed in {None, "-"} else Decimal(str(printed))


def basis_of(last_year: int | None, at: datetime, status: str | None) -> str:
    """Year-end once 30 April of the following year is over, or when financially closed."""
    if status == "Financially Closed":
        return "year_end"
    if last_year is not None and at >= datetime(last_year + 1, 5, 1):  # noqa: DTZ001 because times are naive UTC throughout
        return "year_end"
    return "interim"


def identity_after(known: Record, instant: Instant) -> Record:
    """The identity once an instant is seen: what it does not show is carried forward."""
    after = dict(known)
    for page in instant.pages():
        for name in IDENTITY:
            printed = getattr(page.programme, name)
            if printed is None or printed in UNREADABLE_DATES:
                continue
            if name.endswith("_date"):
                after[f"{name}_precision"] = "day" if printed[0].isdecimal() else "month"
                printed = term_date(printed, ends=name == "end_date")
            after[name] = printed
    return after


def term_date(printed: str, *, ends: bool) -> date | None:
    """A start or end; one printed to the month begins on its first and ends on its last day."""
    if printed[0].isdecimal():
        return parse_date(printed)
    first = parse_date(f"1 {printed}")
    assert first is not None
    after = (first + timedelta(days=31)).replace(day=1)
    return after - timedelta(days=1) if ends else first


# Countries of the histories, which have ISO's names, and what is none.
_COUNTRY_CODES = {None: None, "Chad": "TCD", "Global": None}


def programme(seen: Sequence[Seen]) -> list[Record]:
    """core.programme, less capture_id."""
    vintages = []
    for programme_id, history in instants(seen).items():
        known: Record = dict.fromkeys((*IDENTITY, "start_date_precision", "end_date_precision"))
        for number, instant in enumerate(history):
            after = identity_after(known, instant)
            if number == 0 or after != known:
                code = _COUNTRY_CODES[after["country"]]
                country = {"country_code": code, "country_name": after["country"]}
                key = {"programme_id": programme_id, "known_from": instant.at}
                vintages.append({**key, **after, **country})
            known = after
    return vintages


def key_of(figure: PrintedFigure) -> Key:
    """The row that a printed row is."""
    year = None if figure.fiscal_year is None else int(figure.fiscal_year)
    return Key(ONE_NAME[figure.organization], year)


def shown(instant: Instant, key: Key) -> tuple[dict[Measure, Decimal | None], str | None] | None:
    """A row's measures, merged over the pages of one second, and its name as printed."""
    found = None
    for page in instant.pages():
        for figure in page.figures:
            if key_of(figure) == key and not figure.total:
                measures = {} if found is None else found[0]
                for measure in MEASURES:
                    value = amount(figure.measures.get(measure))
                    if value is not None or measure not in measures:
                        measures[measure] = value
                found = (measures, figure.organization)
    if found is not None and key.year is not None and key.year > instant.at.year:
        measures = found[0]  # nobody has spent in a year that is still to come
        if measures["expenditure"] != 0:
            measures["expenditure"] = None
        if measures["delivery_rate"] != 0:
            measures["delivery_rate"] = None
    return found


def read_in_full(instant: Instant, key: Key) -> bool:
    """Whether a table of the row's kind was read in full; an empty one is no evidence."""
    return any(
        table.read_in_full
        and table.by_year == (key.year is not None)
        and table.by_organization == (key.organization != "(all)")
        and any(figure.table_no == table.table_no for figure in page.figures)
        for page in instant.pages()
        for table in page.tables
    )


def basis_at(identity: Record, key: Key, at: datetime) -> str:
    """The basis of a row that is seen at a time, by what is known of the programme then."""
    starts, ends = identity["start_date"], identity["end_date"]
    if starts and ends and ends < starts:
        ends = None  # one of the two is wrong
    return basis_of(
        key.year if key.year is not None else ends and ends.year, at, identity["status"]
    )


def shown_final(
    history: Sequence[Instant], key: Key, measure: Measure
) -> Iterator[tuple[datetime, Decimal]]:
    """Every sight of a measure as year-end: when, and what was shown."""
    identity: Record = dict.fromkeys(IDENTITY)
    for instant in history:
        identity = identity_after(identity, instant)
        found = shown(instant, key)
        value = found and found[0][measure]
        if value is not None and basis_at(identity, key, instant.at) == "year_end":
            yield instant.at, value


def vintages_of(history: Sequence[Instant], key: Key) -> list[Record]:
    """One row's vintages, from a walk over the programme's history."""
    vintages: list[Record] = []
    identity: Record = dict.fromkeys(IDENTITY)
    books: dict[Measure, Decimal | None] = dict.fromkeys(BOOKS)
    spent: tuple[Decimal, str] | None = None  # with the basis in which it was shown
    rated: tuple[Decimal, list[Decimal | None]] | None = None  # with what it depends on
    no_longer_shown_since = None
    for instant in history:
        identity = identity_after(identity, instant)
        found = shown(instant, key)
        if found is None:
            if no_longer_shown_since is None and read_in_full(instant, key):
                no_longer_shown_since = instant.at
            continue
        measures, printed = found
        if all(value is None for value in measures.values()):
            continue
        no_longer_shown_since = None
        basis = basis_at(identity, key, instant.at)
        said: dict[Measure, Decimal | None] = {}
        for measure in BOOKS:
            if measures[measure] is not None:
                books[measure] = measures[measure]
            said[measure] = books[measure]
        if (expenditure := measures["expenditure"]) is not None:
            spent = (expenditure, basis)
        said["expenditure"] = spent[0] if spent and spent[1] == basis else None
        depends = [said[measure] for measure in RATED_BY]
        if (rate := measures["delivery_rate"]) is not None:
            rated = (rate, depends)
        elif rated and rated[1] != depends:
            rated = None
        said["delivery_rate"] = rated[0] if rated else None
        value = {"basis": basis} | {column(measure): said[measure] for measure in MEASURES}
        if vintages and all(vintages[-1][name] == told for name, told in value.items()):
            vintages[-1]["last_seen"] = instant.at
        else:
            vintages.append(
                {
                    "organization": key.organization,
                    "known_from": instant.at,
                    "last_seen": instant.at,
                    "organization_printed": printed,
                    **value,
                }
            )
    for vintage in vintages:
        vintage["no_longer_shown_since"] = no_longer_shown_since
    return vintages


def column(measure: Measure) -> str:
    """The column that holds a measure."""
    return "delivery_rate_pct" if measure == "delivery_rate" else f"{measure}_usd"


def _snapshots(seen: Sequence[Seen], *, annual: bool) -> Iterator[Record]:
    for programme_id, history in instants(seen).items():
        keys = {key_of(f) for instant in history for page in instant.pages() for f in page.figures}
        for key in keys:
            if (key.year is not None) == annual:
                year = {"fiscal_year": key.year} if annual else {}
                for vintage in vintages_of(history, key):
                    yield {"programme_id": programme_id, **year, **vintage}


def expenditure_snapshot(seen: Sequence[Seen]) -> list[Record]:
    """core.expenditure_snapshot, less capture_id."""
    return list(_snapshots(seen, annual=True))


def cumulative_snapshot(seen: Sequence[Seen]) -> list[Record]:
    """core.cumulative_snapshot, less capture_id."""
    return list(_snapshots(seen, annual=False))


def shows(seen: Seen, key: Key) -> bool:
    """Whether a capture shows a row."""
    return isinstance(seen.page, Page) and any(key_of(f) == key for f in seen.page.figures)


def voucher_content(printed: PrintedVoucher) -> tuple[Any, ...]:
    """What tells a voucher from others: number without zeros, date, organization, amount."""
    return (
        str(printed.voucher_number).lstrip("0"),
        parse_date(printed.voucher_date),
        ONE_NAME[printed.organization] if printed.organization else None,
        amount(printed.amount),
    )


def completed(
    content: tuple[Any, ...], shown_together: Sequence[set[tuple[Any, ...]]]
) -> tuple[Any, ...]:
    """A voucher without a date, with the one that other pages show, unless a page shows both."""
    number, date, organization, paid = content
    if date is not None:
        return content
    twins = [
        {c for c in page if (c[0], *c[2:]) == (number, organization, paid)}
        for page in shown_together
    ]
    dated = {c for page in twins for c in page if c[1] is not None}
    apart = not any(content in page and len(page) > 1 for page in twins)
    return dated.pop() if apart and len(dated) == 1 else content


def vouchers(seen: Sequence[Seen]) -> list[Record]:
    """core.voucher, less capture_id: each content once, with the newest status that was shown."""
    found: list[Record] = []
    for programme_id, history in instants(seen).items():
        lines: dict[tuple[Any, ...], Record] = {}
        spellings: dict[str, str] = {}
        shown_together = [
            {voucher_content(v) for v in page.vouchers}
            for instant in history
            for page in instant.pages()
        ]
        for instant in history:
            for page in instant.pages():
                for printed in page.vouchers:
                    content = completed(voucher_content(printed), shown_together)
                    known = spellings.get(content[0], "")
                    spellings[content[0]] = max(str(printed.voucher_number), known, key=len)
                    line = lines.setdefault(content, {"status": None, "first_seen": instant.at})
                    line["status"] = printed.status or line["status"]
                    line["last_seen"] = instant.at
        by_content = sorted(lines.items(), key=lambda item: [(v is not None, v) for v in item[0]])
        for _, equal_numbers in groupby(by_content, key=lambda item: item[0][0]):
            for line_no, (content, line) in enumerate(equal_numbers, 1):
                names = ("voucher_number", "voucher_date", "organization", "amount_usd")
                found.append(
                    {"programme_id": programme_id, "line_no": line_no}
                    | dict(zip(names, content, strict=True))
                    | {"voucher_number": spellings[content[0]]}
                    | line
                )
    return found


def list_vintages(seen: Sequence[Seen], name: str) -> list[tuple[str, datetime, list[Any]]]:
    """Programme, known_from and content of each vintage of a whole list; an empty one ends none."""
    found = []
    for programme_id, history in instants(seen).items():
        known: list[Any] = []
        for instant in history:
            lists = [getattr(page, name) for page in instant.pages() if getattr(page, name)]
            if lists and lists[-1] != known:
                known = lists[-1]
                found.append((programme_id, instant.at, known))
    return found
