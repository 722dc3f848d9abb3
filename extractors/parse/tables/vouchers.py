"""Latest Vouchers and Recent Documents."""

from collections.abc import Iterable

from extractors.parse.base.blocks import Block, Line, fold
from extractors.parse.tables.headings import Heading
from extractors.parse.tables.tables import HeadedTable
from extractors.records import PrintedDocument, PrintedFinding, PrintedVoucher

_DOCUMENT_HEADINGS: tuple[Heading, ...] = ("title", "date")
_HEADINGS: tuple[Heading, ...] = (
    "voucher_number", "date", "organization", "status", "total", "currency",
)  # fmt: skip


def is_voucher_table(table: HeadedTable) -> bool:
    """Return whether a table has voucher numbers, or amounts with their dates."""
    return table.has("voucher_number") or (table.has("amount") and table.has("date"))


def parse_vouchers(
    table: HeadedTable, table_no: int
) -> tuple[list[PrintedVoucher], list[PrintedFinding]]:
    """Return the vouchers of a table as printed, without totals, and findings about its columns."""
    where = f"Latest Vouchers, table {table_no}"
    amount: Heading = "amount" if table.has("amount") else "transfers"
    headings = (*_HEADINGS, amount)
    vouchers = [
        PrintedVoucher(
            voucher_number=table.text(row, "voucher_number"),
            voucher_date=table.text(row, "date"),
            organization=table.text(row, "organization"),
            amount=table.amount(row, amount),
            status=table.text(row, "status"),
            where=f"{where}, row {row.number}",
            text=row.text,
        )
        for row in table.rows
        if row.kind == "data"
    ]
    findings = [
        *table.repeated_columns(headings, where),
        *table.unknown_columns(headings, where),
    ]
    return vouchers, findings


def is_document_table(table: HeadedTable) -> bool:
    """Return whether a table has titles and no amounts."""
    return table.has("title") and not table.has("amount")


def parse_document_table(
    table: HeadedTable, table_no: int
) -> tuple[list[PrintedDocument], list[PrintedFinding]]:
    """Return the documents of a table with headings, and findings about its columns."""
    documents = []
    for row in table.rows:
        title = table.text(row, "title")
        url = next(filter(None, row.hrefs), None)
        if title is None or (row.kind in {"no_data", "group"} and url is None):
            continue
        documents.append(
            PrintedDocument(
                title=title,
                url=url,
                document_date=table.text(row, "date"),
                where=f"Recent Documents, row {row.number}",
                text=row.text,
            )
        )
    where = f"Recent Documents, table {table_no}"
    return documents, list(table.unknown_columns(_DOCUMENT_HEADINGS, where))


def parse_document_lines(blocks: Iterable[Block]) -> list[PrintedDocument]:
    """Return the documents of a plain list, with their links if the capture has them."""
    lines = (block for block in blocks if isinstance(block, Line))
    return [
        PrintedDocument(
            title=fold(line.text),
            url=line.href,
            document_date=None,
            where=f"Recent Documents, line {number}",
            text=line.text,
        )
        for number, line in enumerate(lines, start=1)
    ]
