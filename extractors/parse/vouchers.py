"""Latest Vouchers, and Recent Documents: tables and lists of things that were sent or filed."""

from collections.abc import Iterable

from extractors.parse.blocks import Block, Line, fold
from extractors.parse.headings import Heading
from extractors.parse.tables import Grid, column_finding, repeated_columns
from extractors.records import PrintedDocument, PrintedFinding, PrintedVoucher

_VOUCHER_HEADINGS: tuple[Heading, ...] = (
    "voucher_number",
    "date",
    "organization",
    "amount",
    "transfers",
    "status",
    "total",
    "currency",
)


def is_voucher_table(grid: Grid) -> bool:
    """Whether a table lists vouchers: a voucher's number, or an amount and its date."""
    return grid.has("voucher_number") or (grid.has("amount") and grid.has("date"))


def read_vouchers(grid: Grid, table_no: int) -> tuple[list[PrintedVoucher], list[PrintedFinding]]:
    """The vouchers of one table as printed; totals and "no data" rows are none."""
    where = f"Latest Vouchers, table {table_no}"
    columns = (
        grid.texts("voucher_number"),
        grid.texts("date"),
        grid.texts("organization"),
        grid.texts("amount"),
        grid.texts("transfers"),
        grid.texts("status"),
    )
    vouchers = [
        PrintedVoucher(
            number, date, organization, amount or transferred, status,
            f"{where}, row {row.number}", row.text,
        )
        for row, number, date, organization, amount, transferred, status in zip(
            grid.rows, *columns, strict=False
        )
        if row.kind == "data"
    ]  # fmt: skip
    findings = list(repeated_columns(grid, _VOUCHER_HEADINGS, where))
    findings += [
        column_finding(grid, at, "unknown_heading", where)
        for at, column in enumerate(grid.columns)
        if column.heading not in _VOUCHER_HEADINGS and any(row.cells[at] for row in grid.rows)
    ]
    return vouchers, findings


def is_document_table(grid: Grid) -> bool:
    """Whether a table lists documents: titles, and no amounts."""
    return grid.has("title") and not grid.has("amount")


def read_document_table(grid: Grid) -> list[PrintedDocument]:
    """The documents of a table with headings."""
    documents = []
    for row in grid.rows:
        title = grid.first(row, "title")
        is_linked = any(row.hrefs)
        if title is None or (row.kind in {"no_data", "group"} and not is_linked):
            continue
        documents.append(
            PrintedDocument(
                title=title,
                url=next((href for href in row.hrefs if href), None),
                document_date=grid.first(row, "date"),
                where=f"Recent Documents, row {row.number}",
                text=row.text,
            )
        )
    return documents


def read_document_lines(blocks: Iterable[Block]) -> list[PrintedDocument]:
    """The documents of a plain list: a title, and a link where the capture kept it."""
    return [
        PrintedDocument(
            title=fold(block.text),
            url=block.href,
            document_date=None,
            where=f"Recent Documents, line {number}",
            text=block.text,
        )
        for number, block in enumerate(blocks, start=1)
        if isinstance(block, Line)
    ]
