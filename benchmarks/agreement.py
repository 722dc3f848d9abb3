"""Comparison of a peer's rows and sums with ours.

Only what both load is compared, each distinct row once: ours from `observed`, a peer's from its
tables.

- figures by measure, for rows that name an organization, by printed name and year. We keep the
  finer of two tables, and a peer loads both; rows without an organization are the coarser one's;
- vouchers by number, date and amount;
- documents by programme and URL;
- programmes by ID.
"""

from decimal import Decimal
from pathlib import Path

import duckdb

# Kind of row -> number of rows and their sum.
Facts = dict[str, tuple[int, Decimal]]

_MEASURES = {
    "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
    "transfers": "transfers_usd", "refunds": "refunds_usd", "expenditure": "expenditure_usd",
    "delivery_rate": "delivery_rate_pct",
}  # fmt: skip
_SHOWN = ", ".join(f"{column}::DECIMAL(18, 4) AS {name}" for name, column in _MEASURES.items())
_OURS = f"""
WITH page AS (FROM observed.body SELECT parse_key, programme_id WHERE programme_id IS NOT NULL),
figure AS (
    SELECT DISTINCT programme_id, organization_printed, fiscal_year,
        {_SHOWN}
    FROM page JOIN observed.figure USING (parse_key) WHERE organization <> '(all)'
),
amount AS (UNPIVOT figure ON {", ".join(_MEASURES)} INTO NAME measure VALUE amount),
voucher AS (
    SELECT DISTINCT programme_id, voucher_number, voucher_date, amount_usd
    FROM page JOIN observed.voucher USING (parse_key)
),
document AS (SELECT DISTINCT programme_id, url FROM page JOIN observed.document USING (parse_key))
SELECT measure, count(*), sum(amount) FROM amount GROUP BY measure
UNION ALL SELECT 'vouchers', count(*), sum(amount_usd) FROM voucher
UNION ALL SELECT 'documents', count(*), 0 FROM document
UNION ALL SELECT 'programmes', count(DISTINCT programme_id), 0
FROM page JOIN observed.programme USING (parse_key)
"""  # noqa: S608 because the names are constants
_PEERS = """
WITH amount AS (
    SELECT DISTINCT id, organization, year, measure, CAST(amount AS DECIMAL(18, 4)) AS amount
    FROM figure WHERE organization IS NOT NULL
),
paid AS (SELECT DISTINCT id, number, date, CAST(amount AS DECIMAL(18, 2)) AS amount FROM voucher),
listed AS (SELECT DISTINCT id, url FROM document)
SELECT measure, count(*), sum(amount) FROM amount GROUP BY measure
UNION ALL SELECT 'vouchers', count(*), sum(amount) FROM paid
UNION ALL SELECT 'documents', count(*), 0 FROM listed
UNION ALL SELECT 'programmes', count(DISTINCT id), 0
FROM programme WHERE lower(label) LIKE 'project id%'
"""


class DisagreementError(Exception):
    """A peer whose rows differ from ours; the message names the difference."""


def our_facts(warehouse: Path) -> Facts:
    """Return the counts and sums of a warehouse after one night."""
    return _facts(warehouse, _OURS)


def check(peer: str, file: Path, ours: Facts) -> None:
    """Compare a peer's rows with ours.

    Raises:
        DisagreementError: The counts or sums differ.
    """
    theirs = _facts(file, _PEERS)
    if problems := differences(ours, theirs):
        raise DisagreementError(f"{peer} has not loaded the same rows: {'; '.join(problems)}")


def differences(ours: Facts, theirs: Facts) -> list[str]:
    """Describe each kind of row whose count or sum differs."""
    nothing = (0, Decimal(0))
    return [
        f"{kind}: {their[0]} rows of {their[1]} instead of {our[0]} of {our[1]}"
        for kind in sorted({*ours, *theirs})
        if (our := ours.get(kind, nothing)) != (their := theirs.get(kind, nothing))
    ]


def _facts(file: Path, query: str) -> Facts:
    with duckdb.connect(str(file), read_only=True) as con:
        return {kind: (count, Decimal(total)) for kind, count, total in con.sql(query).fetchall()}
