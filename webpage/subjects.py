"""The subjects of a release's pages: programmes, funds, contributors, organizations, countries."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from warehouse.answers import QueryResult, answer
from warehouse.connection import Connection
from webpage import links


class Subjects(NamedTuple):
    """One row for each subject, by kind; the first column is its key."""

    programme: QueryResult
    fund: QueryResult
    contributor: QueryResult
    organization: QueryResult
    country: QueryResult


class Subject(NamedTuple):
    """A subject's key, the name of its files without extension, and its own name."""

    key: str
    file: str
    name: str | None


_FILES: dict[str, tuple[Callable[[str], str], str]] = {
    "programme": (links.file_name, "title"),
    "fund": (links.file_name, "name"),
    "contributor": (links.contributor_file_name, "contributor"),
    "organization": (links.organization_file_name, "organization"),
    "country": (links.country_file_name, "country"),
}


def find_subjects(con: Connection) -> Subjects:
    """Return all subjects of a release."""
    return Subjects(
        answer(con, "search"),
        answer(con, "funds"),
        answer(con, "contributors"),
        answer(con, "organization"),
        answer(con, "country"),
    )


def listed(kind: str, rows: QueryResult) -> Iterator[Subject]:
    """Yield the subjects of a kind, in the order of their rows."""
    file_name, column = _FILES[kind]
    named = rows.columns.index(column)
    return (Subject(row[0], file_name(row[0]), row[named]) for row in rows.rows)
