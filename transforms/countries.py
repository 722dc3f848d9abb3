"""ISO 3166-1 codes of countries, from their names as printed. Names are matched, never guessed.

pycountry has ISO's names, in English and translated, and the former names of ISO 3166-3. Other
spellings stand in countries.csv, each with its source, and so do regions and the like.
"""

import csv
import gettext
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import pycountry

NO_CODE = "(none)"  # beside what is no country
_LANGUAGES = ("fr", "es", "pt")
_NOT_WORDS = re.compile(r"[\W_]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'`\u2018\u2019\u00b4\u02bc\u2032"))
_REGION = re.compile(r"\b(?:region|regional|subregional)\b")


class Country(NamedTuple):
    """What a printed country is.

    Attributes:
        code: its ISO 3166-1 alpha-3 code, None if it is no country or not known.
        name: its name in ISO 3166-1, else the printed text.
        known: whether it is a country, or known to be none, as `Global`.
    """

    code: str | None
    name: str
    known: bool


@lru_cache(maxsize=1024)
def country_of(printed: str) -> Country:
    """Return the country that a text names.

    Case, accents and punctuation do not matter, nor does the order around a comma: `Tanzania,
    United Republic of`. A name that ISO gave up counts as its one successor, if there is one.
    """
    folded = _fold(printed)
    code = _codes().get(folded)
    country = pycountry.countries.get(alpha_3=code) if code else None
    if country is not None:
        return Country(code, country.name, known=True)
    known = code == "" or _REGION.search(folded) is not None
    return Country(None, " ".join(printed.split()), known)


@cache
def _codes() -> dict[str, str]:
    """Return codes by folded name; "" for what is no country. A name of two countries is left out.

    A translation that is another country's name in English is left out too.
    """
    codes = {_fold(printed): code for printed, code in _listed()}
    for names in (_iso_names(), _former_names(), _translated_names()):
        found: dict[str, set[str]] = {}
        for name, code in names:
            found.setdefault(_fold(name), set()).add(code)
        codes = {name: min(of) for name, of in found.items() if len(of) == 1} | codes
    return codes


def _listed() -> Iterator[tuple[str, str]]:
    with files("transforms").joinpath("countries.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            yield row["printed"], row["country_code"]


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for name in _names(country):
            yield from ((order, country.alpha_3) for order in _orders(name))


def _translated_names() -> Iterator[tuple[str, str]]:
    for language in _LANGUAGES:
        of_language = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language])
        for country in pycountry.countries:
            for name in _names(country):
                translated = of_language.gettext(name)
                yield from ((order, country.alpha_3) for order in _orders(translated))


def _former_names() -> Iterator[tuple[str, str]]:
    """Yield names of ISO 3166-3 with the code of the one country that came after.

    An alpha-4 code ends with that country's alpha-2 code; with `HH` or the like if it is not one.
    """
    for former in pycountry.historic_countries:
        successor = pycountry.countries.get(alpha_2=former.alpha_4[2:])
        if successor is not None:
            yield from ((order, successor.alpha_3) for order in _orders(former.name))


def _names(country: object) -> list[str]:
    attributes = ("name", "official_name", "common_name")
    return [getattr(country, name) for name in attributes if hasattr(country, name)]


def _orders(name: str) -> Iterator[str]:
    """Yield a name as it is and in its natural order: `Korea, Republic of`, `Republic of Korea`."""
    yield name
    first, comma, second = name.partition(",")
    if comma:
        yield f"{second} {first}"


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_APOSTROPHES))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("&", " and ")
    return _NOT_WORDS.sub(" ", plain).strip().removeprefix("the ")
