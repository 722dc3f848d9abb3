"""From a template to a file: everything escaped, nothing undefined, and its hash noted."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from webpage import cells

# Scripts are files beside the page; nothing is evaluated, and nothing is fetched. `file:` is there
# because for some browsers 'self' is no page that was opened from a disk.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:;"
    " form-action 'self' file:; base-uri 'none'"
)


class About(NamedTuple):
    """What every page says of its release."""

    release: str
    published: date
    newest_capture: datetime | None
    chart_scripts: tuple[str, ...]


class Written(NamedTuple):
    """A file that was written: its name within the page's folder, and its bytes."""

    name: str
    sha256: str
    size: int


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("webpage"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "shown": cells.shown,
        "whole": lambda value: cells.shown(value, 10_000),
        "plain": lambda value: cells.visible(cells.cut(str(value), 200)),
        "amount": cells.amount,
        "day": cells.day,
        "link": cells.link,
        "data": data,
        "file_name": cells.file_name,
    }
    made.filters |= filters
    made.globals |= {"ABSENT": cells.ABSENT, "BASES": cells.BASES, "POLICY": POLICY}
    return made


def data(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`, which nothing in it can end."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 because no character of it means anything in HTML


def page(folder: Path, name: str, template: str, about: About, **told: Any) -> Written:
    """Write one page. `name` says how far below the first page it stands."""
    text = (
        _environment()
        .get_template(f"{template}.html")
        .render(about=about, root="../" * name.count("/"), **told)
    )
    return write(folder, name, text.encode())


def write(folder: Path, name: str, content: bytes) -> Written:
    """Write one file, and its folder where that is not there."""
    file = folder / name
    try:
        file.write_bytes(content)
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return Written(name, hashlib.sha256(content).hexdigest(), len(content))
