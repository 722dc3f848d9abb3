"""Rows of a figure table that sum others, whatever their names: `Sum`, `All agencies`, `Ensemble`.

Such a row is found by its arithmetic. It has the name of no known organization, and in every
measure that it shows it equals the sum of other rows of its year: of all of them, or of a block
right above or below it. Two measures that differ make chance improbable: with five digits each,
less than one in a million for a table of a hundred rows. A single measure is no such proof (100,000
and 200,000 often stand beside 300,000), so there the row must sum all others of its year. A total
that the page prints and that counts the row in proves that it is an organization after all.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.typed import MEASURE_COLUMNS, Row

SUMMED = [name for name in MEASURE_COLUMNS.values() if name != "delivery_rate_pct"]
_FEWEST_SUMMED = 2
_LONGEST_YEAR = 200  # rows; in a longer year only the sum of all is sought
_MOST_ROUNDS = 5  # of totals of totals
_CENTS = 100
_LEAST_IN_TOLERANCES = 100  # smaller sums must be exact

# Names that say so themselves: where a row that they sum cannot be read, arithmetic finds nothing.
_SAYS_SUM = re.compile(
    r"(?:the )?sum(?: of .*)?|overall|ensemble|somme|suma|soma|"
    r"(?:sum of )?all(?: (?:participating|implementing|un))*"
    r"(?: (?:agencies|organi[sz]ations|partners|funds))?",
    re.IGNORECASE,
)

_Values = tuple[int | None, ...]  # by measure, in cents


class _Line(NamedTuple):
    """A row of one year: its place in the table, its name, its values, and whether it may sum."""

    at: int
    name: str
    values: _Values
    unknown: bool


# The place of each row that sums others, with the places of these.
Sums = dict[int, list[int]]


def find_sums(rows: Sequence[Row], totals: Iterable[Row]) -> Sums:
    """Return the places of the rows of one table that sum others, each with the places of these.

    Args:
        rows: the table's rows in the order printed, without those that say that they are totals.
        totals: those that do.
    """
    unknown = {
        row["organization"]
        for row in rows
        if row["organization"] != ALL_ORGANIZATIONS
        and not canonical_organization(row["organization"])[1]
    }
    if not unknown:
        return {}
    years: defaultdict[int | None, list[_Line]] = defaultdict(list)
    for at, row in enumerate(rows):
        if row["organization"] != ALL_ORGANIZATIONS:
            name = row["organization"]
            years[row["fiscal_year"]].append(_Line(at, name, _values(row), name in unknown))
    printed = [
        (total["fiscal_year"], _values(total))
        for total in totals
        if total["organization"] == ALL_ORGANIZATIONS
    ]
    everything = [line for lines in years.values() for line in lines]
    if any(year is None and _sums(values, everything) for year, values in printed):
        return {}
    found: Sums = {}
    for year, lines in years.items():
        of_year = [values for at, values in printed if at == year]
        if not any(_sums(values, lines) for values in of_year):
            found |= _of_year(lines, of_year)
    found |= _of_same_names(found, years.values())
    said = {name for name in unknown if _SAYS_SUM.fullmatch(name)}
    return found | _of_names(said, found, years.values())


def _of_year(lines: list[_Line], totals: Sequence[_Values]) -> Sums:
    """Return the rows of one year that sum others of it: blocks first, then what sums these."""
    found: Sums = {}
    left = list(lines)
    for _ in range(_MOST_ROUNDS):
        before = len(found)
        whole = _column_sums(left)
        for line in list(left):
            if line.unknown and any(line.values) and (covered := _covered(line, left, whole)):
                found[line.at] = [other.at for other in covered]
                left.remove(line)
                whole = _column_sums(left)
        if len(found) == before:
            break
    return found or _closed(lines, totals)


def _covered(line: _Line, lines: list[_Line], whole: Sequence[int]) -> list[_Line]:
    """Return the rows that a row sums: all others, or a block beside it."""
    if all(
        value is None or abs(summed - 2 * value) <= len(lines) * _CENTS
        for value, summed in zip(line.values, whole, strict=True)
    ):
        others = [other for other in lines if other is not line]
        if _sums(line.values, others):
            return others
    if len(lines) > _LONGEST_YEAR:
        return []
    place = lines.index(line)
    for block in (lines[:place][::-1], lines[place + 1 :]):
        for run in _runs(line, block):
            if _sums(line.values, run) and _differing_measures(line, run) > 1:
                return sorted(run)
    return []


def _column_sums(lines: Iterable[_Line]) -> list[int]:
    """Return the sum of each measure."""
    return [
        sum(filter(None, column)) for column in zip(*(line.values for line in lines), strict=True)
    ]


def _runs(line: _Line, block: list[_Line]) -> Iterator[list[_Line]]:
    """Yield the beginnings of a block whose sum is near a row's in the first measure it shows."""
    measure = next(at for at, value in enumerate(line.values) if value)
    wanted, summed = line.values[measure] or 0, 0
    for count, other in enumerate(block, start=1):
        summed += other.values[measure] or 0
        if count >= _FEWEST_SUMMED and abs(summed - wanted) <= count * _CENTS:
            yield block[:count]


