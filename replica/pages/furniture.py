"""The frame of every page: head, menu, clock and footer; and the encoding of a page."""

from datetime import datetime
from functools import cache
from html import escape

from replica.books.layouts import Charset
from replica.books.words import load
from replica.pages.grids import day

FOOTER = (
    '<div id="footer"><a href="/contact">Contact Us</a> | <a href="/glossary">Glossary</a> | '
    '<a href="/scam">Scam alert</a> | <a href="/policy">Information Disclosure Policy</a> | '
    '<a href="/feedback">Feedback</a></div>\n'
)
_META: dict[Charset, str] = {
    "utf8": '<meta charset="utf-8">',
    "utf8_declaring_latin1": (
        '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'
    ),
    "windows1252_undeclared": "",
}
_STYLE = "".join(
    f".gw-{part} .{side} {{ margin: {n}px 0 {n}px 2em; border-{side}: 1px solid #c{n}c; }}\n"
    for n, part in enumerate(
        ("head", "menu", "tools", "part", "figures", "grid", "card", "foot"), 1
    )
    for side in ("top", "left", "bottom", "right")
)


def clock(now: datetime) -> str:
    """Format the site's own clock: `25 May 2022 9:58 AM GMT`."""
    hour = now.hour % 12 or 12
    half = "AM" if now.hour < 12 else "PM"  # noqa: PLR2004 because noon is at twelve
    return f"{day(now.date())} {hour}:{now.minute:02d} {half} GMT"


def page(title: str, body: str, shown_clock: str, charset: Charset) -> bytes:
    """Return a whole page in bytes; in UTF-8, declared, if Windows-1252 cannot write it."""
    html = (
        f"<!DOCTYPE html>\n<html><head>{_META[charset]}<title>{title}</title>\n"
        f'<style type="text/css">\n{_STYLE}</style>\n'
        '<script>var gw = window.gw || {}; gw.page = "' + title + '";</script></head>\n'
        f'<body>\n<div id="head"><a href="/">Multi-Partner Trust Fund Office Gateway</a> '
        f'<span id="clock">{shown_clock}</span></div>\n{_menu()}{body}</body></html>\n'
    )
    if charset != "windows1252_undeclared":
        return html.encode()
    try:
        return html.encode("cp1252")
    except UnicodeEncodeError:
        return html.replace("<head>", f"<head>{_META['utf8']}", 1).encode()


@cache
def _menu() -> str:
    countries = "".join(
        f'<li><a href="/portfolio/country/{number}">{escape(country.name)}</a></li>\n'
        for number, country in enumerate(load().countries)
    )
    return (
        '<ul id="menu"><li><a href="/portfolio/fund">Trust Funds</a></li>\n'
        '<li><a href="/portfolio/agency">Participating Organizations</a></li>\n'
        '<li><a href="/portfolio/donor">Contributors</a></li>\n'
        f"<li>Countries<ul>{countries}</ul></li></ul>\n"
    )
