"""The parts of an API's answer: its rows about one programme each, like a page of the programme.

A part is stored once, whatever answers it stands in, so that a nightly answer about thousands of
programmes costs what has changed in it. Of an answer that is read in full and about one year, each
part is the whole of what the API shows of that programme and year; a programme without a row has
an empty part.
"""

import hashlib
from collections import defaultdict
from typing import NamedTuple

from extractors.records import MEASURES, Page, PrintedRow
from transforms.answers import (
    Fact,
    amounts_of,
    check_told,
    contradiction_in,
    hidden_column,
    is_total,
    years_of,
)
from transforms.contributions import SINCE_THE_START
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.quarantine import RejectedError
from transforms.typed import Row, known_status

_Rejected = tuple[str, PrintedRow, RejectedError]
_YEARLY, _CUMULATIVE = "core.expenditure_snapshot", "core.cumulative_snapshot"


class Part(NamedTuple):
    """What an answer says of one programme: figures with where they stood, and its status."""

    programme_id: str | None  # None of an empty part
    part_key: str
    status: str | None
    figures: list[Fact]


class Parts(NamedTuple):
    """The parts of an answer, and the rows that break a rule with the table each would be in.

    `year` is the one year of an answer that is read in full, 0 for figures since the start; None if
    a missing row says nothing. `empty_key` is then the key of an empty part.
    """

    parts: list[Part]
    rejected: list[_Rejected]
    year: int | None
    empty_key: str | None


def parts_of(page: Page, *, whole: bool) -> Parts:
    """Return what an answer says of each programme; `whole` if it shows every row.

    Rows for one organization and year that say different things are rejected, all of them.
    """
    of_programme: defaultdict[str, list[PrintedRow]] = defaultdict(list)
    for printed in page.rows:
        if printed.programme_id is not None and printed.contributor is None:
            of_programme[printed.programme_id].append(printed)
    rejected: list[_Rejected] = []
    named = any(row.agency_code or row.organization_group for row in page.rows)
    hidden = hidden_column(page, ["organization"]) if named else None
    figures = {key: _figures(rows, hidden, rejected) for key, rows in of_programme.items()}
    years = {row["fiscal_year"] for found in figures.values() for row, _ in found}
    is_full = whole and not rejected and len(years) == 1
    year = (years.pop() or SINCE_THE_START) if is_full else None
    parts = []
    for programme_id, found in figures.items():
        status = _status(of_programme[programme_id])
        if found or status:
            key = _key(programme_id, year, status, found)
            parts.append(Part(programme_id, key, status, found))
    return Parts(parts, rejected, year, None if year is None else _key("", year, None, []))


def _figures(
    printed_rows: list[PrintedRow], hidden: str | None, rejected: list[_Rejected]
) -> list[Fact]:
    by_key: defaultdict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for printed in printed_rows:
        if not printed.measures or is_total(printed):
            continue
        try:
            check_told(hidden)
            row = _figure_row(printed)
        except RejectedError as error:
            rejected.append((_YEARLY, printed, error))
        else:
            by_key[row["organization"], row["fiscal_year"]].append((row, printed))
    figures: list[Fact] = []
    for found in by_key.values():
        contradiction = contradiction_in(found)
        if contradiction is None:
            figures.append(found[0])
            continue
        table = _CUMULATIVE if found[0][0]["fiscal_year"] is None else _YEARLY
        rejected.extend((table, printed, contradiction) for _, printed in found)
    return figures


def _figure_row(printed: PrintedRow) -> Row:
    """Return one row of figures in US$; a measure that is not shown is None, never 0.

    Raises:
        RejectedError: an amount, a rate or a year is none, or the row counts several years, which
            is neither a year's figure nor one since the programme's start.
    """
    years = years_of(printed)
    if years["from_year"] != years["to_year"]:
        raise RejectedError(
            "years_span", f"the row counts {years['from_year']} to {years['to_year']}"
        )
    year = years["to_year"]
    row = amounts_of(printed, MEASURES)
    row["fiscal_year"] = None if year == SINCE_THE_START else year
    name = printed.organization or printed.organization_group
    row["organization_printed"] = name
    row["organization"] = (
        canonical_organization(name, printed.agency_code)[0] if name else ALL_ORGANIZATIONS
    )
    return row


def _status(printed_rows: list[PrintedRow]) -> str | None:
    """Return the programme's status if its rows agree on one that is known."""
    statuses = {value for row in printed_rows for name, value in row.details if name == "status"}
    return known_status(statuses.pop()) if len(statuses) == 1 else None


def _key(programme_id: str, year: int | None, status: str | None, figures: list[Fact]) -> str:
    """Return the key of a part: a digest of what it says, and of the year that it is whole for."""
    said = [programme_id, str(year), str(status), *sorted(map(_text, figures))]
    return hashlib.sha256("\n".join(said).encode(errors="backslashreplace")).hexdigest()


def _text(figure: Fact) -> str:
    return "\x1f".join(f"{name}={value}" for name, value in sorted(figure[0].items()))
