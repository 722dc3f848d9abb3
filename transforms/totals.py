"""Totals that a page prints, beside the sums of the figures that they cover."""

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from extractors.records import PrintedContribution, PrintedFigure
from transforms.organizations import ALL_ORGANIZATIONS
from transforms.sums import SUMMED
from transforms.typed import LARGEST_SUM, Row

Printed = TypeVar("Printed", PrintedFigure, PrintedContribution)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def totals_beside_sums(total: Row, printed: PrintedFigure, facts: list[Row]) -> list[Row]:
    """Return a printed total beside the sum of the rows that it covers, measure by measure."""
    covered = [
        row
        for row in facts
        if (total["organization"] in {ALL_ORGANIZATIONS, row["organization"]})
        and (total["fiscal_year"] in {None, row["fiscal_year"]})
    ]
    name = total["organization"] if printed.total else printed.organization or ALL_ORGANIZATIONS
    rows = []
    for measure in SUMMED:
        values = [row[measure] for row in covered if row[measure] is not None]
        summed = sum(values, start=Decimal(0))
        if total[measure] is not None and values and abs(summed) < LARGEST_SUM:
            rows.append(
                {
                    "subject": f"table {printed.table_no}, {name}, "
                    f"{total['fiscal_year'] or 'all years'}",
                    "organization": total["organization"],
                    "fiscal_year": total["fiscal_year"],
                    "by_year": covered[0]["fiscal_year"] is not None,
                    "measure": measure,
                    "printed_usd": total[measure],
                    "summed_usd": summed,
                    "figures": len(values) + 1,
                }
            )
    return rows


def first_of_each(totals: list[tuple[Row, PrintedFigure]]) -> list[tuple[Row, PrintedFigure]]:
    """Keep the first of equal totals, which a table may print twice."""
    firsts: dict[tuple[int, str, int | None], tuple[Row, PrintedFigure]] = {}
    for row, printed in totals:
        firsts.setdefault(
            (printed.table_no, row["organization"], row["fiscal_year"]), (row, printed)
        )
    return list(firsts.values())


def of_all_years(
    totals: Iterable[tuple[Row, Printed]], facts: Iterable[tuple[Row, Printed]], year: str
) -> list[tuple[Row, Printed]]:
    """Return the totals without those of some of the years of their table: `Total 2014-2015`.

    Args:
        totals: rows with a sum, as typed and as printed.
        facts: the rows that they may sum.
        year: the column of the year; nothing in it stands for all of them.
    """
    years: defaultdict[int, set[int]] = defaultdict(set)
    for row, printed in facts:
        if row[year]:
            years[printed.table_no].add(row[year])
    return [
        (row, printed)
        for row, printed in totals
        if row[year] or _sums_all(printed.text, years[printed.table_no])
    ]


def _sums_all(text: str, years: set[int]) -> bool:
    """Return whether the label of a total, its first text, names no other years than all."""
    label = next(filter(None, text.split(" | ")), "")
    named = set(map(int, _YEAR.findall(label)))
    is_term = len(named) > 1 and years
    return not is_term or (min(named) <= min(years) and max(named) >= max(years))
