"""Totals that a page prints, beside the sums of the figures that they cover."""

from decimal import Decimal

from extractors.records import PrintedFigure
from transforms.organizations import ALL_ORGANIZATIONS
from transforms.sums import SUMMED
from transforms.typed import LARGEST_SUM, Row


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
