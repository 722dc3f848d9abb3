"""Passages and documents on the pages of programmes and funds."""

from typing import Any, NamedTuple

from warehouse.answers import QueryResult
from webpage import cells
from webpage.tables import Column

_BYTES = 50_000
_CHARACTERS = 10_000  # of a passage
DOCUMENT_COLUMNS = (
    Column("document_date", "Date", cells.date_cell),
    Column("document_title", "Title", cells.text_cell),
    Column("url", "URL", cells.url_cell),
)


class Narrative(NamedTuple):
    """The passages of a page that fit, the number of those left out, and the SQL of all."""

    passages: list[dict[str, Any]]
    left_out: int
    sql: str


def narrative(result: QueryResult | None, sql: str) -> Narrative | None:
    """Return the narrative of a page, as it is shown; None without a passage."""
    if result is None:
        return None
    records = result.records()
    passages: list[dict[str, Any]] = []
    left = _BYTES
    for record in records:
        text = cells.safe_text(record["text"], _CHARACTERS)
        left -= len(text.encode())
        if left < 0:
            break
        passages.append({**record, "text": text})
    return Narrative(passages, len(records) - len(passages), sql)
