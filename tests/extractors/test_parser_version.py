"""One version of the parser gives one set of records: else what is stored would not be read again.

After a change that reads the same bytes otherwise: raise PARSER_VERSION in extractors/records.py,
then write readings.json again with

    .venv/bin/python tests/extractors/test_parser_version.py
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from extractors.parse.pages import read_page
from extractors.records import PARSER_VERSION, Page, PageRefusedError
from replica.gateway.site import open_site
from tests.extractors.stand_in_pages import pages_of
from transforms.observe import ReadBody, observe

_HERE = Path(__file__).parent
_KEPT = _HERE / "readings.json"
_TIMES = ("2011-03-07", "2016-04-20", "2024-11-05")
_AGAIN = "then write it again: .venv/bin/python tests/extractors/test_parser_version.py"


def bodies() -> Iterator[tuple[str, bytes]]:
    """Every small page, and every page of a small world, by name."""
    for path in sorted((_HERE.parent / "pages").iterdir()):
        if path.suffix != ".md":
            yield path.name, path.read_bytes()
    site = open_site(2, 6)
    for time in _TIMES:
        now = datetime.fromisoformat(time)
        for page in pages_of(site, now, site.records.portfolio.outlines):
            yield f"{time} {page.address}", page.body


def reading(body: bytes) -> str:
    """A digest of all that is read from some bytes, and of all that is made of it.

    How much was understood (`reading`) is a report on the parser and no record.
    """
    sha256 = hashlib.sha256(body).hexdigest()
    page: Page | PageRefusedError
    try:
        page = read_page(body)
        said = [repr(getattr(page, name)) for name in page.__slots__ if name != "reading"]
    except PageRefusedError as refusal:
        page = refusal
        said = [refusal.kind, refusal.rule, refusal.message, refusal.text]
    seen = observe([ReadBody(sha256, page)])
    for name, frame in sorted(seen.frames.items()):
        columns = [column for column in sorted(frame.columns) if column != "parser_version"]
        said += [name, *columns, *map(repr, frame.select(columns).rows())]
    said += map(repr, seen.quarantined)
    return hashlib.sha256("\n".join(said).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def readings() -> dict[str, object]:
    """What is kept beside the version."""
    return {
        "parser_version": PARSER_VERSION,
        "readings": {name: reading(body) for name, body in bodies()},
    }


def test_one_parser_version_gives_one_set_of_records() -> None:
    kept, now = json.loads(_KEPT.read_text(encoding="utf-8")), readings()
    assert kept["parser_version"] == PARSER_VERSION, (
        f"readings.json is of another version: {_AGAIN}"
    )
    differing = _differing(kept["readings"], now["readings"])
    assert not differing, (
        f"{len(differing)} pages are read otherwise than by the same PARSER_VERSION before, such "
        f"as {differing[:3]}: raise it in extractors/records.py, {_AGAIN}"
    )


def test_a_page_is_read_alike_twice() -> None:
    for name, body in islice(bodies(), 0, None, 10):
        assert reading(body) == reading(body), name


def _differing(kept: object, now: object) -> list[str]:
    assert isinstance(kept, dict)
    assert isinstance(now, dict)
    return sorted(name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name))


if __name__ == "__main__":
    _KEPT.write_text(json.dumps(readings(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{_KEPT} holds the readings of parser version {PARSER_VERSION}")
