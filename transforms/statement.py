"""A Funding Status as printed to typed lines: each a magnitude with its role, proved by the totals.

Captures print signs in different ways: an operator in a column of its own, a glued minus,
parentheses, or none. A sign says how a line enters its sum, not that an amount is negative. So
roles come from the labels, and the statement's own totals prove them; where they do not, the signs
as printed are tried, and what neither proves keeps the label's role and fails its check.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from typing import Literal, NamedTuple

from extractors.records import PrintedFinding, PrintedStatementLine, StatementBlock
from transforms.amounts import parse_amount, parse_rate
from transforms.quarantine import RejectedError
from transforms.typed import LARGEST_SUM, Row, check_currency

Role = Literal["adds", "subtracts", "total", "balance", "percentage"]

# Of every label known: the line's lasting name, and its role; both blocks use some of the labels.
_KNOWN: dict[StatementBlock, tuple[tuple[str, str, Role], ...]] = {
    "administrative_agent": (
        (r"contributions? from (?:donors?|contributors?)", "contributions", "adds"),
        (r"interest (?:and|&) investment income.*|interest \(from fund\)", "interest_fund", "adds"),
        (r"interest \(from participating organi[sz]ations?\)", "interest_organizations", "adds"),
        (r"other income", "other_income", "adds"),
        (r"total sources? of funds", "total_source", "total"),
        (r"transfer(?:red|s)? to participati(?:ng|on) organi[sz]ations?", "transfers", "adds"),
        (r"transfers? to mdtfs?", "transfers_to_mdtfs", "adds"),
        (r"sub-?\s?total transfers?", "subtotal_transfers", "total"),
        (r"refunds? from participati(?:ng|on) organi[sz]ations?", "refunds", "subtracts"),
        (r"administrative agent fees?", "administrative_agent_fee", "adds"),
        (r"direct costs?", "direct_cost", "adds"),
        (r"bank charges?", "bank_charges", "adds"),
        (r"total uses? of funds", "total_use", "total"),
        (r"balance with (?:the )?administrative agent", "balance", "balance"),
        (r"as a percentage of deposits", "balance_pct_of_deposits", "percentage"),
    ),
    "participating_organizations": (
        (r"transfer(?:red|s)? to participati(?:ng|on) organi[sz]ations?", "transfers", "adds"),
        (r"total resources?", "total_resources", "total"),
        (r"participating organi[sz]ations? expenditures?", "expenditure", "adds"),
        (r"refunds? from participati(?:ng|on) organi[sz]ations?", "refunds", "adds"),
        (r"total expenses?", "total_expenses", "total"),
        (r"balance with (?:the )?participating organi[sz]ations?", "balance", "balance"),
        (r"as a percentage of transfers", "balance_pct_of_transfers", "percentage"),
        (r"total balance of funds", "total_balance", "balance"),
        (r"as a percentage of deposits", "total_balance_pct_of_deposits", "percentage"),
    ),
}  # fmt: skip
_BOUND_FIGURES = Decimal(6)  # that the identity of both blocks compares
_MOST_UNKNOWN = 8  # lines of one sum whose roles are sought


class Statement(NamedTuple):
    """Typed lines with the printed ones, sums beside their totals, and what was not taken."""

    rows: list[tuple[Row, PrintedStatementLine]]
    sums: list[Row]
    rejected: list[tuple[PrintedStatementLine, str, str]]
    findings: list[PrintedFinding]


class _Entry(NamedTuple):
    row: Row
    printed: PrintedStatementLine
    sign: int  # +1 or -1 as printed, 0 where nothing is printed
    known: bool

    def entering(self) -> Decimal:
        """Return the amount with the sign with which it enters its sum."""
        amount: Decimal = self.row["amount_usd"]
        return -amount if self.row["role"] == "subtracts" else amount


def statement_rows(lines: Sequence[PrintedStatementLine], currency: str | None) -> Statement:
    """Type a statement's lines, give each its role, and add up what its totals should be."""
    statement = Statement([], [], [], [])
    entries: list[_Entry] = []
    seen: dict[tuple[str, str], Row] = {}
    for seq, line in enumerate(lines, start=1):
        try:
            entry = _entry(line, seq, currency)
        except RejectedError as error:
            statement.rejected.append((line, error.rule, str(error)))
            continue
        if entry is None:
            continue
        key = (entry.row["block"], entry.row["line"])
        first = seen.setdefault(key, entry.row)
        if first is not entry.row:
            if any(first[name] != entry.row[name] for name in ("amount_usd", "pct")):
                message = f"the line stands twice in its block: {line.label}"
                statement.rejected.append((line, "repeated_line", message))
            continue
        if not entry.known:
            statement.findings.append(PrintedFinding("unknown_line", line.where, line.text))
        entries.append(entry)
    for block in _KNOWN:
        _settle(statement, [entry for entry in entries if entry.row["block"] == block])
    _total_balance(statement, entries)
    statement.findings.extend(_blocks_differ(entries))
    rejected = {id(line) for line, _, _ in statement.rejected}
    statement.rows.extend(
        (entry.row, entry.printed) for entry in entries if id(entry.printed) not in rejected
    )
    return statement


