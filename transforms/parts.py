"""The parts of an API's answer: its rows about one programme each, like a page of the programme.

A part is stored once, whatever answers it stands in, so that a nightly answer about thousands of
programmes costs what has changed in it. No part says that a row is gone: whether an answer about
some years shows every row of them cannot be told from it.
"""

import hashlib
from collections import defaultdict
from typing import NamedTuple

from extractors.records import Page, PrintedRow
from transforms.amounts import parse_machine_amount, parse_machine_rate
from transforms.answers import SINCE_THE_START, is_total, years_of
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.quarantine import RejectedError
from transforms.typed import MEASURE_COLUMNS, Row, known_status

_Rejected = tuple[str, PrintedRow, RejectedError]
_YEARLY, _CUMULATIVE = "core.expenditure_snapshot", "core.cumulative_snapshot"


class Part(NamedTuple):
    """What an answer says of one programme: figures with where they stood, and its status."""

    programme_id: str
    part_key: str
    status: str | None
    figures: list[tuple[Row, PrintedRow]]


class Parts(NamedTuple):
    """The parts of an answer, and the rows that break a rule with the table each would be in."""

    parts: list[Part]
    rejected: list[_Rejected]


def parts_of(page: Page) -> Parts:
    """Return what an answer says of each programme.

    Rows for one organization and year that say different things are rejected, all of them.
    """
    of_programme: defaultdict[str, list[PrintedRow]] = defaultdict(list)
    for printed in page.rows:
        if printed.programme_id is not None and printed.contributor is None:
            of_programme[printed.programme_id].append(printed)
    rejected: list[_Rejected] = []
    parts = [_part(key, rows, rejected) for key, rows in of_programme.items()]
    return Parts([part for part in parts if part.figures or part.status], rejected)


def _part(programme_id: str, printed_rows: list[PrintedRow], rejected: list[_Rejected]) -> Part:
    by_key: defaultdict[tuple[object, ...], list[tuple[Row, PrintedRow]]] = defaultdict(list)
    for printed in printed_rows:
        if not printed.measures or is_total(printed):
            continue
        try:
            row = _figure_row(printed)
        except RejectedError as error:
            rejected.append((_YEARLY, printed, error))
        else:
            by_key[row["organization"], row["fiscal_year"]].append((row, printed))
    figures: list[tuple[Row, PrintedRow]] = []
    for found in by_key.values():
        if all(row == found[0][0] for row, _ in found):
            figures.append(found[0])
            continue
        contradiction = RejectedError("contradicting_rows", f"{len(found)} rows have this key")
        table = _CUMULATIVE if found[0][0]["fiscal_year"] is None else _YEARLY
        rejected.extend((table, printed, contradiction) for _, printed in found)
    status = _status(printed_rows)
    return Part(programme_id, _key(programme_id, status, figures), status, figures)


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
    row: Row = dict.fromkeys(MEASURE_COLUMNS.values())
    for measure, column in MEASURE_COLUMNS.items():
        if (text := printed.measures.get(measure)) is not None:
            is_rate = measure == "delivery_rate"
            row[column] = parse_machine_rate(text) if is_rate else parse_machine_amount(text)
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


def _key(programme_id: str, status: str | None, figures: list[tuple[Row, PrintedRow]]) -> str:
    said = [programme_id, str(status), *sorted(map(_text, figures))]
    return hashlib.sha256("\n".join(said).encode(errors="backslashreplace")).hexdigest()


def _text(figure: tuple[Row, PrintedRow]) -> str:
    return "\x1f".join(f"{name}={value}" for name, value in sorted(figure[0].items()))
