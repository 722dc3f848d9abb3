"""Word lists for the stand-in's pages: names, and sentence patterns for `str.format`.

The order of a list matters: the same seed picks other entries from a reordered list. All entries
but the Arabic ones can be written in Windows-1252.
"""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

from replica.books.shown import FundType, Language


class Organization(NamedTuple):
    """A participating organization: its key, and the forms of its name that a page prints.

    The `earlier` forms are printed before `renamed_on`, the `forms` from that day.
    """

    name: str
    forms: tuple[str, ...]
    earlier: tuple[str, ...]
    renamed_on: date | None


class Country(NamedTuple):
    """A country or region as the site prints it, and the language that its programmes write in."""

    name: str
    language: Language


class LanguageWords(NamedTuple):
    """Texts in one language: patterns, except for topics and places."""

    titles: tuple[str, ...]  # {country}, {place}, {topic}
    topics: tuple[str, ...]
    places: tuple[str, ...]
    overview: tuple[str, ...]  # these four: {country}, {place}, {topic}, {number}
    outcomes: tuple[str, ...]
    achievements: tuple[str, ...]
    lessons: tuple[str, ...]
    documents: tuple[str, ...]  # {year} in each; {country}, {topic}
    descriptions: tuple[str, ...]  # {year}, {number}; the page cuts them at 30 characters


class Words(NamedTuple):
    """All word lists."""

    organizations: tuple[Organization, ...]
    donors: tuple[str, ...]
    themes: tuple[str, ...]
    code_words: tuple[str, ...]  # the three letters that a fund's code begins with
    countries: tuple[Country, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    roles: tuple[str, ...]
    funds: dict[FundType, tuple[str, ...]]  # {country}, {theme} or both in each
    languages: dict[Language, LanguageWords]


@cache
def load() -> Words:
    """Load all word lists; a language uses the English texts for the lists that it lacks."""
    common, english = _read("common"), _read("en")
    texts = {"en": english, "fr": _read("fr"), **_read("others")}
    people = common["people"]
    languages: tuple[Language, ...] = get_args(Language)
    return Words(
        organizations=tuple(
            Organization(
                entry["name"],
                tuple(entry["forms"]),
                tuple(entry.get("earlier", ())),
                entry.get("renamed_on"),
            )
            for entry in common["organizations"]
        ),
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
        funds={fund_type: tuple(names) for fund_type, names in common["funds"].items()},
        languages={
            language: LanguageWords(
                **{kind: tuple(entries) for kind, entries in (english | texts[language]).items()}
            )
            for language in languages
        },
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
