"""A Funding Status however its signs are printed: each line a magnitude with its role, proved."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedStatementLine
from tests.statements import AGENT, FORMS, HEADINGS, ORGANIZATIONS, PB000, SIGNS, Printed
from transforms.statement import Statement, statement_rows

PAGES = Path(__file__).parents[1] / "pages"
REAL = Path(__file__).parents[2] / "../shared/data/funding_status_pb000.json"


def read(body: bytes) -> tuple[Page, Statement]:
    page = parse_page(body)
    return page, statement_rows(page.statement, page.currency)


def told(statement: Statement) -> list[tuple[Any, ...]]:
    """Block, name, role and magnitude (or percentage) of every line."""
    return [
        (row["block"], row["line"], row["role"], row["amount_usd"], row["pct"])
        for row, _ in statement.rows
    ]


def expected(lines: list[Printed]) -> list[tuple[Any, ...]]:
    def numbers(line: Printed) -> tuple[Decimal | None, Decimal | None]:
        number = Decimal(line.amount.replace(",", "").rstrip("%"))
        return (None, number) if line.role == "percentage" else (number, None)

    return [(line.block, line.line, line.role, *numbers(line)) for line in lines]


def missed(statement: Statement) -> list[tuple[str, str]]:
    """The totals and balances that their lines do not give, as far as rounding allows."""
    return [
        (row["block"], row["line"])
        for row in statement.sums
        if abs(row["printed_usd"] - row["summed_usd"]) > Decimal(row["figures"]) / 2
    ]


def test_the_statement_here_is_the_real_one() -> None:
    if not REAL.is_file():
        pytest.skip("the real statement is not beside the repository here")
    blocks = json.loads(REAL.read_text())["blocks"]
    assert [
        (block["heading"], line["label"], line["operator"] or "", line["amount"])
        for block in blocks
        for line in block["lines"]
    ] == [(HEADINGS[line.block], line.label, line.operator, line.amount) for line in PB000]


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("form", FORMS)
def test_every_line_of_a_real_statement_is_right_and_every_sum_is_proved(
    form: str, signs: str
) -> None:
    page, statement = read(FORMS[form](PB000, SIGNS[signs]))
    assert page.findings == []
    # This real one is the one of three whose blocks are not bound by the identity of the others.
    assert [finding.kind for finding in statement.findings] == ["statement_blocks_differ"]
    assert statement.rejected == []
    assert told(statement) == expected(PB000)
    assert [(row["block"], row["line"]) for row in statement.sums] == [
        (AGENT, "total_source"), (AGENT, "subtotal_transfers"), (AGENT, "total_use"),
        (AGENT, "balance"), (ORGANIZATIONS, "total_resources"), (ORGANIZATIONS, "total_expenses"),
        (ORGANIZATIONS, "balance"), (ORGANIZATIONS, "total_balance"),
    ]  # fmt: skip
    assert missed(statement) == []


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("at", range(len(PB000)), ids=lambda at: f"{PB000[at].line}-{at}")
def test_a_line_that_is_off_by_a_hundredth_breaks_a_sum(at: int, signs: str) -> None:
    """As far as the statement's arithmetic reaches: percentages stand beside it."""
    line = PB000[at]
    if line.role == "percentage":
        return
    amount = int(line.amount.replace(",", "")) * 101 // 100
    lines = [*PB000[:at], line._replace(amount=f"{amount:,}"), *PB000[at + 1 :]]
    _, statement = read(FORMS["two tables"](lines, SIGNS[signs]))
    assert missed(statement) != []


def test_the_blocks_need_not_agree_with_each_other() -> None:
    """They may be drawn at different moments: each is proved by its own totals."""
    other = {"refunds": "47,951,604", "total_expenses": "583,416,535", "balance": "109,719,149",
             "total_balance": "200,619,468"}  # fmt: skip
    lines = [
        line._replace(amount=other.get(line.line, line.amount))
        if line.block == ORGANIZATIONS
        else line
        for line in PB000
    ]
    _, statement = read(FORMS["two tables"](lines, SIGNS["operator in a column"]))
    assert told(statement) == expected(lines)
    assert missed(statement) == []


def test_a_line_of_dashes_is_no_zero() -> None:
    lines = [
        line._replace(amount="-", operator="") if line.line == "transfers_to_mdtfs" else line
        for line in PB000
    ]
    _, statement = read(FORMS["two tables"](lines, SIGNS["no sign"]))
    assert [row["line"] for row, _ in statement.rows].count("transfers_to_mdtfs") == 0
    assert missed(statement) == [(AGENT, "subtotal_transfers")]


def test_a_negative_balance_keeps_its_sign() -> None:
    small = [
        Printed(AGENT, "contributions", "adds", "", "Contributions from Donors", "100"),
        Printed(AGENT, "total_source", "total", "", "Total source of funds", "100"),
        Printed(AGENT, "bank_charges", "adds", "+", "Bank Charges", "130"),
        Printed(AGENT, "total_use", "total", "-", "Total use of funds", "130"),
        Printed(AGENT, "balance", "balance", "", "Balance with Administrative Agent", "-30"),
    ]
    _, statement = read(FORMS["two tables"](small, SIGNS["operator in a column"]))
    assert told(statement) == expected(small)
    assert missed(statement) == []


def test_a_negative_balance_keeps_a_sign_that_stands_in_a_column_of_its_own() -> None:
    page = PAGES / "negative_balances_with_their_sign_apart.html"
    _, statement = read(page.read_bytes())
    assert [row["amount_usd"] for row, _ in statement.rows if row["role"] == "balance"] == [
        Decimal(-20_000), Decimal(-1_000), Decimal(-21_000),
    ]  # fmt: skip
    assert missed(statement) == []