def _entry(line: PrintedStatementLine, seq: int, currency: str | None) -> _Entry | None:
    """Return one line; None if it has no amount, as a line of dashes."""
    check_currency(currency)
    name, role, known = _named(line)
    amount = pct = None
    if role == "percentage":
        pct = parse_rate(line.amount)
    else:
        amount = parse_amount(line.amount)
    if amount is None and pct is None:
        return None
    sign = 0
    if line.operator or (amount is not None and amount < 0):
        sign = -1 if line.operator == "-" or (amount is not None and amount < 0) else 1
    if amount is not None and role != "balance":
        amount = abs(amount)
    row: Row = {
        "block": line.block, "line": name, "label": line.label, "amount_usd": amount, "pct": pct,
        "role": role, "seq": seq,
    }  # fmt: skip
    return _Entry(row, line, sign, known)


def _named(line: PrintedStatementLine) -> tuple[str, Role, bool]:
    """Return the name and role that a label stands for, and whether the label is known."""
    plain = re.sub(r"[*†‡:'’]+", "", line.label)
    plain = " ".join(plain.split()).strip(" -–").lower()
    for pattern, name, role in _KNOWN[line.block]:
        if re.fullmatch(pattern, plain):
            return name, role, True
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "unnamed"
    if line.amount.rstrip(") ").endswith("%"):
        return slug, "percentage", False
    if re.match(r"(?:sub-?\s?)?total\b", plain):
        return slug, "total", False
    return slug, "balance" if plain.startswith("balance") else "adds", False


def _settle(statement: Statement, entries: list[_Entry]) -> None:
    """Decide the roles of one block, total by total, and write down each sum."""
    addends: list[_Entry] = []
    totals: list[_Entry] = []
    for entry in entries:
        role = entry.row["role"]
        if role == "percentage" or entry.row["line"] == "total_balance":
            continue
        if role == "balance":
            _sign_balance(entry, _less(totals))
            _add_sum(statement, entry, _less(totals), len(totals))
        elif role == "total":
            _prove(statement, addends, entry)
            _add_sum(
                statement, entry, sum((a.entering() for a in addends), Decimal(0)), len(addends)
            )
            is_subtotal = entry.row["line"].startswith("sub")
            addends = [entry] if is_subtotal else []
            totals += [] if is_subtotal else [entry]
        else:
            addends.append(entry)
    for entry in addends:
        _reject_unsure(statement, entry)


def _prove(statement: Statement, addends: list[_Entry], total: _Entry) -> None:
    """Give the addends of a total the roles that prove it."""
    wanted: Decimal = total.row["amount_usd"]
    tolerance = Decimal(len(addends) + 1) / 2
    for roles in _candidates(addends):
        signed = (
            entry.row["amount_usd"] if role == "adds" else -entry.row["amount_usd"]
            for entry, role in zip(addends, roles, strict=True)
        )
        if abs(abs(sum(signed, Decimal(0))) - abs(wanted)) <= tolerance:
            for entry, role in zip(addends, roles, strict=True):
                if entry.row["role"] in {"adds", "subtracts"}:
                    entry.row["role"] = role
            return
    for entry in addends:
        _reject_unsure(statement, entry)
        if not entry.known and entry.sign:
            entry.row["role"] = "adds" if entry.sign > 0 else "subtracts"


