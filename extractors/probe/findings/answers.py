"""What an answer of a site's API holds: rows, columns and what they mean, and what they can fill.

Values of columns that seem to hold persons' names, telephones or e-mails are withheld.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from extractors.ids import parse_fund_code
from extractors.page_kinds import PageRefusedError
from extractors.parse.api.answers import json_of, parse_answer, sample_of
from extractors.parse.api.body import printable, rows_of
from extractors.parse.api.columns import Column, explain_column, is_personal
from extractors.parse.base.charset import NotTextError, decode
from extractors.profiles.profile import Fills
from extractors.records import MEASURES, Page, PrintedRow

EMPTY = "api_empty"
LOGIN = "login_page"
_LOGIN = re.compile(r"type=[\"']?password|\b(?:sign in|log ?in)\b", re.IGNORECASE)
_SAMPLES, _LONGEST_NAME, _LONGEST_ROW, _LONGEST_DETAIL = 3, 80, 1_000, 200
_MOST_COLUMNS, _MOST_SUBJECTS, _ROWS_FOR_SAMPLE = 200, 3, 20
_ROWS_FOR_FILLS = 1_000
_WITHHELD = "(withheld)"


@dataclass(frozen=True)
class ColumnSeen:
    """A column of an answer: its name, what it means and how that is known, and some values."""

    name: str
    meaning: Column | None
    how: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class AnswerSeen:
    """An answer as far as it was understood.

    `problem` is the rule by which it was refused, and empty if it was not; `detail` explains.
    `sample` is one row as JSON. `funds` and `programmes` are some codes and IDs in its rows.
    """

    rows: int = 0
    columns: tuple[ColumnSeen, ...] = ()
    sample: str = ""
    fills: tuple[Fills, ...] = ()
    lists: str = ""
    problem: str = ""
    detail: str = ""
    funds: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()


def read_answer(body: bytes, context: str) -> AnswerSeen:
    """Return what an answer holds; `context` is its query, as `api_query_of` returns it."""
    try:
        text = decode(body).text
        rows = rows_of(text).rows
    except NotTextError as error:
        return AnswerSeen(problem="not_text", detail=_short(str(error)))
    except PageRefusedError as refusal:
        return _refused(refusal, body)
    if not rows:
        return AnswerSeen(problem=EMPTY, detail="the answer lists no rows")
    columns, sample = _columns(rows), _sample(rows)
    try:
        page = parse_answer(text, context)
    except PageRefusedError as refusal:
        problem, detail = refusal.rule, _short(refusal.message)
        return AnswerSeen(len(rows), columns, sample, problem=problem, detail=detail)
    return AnswerSeen(
        len(rows), columns, sample, _fills(page),
        page.listings[0].listed if page.listings else "",
        funds=_funds(page), programmes=_distinct(row.programme_id for row in page.rows),
    )  # fmt: skip


def _refused(refusal: PageRefusedError, body: bytes) -> AnswerSeen:
    is_login = refusal.rule == "api_error_page" and _LOGIN.search(body.decode(errors="replace"))
    problem = LOGIN if is_login else refusal.rule
    detail = "the site asks for a login" if is_login else refusal.message
    return AnswerSeen(problem=problem, detail=_short(detail))


def _columns(rows: Sequence[Any]) -> tuple[ColumnSeen, ...]:
    """Return the columns of the rows that are objects, with some of their values."""
    samples: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, value in row if isinstance(row, tuple) else ():
            if name not in samples and len(samples) == _MOST_COLUMNS:
                continue
            found = samples.setdefault(name, {})
            if len(found) < _SAMPLES and value not in (None, ""):
                found[sample_of(value)] = None
    return tuple(_column(name, found) for name, found in samples.items())


def _column(name: str, values: Iterable[str]) -> ColumnSeen:
    meaning, how = explain_column(name)
    if is_personal(name):
        values = (_WITHHELD,)
    return ColumnSeen(printable(name)[:_LONGEST_NAME], meaning, how, tuple(values))


def _sample(rows: Sequence[Any]) -> str:
    """Return the first of the rows that have most values, as JSON."""
    objects = [row for row in rows[:_ROWS_FOR_SAMPLE] if isinstance(row, tuple)]
    if not objects:
        return ""
    fullest = max(objects, key=lambda row: sum(value not in (None, "") for _, value in row))
    return json_of(fullest)[:_LONGEST_ROW]


def _fills(page: Page) -> tuple[Fills, ...]:
    """Return what an answer's rows can fill, as the loading of answers decides it."""
    found = {kind for row in page.rows[:_ROWS_FOR_FILLS] if (kind := _use_of(row))}
    if page.listings:
        found.add("lists")
    return tuple(kind for kind in get_args(Fills) if kind in found)


def _use_of(row: PrintedRow) -> Fills | None:
    """Return what the figures of a row fill, if it has any."""
    has_figures = not row.measures.keys().isdisjoint(MEASURES)
    if row.programme_id is not None:
        return "programmes" if has_figures else None
    if row.contributor is not None:
        has_money = not row.measures.keys().isdisjoint({"commitments", "deposits"})
        return "contributions" if has_money else None
    names_fund = row.fund_code is not None or row.fund_name is not None
    is_named = row.organization or row.agency_code or row.organization_group
    return "organizations" if is_named and has_figures and not names_fund else None


def _funds(page: Page) -> tuple[str, ...]:
    """Return some fund codes of an answer."""
    codes = _distinct(row.fund_code for row in page.rows)
    return tuple(parse_fund_code(code) for code in codes if _is_code(code))


def _is_code(text: str) -> bool:
    return len(text) == 5 and text.isascii() and text.isalnum()  # noqa: PLR2004 because a code is so long


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        if value:
            found[value] = None
            if len(found) == _MOST_SUBJECTS:
                break
    return tuple(found)


def _short(text: str) -> str:
    return printable(text)[:_LONGEST_DETAIL]
