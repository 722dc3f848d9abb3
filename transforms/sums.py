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
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from operator import add, sub
from typing import NamedTuple, Self

from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.typed import MEASURE_COLUMNS, Row

SUMMED = [name for name in MEASURE_COLUMNS.values() if name != "delivery_rate_pct"]
FEWEST_SUMMED = 2
_FEWEST_MEASURES = 2  # of a block's sum, all different
_LONGEST_YEAR = 200  # rows; in a longer year only the sum of all is sought
_MOST_ROUNDS = 5  # of totals of totals
_CENTS = 100
_LEAST_IN_TOLERANCES = 100  # smaller sums must be exact

# Names that say so themselves: where a row that they sum cannot be read, arithmetic finds nothing.
_SAYS_SUM = re.compile(
    r"(?:the )?sum(?: of .*)?|overall|ensemble|somme|suma|soma|"
    r"(?:sum of )?all(?: (?:participating|implementing|un))*"
    r"(?: (?:agencies|organi[sz]ations|partners|funds|contributors|donors))?",
    re.IGNORECASE,
)

_Values = tuple[int | None, ...]  # by measure, in cents


class _Line(NamedTuple):
    """A row of one year: its place in the table, its name, its values, and whether it may sum."""

    at: int
    name: str
    values: _Values
    unknown: bool

    @property
    def may_sum(self) -> bool:
        """Return whether it is no known organization's, and shows an amount."""
        return self.unknown and any(self.values)


class _Sum(NamedTuple):
    """Rows added up: how many, how many not zero, and by measure their sum and uneven amounts."""

    rows: int = 0
    not_zero: int = 0
    summed: tuple[int, ...] = (0,) * len(SUMMED)
    with_cents: tuple[int, ...] = (0,) * len(SUMMED)

    @classmethod
    def of(cls, line: _Line) -> Self:
        """Return the sum of a single row."""
        summed = tuple(value or 0 for value in line.values)
        with_cents = tuple(int(amount % _CENTS != 0) for amount in summed)
        return cls(1, int(any(summed)), summed, with_cents)

    def plus(self, other: Self) -> Self:
        """Return the sum of all rows of both."""
        return self._combined(add, other)

    def minus(self, other: Self) -> Self:
        """Return the sum without some of its rows."""
        return self._combined(sub, other)

    def _combined(self, by: Callable[[int, int], int], other: Self) -> Self:
        return type(self)(
            by(self.rows, other.rows),
            by(self.not_zero, other.not_zero),
            tuple(map(by, self.summed, other.summed)),
            tuple(map(by, self.with_cents, other.with_cents)),
        )

    def equals(self, values: _Values) -> bool:
        """Return whether values equal the sums of these rows, at least two of them not zero.

        Each figure is rounded by itself, so the sum may miss by half a unit for each.
        """
        return (
            any(values)
            and self.not_zero >= FEWEST_SUMMED
            and all(
                value is None or abs(value - summed) <= _tolerance(value, self.rows, uneven)
                for value, summed, uneven in zip(values, self.summed, self.with_cents, strict=True)
            )
        )


def _tolerance(value: int, rows: int, uneven: int = 0) -> int:
    """Return by how much a sum of some rows may miss, of which so many amounts are not whole."""
    unit = 1 if uneven or value % _CENTS else _CENTS
    tolerance = (rows + 1) * unit // 2
    return tolerance if abs(value) >= tolerance * _LEAST_IN_TOLERANCES else 0


# The place of each row that sums others, with the places of these.
Sums = dict[int, list[int]]


def says_sum(name: str) -> bool:
    """Return whether a name says that its row sums others: `Ensemble`, `All donors`."""
    return _SAYS_SUM.fullmatch(name.strip(" :-")) is not None


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
    everything = _sum_of(line for lines in years.values() for line in lines)
    if any(year is None and everything.equals(values) for year, values in printed):
        return {}
    found: Sums = {}
    for year, lines in years.items():
        if len(lines) <= FEWEST_SUMMED:  # too few for a sum beside the rows that it sums
            continue
        of_year = [values for at, values in printed if at == year]
        whole = _sum_of(lines)
        if not any(whole.equals(values) for values in of_year):
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
        sums = _sums_up_to(left)
        for line in list(left):
            if line.may_sum and (covered := _covered(line, left, sums)):
                found[line.at] = [other.at for other in covered]
                left.remove(line)
                sums = _sums_up_to(left)
        if len(found) == before:
            break
    return found or _closed(lines, totals)