def _closed(lines: list[_Line], totals: Sequence[_Values]) -> Sums:
    """Return sub-totals of a single measure, if a total of them all leaves no other reading.

    Each sums all rows since the one before it, and a last row or a printed total sums all others.
    """
    found: Sums = {}
    run: list[_Line] = []
    for line in lines:
        if line.unknown and any(line.values) and _sums(line.values, run):
            found[line.at] = [other.at for other in run]
            run = []
        else:
            run.append(line)
    left = [line for line in lines if line.at not in found]
    if found and any(_sums(values, left) for values in totals):
        return found
    for line in left if found else []:
        others = [other for other in left if other is not line]
        if line.unknown and any(line.values) and _sums(line.values, others):
            return found | {line.at: [other.at for other in others]}
    return {}


def _of_same_names(found: Sums, years: Iterable[list[_Line]]) -> Sums:
    """Return the other years' rows of a name that sums others in most of the years that can tell.

    A year cannot tell where a single organization has figures: its sum is that row again.
    """
    listed = list(years)
    proved = Counter(line.name for lines in listed for line in lines if line.at in found)
    contrary: Counter[str] = Counter()
    for lines in listed:
        left = [line for line in lines if line.at not in found]
        for line in left:
            if line.name in proved and any(line.values):
                contrary[line.name] += _can_tell(other for other in left if other is not line)
    names = {name for name, count in proved.items() if contrary[name] <= count}
    return _of_names(names, found, listed)


def _of_names(names: set[str], found: Sums, years: Iterable[list[_Line]]) -> Sums:
    """Return the rows of some names that are not found yet, as sums of all others of their year."""
    more: Sums = {}
    for lines in years:
        named = [line for line in lines if line.name in names and line.at not in found]
        if named:
            others = [line.at for line in lines if line.name not in names and line.at not in found]
            more |= {line.at: others for line in named}
    return more


def _can_tell(others: Iterable[_Line]) -> bool:
    return sum(any(other.values) for other in others) >= _FEWEST_SUMMED


def _sums(values: _Values, others: Sequence[_Line]) -> bool:
    """Return whether values equal the sums of at least two rows that are not zero.

    Each figure is rounded by itself, so the sum may miss by half a unit for each.
    """
    if not any(values) or not _can_tell(others):
        return False
    for at, value in enumerate(values):
        if value is None:
            continue
        parts = [other.values[at] or 0 for other in others]
        whole = all(amount % _CENTS == 0 for amount in (value, *parts))
        tolerance = (len(parts) + 1) * (_CENTS if whole else 1) // 2
        if abs(value) < tolerance * _LEAST_IN_TOLERANCES:
            tolerance = 0
        if abs(value - sum(parts)) > tolerance:
            return False
    return True


def _differing_measures(line: _Line, others: Sequence[_Line]) -> int:
    """Count the measures that a row shows, without those that repeat another or are all zero."""
    columns = {
        tuple(other.values[at] or 0 for other in others)
        for at, value in enumerate(line.values)
        if value
    }
    return sum(any(column) for column in columns)


def _values(row: Row) -> _Values:
    return tuple(_cents(row[name]) for name in SUMMED)


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * _CENTS)
