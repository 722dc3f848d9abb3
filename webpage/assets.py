"""The files that all pages share: style sheet, scripts, and charts."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from webpage.pages import PageFolder, WrittenFile
from webpage.scripts import html_json

_STATIC_FILES = (
    "page.css", "widgets.css", "icon.svg", "view.js", "tables.js", "rows.js", "downloads.js",
    "page.js", "cite.js", "tips.js", "filters.js", "pictures.js", "charts.js", "search.js",
    "texts.js", "known.js", "figures.js", "sums.js", "vega.js",
)  # fmt: skip


def write_assets(folder: PageFolder) -> list[WrittenFile]:
    """Write all assets; take the slow ones from the earlier page where it has them intact."""
    assets = files("webpage").joinpath("assets")
    specifications = chart_scripts()[1]
    return [
        *(
            folder.write(f"assets/{name}", assets.joinpath(name).read_bytes())
            for name in _STATIC_FILES
        ),
        _link_or_make(folder, specifications, _specifications),
    ]


def chart_scripts() -> tuple[str, str]:
    """Return the names of Vega and of our specifications; the latter changes with its content."""
    source = files("webpage").joinpath("specifications.py").read_bytes()
    digest = hashlib.sha256(source + version("altair").encode()).hexdigest()[:12]
    return "assets/vega.js", f"assets/specifications-{digest}.js"


def _link_or_make(folder: PageFolder, name: str, make: Callable[[], bytes]) -> WrittenFile:
    return folder.write(name, folder.intact(name) or make())


@cache
def _specifications() -> bytes:
    from webpage.specifications import specifications  # noqa: PLC0415 because Altair takes a second

    return f"window.mptfCharts = {html_json(specifications())};\n".encode()
