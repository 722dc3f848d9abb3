"""What the search page looks through: scripts that give it their part of the list, and no fetch."""

from pathlib import Path
from typing import Any

from warehouse.answers import QueryResult, answer
from warehouse.connection import Connection
from webpage.cells import cut, visible
from webpage.render import About, Written, data, page, write

_ROOM = 800_000  # bytes of one file
_MOST = 2_000  # characters of one text


def write_search(con: Connection, folder: Path, about: About, funds: QueryResult) -> list[Written]:
    """Write the search page and its data: each programme and fund is one entry."""
    entries = [*_funds(funds), *_programmes(con)]
    parts: list[bytearray] = [bytearray()]
    for entry in entries:
        line = f"{data(entry)},\n".encode()
        if parts[-1] and len(parts[-1]) + len(line) > _ROOM:
            parts.append(bytearray())
        parts[-1] += line
    files = [
        write(folder, f"data/search-{number}.js", b"mptfSearch.add([\n%b]);\n" % bytes(part))
        for number, part in enumerate(parts, start=1)
    ]
    found = page(
        folder, "search.html", "search", about, files=[written.name for written in files],
        programmes=sum(entry[0] == "p" for entry in entries),
        funds=sum(entry[0] == "f" for entry in entries),
    )  # fmt: skip
    return [found, *files]


def _funds(funds: QueryResult) -> list[list[Any]]:
    return [["f", record["fund_code"], _text(record["name"])] for record in funds.records()]


def _programmes(con: Connection) -> list[list[Any]]:
    """Kind, ID, title, fund's code, country, organizations."""
    found = []
    for record in answer(con, "search").records():
        named = [*(record["organizations"] or []), record["participating_organization"]]
        organizations = dict.fromkeys(_text(name) for name in named if name and name != "Multiple")
        found.append(
            ["p", record["programme_id"], _text(record["title"]), record["fund_code"],
             _text(record["country"]), list(organizations)]
        )  # fmt: skip
    return found


def _text(value: str | None) -> str:
    return visible(cut(value or "", _MOST))
