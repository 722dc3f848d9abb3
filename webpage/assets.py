"""What every page uses: the style sheet, the scripts, the charts, and what draws them."""

import hashlib
import shutil
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import vl_convert

from webpage.render import Written, data, write

_OURS = ("page.css", "page.js", "charts.js", "search.js")
SUMS = "SHA256SUMS"


def write_assets(folder: Path, earlier: Path | None) -> list[Written]:
    """Write them all. What draws charts is taken from an earlier page where that has it whole."""
    own = files("webpage").joinpath("assets")
    written = [write(folder, f"assets/{name}", own.joinpath(name).read_bytes()) for name in _OURS]
    charts = f"window.mptfCharts = {data(_specifications())};\n"
    written.append(write(folder, "assets/specifications.js", charts.encode()))
    written.append(_vega(folder, earlier))
    return written


@cache
def _specifications() -> dict[str, dict[str, object]]:
    from webpage.specifications import specifications  # noqa: PLC0415 because Altair takes a second

    return specifications()


def vega_name() -> str:
    """The name of the scripts that draw charts, by the version of the package that has them."""
    return f"assets/vega-{version('vl-convert-python')}.js"


def _vega(folder: Path, earlier: Path | None) -> Written:
    name = vega_name()
    if earlier is not None and (found := _sum_of(earlier, name)):
        content = (earlier / name).read_bytes()
        if hashlib.sha256(content).hexdigest() == found:
            shutil.copyfile(earlier / name, folder / name)
            return Written(name, found, len(content))
    return write(folder, name, _bundle())


@cache
def _bundle() -> bytes:
    """Vega, Vega-Lite and Vega-Embed in one script, which takes three seconds to make."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()


def _sum_of(earlier: Path, name: str) -> str | None:
    try:
        lines = (earlier / SUMS).read_text().splitlines()
    except OSError:
        return None
    sums = {file: digest for digest, _, file in (line.partition("  ") for line in lines)}
    return sums.get(name) if (earlier / name).is_file() else None
