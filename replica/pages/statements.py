"""A Funding Status as a grid, in each of the ways in which captures print its signs."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from replica.books.shown import StatementBlock, StatementLine
from replica.pages.grids import Row, head

SignStyle = Literal["operator_column", "glued_minus", "parentheses"]
# Lines that open a sum of their own in the middle of a block, or stand beside another as its parts.
_FIRST = frozenset(
    {"Transferred to Participating Organizations", "Transfers to MDTFs",
     "Participating Organizations' Expenditure"}
)  # fmt: skip
_SUBTRACTED_TOTALS = frozenset({"Total use of funds", "Total expenses"})


class FundStyle(NamedTuple):
    """How one fund's statement is printed."""

    signs: SignStyle
    dashed_subtotals: bool


def statement_grid(blocks: Iterable[StatementBlock], style: FundStyle) -> list[Row]:
    """The blocks below each other, each under its heading."""
    with_operators = style.signs == "operator_column"
    rows: list[Row] = []
    for block in blocks:
        rows.append([head(block.heading, colspan=3 if with_operators else 2)])
        for line in block.lines:
            operator, amount = _signed(line, style.signs, opens=line is block.lines[0])
            label = f"- {line.label}" if _is_dashed(line, style) else line.label
            rows.append([label, *([operator] if with_operators else []), amount])
    return rows


def _is_dashed(line: StatementLine, style: FundStyle) -> bool:
    return style.dashed_subtotals and line.label.startswith("Sub-total")


def _signed(line: StatementLine, signs: SignStyle, *, opens: bool) -> tuple[str, str]:
    """The operator, and the amount with its sign where the style glues it on.

    An operator says how a line enters the sum: the first line of one has none. A balance below zero
    has a sign of its own in every style.
    """
    if line.role == "percentage":
        sign = "-" if line.value < 0 else ""
        return "", f"{sign}{abs(line.value) // 10}.{abs(line.value) % 10}%"
    taken = line.role == "subtracts" or line.label in _SUBTRACTED_TOTALS
    magnitude = f"{abs(line.value):,}"
    if signs == "operator_column":
        unsigned = opens or line.role in {"total", "balance"} or line.label in _FIRST
        return "-" if taken else "" if unsigned else "+", f"{line.value:,}"
    if not taken and line.value >= 0:
        return "", magnitude
    return "", f"-{magnitude}" if signs == "glued_minus" else f"({magnitude})"
