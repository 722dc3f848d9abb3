"""The script that draws the charts of a page."""

from importlib.resources import files

from tests.webpage.vega import bundle


def test_the_script_of_the_charts_is_what_the_locked_version_bundles() -> None:
    """`make docs` writes it."""
    assert files("webpage").joinpath("assets/vega.js").read_text() == bundle()
