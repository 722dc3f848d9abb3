"""Rows of figures that may be none of an organization, as far as a page's other rows can tell."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from decimal import Decimal

from extractors.records import PrintedFigure
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.sums import FEWEST_SUMMED, SUMMED
from transforms.typed import MEASURE_COLUMNS, Row

Key = tuple[str, int | None]
# A row as typed and as printed.
TypedFigure = tuple[Row, PrintedFigure]


def perhaps_sums(facts: list[TypedFigure]) -> list[TypedFigure]:
    """Return the rows of the last table that could sum rows below them, which the page lacks."""
    last = max((printed.table_no for _, printed in facts), default=0)
    return _greatest([fact for fact in facts if fact[1].table_no == last], by=all)


def perhaps_sums_of_unread(
    facts: list[TypedFigure], lacking: Set[int], unread: Mapping[int, int]
) -> list[TypedFigure]:
    """Return the rows that could sum others of a table of which some text cannot be read.

    A text that is no figure of its place says that others may be out of place too, of any year.

    Args:
        facts: the rows that can be read.
        lacking: the tables of which something is set aside.
        unread: how many rows of a table cannot be read at all.
    """
    named = [fact for fact in facts if fact[0]["organization"] != ALL_ORGANIZATIONS]
    if not any(_is_unknown(printed.organization) for _, printed in named):
        return []
    _, contradicting = merge(named)
    damaged = lacking | {printed.table_no for group in contradicting for _, printed in group}
    years: defaultdict[tuple[int, int | None], list[TypedFigure]] = defaultdict(list)
    for row, printed in named:
        if printed.table_no in damaged:
            years[printed.table_no, row["fiscal_year"]].append((row, printed))
    return [
        fact
        for (table_no, _), of_year in years.items()
        if len(of_year) + unread.get(table_no, 0) > FEWEST_SUMMED
        for fact in _greatest(of_year, by=any)
    ]


def _is_unknown(organization: str | None) -> bool:
    return organization is not None and not canonical_organization(organization)[1]


def _greatest(facts: list[TypedFigure], by: Callable[[Iterable[bool]], bool]) -> list[TypedFigure]:
    """Return the rows of no known organization that in all, or any, measures are the greatest."""
    greatest: defaultdict[tuple[int | None, str], list[Decimal]] = defaultdict(list)
    for row, _ in facts:
        for name in SUMMED:
            if row[name] is not None:
                greatest[row["fiscal_year"], name].append(row[name])
    most = {key: max(values) for key, values in greatest.items()}
    return [
        (row, printed)
        for row, printed in facts
        if _is_unknown(printed.organization)
        and by(
            row[name] >= most[row["fiscal_year"], name] for name in SUMMED if row[name] is not None
        )
    ]


def merge(facts: list[TypedFigure]) -> tuple[list[TypedFigure], list[list[TypedFigure]]]:
    """Return a row per organization and year, and the groups of rows that contradict each other."""
    groups: defaultdict[Key, list[TypedFigure]] = defaultdict(list)
    for row, printed in facts:
        groups[row["organization"], row["fiscal_year"]].append((row, printed))
    merged, contradicting = [], []
    for group in groups.values():
        row, printed = dict(group[0][0]), group[0][1]
        agree = True
        for other, _ in group[1:]:
            for name in MEASURE_COLUMNS.values():
                agree &= None in {row[name], other[name]} or row[name] == other[name]
                row[name] = other[name] if row[name] is None else row[name]
        if agree:
            merged.append((row, printed))
        else:
            contradicting.append(group)
    return merged, contradicting
