"""A fund's Funding Status, as printed: blocks of label, operator and amount.

The operator may stand in a column of its own, or be glued to the amount. Which block a line is of
follows from the heading above it, or from a label that only one of the blocks has.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.parse.blocks import Block, Cell, Line, TableBlock
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
_OPERATORS = {"+": "+", "-": "-", "–": "-", "−": "-"}
_AMOUNT = re.compile(r"^\(?\s*[-–−+]?\s*(?:US\s?\$\s*)?[0-9][0-9,.\u00a0 ]*\)?\s*%?\)?$")
_OPERATED = re.compile(r"^(?P<operator>\+|[-–−](?=\s))\s*(?P<amount>.+)$")
_GLUED = re.compile(
    r"^(?P<label>.*?[A-Za-z)’'*])\s*(?P<operator>\+|[–−-](?=\s))?\s*"
    r"(?P<amount>\(?[-–−]?(?:US\s?\$\s*)?[0-9][0-9,.]*\)?\s?%?\)?)$"
)


class StatementRead(NamedTuple):
    """The lines, the places of the blocks that they came from, and what could not be read."""

    lines: list[PrintedStatementLine]
    consumed: set[int]
    findings: list[PrintedFinding]


def holds_statement(blocks: Sequence[Block]) -> bool:
    """Whether some line or row is one that only a Funding Status has."""
    return any(_block_of(text) for block in blocks for text in _labels(block))


def read_statement(blocks: Sequence[Block]) -> StatementRead:
    """The statement's lines in order, wherever on the page they stand."""
    read = StatementRead([], set(), [])
    current: StatementBlock | None = None
    for at, block in enumerate(blocks):
        own = next((known for label in _labels(block) if (known := _block_of(label))), None)
        if isinstance(block, TableBlock):
            if own is None:
                current = None
                continue
            read.consumed.add(at)
            current = _read_table(block, current or own, f"Funding Status, table {at}", read)
        elif heading := _heading(block.text):
            current = heading
            read.consumed.add(at)
        elif (own or current) and (found := _GLUED.match(block.text)):
            current = own or current
            assert current is not None  # noqa: S101 because one of the two is not None here
            read.consumed.add(at)
            read.lines.append(
                PrintedStatementLine(
                    current, found["label"], _OPERATORS.get(found["operator"] or ""),
                    found["amount"], f"Funding Status, line {at}", block.text,
                )
            )  # fmt: skip
        elif own is not None and not any(character.isdigit() for character in block.text):
            current = own
    return read


def _read_table(
    table: TableBlock, block: StatementBlock, where: str, read: StatementRead
) -> StatementBlock:
    has_columns = any(sum(bool(cell.text) for cell in row) > 1 for row in table.rows)
    below_caption = False
    for number, row in enumerate(table.rows, start=1):
        texts = [cell.text for cell in row]
        filled = [text for text in texts if text]
        if not filled:
            continue
        if heading := _heading(filled[0]):
            block, below_caption = heading, True
            continue
        if has_columns and not below_caption and len(filled) == 1:
            continue  # the fund's name, say
        below_caption = True
        block = _block_of(filled[0]) or block
        place, text = f"{where}, row {number}", " | ".join(texts)
        line = _line(block, row, place, text)
        if line is not None:
            read.lines.append(line)
        elif any(character.isdigit() for character in text):
            read.findings.append(PrintedFinding("unread_text", place, text))
    return block


def _line(
    block: StatementBlock, row: tuple[Cell, ...], where: str, text: str
) -> PrintedStatementLine | None:
    """A row's label, operator and amount; None where it has no amount that can be told."""
    filled = [cell.text for cell in row if cell.text]
    label, others = filled[0], filled[1:]
    operators = [other for other in others if other in _OPERATORS]
    amounts = [other for other in others if _AMOUNT.match(other)]
    if len(amounts) > 1 or len(operators) > 1 or len(amounts) + len(operators) != len(others):
        return None
    if not amounts:
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
    if isinstance(block, Line):
        yield block.text
    else:
        yield from (next((c.text for c in row if c.text), "") for row in block.rows)
