"""What crawls hold beside pages: style sheets, pictures, scripts, notes of the crawler.

A browser's crawl has a hundred of them for each page. They are skipped by what they say they are.
"""

import re
from urllib.parse import urlsplit

from extractors.ids import api_query_of

_PAGE_SCHEMES = frozenset({"", "http", "https", "file"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARTS = re.compile(
    r"(?:image|font|audio|video)/.*|text/(?:css|(?:x-)?(?:java|ecma|live)script|vtt|cache-manifest)"
    r"|application/(?:(?:x-)?(?:java|ecma)script|(?:x-)?font-.*|vnd\.ms-fontobject|wasm|pdf|msword"
    r"|manifest\+json|x-shockwave-flash|vnd\.ms-powerpoint|warc-fields"
    r"|vnd\.openxmlformats-officedocument\.(?:wordprocessingml|presentationml)\..*)"
)
_JSON = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?(?:x-)?(?:json|ndjson|jsonlines).*")
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/unknown"})
_PART_NAMES = re.compile(
    r"\.(?:css|m?js|map|json|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|ttf|otf|eot|mp[34]|webm|swf"
    r"|pdf|docx?|pptx?)$",
    re.IGNORECASE,
)
_ROBOTS = "/robots.txt"


def what_it_is(url: str, content_type: str) -> str:
    """Return what a record is that is no page of a site; "" if it may be one.

    Args:
        url: URL of the record, which crawlers invent for their own records (`urn:pageinfo:...`).
        content_type: of the response, or of the record if it has none; may be empty.
    """
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() not in _PAGE_SCHEMES:
        return f"a crawler's own record ({scheme[1].lower()}:)"
    media_type = content_type.partition(";")[0].strip().lower()
    if _PARTS.fullmatch(media_type) or (_JSON.fullmatch(media_type) and not api_query_of(url)):
        return media_type
    path = _path(url)
    if path == _ROBOTS:
        return "robots.txt"
    if media_type in _UNTOLD and not api_query_of(url):
        name = _PART_NAMES.search(path)
        return f"a {name[0].lower()} file" if name else ""
    return ""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:  # an invalid host
        return ""
