"""The filters of a call, sorted by what they do: years, funds, programmes, pages of rows.

A name tells what a filter does, and its value in the script whether it is as it should be.
"""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias
from urllib.parse import quote

from extractors.parse.api.columns import words_of
from extractors.probe.urls import Filter
from extractors.profiles.profile import Paging, PagingKind, Per, Years

Role: TypeAlias = Literal["year", "from", "to", "fund", "programme", "offset", "page", "size", ""]

ROWS = 100  # to ask for, if only the running script knows how many
_MOST_ROWS = 100_000
_PIECE = re.compile(r"\{\{|\}\}|\{(?P<hole>[^{}]*)\}|[^{}]+")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_FIRST = frozenset({"1", "01"})  # where pages or rows are counted from 1
_ID, _CODE = re.compile(r"[0-9]{1,8}"), re.compile(r"[A-Za-z0-9]{5}")
_YEARS = frozenset({"year", "fiscal", "financial", "budget", "reporting"})
_FROM = frozenset({"from", "start", "min", "minimum", "first", "begin", "since"})
_TO = frozenset({"to", "end", "max", "maximum", "last", "until"})
_CODES = frozenset({"code", "id", "number", "no", "mptf", "mptfo", "trust"})
_OFFSETS = frozenset(
    {"offset", "start", "first", "skip", "start row", "row from", "from row", "first row"}
)
_PAGES = frozenset(
    {"page", "pg", "page number", "page no", "page index", "current page", "page num"}
)
_SIZES = frozenset(
    {"limit", "row", "size", "max row", "per page", "row count", "page size", "top", "length",
     "take", "item per page", "row per page", "count"}
)  # fmt: skip


class CallFilters:
    """The filters of a call, sorted by what they do."""

    def __init__(self) -> None:
        self.templates: list[str] = []
        self.order: list[str] = []
        self.left_out: list[str] = []
        self.subjects: list[str] = []
        self.per: Per = "site"
        self.first_year: int | None = None
        self.last_year: int | None = None
        self.narrowing = 0
        self._years: set[Role] = set()
        self._moves: tuple[PagingKind, str, int] | None = None
        self._size: tuple[str, int] | None = None

    @property
    def years(self) -> Years:
        """Return how its years are asked for: an open span means one answer for all."""
        if not self._years:
            return "none"
        return "span" if len(self._years) == 1 and "year" not in self._years else "each"

    @property
    def paging(self) -> Paging | None:
        """Return how its rows are asked for in parts.

        A limit alone is left out: with it an answer would look whole, and not be.
        """
        if self._moves is None:
            return None
        kind, name, first = self._moves
        size_filter, size = self._size or ("", 1)
        return Paging(kind, name, size, size_filter, first)

    def add(self, one: Filter) -> None:
        """Add a filter."""
        if has_hole(one.name):
            self.left_out.append(f"filter {one.name}")
        elif one.is_ordering:
            if has_hole(one.value):
                self.left_out.append(f"ordering by {one.name}")
            else:
                self.order.append(f"--{segment(one.name)}:{segment(one.value)}")
        else:
            self._add_filter(segment(one.name), one.value, role_of(one.name))

    def _add_filter(self, name: str, value: str, role: Role) -> None:
        is_open = has_hole(value)
        match role:
            case "year" | "from" | "to" if is_open or _YEAR.fullmatch(value):
                self._add_year(name, None if is_open else int(value), role)
            case "fund" | "programme" if is_open or _is_subject(value, role):
                self._add_subject(name, "" if is_open else value, role)
            case "offset" | "page" if is_open or _NUMBER.fullmatch(value):
                self._moves = role, name, int(value in _FIRST)
            case "size" if is_open or _NUMBER.fullmatch(value):
                size = ROWS if is_open else int(value)
                self._size = name, min(max(1, size), _MOST_ROWS)
            case _ if is_open:
                self.left_out.append(f"filter {name}")
            case _:
                self.narrowing += 1
                self.templates.append(f"{name}:{segment(value)}")

    def _add_year(self, name: str, year: int | None, role: Role) -> None:
        placeholder = {"year": "year", "from": "from_year", "to": "to_year"}[role]
        self.templates.append(f"{name}:{{{placeholder}}}")
        self._years.add(role)
        if role == "from":
            self.first_year = year
        else:
            self.last_year = year

    def _add_subject(self, name: str, value: str, role: Literal["fund", "programme"]) -> None:
        self.narrowing += 1
        if self.per != "site":  # a query is of one kind of subject
            if value:
                self.templates.append(f"{name}:{segment(value)}")
            else:
                self.left_out.append(f"filter {name}")
            return
        self.per = role
        if role == "fund":
            placeholder = "fund_code_lower" if value.islower() else "fund_code"
            self.subjects += [value.upper()] if value else []
        else:
            is_short = bool(value) and len(value) < 8  # noqa: PLR2004 because an ID has eight digits
            placeholder = "programme_number" if is_short else "programme_id"
            self.subjects += [value.zfill(8)] if value else []
        self.templates.append(f"{name}:{{{placeholder}}}")


def role_of(name: str) -> Role:
    """Return what a filter does, as its name tells; empty if it does not."""
    words = words_of(name)
    joined, others = " ".join(words), frozenset(words)
    if "year" in others:
        side = others - _YEARS
        if not side:
            return "year"
        return "from" if side <= _FROM else "to" if side <= _TO else ""
    for role in ("fund", "programme"):
        if role in others and others <= _CODES | {role}:
            return role
    if joined in _OFFSETS:
        return "offset"
    if joined in _PAGES:
        return "page"
    return "size" if joined in _SIZES else ""


def _is_subject(value: str, role: Role) -> bool:
    return bool((_CODE if role == "fund" else _ID).fullmatch(value)) and bool(value.strip("0"))


def segment(text: str) -> str:
    """Return a text as part of a segment of a path."""
    return quote(plain(text), safe="~%+@!=-._")


def pieces_of(text: str) -> Sequence[tuple[bool, str]]:
    """Return the parts of a text of a call: whether each is a hole, and its text or name."""
    found = []
    for match in _PIECE.finditer(text):
        hole = match["hole"]
        is_brace = hole is None and match[0] in {"{{", "}}"}
        found.append((hole is not None, hole if hole is not None else match[0][is_brace:]))
    return found


def has_hole(text: str) -> bool:
    """Return whether a part of a text of a call is known only when its script runs."""
    return any(is_hole for is_hole, _ in pieces_of(text))


def plain(text: str) -> str:
    """Return a text of a call without what is known only when its script runs."""
    return "".join(part for is_hole, part in pieces_of(text) if not is_hole)
