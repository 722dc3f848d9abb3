"""Bundle Vega, Vega-Lite and Vega-Embed into the one script that a page loads (`make docs`)."""

import sys
from importlib.metadata import version

import vl_convert

_NOTICE = (
    "/* Vega, Vega-Lite and Vega-Embed (BSD-3-Clause, University of Washington Interactive Data"
    " Lab) and what they need, bundled by vl-convert-python {version}. */\n"
)


def bundle() -> str:
    """Return the script, which takes seconds to make."""
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return _NOTICE.format(version=version("vl-convert-python")) + script


if __name__ == "__main__":
    sys.stdout.write(bundle())
