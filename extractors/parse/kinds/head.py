"""The head of an HTML page: its title, and what it says of its own URL.

Only standard elements are looked at: the title, h1, the canonical link, Open Graph's metadata, and
the settings that Drupal writes into every page.
"""

import json
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from extractors.ids import fund_code_of, programme_id_of
from extractors.parse.base.blocks import fold

# The paths of a fund's and a programme's page since 2022. Drupal's settings omit the first slash.
_OWN_PATH = re.compile(r"/?(?:fund/[a-z0-9]{5}|project/[0-9]{1,8})/?", re.IGNORECASE)
_OFFICE = re.compile(r"(?:(?:UN\s+)?MPTF|(?:UN\s+)?Multi-Partner Trust Fund) Office", re.IGNORECASE)
_SETTINGS = 'script[data-drupal-selector="drupal-settings-json"]'
FURNITURE = frozenset({"nav", "footer", "aside", "form"})
# Names that say nothing, since scripts fill in the rest.
_NO_NAMES = frozenset({"fund", "project", "programme", "home", "gateway"})
_ERROR = re.compile(r"(?:page )?not found\b|access denied\b|(?:site )?under maintenance\b", re.I)


class Head(NamedTuple):
    """What the head of a page says.

    Attributes:
        name: the page's title without the site's name; None if there is none but the site's.
        path: the path of the page's own URL, if it is a fund's or programme's.
        elsewhere: whether the canonical URL is neither a fund's nor a programme's.
        of_office: whether the title or metadata say that the site is the Office's.
        is_error: whether the title is that of an error page.
        subjects: the IDs and codes in the page's own URLs: more than one in two pages.
    """

    name: str | None = None
    path: str | None = None
    elsewhere: bool = False
    of_office: bool = False
    is_error: bool = False
    subjects: frozenset[str] = frozenset()


NO_HEAD = Head()


def parse_head(tree: LexborHTMLParser) -> Head:
    """Return what the head of a page says."""
    canonical = _attribute(tree, 'link[rel="canonical"]', "href")
    urls = (canonical, _meta(tree, "og:url"), _current_path(tree))
    title, of_office = split_title(_text(tree, "title"))
    og_title, og_of_office = split_title(_meta(tree, "og:title"))
    site_name = _OFFICE.fullmatch(_meta(tree, "og:site_name") or "") is not None
    names = (title if of_office else None, og_title, _text(tree, "h1"), title)
    return Head(
        name=next((name for name in names if name and is_name(name)), None),
        path=next((path for path in map(_own_path, urls) if path), None),
        subjects=_own_subjects(tree),
        elsewhere=canonical is not None and _own_path(canonical) is None,
        of_office=of_office or og_of_office or site_name,
        is_error=any(name and _ERROR.match(name) for name in names),
    )


def split_title(title: str | None) -> tuple[str | None, bool]:
    """Return a title without the Office's name at its end, and whether it ends in that."""
    name, separator, site = (title or "").rpartition(" | ")
    if title and _OFFICE.fullmatch(site.strip(" |")):
        return (name.strip() or None) if separator else None, True
    return title, False


def is_name(text: str) -> bool:
    """Return whether a title can be the name of a fund or programme."""
    return text.casefold() not in _NO_NAMES and _OFFICE.fullmatch(text) is None


def _own_path(url: str | None) -> str | None:
    if not url:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:  # `http://[`
        return None
    return f"/{path.strip('/')}" if _OWN_PATH.fullmatch(path) else None


def _own_subjects(tree: LexborHTMLParser) -> frozenset[str]:
    """Return what every canonical URL and every one of Open Graph names."""
    nodes = tree.css('link[rel="canonical"], meta[property="og:url"]')
    urls = (node.attributes.get("href") or node.attributes.get("content") for node in nodes)
    paths = filter(None, map(_own_path, urls))
    return frozenset(programme_id_of(path) or fund_code_of(path) or path for path in paths)


def _current_path(tree: LexborHTMLParser) -> str | None:
    """Return the path in Drupal's settings, a script of JSON: {"path": {"currentPath": ...}}."""
    node = tree.css_first(_SETTINGS)
    try:
        settings = json.loads(node.text()) if node else None
    except (ValueError, RecursionError):
        return None
    of_path = settings.get("path") if isinstance(settings, dict) else None
    path = of_path.get("currentPath") if isinstance(of_path, dict) else None
    return path if isinstance(path, str) else None


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    return _attribute(tree, f'meta[property="{name}"]', "content")


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str | None:
    node = tree.css_first(selector)
    return (fold(node.attributes.get(name) or "") or None) if node else None


def _text(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    return (fold(node.text()) or None) if node else None