@pytest.mark.parametrize("sign", ["adds", "subtracts"])
@pytest.mark.parametrize("signs", SIGNS)
def test_an_unknown_line_has_the_role_that_the_total_proves(signs: str, sign: str) -> None:
    amount = {"adds": 689_049_847 + 1_000_000, "subtracts": 689_049_847 - 1_000_000}[sign]
    new = Printed(
        AGENT, "currency_adjustment", sign, "+" if sign == "adds" else "-", "Currency Adjustment",
        "1,000,000",
    )  # fmt: skip
    lines = []
    for line in PB000:
        if line.line == "total_use":
            lines += [new, line._replace(amount=f"{amount:,}")]
        elif line.line == "balance" and line.block == AGENT:
            lines.append(line._replace(amount=f"{779_950_166 - amount:,}"))
        elif line.line == "total_balance":
            lines.append(line._replace(amount=f"{779_950_166 - amount + 109_639_922:,}"))
        else:
            lines.append(line)
    _, statement = read(FORMS["one table"](lines, SIGNS[signs]))
    assert told(statement) == expected(lines)
    kinds = [finding.kind for finding in statement.findings]
    assert kinds == ["unknown_line", "statement_blocks_differ"]
    assert missed(statement) == []


def test_an_unknown_line_without_a_sign_that_no_total_proves_is_not_guessed() -> None:
    lines = [*PB000[:3], PB000[2]._replace(label="Windfall", amount="5,000"), *PB000[3:]]
    _, statement = read(FORMS["two tables"](lines, SIGNS["no sign"]))
    ((printed, rule, _),) = statement.rejected
    assert (printed.label, rule) == ("Windfall", "statement_role")
    assert "windfall" not in {row["line"] for row, _ in statement.rows}


def test_a_line_that_stands_twice_with_another_amount_is_set_aside() -> None:
    lines = [*PB000[:1], PB000[0]._replace(amount="1"), PB000[0], *PB000[1:]]
    _, statement = read(FORMS["two tables"](lines, SIGNS["no sign"]))
    assert [(printed.amount, rule) for printed, rule, _ in statement.rejected] == [
        ("1", "repeated_line")
    ]
    assert told(statement) == expected(PB000)


def test_a_total_stands_beside_no_sum_that_no_column_can_hold() -> None:
    line = PrintedStatementLine(
        "administrative_agent", "", "+", "1,000,000,000,000", "here", "as printed"
    )
    labels = [*(f"Income {number}" for number in range(10_001)), "Total source of funds"]
    statement = statement_rows([line._replace(label=label) for label in labels], None)
    assert (len(statement.rows), statement.sums) == (10_002, [])


AMOUNT = st.integers(1, 10**9)


@st.composite
def books(draw: st.DrawFn) -> list[Printed]:
    """A statement of any amounts, whose totals hold; lines with nothing in them left out."""
    amounts: dict[tuple[str, str], int] = {}
    for line in PB000:
        if line.role in {"adds", "subtracts"} and (
            line.line in {"contributions", "transfers", "expenditure"} or draw(st.booleans())
        ):
            amounts[line.block, line.line] = draw(AMOUNT)

    def of(block: str, *names: str) -> int:
        return sum(amounts.get((block, name), 0) for name in names)

    source = of(AGENT, "contributions", "interest_fund", "interest_organizations")
    transfers = of(AGENT, "transfers", "transfers_to_mdtfs")
    costs = of(AGENT, "administrative_agent_fee", "direct_cost", "bank_charges")
    amounts[AGENT, "total_source"] = source
    amounts[AGENT, "subtotal_transfers"] = transfers
    amounts[AGENT, "total_use"] = use = transfers - of(AGENT, "refunds") + costs
    amounts[AGENT, "balance"] = source - use
    amounts[ORGANIZATIONS, "total_resources"] = of(ORGANIZATIONS, "transfers")
    expenses = of(ORGANIZATIONS, "expenditure", "refunds")
    amounts[ORGANIZATIONS, "total_expenses"] = expenses
    amounts[ORGANIZATIONS, "balance"] = of(ORGANIZATIONS, "transfers") - expenses
    amounts[ORGANIZATIONS, "total_balance"] = (
        amounts[AGENT, "balance"] + amounts[ORGANIZATIONS, "balance"]
    )
    return [
        line._replace(amount=f"{amounts[line.block, line.line]:,}")
        for line in PB000
        if (line.block, line.line) in amounts
    ]


@given(lines=books(), signs=st.sampled_from(list(SIGNS.values())), form=st.sampled_from([*FORMS]))
def test_any_statement_in_any_sign_convention_reads_back(
    lines: list[Printed], signs: Any, form: str
) -> None:
    """Uses that came back in excess make a negative total, which no convention tells apart."""
    lines = [line for line in lines if line.line != "refunds" or line.block != AGENT]
    use = sum(
        int(line.amount.replace(",", ""))
        for line in lines
        if line.block == AGENT
        and line.line in {"subtotal_transfers", "administrative_agent_fee", "direct_cost",
                          "bank_charges"}
    )  # fmt: skip
    source = next(line for line in lines if line.line == "total_source")
    balance = int(source.amount.replace(",", "")) - use
    by_line = {"total_use": use, "balance": balance}
    lines = [
        line._replace(amount=f"{by_line[line.line]:,}")
        if line.block == AGENT and line.line in by_line
        else line
        for line in lines
        if line.line != "total_balance"
    ]
    _, statement = read(FORMS[form](lines, signs))
    assert statement.rejected == []
    assert told(statement) == expected(lines)
    assert missed(statement) == []
