"""What every page uses: the style sheet, the scripts, the charts, and what draws them."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import vl_convert

from webpage.render import Written, data, write

_OURS = ("page.css", "page.js", "charts.js", "search.js", "icon.svg")
SUMS = "SHA256SUMS"


def write_assets(folder: Path, earlier: Path | None) -> list[Written]:
    """Write them all. What takes long to make is taken from an earlier page that has it whole."""
    own = files("webpage").joinpath("assets")
    vega, charts = chart_scripts()
    return [
        *(write(folder, f"assets/{name}", own.joinpath(name).read_bytes()) for name in _OURS),
        _write(folder, vega, _bundle, earlier),
        _write(folder, charts, _specifications, earlier),
    ]


def chart_scripts() -> tuple[str, str]:
    """The scripts that draw charts and those that say how; their names say what they come of."""
    ours = files("webpage").joinpath("specifications.py").read_bytes()
    made_of = hashlib.sha256(ours + version("altair").encode()).hexdigest()[:12]
    return (
        f"assets/vega-{version('vl-convert-python')}.js",
        f"assets/specifications-{made_of}.js",
    )


def _write(folder: Path, name: str, make: Callable[[], bytes], earlier: Path | None) -> Written:
    return write(folder, name, (earlier and _whole(earlier, name)) or make())


def _whole(earlier: Path, name: str) -> bytes | None:
    """A file of an earlier page, if it is there and as it was written."""
    try:
        content = (earlier / name).read_bytes()
        sums = (earlier / SUMS).read_text().splitlines()
    except OSError:
        return None
    return content if f"{hashlib.sha256(content).hexdigest()}  {name}" in sums else None


@cache
def _bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed in one script, which takes three seconds to make."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()


@cache
def _specifications() -> bytes:
    from webpage.specifications import specifications  # noqa: PLC0415 because Altair takes a second

    return f"window.mptfCharts = {data(specifications())};\n".encode()
