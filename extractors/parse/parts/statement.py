"""A fund's Funding Status as printed: two blocks of label, operator and amount.

The operator may stand in a column of its own, or be glued to the amount. A line belongs to the
block whose heading stands above it, or to the only block that has its label.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.parse.base.blocks import Block, Cell, Line, TableBlock, filled_texts
from extractors.parse.parts.subjects import two_subjects
from extractors.records import PrintedFinding, PrintedStatementLine, StatementBlock

_HEADING = re.compile(
    r"^Funds with (?:(?P<agent>(?:the )?Administrative Agent)|(?:the )?Participati(?:ng|on) "
    r"Organi[sz]ations?)\s*\**\s*:?$",
    re.IGNORECASE,
)
# Labels that only one block has, and that no other table of the site has.
_ONLY_IN: dict[StatementBlock, re.Pattern[str]] = {
    "administrative_agent": re.compile(
        r"^[-–\s]*(?:Contributions from (?:Donors|Contributors)|Total sources? of funds|"
        r"Total uses? of funds|Transfers to MDTFs?|Sub-?total Transfers?|"
        r"Administrative Agent Fees?|"
        r"Balance with Administrative Agent)\b",
        re.IGNORECASE,
    ),
    "participating_organizations": re.compile(
        r"^[-–\s]*(?:Transfers? to Participation Organi[sz]ations?|Total resources|Total expenses|"
        r"Participating Organi[sz]ations?['’]? Expenditures?|"
        r"Balance with Participating Organi[sz]ations?|Total Balance of Funds)\b",
        re.IGNORECASE,
    ),
}  # fmt: skip
_TOTAL_OF_SOURCES = re.compile(r"[-–\s]*Total sources? of funds\b", re.IGNORECASE)
_OPERATORS = {"+": "+", "-": "-", "–": "-", "−": "-"}
_AMOUNT = re.compile(r"^\(?\s*[-–−+]?\s*(?:US\s?\$\s*)?[0-9][0-9,.\u00a0 ]*\)?\s*%?\)?$")
_OPERATED = re.compile(r"^(?P<operator>\+|[-–−](?=\s))\s*(?P<amount>.+)$")
_GLUED = re.compile(
    r"^(?P<label>.*?[A-Za-z)’'*])\s*(?P<operator>\+|[–−-](?=\s))?\s*"
    r"(?P<amount>\(?[-–−]?(?:US\s?\$\s*)?[0-9][0-9,.]*\)?\s?%?\)?)$"
)
# The end of an amount with blanks between its thousands: its first digits may be a footnote's.
_PARTED = re.compile(r"[0-9] [0-9]{3}(?:[.,][0-9]{1,2})?\)?\s?%?$")


class ParsedStatement(NamedTuple):
    """The lines, the places of the page's blocks that hold them, and findings on unread rows."""

    lines: list[PrintedStatementLine]
    consumed: set[int]
    findings: list[PrintedFinding]


def holds_statement(blocks: Sequence[Block]) -> bool:
    """Return whether some line or row has a label that only a Funding Status has."""
    return any(_block_of(text) for block in blocks for text in _labels(block))


def parse_statement(blocks: Sequence[Block]) -> ParsedStatement:
    """Return the statement's lines in order, wherever on the page they stand.

    Raises:
        PageRefusedError: there are two statements, whose totals differ.
    """
    parsed = ParsedStatement([], set(), [])
    current: StatementBlock | None = None
    for at, block in enumerate(blocks):
        own = next((known for label in _labels(block) if (known := _block_of(label))), None)
        if isinstance(block, TableBlock):
            if own is None:
                current = None
                continue
            parsed.consumed.add(at)
            current = _add_table(block, current or own, f"Funding Status, table {at}", parsed)
        elif heading := _heading(block.text):
            current = heading
            parsed.consumed.add(at)
        elif (own or current) and (found := _GLUED.match(block.text)):
            current = own or current
            assert current is not None  # noqa: S101 because one of the two is not None here
            parsed.consumed.add(at)
            parsed.lines.append(
                PrintedStatementLine(
                    current, found["label"], _OPERATORS.get(found["operator"] or ""),
                    found["amount"], f"Funding Status, line {at}", block.text,
                )
            )  # fmt: skip
        elif own is not None or current is not None:
            current = own or current
            if _PARTED.search(block.text) or (own and any(map(str.isdigit, block.text))):
                where = f"Funding Status, line {at}"
                parsed.findings.append(PrintedFinding("unread_text", where, block.text))
    totals = [line for line in parsed.lines if _TOTAL_OF_SOURCES.match(line.label)]
    if len({re.sub(r"\D", "", line.amount) for line in totals}) > 1:
        raise two_subjects("statement", [line.text for line in totals])
    return parsed


def _add_table(
    table: TableBlock, block: StatementBlock, where: str, parsed: ParsedStatement
) -> StatementBlock:
    """Add a table's lines; return the block that its last line belongs to."""
    has_columns = any(sum(bool(cell.text) for cell in row) > 1 for row in table.rows)
    below_caption = False
    for number, row in enumerate(table.rows, start=1):
        filled = filled_texts(row)
        if not filled:
            continue
        if heading := _heading(filled[0]):
            block, below_caption = heading, True
            continue
        if has_columns and not below_caption and len(filled) == 1:
            continue  # such as the fund's name
        below_caption = True
        block = _block_of(filled[0]) or block
        place, text = f"{where}, row {number}", " | ".join(cell.text for cell in row)
        line = _line(block, row, place, text)
        if line is not None:
            parsed.lines.append(line)
        elif any(map(str.isdigit, text)):
            parsed.findings.append(PrintedFinding("unread_text", place, text))
    return block


def _line(
    block: StatementBlock, row: tuple[Cell, ...], where: str, text: str
) -> PrintedStatementLine | None:
    """Return a row's line, or None if its amount or operator cannot be told apart."""
    label, *others = filled_texts(row)
    operators = [other for other in others if other in _OPERATORS]
    amounts = [other for other in others if _AMOUNT.match(other)]
    if len(amounts) != 1 or len(operators) > 1 or len(amounts) + len(operators) != len(others):
        return None
    operator = _OPERATORS[operators[0]] if operators else None
    amount = amounts[0]
    if operator is None and (found := _OPERATED.match(amount)):
        operator, amount = _OPERATORS[found["operator"]], found["amount"]
    return PrintedStatementLine(block, label, operator, amount, where, text)


def _heading(text: str) -> StatementBlock | None:
    found = _HEADING.match(text)
    if found is None:
        return None
    return "administrative_agent" if found["agent"] else "participating_organizations"


def _block_of(label: str) -> StatementBlock | None:
    return next((block for block, match in _ONLY_IN.items() if match.match(label)), None)


def _labels(block: Block) -> Iterator[str]:
    """Yield a line's text, or the first text of each row."""
    if isinstance(block, Line):
        yield block.text
    else:
        yield from (filled[0] for row in block.rows if (filled := filled_texts(row)))
