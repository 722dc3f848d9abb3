"""Readable files of what is read from each small page, and the digests beside PARSER_VERSION.

    .venv/bin/python -m tests.extractors.parse.expectations

writes `<page>.expected.json` beside each page of tests/pages, and parser_version.json. Judge the
diff: every change in it needs a reason and a new PARSER_VERSION in extractors/records.py.
"""

import hashlib
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from extractors.records import PARSER_VERSION, Page
from replica.pages.site import open_site
from tests.extractors.parse.stand_in_pages import pages_of
from transforms.observe import ReadBody, observe

PAGES = Path(__file__).parents[2] / "pages"
PARSER_VERSION_FILE = Path(__file__).with_name("parser_version.json")
SUFFIX = ".expected.json"
_QUERIES = PAGES / "api_queries.toml"
_TIMES = ("2011-03-07", "2016-04-20", "2024-11-05")


def small_pages() -> list[Path]:
    """Return the pages of tests/pages, sorted by name."""
    return sorted(
        path
        for path in PAGES.iterdir()
        if path.name.endswith(".api.json") or path.suffix not in {".json", ".md", ".toml"}
    )


def expectation_file(page: Path) -> Path:
    """Return the path of a page's expectation."""
    return page.with_name(page.name + SUFFIX)


def parse(body: bytes, context: str = "") -> ReadBody:
    """Return a body as the pipeline has it: parsed, or refused."""
    sha256 = hashlib.sha256(body).hexdigest()
    try:
        return ReadBody(sha256, parse_page(body, context))
    except PageRefusedError as refusal:
        return ReadBody(sha256, refusal)


def queries_of_small_pages() -> dict[str, str]:
    """Return the query that each small answer of the API answers, by its file's name."""
    return tomllib.loads(_QUERIES.read_text(encoding="utf-8"))


def parse_files(pages: Iterable[Path]) -> list[ReadBody]:
    """Return small pages parsed, answers of the API with the query that they answer."""
    queries = queries_of_small_pages()
    return [parse(page.read_bytes(), queries.get(page.name, "")) for page in pages]


def expectations_of(parsed: Sequence[ReadBody]) -> list[str]:
    """Return for each page all that is read from it, as JSON with a line for each record.

    Absent values are left out. Rows that the transforms quarantine stand at the end. How much was
    understood (`Page.coverage`) is a report on the parser, so it is not part of it.
    """
    quarantined: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in observe(parsed).quarantined:
        quarantined[row.parse_key].append({"rule": row.rule, "row_text": row.row_text})
    return [_expectation(one.page, quarantined[one.parse_key]) for one in parsed]


def _expectation(page: Page | PageRefusedError, quarantined: list[dict[str, str]]) -> str:
    if isinstance(page, PageRefusedError):
        return _as_json(_refused(page))
    return _as_json(_read(page) | ({"quarantined": quarantined} if quarantined else {}))


def _refused(refusal: PageRefusedError) -> dict[str, Any]:
    return {"refused": refusal.rule, "kind": refusal.kind, "message": refusal.message,
            "text": refusal.text}  # fmt: skip


def _read(page: Page) -> dict[str, Any]:
    values = ((name, getattr(page, name)) for name in page.__slots__ if name != "coverage")
    return {name: _plain(value) for name, value in values if value not in (None, [])}


def _plain(value: Any) -> Any:
    """Replace named tuples by dictionaries without absent values."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if hasattr(value, "_asdict"):
        return {key: part for key, part in value._asdict().items() if part is not None}
    return value


def _as_json(parts: dict[str, Any]) -> str:
    def lines() -> Iterator[str]:
        for name, value in parts.items():
            if isinstance(value, list):
                rows = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in value)
                yield f'  "{name}": [\n    {rows}\n  ]'
            else:
                indented = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
                yield f'  "{name}": {indented}'

    return "{\n" + ",\n".join(lines()) + "\n}\n"


def version_record() -> dict[str, Any]:
    """Return the parser's version with digests of everything that it makes of known pages.

    For the small pages: what is read (their expectation files) and what the transforms make of it.
    For the stand-in's: by kind and representation, the digest of the pages themselves, and that of
    what is made of them.
    """
    by_group: defaultdict[str, list[bytes]] = defaultdict(list)
    site = open_site(2, 6)
    for time in _TIMES:
        for page in pages_of(site, datetime.fromisoformat(time), site.records.portfolio.outlines):
            by_group[f"{page.kind} {page.representation}"].append(page.body)
    return {
        "parser_version": PARSER_VERSION,
        "small_pages": _digest(_results(parse_files(small_pages()))),
        "stand_in": [
            {
                "group": group,
                "pages": _digest(body.hex() for body in bodies),
                "results": _digest(_results([*map(parse, bodies)])),
            }
            for group, bodies in sorted(by_group.items())
        ],
    }


def _results(parsed: Sequence[ReadBody]) -> Iterator[str]:
    """Yield what is read from each page, then every row that the transforms make of them."""
    yield from expectations_of(parsed)
    for name, frame in sorted(observe(parsed).frames.items()):
        columns = sorted({*frame.columns} - {"parse_key", "parser_version"})
        yield from (name, *columns, *map(repr, frame.select(columns).rows()))


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def write() -> None:
    """Write every expectation file and the version record again."""
    for old in PAGES.glob(f"*{SUFFIX}"):
        old.unlink()
    pages = small_pages()
    for page, text in zip(pages, expectations_of(parse_files(pages)), strict=True):
        expectation_file(page).write_text(text, encoding="utf-8")
    PARSER_VERSION_FILE.write_text(_as_json(version_record()), encoding="utf-8")


if __name__ == "__main__":
    write()
