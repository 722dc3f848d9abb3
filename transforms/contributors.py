"""One name per contributor over time: as printed, unless the table of aliases says otherwise.

The aliases are data (contributors.csv): a printed name, the name that it stands for, and the source
that says that the two are one. Names that only look alike stay two.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


def canonical_contributor(printed: str, aliases: Mapping[str, str] | None = None) -> str:
    """Return the one name of a contributor as printed, white space folded.

    Args:
        printed: the name as printed.
        aliases: names by their printed forms; the packaged ones if it is None.
    """
    name = " ".join(printed.split())
    return (_packaged() if aliases is None else aliases).get(name, name)


def aliases_of(text: str) -> Mapping[str, str]:
    """Return the aliases of a table as CSV: `printed,contributor,source`.

    Raises:
        ValueError: an alias has no source, or stands for two names, or for another alias.
    """
    aliases: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        printed, name = (" ".join(row[column].split()) for column in ("printed", "contributor"))
        if not (printed and name and row["source"].strip()):
            raise ValueError(f"contributors.csv: {printed!r} lacks a name or its source")
        if aliases.setdefault(printed, name) != name:
            raise ValueError(f"contributors.csv: {printed!r} stands for two names")
    if chained := aliases.keys() & aliases.values():
        raise ValueError(f"contributors.csv: {sorted(chained)} are aliases and names")
    return MappingProxyType(aliases)


@cache
def _packaged() -> Mapping[str, str]:
    path = files("transforms").joinpath("contributors.csv")
    return aliases_of(path.read_text(encoding="utf-8"))
