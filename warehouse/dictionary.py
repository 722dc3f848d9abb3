"""The data dictionary as Markdown, from the same source as the comments in the file."""

from itertools import groupby

import duckdb

from warehouse.schema import dictionary, prepare


def as_markdown() -> str:
    """Return every table, view and column of an empty warehouse as Markdown."""
    with duckdb.connect() as con:
        prepare(con)
        entries = dictionary(con)
    lines = ["# Data dictionary", "", "Written by `make docs` from the schemas.", ""]
    for name, group in groupby(entries, key=lambda entry: entry.table_name):
        about, *columns = group
        private = " Private: never in a release." if about.private else ""
        lines += [f"## {name}", "", about.description + private, ""]
        lines += ["| column | type | unit | meaning | source |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| {c.column_name} | {c.type} | {c.unit or ''} | {c.description} | {c.source or ''} |"
            for c in columns
        ]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(as_markdown(), end="")
