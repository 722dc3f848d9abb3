"""The search page and its index: scripts that the page loads, because it may fetch nothing."""

from collections.abc import Iterator
from typing import Any

from warehouse.answers import QueryResult
from webpage.cells import truncate, visible
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.scripts import html_json
from webpage.subjects import Subjects, listed
from webpage.texts import TextIndex

_FILE_BYTES = 800_000
_TEXT_CHARACTERS = 2_000
_LETTERS = {"fund": "f", "organization": "o", "country": "n", "contributor": "c"}
_COUNTED = {
    "programme": "programmes", "fund": "funds", "contributor": "contributors",
    "organization": "organizations", "country": "countries",
}  # fmt: skip


def write_search(folder: PageFolder, subjects: Subjects, texts: TextIndex) -> list[WrittenFile]:
    """Write the search page and its index, with an entry for each subject.

    `texts` is the index of passages and documents, which is written already.
    """
    entries = [
        *_named("fund", subjects.fund),
        *_named("contributor", subjects.contributor),
        *_programme_entries(subjects.programme),
        *_named("organization", subjects.organization),
        *_named("country", subjects.country),
    ]  # fmt: skip
    parts: list[bytearray] = [bytearray()]
    for entry in entries:
        line = f"{html_json(entry)},\n".encode()
        if parts[-1] and len(parts[-1]) + len(line) > _FILE_BYTES:
            parts.append(bytearray())
        parts[-1] += line
    index = [
        folder.write(f"data/search-{number}.js", b"mptfSearch.add([\n%b]);\n" % bytes(part))
        for number, part in enumerate(parts, start=1)
    ]
    counts = [(len(getattr(subjects, kind).rows), names) for kind, names in _COUNTED.items()]
    search = write_html(
        folder, "search.html", "search", files=[file.name for file in index], counts=counts,
        texts=texts,
    )  # fmt: skip
    return [search, *index]


def _named(kind: str, rows: QueryResult) -> Iterator[list[Any]]:
    """Yield kind, file and name of each subject that is found by its name or code."""
    for each in listed(kind, rows):
        yield [_LETTERS[kind], each.file, _text(each.name)]


def _programme_entries(programmes: QueryResult) -> list[list[Any]]:
    """Return kind, ID, title, fund code, country and organizations of each programme."""
    entries = []
    for record in programmes.records():
        names = [*(record["organizations"] or []), record["participating_organization"]]
        organizations = dict.fromkeys(_text(name) for name in names if name and name != "Multiple")
        entries.append(
            ["p", record["programme_id"], _text(record["title"]), record["fund_code"],
             _text(record["country"]), list(organizations)]
        )  # fmt: skip
    return entries


def _text(value: str | None) -> str:
    return visible(truncate(value or "", _TEXT_CHARACTERS))
