"""What a page of today's site holds for a browser: scripts, settings, and links to more pages.

Since 2022 a page is a shell that scripts fill. Scripts of other hosts are listed apart, because
nothing is ever requested from those.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST_PAGE = 16 * 2**20  # bytes
_LONGEST_URL = 2_000  # characters
_MOST_SCRIPTS = 500
_MOST_LINKS = 10_000
_SETTINGS = "drupal-settings-json"  # Drupal marks the element with it
_SCRIPT_TYPES = frozenset(
    {"", "module", "text/javascript", "application/javascript", "text/ecmascript",
     "application/ecmascript", "application/x-javascript"}
)  # fmt: skip
_FUND = re.compile(r"(?:/[a-z]{2})?/fund/[A-Za-z0-9]{2,20}/?")
_PROJECT = re.compile(r"(?:/[a-z]{2})?/project/[0-9]{1,12}/?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PageScripts:
    """What a page loads and links to; URLs are absolute and each stands once, in order.

    `scripts` are of the page's own host and `foreign_scripts` of others. `inline` are the texts of
    scripts within the page, `settings` the JSON that they know as `drupalSettings`.
    """

    scripts: tuple[str, ...]
    foreign_scripts: tuple[str, ...]
    inline: tuple[str, ...]
    settings: tuple[str, ...]
    funds: tuple[str, ...]
    projects: tuple[str, ...]
    truncated: bool = False


def page_scripts(body: bytes, url: str) -> PageScripts:
    """Return the scripts, settings and links of a page.

    Args:
        body: the page, in UTF-8; damaged bytes do no harm.
        url: where the page is from; decides which scripts and links are of the same host.
    """
    page = LexborHTMLParser(body[:LONGEST_PAGE].decode(errors="replace").replace("\0", " "))
    base = _base_url(page, url)
    elements = page.css("script")
    own, foreign = _by_host(_absolute((_value(node, "src") for node in elements), base), url)
    links = _absolute((_value(node, "href") for node in page.css("a[href]")), base)
    own_links = [urldefrag(link.partition("?")[0]).url for link in _by_host(links, url)[0]]
    funds = _distinct(link for link in own_links if _FUND.fullmatch(_path(link)))
    projects = _distinct(link for link in own_links if _PROJECT.fullmatch(_path(link)))
    inline = [node.text() for node in elements if _is_inline(node)]
    return PageScripts(
        scripts=own[:_MOST_SCRIPTS],
        foreign_scripts=foreign[:_MOST_SCRIPTS],
        inline=tuple(inline[:_MOST_SCRIPTS]),
        settings=tuple(node.text() for node in elements if _is_settings(node)),
        funds=funds[:_MOST_LINKS],
        projects=projects[:_MOST_LINKS],
        truncated=len(body) > LONGEST_PAGE
        or max(len(own), len(foreign), len(inline)) > _MOST_SCRIPTS
        or max(len(funds), len(projects)) > _MOST_LINKS,
    )


def _value(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").strip()


def _is_inline(node: LexborNode) -> bool:
    kind = _value(node, "type").lower().partition(";")[0].strip()
    return not _value(node, "src") and kind in _SCRIPT_TYPES and bool(node.text().strip())


def _is_settings(node: LexborNode) -> bool:
    return _value(node, "data-drupal-selector") == _SETTINGS and not _value(node, "src")


def _base_url(page: LexborHTMLParser, url: str) -> str:
    """Return the URL that relative ones are relative to."""
    base = page.css_first("base[href]")
    given = next(_absolute([_value(base, "href")], url), None) if base else None
    return given or url


def _absolute(urls: Iterable[str], base: str) -> Iterator[str]:
    """Yield the URLs that HTTP can request, as absolute ones."""
    for url in urls:
        if not url or len(url) > _LONGEST_URL:
            continue
        try:
            absolute = urljoin(base, url)
            parts = urlsplit(absolute)
            is_web = parts.scheme in _PORTS and bool(parts.hostname)
        except ValueError:  # such as http://[/
            continue
        if is_web and len(absolute) <= _LONGEST_URL:
            yield absolute


def _by_host(urls: Iterable[str], page_url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the URLs of the page's host, and the others."""
    host = _host(page_url)
    distinct = _distinct(urls)
    own = {url: host is not None and _host(url) == host for url in distinct}
    return tuple(url for url in distinct if own[url]), tuple(
        url for url in distinct if not own[url]
    )


def _host(url: str) -> tuple[str, int | None] | None:
    """Return a URL's host and port; the default ports are the same one."""
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return parts.hostname, None if port == _PORTS.get(parts.scheme) else port


def _path(url: str) -> str:
    return urlsplit(url).path


def _distinct(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls))
