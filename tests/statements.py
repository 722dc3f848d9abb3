"""One real Funding Status (PB000), and the ways in which captures print the signs of one."""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

AGENT, ORGANIZATIONS = "administrative_agent", "participating_organizations"
HEADINGS = {
    AGENT: "Funds with Administrative Agent",
    ORGANIZATIONS: "Funds with Participating Organizations",
}


class Printed(NamedTuple):
    """A line: its lasting name and role, how it enters its sum as printed, label and amount."""

    block: str
    line: str
    role: str
    operator: str
    label: str
    amount: str


PB000 = [
    Printed(AGENT, "contributions", "adds", "", "Contributions from Donors", "756,821,732"),
    Printed(
        AGENT, "interest_fund", "adds", "+", "Interest and Investment Income (from Fund)",
        "20,006,220",
    ),
    Printed(
        AGENT, "interest_organizations", "adds", "+",
        "Interest (from Participating Organizations)", "3,122,214",
    ),
    Printed(AGENT, "total_source", "total", "", "Total source of funds", "779,950,166"),
    Printed(
        AGENT, "transfers", "adds", "", "Transferred to Participating Organizations", "693,135,684"
    ),
    Printed(AGENT, "transfers_to_mdtfs", "adds", "", "Transfers to MDTFs", "13,792,503"),
    Printed(AGENT, "subtotal_transfers", "total", "", "- Sub-total Transfers", "706,928,187"),
    Printed(
        AGENT, "refunds", "subtracts", "-", "Refunds from Participating Organizations", "48,030,831"
    ),
    Printed(
        AGENT, "administrative_agent_fee", "adds", "+", "Administrative Agent Fee", "7,484,571"
    ),
    Printed(AGENT, "direct_cost", "adds", "+", "Direct Cost", "22,638,221"),
    Printed(AGENT, "bank_charges", "adds", "+", "Bank Charges", "29,699"),
    Printed(AGENT, "total_use", "total", "-", "Total use of funds", "689,049,847"),
    Printed(AGENT, "balance", "balance", "", "Balance with Administrative Agent", "90,900,319"),
    Printed(
        AGENT, "balance_pct_of_deposits", "percentage", "", "As a percentage of deposits", "12.0%"
    ),
    Printed(
        ORGANIZATIONS, "transfers", "adds", "", "Transfers to Participation Organizations",
        "693,135,684",
    ),
    Printed(ORGANIZATIONS, "total_resources", "total", "", "Total resources", "693,135,684"),
    Printed(
        ORGANIZATIONS, "expenditure", "adds", "", "Participating Organizations' Expenditure",
        "535,464,931",
    ),
    Printed(
        ORGANIZATIONS, "refunds", "adds", "+", "Refunds from Participating Organizations",
        "48,030,831",
    ),
    Printed(ORGANIZATIONS, "total_expenses", "total", "-", "Total expenses", "583,495,762"),
    Printed(
        ORGANIZATIONS, "balance", "balance", "", "Balance with Participating Organizations",
        "109,639,922",
    ),
    Printed(
        ORGANIZATIONS, "balance_pct_of_transfers", "percentage", "", "As a percentage of transfers",
        "15.8%",
    ),
    Printed(
        ORGANIZATIONS, "total_balance", "balance", "", "Total Balance of Funds", "200,540,241"
    ),
    Printed(
        ORGANIZATIONS, "total_balance_pct_of_deposits", "percentage", "",
        "As a percentage of deposits", "26.5%",
    ),
]  # fmt: skip

Cells = tuple[str, ...]
# What stands in the columns of a line.
SIGNS: dict[str, Callable[[Printed], Cells]] = {
    "operator in a column": lambda p: (p.label, p.operator, p.amount),
    "operator before the amount": lambda p: (p.label, f"{p.operator} {p.amount}".strip()),
    "glued minus": lambda p: (p.label, f"{'-' * (p.operator == '-')}{p.amount}"),
    "parentheses": lambda p: (p.label, f"({p.amount})" if p.operator == "-" else p.amount),
    "no sign": lambda p: (p.label, p.amount),
    "uses are negative": lambda p: (p.label, f"{'-' * _is_use(p)}{p.amount}"),
}
Write = Callable[[Sequence[Printed], Callable[[Printed], Cells]], bytes]


def _is_use(printed: Printed) -> bool:
    """Whether money went out, as some pages show uses below zero and what came back above it."""
    if printed.role in {"balance", "percentage"}:
        return False
    of_uses = {
        AGENT: {"transfers", "transfers_to_mdtfs", "subtotal_transfers", "total_use",
                "administrative_agent_fee", "direct_cost", "bank_charges"},
        ORGANIZATIONS: {"expenditure", "refunds", "total_expenses"},
    }  # fmt: skip
    return printed.line in of_uses[printed.block]


def in_html(lines: Sequence[Printed], cells: Callable[[Printed], Cells]) -> bytes:
    """A fund's factsheet, with a table for each block."""
    parts = ["<h1>Trust Fund Factsheet</h1><p>Tools for » Sample Fund</p><h2>Funding Status</h2>"]
    for block, heading in HEADINGS.items():
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(line)) + "</tr>\n"
            for line in lines
            if line.block == block
        )
        parts.append(f"<h3>{heading}</h3><table>\n{rows}</table>")
    return "\n".join(parts).encode()


def in_one_table(lines: Sequence[Printed], cells: Callable[[Printed], Cells]) -> bytes:
    """A table for a spreadsheet, the blocks' headings within it."""
    rows = ["<tr><td colspan=3>Sample Fund 2030</td></tr>"]
    for block, heading in HEADINGS.items():
        rows.append(f"<tr><th colspan=3>{heading}</th></tr>")
        rows += [
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(line)) + "</tr>"
            for line in lines
            if line.block == block
        ]
    return "\n".join(["<table>", *rows, "</table>"]).encode()


def in_pipes(lines: Sequence[Printed], cells: Callable[[Printed], Cells]) -> bytes:
    """Text that kept the cells."""
    parts = ["Trust Fund Factsheet", "Tools for » Sample Fund", "Funding Status"]
    for block, heading in HEADINGS.items():
        parts.append(heading)
        parts += [f"| {' | '.join(cells(line))} |" for line in lines if line.block == block]
    return "\n".join([*parts, "View as Excel\n"]).encode()


def in_glued_text(lines: Sequence[Printed], cells: Callable[[Printed], Cells]) -> bytes:
    """Text that glued the cells together; a sign in a column of its own keeps a blank behind it."""
    parts = ["Trust Fund Factsheet", "Tools for » Sample Fund", "Funding Status"]
    for block, heading in HEADINGS.items():
        parts.append(heading)
        for line in lines:
            if line.block == block:
                label, *rest = cells(line)
                parts.append(label + " ".join(filter(None, rest)))
    return "\n".join([*parts, "View as Excel\n"]).encode()


FORMS: dict[str, Write] = {
    "two tables": in_html,
    "one table": in_one_table,
    "pipes": in_pipes,
    "glued text": in_glued_text,
}