def _candidates(addends: list[_Entry]) -> Iterator[tuple[Role, ...]]:
    """Yield roles to try: by label, the unknown lines' by sign or sought, then by signs alone."""
    by_label = [_by_label(entry) for entry in addends]
    unsure = [
        at for at, entry in enumerate(addends) if not entry.known and entry.row["role"] == "adds"
    ]
    by_sign: list[Role] = [
        by_label[at] if not entry.sign else "adds" if entry.sign > 0 else "subtracts"
        for at, entry in enumerate(addends)
    ]
    choices: list[tuple[Role, ...]] = [("adds", "subtracts")] * len(unsure)
    sought = list(product(*choices)) if len(unsure) <= _MOST_UNKNOWN else []
    signed_first = sorted(
        sought, key=lambda roles: sum(r != by_sign[at] for at, r in zip(unsure, roles, strict=True))
    )
    for roles in signed_first or [()]:
        tried = list(by_label)
        for at, role in zip(unsure, roles, strict=False):
            tried[at] = role
        yield tuple(tried)
    yield tuple(by_sign)


def _by_label(entry: _Entry) -> Role:
    return "subtracts" if entry.row["role"] == "subtracts" else "adds"


def _reject_unsure(statement: Statement, entry: _Entry) -> None:
    """Reject an unknown line without a sign, whose role no total proves."""
    if not entry.known and not entry.sign and entry.row["role"] == "adds":
        message = f"{entry.printed.label!r} is not known, has no sign, and no total proves its role"
        statement.rejected.append((entry.printed, "statement_role", message))


def _less(totals: list[_Entry]) -> Decimal | None:
    """Return the expected balance: the first total less the others; None without any."""
    if not totals:
        return None
    first, *others = (abs(Decimal(entry.row["amount_usd"])) for entry in totals)
    return first - sum(others, Decimal(0))


def _sign_balance(entry: _Entry, summed: Decimal | None) -> None:
    """Give a balance the minus of its own column if its totals say that it is negative."""
    if entry.sign < 0 < entry.row["amount_usd"] and summed is not None and summed < 0:
        entry.row["amount_usd"] *= -1


def _total_balance(statement: Statement, entries: list[_Entry]) -> None:
    """Add the total balance beside its sum, that of the balances of both blocks."""
    balances = [entry for entry in entries if entry.row["line"] == "balance"]
    total = next((entry for entry in entries if entry.row["line"] == "total_balance"), None)
    if total is not None and len(balances) == len(_KNOWN):
        summed = sum((entry.row["amount_usd"] for entry in balances), Decimal(0))
        _sign_balance(total, summed)
        _add_sum(statement, total, summed, len(balances))


def _blocks_differ(entries: list[_Entry]) -> Iterator[PrintedFinding]:
    """Yield a finding where the blocks are not bound as they are in two of three real statements.

    There, transfers less refunds of the second block are transfers, transfers to MDTFs and direct
    cost less refunds of the first.
    """
    amounts = {(e.row["block"], e.row["line"]): e.row["amount_usd"] for e in entries}
    first, second = _KNOWN
    if (first, "transfers") not in amounts or (second, "transfers") not in amounts:
        return

    def added(block: str, *lines: str) -> Decimal:
        return sum((amounts.get((block, line), Decimal(0)) for line in lines), Decimal(0))

    used = added(first, "transfers", "transfers_to_mdtfs", "direct_cost") - added(first, "refunds")
    received = added(second, "transfers") - added(second, "refunds")
    if abs(used - received) > _BOUND_FIGURES / 2:
        detail = f"transfers less refunds: {received:,} with organizations, {used:,} with the agent"
        yield PrintedFinding("statement_blocks_differ", "Funding Status", detail)


def _add_sum(statement: Statement, total: _Entry, summed: Decimal | None, figures: int) -> None:
    """Add a total beside the sum of its lines, if there are any and a column can hold it."""
    if summed is not None and figures and abs(summed) < LARGEST_SUM:
        statement.sums.append(
            {
                "block": total.row["block"], "line": total.row["line"],
                "printed_usd": total.row["amount_usd"], "summed_usd": summed,
                "figures": figures + 1,
            }
        )  # fmt: skip
