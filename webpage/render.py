"""Templates rendered to files: values are escaped, and an undefined name is an error."""

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

# Scripts are files beside the page; `eval` and all requests are forbidden. `file:` is listed
# because in some browsers 'self' does not match a page opened from a disk.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:;"
    " form-action 'self' file:; base-uri 'none'"
)


class ReleaseInfo(NamedTuple):
    """The facts about a release that every page states."""

    name: str
    published: date
    newest_capture: datetime | None
    chart_scripts: tuple[str, ...]


class WrittenFile(NamedTuple):
    """A file of the page: its name within the page's folder, its hash, and its size in bytes."""

    name: str
    sha256: str
    size: int


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("webpage"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "safe_text": cells.safe_text,
        "full_text": lambda value: cells.safe_text(value, 10_000),
        "title_text": lambda value: cells.visible(cells.truncate(str(value), 200)),
        "amount": cells.amount,
        "day": cells.day,
        "term_date": cells.term_date,
        "link": cells.link,
        "html_json": html_json,
        "file_name": cells.file_name,
        "contributor_file_name": cells.contributor_file_name,
    }
    environment.filters |= filters
    environment.globals |= {"ABSENT": cells.ABSENT, "BASES": cells.BASES, "POLICY": POLICY}
    return environment


def html_json(value: Any) -> Markup:
    """Return JSON that cannot end the `<script>` element that contains it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 because no character of it means anything in HTML


def write_html(
    folder: Path, name: str, template: str, release: ReleaseInfo, **values: Any
) -> WrittenFile:
    """Render a template to the file `name`, with links relative to that file's folder."""
    root = "../" * name.count("/")
    html = _environment().get_template(f"{template}.html")
    return write_file(folder, name, html.render(release=release, root=root, **values).encode())


def write_file(folder: Path, name: str, content: bytes) -> WrittenFile:
    """Write one file, and create its folder if there is none."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return WrittenFile(name, hashlib.sha256(content).hexdigest(), len(content))