def _covered(line: _Line, lines: list[_Line], sums: list[_Sum]) -> list[_Line]:
    """Return the rows that a row sums: all others, or a block beside it.

    Args:
        line: the row.
        lines: all rows of its year.
        sums: what they add up to before the first, the second and so on, and behind the last.
    """
    if sums[-1].minus(_Sum.of(line)).equals(line.values):
        return [other for other in lines if other is not line]
    if len(lines) > _LONGEST_YEAR or sum(map(bool, line.values)) < _FEWEST_MEASURES:
        return []
    for start, end in _blocks_near(line, lines.index(line), sums):
        if sums[end].minus(sums[start]).equals(line.values):
            block = lines[start:end]
            if _differing_measures(line, block) >= _FEWEST_MEASURES:
                return block
    return []


def _blocks_near(line: _Line, place: int, sums: list[_Sum]) -> Iterator[tuple[int, int]]:
    """Yield the blocks above and below a row whose sum is near its first amount."""
    measure, wanted = next((at, value) for at, value in enumerate(line.values) if value)
    column = [one.summed[measure] for one in sums]
    above = ((start, place) for start in range(place - FEWEST_SUMMED, -1, -1))
    below = ((place + 1, end) for end in range(place + 1 + FEWEST_SUMMED, len(sums)))
    for start, end in (*above, *below):
        rows = end - start
        most = max(_tolerance(wanted, rows), _tolerance(wanted, rows, uneven=1))
        if abs(column[end] - column[start] - wanted) <= most:
            yield start, end


def _sums_up_to(lines: Iterable[_Line]) -> list[_Sum]:
    return list(accumulate(map(_Sum.of, lines), _Sum.plus, initial=_Sum()))


def _sum_of(lines: Iterable[_Line]) -> _Sum:
    amounts = [[value or 0 for value in line.values] for line in lines]
    if not amounts:
        return _Sum()
    columns = list(zip(*amounts, strict=True))
    return _Sum(
        rows=len(amounts),
        not_zero=sum(map(any, amounts)),
        summed=tuple(map(sum, columns)),
        with_cents=tuple(sum(amount % _CENTS != 0 for amount in column) for column in columns),
    )


def _closed(lines: list[_Line], totals: Sequence[_Values]) -> Sums:
    """Return sub-totals of a single measure, if a total of them all leaves no other reading.

    Each sums all rows since the one before it, and a last row or a printed total sums all others.
    """
    found: Sums = {}
    run: list[_Line] = []
    summed = _Sum()
    for line in lines:
        if line.may_sum and summed.equals(line.values):
            found[line.at] = [other.at for other in run]
            run, summed = [], _Sum()
        else:
            run.append(line)
            summed = summed.plus(_Sum.of(line))
    left = [line for line in lines if line.at not in found]
    whole = _sum_of(left)
    if found and any(whole.equals(values) for values in totals):
        return found
    for line in left if found else []:
        if line.may_sum and whole.minus(_Sum.of(line)).equals(line.values):
            return found | {line.at: [other.at for other in left if other is not line]}
    return {}


def _of_same_names(found: Sums, years: Iterable[list[_Line]]) -> Sums:
    """Return the other years' rows of a name that sums others in most of the years that can tell.

    A year cannot tell where a single organization has figures: its sum is that row again.
    """
    listed = list(years)
    proved = Counter(line.name for lines in listed for line in lines if line.at in found)
    contrary: Counter[str] = Counter()
    for lines in listed:
        left = [line for line in lines if line.at not in found and any(line.values)]
        if len(left) > FEWEST_SUMMED:
            contrary.update(line.name for line in left if line.name in proved)
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
