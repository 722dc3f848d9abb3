"""The files that all pages share: style sheet, scripts, and charts."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import vl_convert

from webpage.render import WrittenFile, html_json, write_file

_STATIC_FILES = (
    "page.css", "view.js", "tables.js", "page.js", "charts.js", "search.js", "texts.js", "icon.svg",
)  # fmt: skip
SUMS = "SHA256SUMS"


def write_assets(folder: Path, previous_page: Path | None) -> list[WrittenFile]:
    """Write all assets; copy the slow ones from the previous page where it has them intact."""
    assets = files("webpage").joinpath("assets")
    vega, specifications = chart_scripts()
    return [
        *(
            write_file(folder, f"assets/{name}", assets.joinpath(name).read_bytes())
            for name in _STATIC_FILES
        ),
        _copy_or_make(folder, vega, _vega_bundle, previous_page),
        _copy_or_make(folder, specifications, _specifications, previous_page),
    ]


def chart_scripts() -> tuple[str, str]:
    """Return the file names of Vega and of our specifications, which change with their content."""
    source = files("webpage").joinpath("specifications.py").read_bytes()
    digest = hashlib.sha256(source + version("altair").encode()).hexdigest()[:12]
    return f"assets/vega-{version('vl-convert-python')}.js", f"assets/specifications-{digest}.js"


def _copy_or_make(
    folder: Path, name: str, make: Callable[[], bytes], previous_page: Path | None
) -> WrittenFile:
    return write_file(folder, name, (previous_page and _intact(previous_page, name)) or make())


def _intact(previous_page: Path, name: str) -> bytes | None:
    """Return a file of the previous page if its checksum still holds."""
    try:
        content = (previous_page / name).read_bytes()
        sums = (previous_page / SUMS).read_text().splitlines()
    except OSError:
        return None
    return content if f"{hashlib.sha256(content).hexdigest()}  {name}" in sums else None


@cache
def _vega_bundle() -> bytes:
    """Bundle Vega, Vega-Lite and Vega-Embed into one script, which takes three seconds."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()


@cache
def _specifications() -> bytes:
    from webpage.specifications import specifications  # noqa: PLC0415 because Altair takes a second

    return f"window.mptfCharts = {html_json(specifications())};\n".encode()
