"""The figures of one page: facts, and the sums that the page prints of them.

Printed totals are no facts, nor are rows that sum others, whatever they are called. Where a page
shows the same years once by organization and once for all, the finer table is the fact and the
other a sum of it. Rows for one organization and year that complement each other are one row; rows
that contradict each other are all set aside.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from extractors.records import Page, PrintedFigure, PrintedFinding
from transforms.amounts import is_no_value
from transforms.doubts import Key, TypedFigure, merge, perhaps_sums, perhaps_sums_of_unread
from transforms.organizations import (
    ALL_ORGANIZATIONS,
    names_statistic,
)
from transforms.quarantine import Quarantined, RejectedError
from transforms.sums import find_sums
from transforms.totals import first_of_each, of_all_years, totals_beside_sums
from transforms.typed import MEASURE_COLUMNS, Row, figure_row, names_none


class Figures(NamedTuple):
    """Facts with where they stood, totals beside their sums, tables read in full, and the rest.

    `summing` are the names of rows that sum others.
    """

    facts: list[TypedFigure]
    totals: list[Row]
    full_tables: set[int]
    quarantined: list[Quarantined]
    findings: list[PrintedFinding]
    summing: set[str]


@dataclass
class _SetAside:
    """Rows that are set aside, the tables that lack some, and unreadable measures by year.

    `unread` counts the rows by table of which nothing can be read.
    """

    parse_key: str
    rows: list[Quarantined] = field(default_factory=list)
    tables: set[int] = field(default_factory=set)
    unread: Counter[int] = field(default_factory=Counter)
    measures: defaultdict[tuple[int, int | None], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def add(self, printed: PrintedFigure, rule: str, message: str) -> None:
        """Set a row aside, or some of its measures."""
        self.tables.add(printed.table_no)
        self.rows.append(_quarantined(self.parse_key, printed, rule, message))


def reconcile_figures(page: Page, parse_key: str) -> Figures:
    """Sort the printed rows of a page's figure tables into facts and sums."""
    aside = _SetAside(parse_key)
    typed = _typed_rows(page, aside)
    facts, sums, found = _without_sums(
        [fact for fact in typed if not fact[1].total],
        [fact for fact in typed if fact[1].total],
        aside,
    )
    if page.cut_short:
        why = "it may sum rows that the page lacks, being cut short"
        facts = _without_doubtful(facts, perhaps_sums(facts), why, aside)
    why = "it may sum figures of its table that cannot be read"
    facts = _without_doubtful(
        facts, perhaps_sums_of_unread(facts, aside.tables, aside.unread), why, aside
    )
    fine, coarse = _finest(facts)
    merged = _agreeing(fine, aside)
    of_table: defaultdict[int, list[Row]] = defaultdict(list)
    for row, printed in fine:
        of_table[printed.table_no].append(row)
    compared = first_of_each(of_all_years(sums, fine, "fiscal_year"))
    covered = [*found]
    covered += [(total, of_table[total[1].table_no]) for total in compared]
    if not aside.tables:
        named = [row for row, _ in fine if row["organization"] != ALL_ORGANIZATIONS]
        covered += [(total, named) for total in first_of_each(coarse)]
    summed = {printed.table_no for _, printed in coarse}
    summing = [printed for (_, printed), _ in found]
    return Figures(
        merged,
        [
            total
            for (row, printed), rows in covered
            if printed.table_no not in aside.tables
            for total in totals_beside_sums(row, printed, rows)
        ],
        {printed.table_no for _, printed in fine} - aside.tables - summed,
        aside.rows,
        [*_summing(summing), *_unnamed(fine, coarse)],
        summing={str(printed.organization) for printed in summing},
    )


def _typed_rows(page: Page, aside: _SetAside) -> list[TypedFigure]:
    """Return the rows that can be read; of one with an unreadable measure, the others."""
    typed: list[TypedFigure] = []
    for printed in page.figures:
        if _names_none(printed) and all(map(is_no_value, printed.measures.values())):
            continue  # a line of dashes
        try:
            _check_organization(printed)
        except RejectedError as error:  # which says nothing of the other rows
            aside.rows.append(_quarantined(aside.parse_key, printed, error.rule, str(error)))
            continue
        try:
            row, rejected = figure_row(printed, page.currency)
        except RejectedError as error:
            aside.add(printed, error.rule, str(error))
            aside.unread[printed.table_no] += 1
            continue
        if rejected:
            why = "; ".join(f"{measure}: {error}" for measure, error in rejected.items())
            aside.add(printed, next(iter(rejected.values())).rule, why)
            unreadable = {MEASURE_COLUMNS[measure] for measure in rejected}
            aside.measures[printed.table_no, row["fiscal_year"]] |= unreadable
        typed.append((row, printed))
    return typed


def _check_organization(printed: PrintedFigure) -> None:
    """Accept a row that may be an organization's, or of all.

    Raises:
        RejectedError: it is a statistic, or of zeros without a name.
    """
    if names_statistic(printed.organization):
        why = f"{printed.organization!r} is no organization"
        raise RejectedError("not_an_organization", why)
    digits = {sign for text in printed.measures.values() for sign in text if sign.isdigit()}
    if _names_none(printed) and digits == {"0"}:
        raise RejectedError("name_missing", f"{printed.organization!r} stands for no name")


def _names_none(printed: PrintedFigure) -> bool:
    return printed.organization is not None and names_none(printed.organization)


