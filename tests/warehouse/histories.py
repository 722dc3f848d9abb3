"""Small histories of programmes: pages as printed, seen at times, loaded into a warehouse."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypedDict, Unpack

import duckdb
import polars as pl

from extractors.ids import capture_id
from extractors.ledger import Capture
from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.records import (
    PARSER_VERSION,
    Measure,
    Page,
    PrintedContact,
    PrintedDocument,
    PrintedFigure,
    PrintedPassage,
    PrintedProgramme,
    PrintedTable,
    PrintedVoucher,
)
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import ReadBody, observe
from transforms.schemas import STORED_TABLES
from warehouse import ledger
from warehouse.connection import Connection
from warehouse.load import Batch, load
from warehouse.schema import prepare

PROGRAMME = "00091001"
SITE = "https://gateway.example/factsheet/project/"


class Row(NamedTuple):
    """One row of a figure table as printed; without an organization and a year, for all of them."""

    organization: str | None
    year: int | None
    measures: dict[Measure, str]
    total: bool = False


class Table(NamedTuple):
    """One figure table as printed."""

    rows: Sequence[Row]
    by_year: bool = True
    by_organization: bool = True
    full: bool = True


class Seen(NamedTuple):
    """A page (or why it was refused) as seen at one time under one address."""

    at: datetime
    page: Page | PageRefusedError
    url: str = SITE + PROGRAMME
    status: int | None = None  # as the site itself answered; None for a page saved elsewhere
    body: str | None = None  # its SHA-256, where the page is how a later parser reads the body
    validator: str | None = ""  # that the site answered with; "" for one that does not lie

    @property
    def sha256(self) -> str:
        """The body's SHA-256, here of what the page says."""
        return self.body or sha256_of(self.page)

    @property
    def capture_id(self) -> str:
        """The capture's identifier."""
        return capture_id(self.url, self.at, self.sha256)


SENT, NOT_MODIFIED = 200, 304


def at(text: str) -> datetime:
    """A time in UTC, as `2016-04-30T23:59:59` or `2016-05-01`."""
    return datetime.fromisoformat(text)


class Measures(TypedDict, total=False):
    """Measures as printed."""

    approved_budget: str
    net_funded: str
    transfers: str
    refunds: str
    expenditure: str
    delivery_rate: str


class Identity(TypedDict, total=False):
    """The identity block as printed."""

    title: str | None
    description: str | None
    fund_name: str | None
    fund_code: str | None
    theme: str | None
    start_date: str | None
    end_date: str | None
    country: str | None
    status: str | None
    participating_organization: str | None


def row(organization: str | None, year: int | None, **said: Unpack[Measures]) -> Row:
    """A row: `row("FAO", 2015, expenditure="100")`."""
    return Row(organization, year, {name: said[name] for name in MEASURES if name in said})


def total(year: int | None, **said: Unpack[Measures]) -> Row:
    """A total row, of one year or of all."""
    return row(None, year, **said)._replace(total=True)


MEASURES: tuple[Measure, ...] = (
    "approved_budget", "net_funded", "transfers", "refunds", "expenditure", "delivery_rate",
)  # fmt: skip


def annual(*rows: Row, full: bool = True) -> Table:
    """A table of figures by year, and by organization where its rows name any."""
    return Table(rows, by_organization=any(r.organization for r in rows), full=full)


def cumulative(*rows: Row, full: bool = True) -> Table:
    """A table of figures since the start, by organization where its rows name any."""
    named = any(r.organization for r in rows)
    return Table(rows, by_year=False, by_organization=named, full=full)


def page(
    *tables: Table,
    programme_id: str = PROGRAMME,
    narrative: Iterable[str] = (),
    documents: Iterable[str] = (),
    vouchers: Iterable[PrintedVoucher] = (),
    contacts: Iterable[str] = (),
    currency: str | None = "US$",
    **identity: Unpack[Identity],
) -> Page:
    """A factsheet; identity fields that are not given are not shown."""
    return Page(
        PageKind.PROGRAMME_FACTSHEET,
        Representation.HTML,
        programme_id,
        programme=_printed_programme(identity),
        currency=currency,
        passages=[PrintedPassage("overview", 0, n, text) for n, text in enumerate(narrative, 1)],
        documents=[PrintedDocument(t, f"/document/{t}", None, "documents", t) for t in documents],
        tables=[
            PrintedTable(no, t.by_year, t.by_organization, t.full, f"table {no}")
            for no, t in enumerate(tables, 1)
        ],
        figures=[_printed(no, number, r) for no, t in enumerate(tables, 1)
                 for number, r in enumerate(t.rows, 1)],
        vouchers=list(vouchers),
        contacts=[PrintedContact(name, None, None, None, None) for name in contacts],
    )  # fmt: skip


def _printed_programme(shown: Identity) -> PrintedProgramme:
    return PrintedProgramme(
        title=shown.get("title"),
        description=shown.get("description"),
        fund_name=shown.get("fund_name"),
        fund_code=shown.get("fund_code"),
        theme=shown.get("theme"),
        start_date=shown.get("start_date"),
        end_date=shown.get("end_date"),
        country=shown.get("country"),
        status=shown.get("status"),
        participating_organization=shown.get("participating_organization"),
        where="identity",
        text=str(shown),
    )


