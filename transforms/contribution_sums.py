"""Rows of a table of contributors that sum others, whatever their names: `Gesamt`, `TOTALES`.

They are found by the arithmetic that finds those of organizations (transforms.sums).
"""

from collections import defaultdict
from collections.abc import Iterable

from extractors.records import PrintedContribution
from transforms.organizations import ALL_ORGANIZATIONS
from transforms.sums import SUMMED, find_sums
from transforms.typed import Row

_AS_FIGURES = {"approved_budget_usd": "commitments_usd", "transfers_usd": "deposits_usd"}
# A row as typed and as printed.
TypedContribution = tuple[Row, PrintedContribution]


def summing_rows(
    shown: Iterable[TypedContribution], totals: Iterable[TypedContribution]
) -> list[PrintedContribution]:
    """Return the rows that sum others of their table.

    Args:
        shown: rows of contributors to one fund in the order printed, typed and as printed.
        totals: rows that say that they sum those of all contributors.
    """
    tables: defaultdict[int, list[TypedContribution]] = defaultdict(list)
    for row, printed in shown:
        tables[printed.table_no].append((_as_figure(row, row["contributor"]), printed))
    of_all: defaultdict[int, list[Row]] = defaultdict(list)
    for row, printed in totals:
        of_all[printed.table_no].append(_as_figure(row, ALL_ORGANIZATIONS))
    return [
        rows[at][1]
        for table_no, rows in tables.items()
        for at in find_sums([row for row, _ in rows], of_all[table_no])
    ]


def _as_figure(row: Row, name: str) -> Row:
    return dict.fromkeys(SUMMED) | {
        "organization": name,
        "fiscal_year": row["from_year"] or None,
        **{figure: row[column] for figure, column in _AS_FIGURES.items()},
    }
