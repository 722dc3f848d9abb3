"""The cookbook: questions of analysts, each a .sql file, with the answers of a release."""

from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.query import cell_text

_NUMBERS = {"BIGINT", "INTEGER", "HUGEINT", "DOUBLE", "DECIMAL"}
_HEAD = """\
# Cookbook

Common questions of analysts, each with its query and its answer. The answers come from the release
that `make demo` writes: invented figures, the same on every machine, from three visits (20
November 2015, 20 April and 15 June 2016). Each query is a file in `docs/cookbook`. To use one on
your own release, change the programme, the fund or the date in it.

```sh
mptf sql --release --file docs/cookbook/01_figure_to_quote.sql
duckdb -readonly releases/latest.duckdb < docs/cookbook/01_figure_to_quote.sql
```

Question 15 attaches a second release, which `mptf sql` refuses: use DuckDB for it, in the folder
above `releases/`.

`make docs` generates this page.
"""


class Recipe(NamedTuple):
    """One question: its title, an explanation, and its SQL of one or more statements."""

    title: str
    about: str
    sql: str


def recipe(file: Path) -> Recipe:
    """Read a recipe: the question and its explanation in comments at its top, then the query."""
    lines = file.read_text(encoding="utf-8").splitlines()
    head = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    query = [line for line in lines if not line.startswith("-- ")]
    return Recipe(head[0], "\n".join(head[1:]), "\n".join(query))


def as_markdown(release: Path, recipes: Path) -> str:
    """Return every recipe of a folder with a release's answers as one Markdown page.

    Relative paths in a query (of a release to attach) start at the current folder.
    """
    parts = [_HEAD]
    for number, file in enumerate(sorted(recipes.glob("*.sql")), 1):
        title, about, query = recipe(file)
        parts.append(f"## {number}. {title}\n")
        if about:
            parts.append(f"{about}\n")
        parts.append(f"```sql\n{query}\n```\n")
        with duckdb.connect(str(release), read_only=True) as con:
            con.execute(query)
            parts.append(_table(con))
    return "\n".join(parts)


def _table(con: duckdb.DuckDBPyConnection) -> str:
    """Return a result as a Markdown table; NULL is an empty cell, as in a CSV file."""
    columns = [(name, str(kind)) for name, kind, *_ in con.description or []]
    rows = con.fetchall()
    if not rows:
        return "(No row.)\n"
    numbers = [kind.partition("(")[0] in _NUMBERS for _, kind in columns]
    sides = [" ---: |" if number else " --- |" for number in numbers]
    lines = [f"| {' | '.join(name for name, _ in columns)} |", f"|{''.join(sides)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return "" if value is None else cell_text(value).replace("|", "\\|").replace("\n", " ")