def _printed(table_no: int, number: int, said: Row) -> PrintedFigure:
    year = None if said.year is None else str(said.year)
    text = " | ".join([said.organization or "", year or "", *said.measures.values()])
    where = f"table {table_no}, row {number}"
    return PrintedFigure(
        table_no, said.organization, year, said.measures, said.total, where, text
    )  # fmt: skip


def voucher(
    number: str | None,
    date: str | None = "2 Nov 2015",
    organization: str | None = "FAO",
    amount: str | None = "100.00",
    status: str | None = "Paid",
) -> PrintedVoucher:
    """A voucher as printed."""
    text = f"{number} | {date} | {organization} | {amount} | {status}"
    return PrintedVoucher(number, date, organization, amount, status, "vouchers", text)


def sha256_of(said: Page | PageRefusedError) -> str:
    """A SHA-256 that two pages share only if they say the same."""
    return hashlib.sha256(repr(said).encode()).hexdigest()


def sight(time: str, *tables: Table, **identity: Unpack[Identity]) -> Seen:
    """The programme's page with these tables, as seen at a time."""
    return Seen(at(time), page(*tables, **identity))


def capture_of(seen: Seen) -> Capture:
    """The capture, as it stands in the archive."""
    return Capture(
        capture_id=seen.capture_id,
        url=seen.url,
        source="saved" if seen.status is None else "gateway",
        captured_at=seen.at,
        captured_at_source="option",
        fetched_at=at("2020-01-01"),
        http_status=seen.status,
        body_sha256=seen.sha256,
        body_bytes=1,
        unchanged=seen.status == NOT_MODIFIED,
        etag=_validator(seen),
        last_modified=None,
        run_id="run",
        warc_file="run.warc.gz",
        warc_offset=0,
    )


def _validator(seen: Seen) -> str | None:
    if seen.status is None:
        return None
    return f'"{seen.sha256[:8]}"' if seen.validator == "" else seen.validator


def batch_of(
    con: Connection, seen: Sequence[Seen], *, again: bool = False, parser: str = PARSER_VERSION
) -> Batch:
    """What the flows would load for these: bodies that are known are not read, unless `again`."""
    bodies = {s.sha256: s.page for s in seen}
    known = set() if again else ledger.known_parses(con, bodies)
    found = observe(
        [ReadBody(sha256, said) for sha256, said in bodies.items() if sha256 not in known]
    )
    bodies_read = found.frames["observed.body"].with_columns(parser_version=pl.lit(parser))
    return Batch(
        observations=found.frames | {"observed.body": bodies_read},
        captures=capture_frame(map(capture_of, seen)),
        quarantined=quarantine_frame(found.quarantined),
        archive_files=archive_file_frame({}),
    )


def load_seen(
    con: Connection, seen: Sequence[Seen], *, again: bool = False, parser: str = PARSER_VERSION
) -> None:
    """Load these in one batch."""
    load(con, batch_of(con, seen, again=again, parser=parser), again=again)


def grown(*seen: Seen) -> Connection:
    """The warehouse after these captures, loaded one by one in the order given."""
    con = empty_warehouse()
    for one in seen:
        load_seen(con, [one])
    return con


def loaded(*seen: Seen) -> Connection:
    """The warehouse after these captures, loaded in one batch."""
    con = empty_warehouse()
    load_seen(con, seen)
    return con


_TODAY = "SET VARIABLE as_of = TIMESTAMP '2018-01-01'"  # as the marts ask for it


def new_warehouse() -> Connection:
    """A warehouse of its own in memory, for a test that may break it."""
    con = duckdb.connect(":memory:", config={"threads": 1})
    prepare(con)
    con.execute(_TODAY)
    return con


_shared_warehouse = cache(new_warehouse)


def empty_warehouse() -> Connection:
    """The one warehouse that tests share, emptied: preparing one anew takes half a second.

    Its statistics, by which DuckDB plans, are those of all tests before.
    """
    con = _shared_warehouse()
    try:
        for table in STORED_TABLES:
            if table != "meta.data_dictionary":
                con.execute(f"DELETE FROM {table}")  # noqa: S608 because the names are the models' own
        con.execute(_TODAY)
    except duckdb.Error:  # a test that failed has broken it
        con.close()
        _shared_warehouse.cache_clear()
        return _shared_warehouse()
    return con


def rows(con: Connection, query: str, *parameters: object) -> list[dict[str, Any]]:
    """A query's rows by column name."""
    found = con.execute(query, list(parameters))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def dump(con: Connection, *schemas: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table and view of some schemas, in one order."""
    names = con.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE list_contains(?, table_schema) ORDER BY ALL",
        [list(schemas)],
    ).fetchall()
    return {
        name: con.execute(f"FROM {name} ORDER BY ALL").fetchall()
        for (name,) in names
    }  # fmt: skip
