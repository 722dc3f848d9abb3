"""A capture played back: the bytes as they were, or a page whose links lead on into the archive."""

import re
from html import escape
from urllib.parse import urljoin

from replica.http import Answer, http_date
from replica.webarchive.captures import Capture, header

_BODY_TAG = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(rb"""(\b(?:href|src|action)=["'])(https?:/)?/(?!/)""", re.IGNORECASE)
# The archive gives these under their own names, or has undone what they say.
_NOT_PREFIXED = frozenset({"content-type", "location", "content-encoding", "transfer-encoding"})


def played(
    captures: tuple[Capture, ...], at: int, then: Answer, flags: str, base_url: str
) -> Answer:
    """One of an address's captures, whose answer was `then`; without flags rewritten for readers.

    An archived redirect keeps its status and leads on into the archive. For readers it becomes a
    page of status 200 that tells of it.
    """
    row = captures[at].row
    prefix = f"/web/{row.timestamp}{flags}/"
    target = prefix + urljoin(row.original, header(then, "location"))
    source = ("X-Archive-Src", f"crawl-{row.timestamp[:8]}/{row.timestamp}-00000.warc.gz")
    redirects = 300 <= then.status < 400  # noqa: PLR2004 because these are HTTP's redirects
    if redirects and not flags:
        return _page_of_redirect(then.status, target, source)
    crawled = http_date(captures[at].crawled)
    headers = [
        ("Content-Type", header(then, "content-type") or "application/octet-stream"),
        ("Memento-Datetime", crawled),
        ("Link", _links(captures, at, base_url)),
        ("X-Archive-Orig-Date", crawled),
        ("X-Archive-Orig-Content-Length", str(len(then.body))),
        source,
    ]
    headers += [
        (f"X-Archive-Orig-{name}", text)
        for name, text in then.headers
        if name.lower() not in _NOT_PREFIXED
    ]
    if redirects:
        headers.append(("Location", target))
    body = then.body
    if not flags and header(then, "content-type").lower().startswith("text/html"):
        body = _rewritten(body, row.original, prefix)
    return Answer(then.status, tuple(headers), body)


def _links(captures: tuple[Capture, ...], at: int, base_url: str) -> str:
    """The Link header: the original, where to ask on, and the captures around this one."""
    original = captures[at].row.original
    base = f"{base_url}/web"
    links = [
        f'<{original}>; rel="original"',
        f'<{base}/timemap/link/{original}>; rel="timemap"; type="application/link-format"',
        f'<{base}/{original}>; rel="timegate"',
    ]
    last = len(captures) - 1
    around = {"first": 0, "prev": at - 1, "": at, "next": at + 1, "last": last}
    for index in sorted({index for index in around.values() if 0 <= index <= last}):
        names = [name for name, other in around.items() if name and other == index]
        row = captures[index].row
        links.append(
            f'<{base}/{row.timestamp}/{row.original}>; rel="{" ".join([*names, "memento"])}";'
            f' datetime="{http_date(captures[index].crawled)}"'
        )
    return ", ".join(links)


def _page_of_redirect(status: int, target: str, source: tuple[str, str]) -> Answer:
    link = escape(target)
    body = (
        "<!DOCTYPE html>\n<html><head><title>Wayback Machine</title></head><body>\n"
        f'<p class="code shift red">Got an HTTP {status} response at crawl time</p>\n'
        f'<p class="code">Redirecting to...</p>\n<p><a href="{link}">{link}</a></p>\n'
        "</body></html>\n"
    )
    headers = (("Content-Type", "text/html; charset=utf-8"), source)
    return Answer(200, headers, body.encode())


def _rewritten(body: bytes, original: str, prefix: str) -> bytes:
    """A page with the archive's banner, its rooted and absolute links leading into the archive."""
    root = urljoin(original, "/").encode("ascii", "xmlcharrefreplace")
    start = prefix.encode()

    def link(found: re.Match[bytes]) -> bytes:
        return found[1] + start + (found[2] + b"/" if found[2] else root)

    body = _LINK.sub(link, body)
    banner = b"\n<!-- BEGIN WAYBACK TOOLBAR INSERT --><p>From the Wayback Machine: %s</p>\n" % (
        escape(original).encode("ascii", "xmlcharrefreplace")
    )
    tag = _BODY_TAG.search(body)
    at = tag.end() if tag else 0
    return body[:at] + banner + b"<!-- END WAYBACK TOOLBAR INSERT -->\n" + body[at:]
