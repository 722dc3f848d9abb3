"""The words that the stand-in's pages are made of: names, and sentences with blanks to fill in.

Nothing here is decided: lists that chance picks from. Their order matters, since another order
gives other pages for the same seed. What is not Arabic can be written in Windows-1252.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

from replica.books.shown import FundType, Language

_HERE = Path(__file__).parent


class Organization(NamedTuple):
    """A participating organization: its one name over time, and the forms that a page prints.

    The `earlier` forms are printed before `renamed_on`, the `forms` from that day.
    """

    name: str
    forms: tuple[str, ...]
    earlier: tuple[str, ...]
    renamed_on: date | None


class Country(NamedTuple):
    """A country or region as the site prints it, and the language its programmes write in."""

    name: str
    language: Language


class LanguageWords(NamedTuple):
    """What programmes of one language say: patterns for `str.format`, but for topics and places."""

    titles: tuple[str, ...]  # {country}, {place}, {topic}
    topics: tuple[str, ...]
    places: tuple[str, ...]
    overview: tuple[str, ...]  # these four: {country}, {place}, {topic}, {number}
    outcomes: tuple[str, ...]
    achievements: tuple[str, ...]
    lessons: tuple[str, ...]
    documents: tuple[str, ...]  # {year} in each; {country}, {topic}
    descriptions: tuple[str, ...]  # {year}, {number}; longer ones are to be cut at 30 characters


class Words(NamedTuple):
    """All that chance picks from."""

    organizations: tuple[Organization, ...]
    donors: tuple[str, ...]
    themes: tuple[str, ...]
    code_words: tuple[str, ...]  # three letters for a fund's code to open with
    countries: tuple[Country, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    roles: tuple[str, ...]
    funds: Mapping[FundType, tuple[str, ...]]  # {country} or {theme} or both in each
    languages: Mapping[Language, LanguageWords]


@cache
def load() -> Words:
    """Read all words."""
    common = _read("common")
    people = common["people"]
    fund_types: tuple[FundType, ...] = get_args(FundType)
    languages: tuple[Language, ...] = get_args(Language)
    return Words(
        organizations=tuple(_organization(entry) for entry in common["organizations"]),
        donors=tuple(common["donors"]),
        themes=tuple(common["themes"]),
        code_words=tuple(common["code_words"]),
        countries=tuple(
            Country(name, language)
            for language in languages
            for name in common["countries"][language]
        ),
        given_names=tuple(people["given_names"]),
        family_names=tuple(people["family_names"]),
        roles=tuple(people["roles"]),
        funds={fund_type: tuple(common["funds"][fund_type]) for fund_type in fund_types},
        languages={language: _language(language) for language in languages},
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _organization(entry: dict[str, Any]) -> Organization:
    return Organization(
        name=entry["name"],
        forms=tuple(entry["forms"]),
        earlier=tuple(entry.get("earlier", ())),
        renamed_on=entry.get("renamed_on"),
    )


def _language(language: Language) -> LanguageWords:
    return LanguageWords(**{kind: tuple(texts) for kind, texts in _read(language).items()})
