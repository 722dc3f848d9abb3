"""Templates rendered to files: values are escaped, and an undefined name is an error."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from webpage import cells, links
from webpage.assets import chart_scripts
from webpage.pages import PageFolder, WrittenFile
from webpage.scripts import html_json

# Scripts are files beside the page; `eval` and all requests are forbidden. `file:` is listed
# because in some browsers 'self' does not match a page opened from a disk.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file:;"
    " form-action 'self' file:; base-uri 'none'"
)


@cache
def _environment(root: str) -> Environment:
    """Return the templates of the pages in one folder, from which `root` leads to the first page.

    It is known to all templates, so that what they share is made once and not for each page.
    """
    environment = Environment(
        loader=PackageLoader("webpage"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "safe_text": cells.safe_text,
        "short_text": lambda value: cells.safe_text(value, 60),
        "full_text": lambda value: cells.safe_text(value, 10_000),
        "title_text": lambda value: cells.visible(cells.truncate(str(value), 200)),
        "amount": cells.amount,
        "day": cells.day,
        "term_date": cells.term_date,
        "link": cells.link,
        "html_json": html_json,
        "file_name": links.file_name,
        "contributor_file_name": links.contributor_file_name,
        "organization_file_name": links.organization_file_name,
        "country_file_name": links.country_file_name,
    }
    environment.filters |= filters
    environment.globals |= {"ABSENT": cells.ABSENT, "BASES": cells.BASES, "POLICY": POLICY}
    environment.globals |= {"CHART_SCRIPTS": chart_scripts(), "root": root}
    return environment


def write_html(folder: PageFolder, name: str, template: str, **values: Any) -> WrittenFile:
    """Render a template to the file `name`, with links relative to that file's folder."""
    html = _environment("../" * name.count("/")).get_template(f"{template}.html")
    return folder.write(name, html.render(values).encode())
