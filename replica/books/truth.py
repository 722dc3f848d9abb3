"""The truth of the site: every fact with the time over which a visitor could see it.

A fact is one figure, contribution, identity field, voucher, document, passage or statement line, of
the page that shows it, from `shown_from` up to, not including, `shown_until` (UTC; null: still
shown).
A figure that disappears and comes back, or changes, is one fact for each time it was shown.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from replica.books.contributor_truth import truth_of_contributors, truth_of_portfolio
from replica.books.facts import Facts, Key, Value, spells
from replica.books.layouts import EXCEL_TABLE
from replica.books.moments import DAY, day_of, midnight, moment
from replica.books.portfolio import FundOutline, Outline
from replica.books.records import Records
from replica.books.shown import MEASURES, Fund, Programme, Table


def write_truth(records: Records, until: datetime, out: TextIO) -> int:
    """Write every fact shown by a time as JSON Lines; return their number."""
    count = 0
    for fact in truth(records, until):
        out.write(json.dumps(fact, ensure_ascii=False) + "\n")
        count += 1
    return count


def truth(records: Records, until: datetime) -> Iterator[dict[str, Value]]:
    """Yield every fact shown by a time: programmes', funds', and those of all contributors."""
    end = moment(until)
    for outline in records.portfolio.outlines:
        if outline.approved <= end:
            yield from truth_of_programme(records, outline, until)
    for fund in records.portfolio.open_funds(end):
        yield from truth_of_fund(records, fund, until)
        yield from truth_of_contributors(records, fund, until)
    yield from truth_of_portfolio(records, until)


def truth_of_programme(
    records: Records, outline: Outline, until: datetime
) -> Iterator[dict[str, Value]]:
    """Yield every fact that a programme's factsheet (all voucher pages) and Excel view showed."""
    moments = (at for at in records.card(outline).changes if at <= moment(until))
    yield from spells(moments, lambda at: programme_facts(records, outline, at))


def truth_of_fund(
    records: Records, fund: FundOutline, until: datetime
) -> Iterator[dict[str, Value]]:
    """Yield every line of every Funding Status that a fund's factsheet showed."""
    opened, end = records.portfolio.opened(fund), moment(until)
    if opened is None or opened > end:
        return
    moments = [opened]
    while (following := midnight(day_of(moments[-1]).replace(day=28))) <= end:
        month_end = following + 4 * DAY
        moments.append(midnight(day_of(month_end).replace(day=1)))
    shown = (at for at in moments if at <= end)
    yield from spells(shown, lambda at: fund_facts(records.fund(fund, at)))


def programme_facts(records: Records, outline: Outline, at: int) -> Facts:
    """Return the facts that a programme's pages show at a moment."""
    shown = records.programme(outline, at)
    facts: Facts = {}
    facts.update(_identity_facts(shown))
    if not records.books(outline).without_tables.holds(at):
        for table in shown.tables:
            facts.update(_figure_facts(shown, "factsheet", table))
        facts.update(_voucher_facts(shown, "factsheet"))
    facts.update(_voucher_facts(shown, "excel"))
    for table in records.programme(outline, at, (EXCEL_TABLE,)).tables:
        facts.update(_figure_facts(shown, "excel", table))
    return facts


def fund_facts(fund: Fund) -> Facts:
    """Return the facts that a fund's statement shows."""
    return {
        (
            ("kind", "statement"), ("fund_code", fund.code), ("block", block.heading),
            ("line", number), ("label", line.label), ("role", line.role),
        ): line.value
        for block in fund.statement
        for number, line in enumerate(block.lines, start=1)
    }  # fmt: skip


def _identity_facts(shown: Programme) -> Iterator[tuple[Key, Value]]:
    programme_id = shown.identity.programme_id
    for field, value in shown.identity._asdict().items():
        printed = value if value is None else str(value)
        yield (("kind", "identity"), ("programme_id", programme_id), ("field", field)), printed
    for passage in shown.passages:
        key = (("kind", passage.section), ("programme_id", programme_id), ("text", passage.text))
        yield key, passage.outcome_no
    for document in shown.documents:
        url = f"/document/download/{document.number}"
        yield (("kind", "document"), ("programme_id", programme_id), ("url", url)), document.title


def _figure_facts(shown: Programme, page: str, table: Table) -> Iterator[tuple[Key, Value]]:
    for row in table.rows:
        for measure, value in zip(MEASURES, row.values, strict=True):
            if value is not None and measure in table.measures:
                yield (
                    ("kind", "figure"), ("programme_id", shown.identity.programme_id),
                    ("page", page), ("grain", table.grain), ("organization", row.organization),
                    ("fiscal_year", row.fiscal_year), ("measure", measure),
                ), value  # fmt: skip


def _voucher_facts(shown: Programme, page: str) -> Iterator[tuple[Key, Value]]:
    """Yield the vouchers' facts; equal lines of one voucher differ in `repeat`."""
    seen: dict[tuple[Value, ...], int] = {}
    for voucher in shown.vouchers:
        same = (voucher.number, str(voucher.voucher_date), voucher.organization, voucher.cents)
        seen[same] = seen.get(same, 0) + 1
        yield (
            ("kind", "voucher"), ("programme_id", shown.identity.programme_id), ("page", page),
            ("number", voucher.number), ("date", str(voucher.voucher_date)),
            ("organization", voucher.organization), ("cents", voucher.cents),
            ("repeat", seen[same]),
        ), voucher.cents  # fmt: skip
