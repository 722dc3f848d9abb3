"""The index of passages and documents: scripts of bounded size, which the search loads by need."""

from collections.abc import Iterator
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.answers import answer, opened
from warehouse.connection import Connection, one
from webpage.cells import is_web_url, truncate, visible
from webpage.pages import PageFolder, WrittenFile
from webpage.scripts import html_json

_PAIRS_AT_ONCE = 40_000  # a text of a term takes about six bytes
_TEXTS_AT_ONCE = 2_000
_CHARACTERS = 4_000  # of a passage that is quoted
_URL_CHARACTERS = 2_000
_Entry = tuple[Any, bytes]  # a term or number, and its part of a script


class TextIndex(NamedTuple):
    """The scripts of the index, and for each the term or number with which it begins."""

    terms: list[str]
    texts: list[int]
    total: int
    files: list[WrittenFile]


def write_texts(
    file: Path, folder: PageFolder, terms_bytes: int = 300_000, texts_bytes: int = 100_000
) -> TextIndex:
    """Write the index of a release's passages and documents: their terms, and what is shown.

    Args:
        file: the release's DuckDB file.
        folder: the page's folder.
        terms_bytes: how large a script of terms may be.
        texts_bytes: how large a script of texts may be, if one text is not larger.
    """
    with opened(file) as con:
        entries = _term_entries(con, terms_bytes)
        terms, term_files = _write_parts(folder, "terms", entries, terms_bytes)
        texts, text_files = _write_parts(folder, "texts", _text_entries(con), texts_bytes)
        total = one(con, "SELECT count(*) FROM vintage.search_text")
    return TextIndex(terms, texts, total, [*term_files, *text_files])


def _write_parts(
    folder: PageFolder, kind: str, entries: Iterator[_Entry], limit: int
) -> tuple[list[Any], list[WrittenFile]]:
    """Write entries to scripts of `limit` bytes, and return what each begins with."""
    begins: list[Any] = []
    files: list[WrittenFile] = []
    part = bytearray()

    def end_part() -> None:
        call = b"mptfTexts.%b(%d, [\n%b]);\n" % (kind.encode(), len(files), bytes(part))
        files.append(folder.write(f"data/{kind}-{len(files)}.js", call))
        part.clear()

    for key, entry in entries:
        if part and len(part) + len(entry) > limit:
            end_part()
        if not part:
            begins.append(key)
        part += entry
    if part:
        end_part()
    return begins, files


def _term_entries(con: Connection, limit: int) -> Iterator[_Entry]:
    """Yield every term with its texts; a term of very many texts in several entries."""
    lengths = answer(con, "search_lengths").rows
    pairs = accumulate(length for _, length in lengths)
    batches = groupby(zip(lengths, pairs, strict=True), key=lambda each: each[1] // _PAIRS_AT_ONCE)
    for _, rows in batches:
        terms = [term for (term, _), _ in rows]
        for term, texts in answer(con, "search_terms", (terms[0], terms[-1])).rows:
            for start in range(0, len(texts), limit):
                yield term, _entry([term, texts[start : start + limit]])


def _text_entries(con: Connection) -> Iterator[_Entry]:
    """Yield what is shown of every passage and document."""
    first = 1
    while records := answer(con, "search_texts", _numbers(first)).records():
        for record in records:
            about = ["f" if record["of_fund"] else "p", record["about"]]
            text = visible(truncate(record["text"], _CHARACTERS))
            if record["kind"] == "passage":
                place = [record["section"], record["outcome_no"], record["seq"]]
                shown = [*about, text, *place]
            else:
                shown = [*about, text, _url(record["url"]), str(record["document_date"] or "")]
            yield record["text_no"], _entry(shown)
        first += _TEXTS_AT_ONCE


def _numbers(first: int) -> tuple[str, str]:
    return str(first), str(first + _TEXTS_AT_ONCE - 1)


def _url(value: str | None) -> str:
    return value if value and is_web_url(value) and len(value) <= _URL_CHARACTERS else ""


def _entry(values: list[Any]) -> bytes:
    return f"{html_json(values)},\n".encode()
