"""The data dictionary as Markdown, from the same source as the comments in the file."""

from itertools import groupby

import duckdb

from warehouse.schema import dictionary, prepare

# In the order in which analysts need them.
_SCHEMAS = {
    "mart": "The views to query first.",
    "core": "What the pages said, vintage by vintage.",
    "raw": "The ledger of captures.",
    "observed": "What each distinct page said, independent of time.",
    "meta": "Runs, findings, checks and this dictionary.",
    "vintage": "The tables below core and mart, with keys only.",
}


def as_markdown() -> str:
    """Return every table, view and column of an empty warehouse as Markdown, by schema and name."""
    with duckdb.connect() as con:
        prepare(con)
        entries = dictionary(con)
    schemas = list(_SCHEMAS)
    relations = {name: list(rows) for name, rows in groupby(entries, lambda row: row.table_name)}
    names = sorted(relations, key=lambda name: (schemas.index(name.partition(".")[0]), name))
    lines = ["# Data dictionary", "", "Written by `make docs` from the schemas.", ""]
    for schema, of_schema in groupby(names, key=lambda name: name.partition(".")[0]):
        links = ", ".join(f"[{name}](#{name.replace('.', '')})" for name in of_schema)
        lines += [f"**{schema}**: {_SCHEMAS[schema]} {links}", ""]
    for name in names:
        about, *columns = relations[name]
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
