"""Answers of the site's API to records as printed.

What an answer means depends on its columns and on the query that it answers: the part of the URL's
path behind the API's base, here called its context, `<method>/<columns>/<filters>`.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from extractors.page_kinds import PageKind, Representation
from extractors.parse.api.body import Pairs, printable, refused, rows_of
from extractors.parse.api.columns import EXACT, Column, explain_column, is_personal, words_of
from extractors.parse.api.query import Asked, asked_by, query_of
from extractors.parse.api.units import is_other_unit, names_unit
from extractors.parse.base.blocks import fold
from extractors.parse.base.charset import DAMAGED
from extractors.records import (
    MEASURES,
    Coverage,
    ListKind,
    Page,
    PrintedFinding,
    PrintedListing,
    PrintedPaging,
    PrintedRow,
)

_MEASURES = (*MEASURES, "fund_count", "commitments", "deposits")
_PROGRAMME_ID = re.compile(r"[0-9]{1,8}")
_PART = frozenset({"partial", "truncated", "incomplete", "more", "warning", "next"})
_SAMPLES, _SAMPLE_CHARACTERS, _ROW_CHARACTERS = 3, 80, 200
_LONGEST_ROW = 100_000  # characters, as JSON
_NAME_CHARACTERS = 200  # of a key or an ID in a report
_LONGEST_LAYOUT = 1_000  # characters
_MOST_COLUMNS = 1_000


class _SetAsideError(Exception):
    """A row that cannot be read; its text says why."""


def parse_answer(text: str, context: str) -> Page:
    """Parse an answer to the query that the context holds.

    Raises:
        PageRefusedError: the text has no row that can be read; its rule tells why.
    """
    query = query_of(context)
    asked = asked_by(query)
    answer = rows_of(text)
    if not answer.rows:
        return _without_rows(query.method)
    if isinstance(answer.rows[0], list):
        raise refused("api_rows_as_lists", "the answer's rows are lists without names", text)
    page = Page(PageKind.API_ANSWER, Representation.JSON)
    names = _names(answer.rows)
    columns = _columns(page, names, query.method)
    if not columns:
        raise refused("api_no_known_column", "no column of the answer is known", ", ".join(names))
    _add_unknown_columns(
        page, [name for name in names if name not in columns], answer.rows, query.method
    )
    _check_units(answer.others, text)
    _add_rows(page, answer.rows, names, columns, asked)
    page.listings += filter(None, map(_listing, page.rows))
    for key, value in answer.others:
        detail = f"{_name(key)}: {sample_of(value)}"
        page.findings.append(PrintedFinding("unknown_key", query.method, detail))
    is_part = asked.is_one_page or any(map(_says_part, answer.others))
    if answer.total is not None or is_part:
        shown = f"{len(answer.rows)} of {answer.total or 'an unknown number'}"
        page.paging.append(PrintedPaging("rows", shown, answer.total, None))
    layout = f"{page.kind} in {page.representation}: {', '.join(sorted(map(_clean, names)))}"
    page.coverage = Coverage(
        layout[:_LONGEST_LAYOUT], len(columns), len(names) - len(columns), tables_read=1
    )
    return page


def _without_rows(method: str) -> Page:
    """Return an answer that lists nothing, such as that of a year before the first programme."""
    page = Page(PageKind.API_ANSWER, Representation.JSON)
    page.findings.append(PrintedFinding("empty_answer", method, "it lists no rows"))
    page.coverage = Coverage(f"{page.kind} in {page.representation}: no rows")
    return page


def _check_units(others: Pairs, text: str) -> None:
    """Check that what stands beside the rows does not change what their amounts are.

    Raises:
        PageRefusedError: the amounts are in thousands, or in another currency, or may be.
    """
    for key, value in others:
        if is_other_unit(value, named=names_unit(key)):
            message = f"the amounts are in a unit that is not understood: {_clean(key)}"
            raise refused("api_unknown_unit", message, text)


def _says_part(other: tuple[str, Any]) -> bool:
    """Return whether a key beside the rows says that there are more, or that some failed."""
    key, value = other
    return not _PART.isdisjoint(words_of(key)) and value not in (None, False, "", "false", "0")


def _names(rows: Iterable[Any]) -> dict[str, None]:
    """Return the names of all columns, in order."""
    names: dict[str, None] = {}
    for row in rows:
        if isinstance(row, tuple):
            names |= dict.fromkeys(name for name, _ in row)
            if len(names) > _MOST_COLUMNS:
                message = f"the answer has more than {_MOST_COLUMNS:,} columns"
                raise refused("table_too_large", message)
    return names


def _columns(page: Page, names: Iterable[str], method: str) -> dict[str, Column]:
    """Return the columns that are understood, and add a finding for those that mean the same."""
    by_meaning: defaultdict[Column, dict[str, str]] = defaultdict(dict)
    for name in names:
        column, how = explain_column(name)
        if column is not None:
            by_meaning[column][name] = how
    columns: dict[str, Column] = {}
    for column, found in by_meaning.items():
        exact = [name for name, how in found.items() if how == EXACT]
        counting = [*found] if len(found) == 1 else exact
        if len(counting) == 1:
            columns[counting[0]] = column
        if len(found) > 1:
            counts = exact[0] if len(exact) == 1 else "none"
            detail = f"{', '.join(found)}: all of them mean {column}; {counts} counts"
            page.findings.append(PrintedFinding("repeated_column", method, detail))
    return columns


def _add_unknown_columns(page: Page, names: list[str], rows: Iterable[Any], method: str) -> None:
    """Add a finding for each column that is not known, with up to three values unless personal."""
    samples: dict[str, dict[str, None]] = {
        name: {} for name in names if explain_column(name)[0] is None
    }
    for row in rows:
        for name, value in row if isinstance(row, tuple) else ():
            found = samples.get(name)
            if found is not None and len(found) < _SAMPLES and value not in (None, ""):
                found[sample_of(value)] = None
    for name, found in samples.items():
        shown = "(withheld)" if is_personal(name) else ", ".join(found)
        detail = ": ".join(filter(None, (_name(name), shown)))
        page.findings.append(PrintedFinding("unknown_column", method, detail))


def _add_rows(
    page: Page,
    rows: Sequence[Any],
    names: Iterable[str],
    columns: dict[str, Column],
    asked: Asked,
) -> None:
    """Add the rows, and a finding for each that is set aside or has damaged characters."""
    unknown = {name: names_unit(name) for name in names if name not in columns}
    for number, pairs in enumerate(rows, start=1):
        where = f"row {number}"
        text = json_of(pairs)
        try:
            _check_row(pairs, unknown, text)
            page.rows.append(_row(pairs, columns, asked, where, text))
        except _SetAsideError as reason:
            detail = f"{reason}: {text[:_ROW_CHARACTERS]}"
            page.findings.append(PrintedFinding("row_set_aside", where, detail))
        if DAMAGED in text:
            damaged = PrintedFinding("damaged_characters", where, text[:_ROW_CHARACTERS])
            page.findings.append(damaged)


def _check_row(pairs: Any, unknown: dict[str, bool], text: str) -> None:
    """Check that a row can be read.

    Args:
        pairs: the row.
        unknown: the answer's columns that are not understood, and whether each names a unit.
        text: the row as JSON.

    Raises:
        _SetAsideError: it is no object, too long, a key stands in it twice, or a column says that
            its amounts are not US$.
    """
    if not isinstance(pairs, tuple):
        raise _SetAsideError("the row is not an object")
    if len(text) > _LONGEST_ROW:
        raise _SetAsideError(f"the row has more than {_LONGEST_ROW:,} characters")
    if len(dict(pairs)) < len(pairs):
        raise _SetAsideError("a column stands in the row twice")
    for name, value in pairs if unknown else ():
        if name in unknown and is_other_unit(value, named=unknown[name]):
            raise _SetAsideError(f"its {_name(name)} is not US$")


def _row(
    pairs: Pairs,
    columns: dict[str, Column],
    asked: Asked,
    where: str,
    text: str,
) -> PrintedRow:
    """Return a row as printed.

    Raises:
        _SetAsideError: a known column holds no text or number, or the programme's ID is none.
    """
    values: dict[str, str] = dict(asked.subjects.items()) | dict(_values(pairs, columns))
    if printed_id := values.get("programme_id"):
        values["programme_id"] = _programme_id(printed_id)
    return PrintedRow(
        programme_id=values.pop("programme_id", None),
        fund_code=values.pop("fund_code", None),
        fund_name=values.pop("fund_name", None),
        agency_code=values.pop("agency_code", None),
        organization=values.pop("organization", None),
        organization_group_code=values.pop("organization_group_code", None),
        organization_group=values.pop("organization_group", None),
        contributor=values.pop("contributor", None),
        fiscal_year=values.pop("year", None),
        from_year=asked.from_year,
        to_year=asked.to_year,
        measures={name: values.pop(name) for name in _MEASURES if name in values},
        details=tuple(values.items()),
        where=where,
        text=text,
    )


def _values(pairs: Pairs, columns: dict[str, Column]) -> Iterator[tuple[str, str]]:
    """Yield what the known columns of a row hold, without those that hold nothing."""
    for name, value in pairs:
        column = columns.get(name)
        if column is None or value is None:
            continue
        if not isinstance(value, str):
            raise _SetAsideError(f"{_name(name)} holds neither text nor a number")
        if printed := _clean(value):
            yield column, printed


def _listing(row: PrintedRow) -> PrintedListing | None:
    """Return what a row without figures lists: a programme, else a fund; None for any other."""
    if row.measures or row.organization or row.agency_code or row.contributor:
        return None
    details = dict(row.details)
    title = details.pop("programme_title", None)
    if row.programme_id is not None:
        kind: ListKind = "programmes"
        name = title or row.programme_id
    elif row.fund_code is not None:
        kind, name = "funds", row.fund_name or title or row.fund_code
    else:
        return None
    return PrintedListing(
        listed=kind,
        name=name,
        url=None,
        programme_id=row.programme_id,
        fund_code=row.fund_code,
        details=tuple(details.items()),
        where=row.where,
        text=row.text,
    )


def _programme_id(printed: str) -> str:
    """Return the eight-digit ID of a row.

    A number loses its leading zeros (`67193` for 00067193), and nothing else that is shorter is an
    ID; so zeros are put back before digits, and only before digits.
    """
    if not _PROGRAMME_ID.fullmatch(printed) or not printed.strip("0"):
        raise _SetAsideError(f"{_name(printed)!r} is not a programme ID")
    return printed.zfill(8)


def _clean(value: str) -> str:
    """Return a text without what no page can have, and with blanks folded."""
    return fold(printable(value))


def _name(text: str) -> str:
    """Return the beginning of a key or an ID, for a report."""
    return _clean(text[:_NAME_CHARACTERS])


def sample_of(value: Any) -> str:
    """Return the beginning of a value, for a report; an e-mail address is withheld."""
    text = _clean(value) if isinstance(value, str) else json_of(value)
    return "(withheld)" if "@" in text else text[:_SAMPLE_CHARACTERS]


def json_of(value: Any) -> str:
    """Return a value as compact JSON, without what is personal in it."""
    if isinstance(value, tuple):
        pairs = (
            f"{json_of(key)}:{json_of('(withheld)' if is_personal(key) else part)}"
            for key, part in value
        )
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(json_of, value))}]"
    if isinstance(value, str):
        value = "(withheld)" if "@" in value else printable(value)
    return json.dumps(value, ensure_ascii=False)
