"""One name per organization over time: the UN acronym where there is one.

The names are data (organizations.csv): the canonical name, the full names in use, and the
predecessors whose figures now stand under it. Agency codes stand there only where the API prints
one name for several organizations.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

# Where a table names no organization.
ALL_ORGANIZATIONS = "(all)"
_PUNCTUATION = re.compile(r"[\W_]+")
# `UNHCR (United Nations High Commissioner for Refugees)`, or the other way round.
_IN_PARENTHESES = re.compile(r"(?P<first>[^()\[\]]+)[(\[](?P<second>[^()\[\]]+)[)\]]\W*")
_BETWEEN = re.compile(r"\s+[-–—]\s*|\s*[,:/]\s*")
_APOSTROPHES = str.maketrans(dict.fromkeys("'`\u2018\u2019\u00b4\u02bc\u2032"))
_STATISTIC = re.compile(
    r"(?:the )?(?:arithmetic )?(?:averages?|avg\.?|mean|median|min(?:imum)?\.?|max(?:imum)?\.?|"
    r"(?:standard )?deviation|variance|difference|moyenne|m[ée]diane|promedio|mediana)"
    r"(?: (?:per|of|by|for|par|por|de)\b.*)?\s*:?",
    re.IGNORECASE,
)
# Words that tell no organization from another.
_COMMON = frozenset(
    {"un", "united", "nations", "of", "the", "for", "and", "on", "in", "to", "office"}
)
_FEWEST_WORDS = 2
_LONGEST_NAME = 300  # characters: each dash of a longer text would cost a pass over all of it
_SHORTEST_CUT = 8  # characters: `UNHCR - UN High Commissioner for Refug` is cut at thirty


def names_statistic(printed: str | None) -> bool:
    """Return whether a text in place of a name is a statistic of all: `Average`."""
    return printed is not None and _STATISTIC.fullmatch(printed.strip()) is not None


@lru_cache(maxsize=1024)
def canonical_organization(printed: str, agency_code: str | None = None) -> tuple[str, bool]:
    """Return the one name for an organization as printed, and whether it is known.

    A short and a full name may stand together, the full one cut off: `UNDP - United Nations Devel`.
    An unknown one keeps its printed name, white space folded. The API's agency code tells
    organizations apart that are printed alike.
    """
    by_code = _listed().by_code.get(agency_code or "")
    known = by_code or _listed().by_name.get(_fold(printed)) or _of_both_names(printed)
    return (known, True) if known else (" ".join(printed.split()), False)


def _of_both_names(printed: str) -> str | None:
    """Return the organization that a text names twice, by its short and its full name."""
    for first, second in _pairs(printed):
        for name, other in ((first, second), (second, first)):
            known = _listed().by_name.get(name)
            if known and _names(known, other):
                return known
    return None


def _pairs(printed: str) -> Iterator[tuple[str, str]]:
    """Yield the two names that stand beside a dash, comma, colon or slash, or in brackets."""
    if len(printed) > _LONGEST_NAME:
        return
    if found := _IN_PARENTHESES.fullmatch(printed):
        yield _fold(found["first"]), _fold(found["second"])
    for dash in _BETWEEN.finditer(printed):
        yield _fold(printed[: dash.start()]), _fold(printed[dash.end() :])


def _names(organization: str, name: str) -> bool:
    """Return whether a folded name, or the beginning of one, is among an organization's.

    So is one of other words in another order, if each of its telling words is in one of them:
    `United Nations Office of the High Commissioner for Human Rights`.
    """
    by_name = _listed().by_name
    if name in by_name:
        return by_name[name] == organization
    if len(name) < _SHORTEST_CUT:
        return False
    words = set(name.split()) - _COMMON
    return any(
        listed.startswith(name) or (len(words) >= _FEWEST_WORDS and words <= set(listed.split()))
        for listed, known in by_name.items()
        if known == organization
    )


def _fold(name: str) -> str:
    plain = name.casefold().translate(_APOSTROPHES).replace("&", " and ").replace("u.n.", "un")
    return _PUNCTUATION.sub(" ", plain).strip().removeprefix("the ")


class _Listed(NamedTuple):
    """Organizations by their folded names, and by their agency codes."""

    by_name: dict[str, str]
    by_code: dict[str, str]


@cache
def _listed() -> _Listed:
    names: dict[str, str] = {}
    codes: dict[str, str] = {}
    with files("transforms").joinpath("organizations.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            name = row["organization"]
            listed = [name, *row["printed_names"].split(";"), *row["successor_of"].split(";")]
            for printed in filter(None, map(_fold, listed)):
                if names.setdefault(printed, name) != name:
                    raise ValueError(f"organizations.csv: {printed!r} names two organizations")
            codes |= dict.fromkeys(filter(None, row["agency_codes"].split(";")), name)
    return _Listed(names, codes)