def _without_doubtful(
    facts: list[TypedFigure], perhaps_sums: list[TypedFigure], why: str, aside: _SetAside
) -> list[TypedFigure]:
    """Return the facts without rows that may sum others, which are set aside."""
    doubtful = {id(printed) for _, printed in perhaps_sums}
    for _, printed in perhaps_sums:
        aside.add(printed, "may_sum_missing_rows", f"no known organization: {why}")
    return [fact for fact in facts if id(fact[1]) not in doubtful]


def _finest(facts: list[TypedFigure]) -> tuple[list[TypedFigure], list[TypedFigure]]:
    """Return the facts, and those of all organizations where the year has some of single ones."""
    finer = {row["fiscal_year"] for row, _ in facts if row["organization"] != ALL_ORGANIZATIONS}
    coarse: list[TypedFigure] = []
    fine: list[TypedFigure] = []
    for row, printed in facts:
        is_coarse = row["organization"] == ALL_ORGANIZATIONS and row["fiscal_year"] in finer
        (coarse if is_coarse else fine).append((row, printed))
    return fine, coarse


def _summing(rows: list[PrintedFigure]) -> list[PrintedFinding]:
    """Return a finding for each row that sums others."""
    return [
        PrintedFinding(
            "sums_other_rows", f"{printed.organization}, {printed.where}",
            f"loaded as a total, not as an organization's figure: {printed.text}",
        )
        for printed in rows
    ]  # fmt: skip


def _unnamed(fine: list[TypedFigure], coarse: list[TypedFigure]) -> list[PrintedFinding]:
    """Return a finding for each row without an organization in a table that names some."""
    naming = {printed.table_no for _, printed in fine if printed.organization is not None}
    return [
        PrintedFinding("unnamed_row", printed.where, f"loaded as a total: {printed.text}")
        for _, printed in coarse
        if printed.table_no in naming
    ]


def _agreeing(facts: list[TypedFigure], aside: _SetAside) -> list[TypedFigure]:
    """Return a row per organization and year, without those that contradict each other."""
    merged, contradicting = merge(facts)
    for group in contradicting:
        names = {printed.organization for _, printed in group}
        rule, message = (
            ("contradicting_rows", "the page prints other figures for this organization and year")
            if len(names) == 1
            else ("two_names_of_one_organization", f"one organization, as {_listed(names)}")
        )
        for _, printed in group:
            aside.add(printed, rule, message)
    return merged


def _without_sums(
    facts: list[TypedFigure], totals: list[TypedFigure], aside: _SetAside
) -> tuple[list[TypedFigure], list[TypedFigure], list[tuple[TypedFigure, list[Row]]]]:
    """Return the facts, the totals, and the rows that sum others, each with the rows it sums.

    Of rows with one name and year only the first has any: a hostile table has thousands. A table's
    total over the years of such a row is one of all organizations.
    """
    by_table: defaultdict[int, list[TypedFigure]] = defaultdict(list)
    for fact in facts:
        by_table[fact[1].table_no].append(fact)
    of_all = [(row, 0) for row, _ in facts if row["organization"] == ALL_ORGANIZATIONS]
    of_all += [(row, printed.table_no) for row, printed in totals]
    found: list[tuple[TypedFigure, list[Row]]] = []
    summing: set[tuple[int, str]] = set()
    for table_no, rows in by_table.items():
        sums = find_sums(
            [
                _comparable(row, aside.measures.get((table_no, row["fiscal_year"])))
                for row, _ in rows
            ],
            [row for row, table in of_all if table in {0, table_no}],
        )
        seen: set[Key] = set()
        for at, covered in sums.items():
            row, printed = rows[at]
            summing.add((table_no, row["organization"]))
            of_others = row | {"organization": ALL_ORGANIZATIONS}
            key = row["organization"], row["fiscal_year"]
            summed = [] if key in seen else [rows[other][0] for other in covered]
            seen.add(key)
            found.append(((of_others, printed), summed))
    if not found:
        return facts, totals, []
    places = {id(printed) for (_, printed), _ in found}
    return (
        [fact for fact in facts if id(fact[1]) not in places],
        [
            (row | {"organization": ALL_ORGANIZATIONS}, printed)
            if (printed.table_no, row["organization"]) in summing
            else (row, printed)
            for row, printed in totals
        ],
        found,
    )


def _comparable(row: Row, unreadable: set[str] | None) -> Row:
    """Return a row without the measures that some row of its year has unreadably."""
    return row | dict.fromkeys(unreadable) if unreadable else row


def figure_tables(page: Page, figures: Figures) -> list[Row]:
    """Return how each kind of figure table was parsed: in full only if every table was.

    A table without a single fact (an empty one, or one that says that there is no data) is no
    evidence that a row is gone, nor is one of whose rows some count as sums only.
    """
    kinds: defaultdict[tuple[bool, bool], list[bool]] = defaultdict(list)
    for table in page.tables:
        full = table.read_in_full and table.table_no in figures.full_tables
        kinds[table.by_year, table.by_organization].append(full)
    return [
        {
            "by_year": by_year,
            "by_organization": by_organization,
            "fiscal_year": None,
            "read_in_full": all(full),
        }
        for (by_year, by_organization), full in kinds.items()
    ]


def _listed(names: set[str | None]) -> str:
    return " and ".join(sorted(str(name) for name in names))


def _quarantined(parse_key: str, printed: PrintedFigure, rule: str, message: str) -> Quarantined:
    table = "core.expenditure_snapshot" if printed.fiscal_year else "core.cumulative_snapshot"
    return Quarantined(parse_key, table, printed.where, printed.text, rule, message)
