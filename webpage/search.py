"""The search page and its index: scripts that the page loads, because it may fetch nothing."""

from typing import Any

from warehouse.answers import QueryResult, answer
from warehouse.connection import Connection
from webpage.cells import contributor_file_name, truncate, visible
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.scripts import html_json
from webpage.texts import TextIndex

_FILE_BYTES = 800_000
_TEXT_CHARACTERS = 2_000


def write_search(
    con: Connection, folder: PageFolder, funds: QueryResult, texts: TextIndex
) -> list[WrittenFile]:
    """Write the search page and its index: an entry a programme, fund and contributor.

    `texts` is the index of passages and documents, which is written already.
    """
    fund_entries = [["f", record["fund_code"], _text(record["name"])] for record in funds.records()]
    programme_entries = _programme_entries(con)
    contributor_entries = [
        ["c", contributor_file_name(name), _text(name)]
        for name, *_ in answer(con, "contributors").rows
    ]
    parts: list[bytearray] = [bytearray()]
    for entry in fund_entries + contributor_entries + programme_entries:
        line = f"{html_json(entry)},\n".encode()
        if parts[-1] and len(parts[-1]) + len(line) > _FILE_BYTES:
            parts.append(bytearray())
        parts[-1] += line
    index = [
        folder.write(f"data/search-{number}.js", b"mptfSearch.add([\n%b]);\n" % bytes(part))
        for number, part in enumerate(parts, start=1)
    ]
    search = write_html(
        folder, "search.html", "search", files=[file.name for file in index],
        programmes=len(programme_entries), funds=len(fund_entries),
        contributors=len(contributor_entries), texts=texts,
    )  # fmt: skip
    return [search, *index]


def _programme_entries(con: Connection) -> list[list[Any]]:
    """Return kind, ID, title, fund code, country and organizations of each programme."""
    entries = []
    for record in answer(con, "search").records():
        names = [*(record["organizations"] or []), record["participating_organization"]]
        organizations = dict.fromkeys(_text(name) for name in names if name and name != "Multiple")
        entries.append(
            ["p", record["programme_id"], _text(record["title"]), record["fund_code"],
             _text(record["country"]), list(organizations)]
        )  # fmt: skip
    return entries


def _text(value: str | None) -> str:
    return visible(truncate(value or "", _TEXT_CHARACTERS))
