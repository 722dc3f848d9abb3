"""One name per organization over time: the UN acronym where there is one.

The names are data (organizations.csv): the canonical name, the full names in use, and the
predecessors whose figures now stand under it.
"""

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files

# Where a table names no organization.
ALL_ORGANIZATIONS = "(all)"
_PUNCTUATION = re.compile(r"[^\w]+")


@lru_cache(maxsize=1024)
def canonical_organization(printed: str) -> tuple[str, bool]:
    """Return the one name for an organization as printed, and whether it is known.

    An unknown one keeps its printed name, white space folded.
    """
    known = _names().get(_fold(printed))
    return (known, True) if known else (" ".join(printed.split()), False)


def _fold(name: str) -> str:
    return _PUNCTUATION.sub(" ", name.casefold().replace("'", "").replace("\u2019", "")).strip()


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    with files("transforms").joinpath("organizations.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            name = row["organization"]
            listed = [name, *row["printed_names"].split(";"), *row["successor_of"].split(";")]
            for printed in filter(None, map(_fold, listed)):
                if names.setdefault(printed, name) != name:
                    raise ValueError(f"organizations.csv: {printed!r} names two organizations")
    return names
