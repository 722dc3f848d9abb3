"""Damage to the bytes and the markup of any page."""

import random
import re
from collections.abc import Callable

_TAG = re.compile(rb"<[^<>]{0,200}>")
_NAMES = (
    b"table", b"tr", b"td", b"th", b"tbody", b"thead", b"dl", b"dt", b"dd", b"p", b"li", b"ul",
    b"h1", b"h2", b"div", b"span", b"a", b"br", b"script", b"style", b"select", b"option", b"form",
    b"textarea", b"title", b"template", b"svg", b"math", b"frameset", b"noscript", b"caption",
    b"colgroup", b"iframe", b"plaintext", b"xmp", b"base", b"head", b"body", b"html",
)  # fmt: skip
HUGE = (b"0", b"-1", b"1", b"65535", b"1000000", b"99999999999999999999", b"1e9", b"\xd9\xa3", b"")
WORDS = (
    b"Project ID:", b"Project Factsheet", b"Key Figures", b"Latest Vouchers", b"Total", b"Year",
    b"Participating Organization", b"Expenditure", b"Trust Fund Factsheet", b"Portfolio of Funds",
    b"Funds with Administrative Agent", b"Recent Documents", b"All amounts in EUR", b"Sub-total",
    b"Start Date *:", b"Outcome 1:", b"Page 1 of 99999999999999999999", b"Showing 1 to 2 of 3",
    b"No data found", b"Email: a@b.cd", b"2013", b"(1,2", b"9" * 400, b"1,000", b"87.5%", b"|",
    b"\n", b"\r", b"\t", b"\x00", b"&nbsp;", b"&#0;", b"&#xD800;", b"&#99999999999;", b"&amp",
    b"&NotEqualTilde;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml", b"%", b"=1+1", b'"', b",",
    b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"urn:schemas-microsoft-com:office",
)  # fmt: skip

# Each function takes a page, another page and the dice, and returns the damaged page.


def _flip(page: bytes, _: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(page)
    for _turn in range(dice.choice((1, 3, 30)) if page else 0):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    return bytes(damaged)


def _cut(page: bytes, _: bytes, dice: random.Random) -> bytes:
    first, last = _span(page, dice)
    return page[:first] + page[last:] if dice.random() < 0.6 else page[:first]


def _splice(page: bytes, other: bytes, dice: random.Random) -> bytes:
    return page[: dice.randrange(len(page) + 1)] + other[dice.randrange(len(other) + 1) :]


def _insert(page: bytes, _: bytes, dice: random.Random) -> bytes:
    for _turn in range(dice.choice((1, 1, 4))):
        at = dice.randrange(len(page) + 1)
        page = page[:at] + dice.choice(WORDS) + page[at:]
    return page


def _unicode(page: bytes, _: bytes, dice: random.Random) -> bytes:
    points = [dice.choice((dice.randrange(0x250), dice.randrange(0x110000))) for _ in range(20)]
    at = dice.randrange(len(page) + 1)
    text = "".join(map(chr, points)).encode("utf-8", "surrogatepass")
    return page[:at] + text + page[at:]


def _repeat(page: bytes, _: bytes, dice: random.Random) -> bytes:
    first, last = _span(page, dice)
    part = page[first : min(last, first + 3_000)]
    return page[:first] + part * dice.choice((2, 5, 50)) + page[last:]


def _long_cell(page: bytes, _: bytes, dice: random.Random) -> bytes:
    tags = [found.end() for found in _TAG.finditer(page)] or [len(page)]
    at = dice.choice(tags)
    long = dice.choice(
        (b"9", b"a ", b"(", b"1,", b"* ", b"Outcome ", b": ", b"&nbsp;", b"\\|", b".")
    )
    return page[:at] + long * dice.choice((100, 5_000, 50_000)) + page[at:]


def _drop_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.01, 0.1, 0.5))
    return _TAG.sub(lambda found: b"" if dice.random() < share else found[0], page)


def _double_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.01, 0.1))
    return _TAG.sub(lambda found: found[0] * 2 if dice.random() < share else found[0], page)


def _shuffle_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    tags = _TAG.findall(page)
    share = dice.choice((0.02, 0.3))
    return _TAG.sub(lambda found: dice.choice(tags) if dice.random() < share else found[0], page)


def _other_names(page: bytes, _: bytes, dice: random.Random) -> bytes:
    def renamed(found: re.Match[bytes]) -> bytes:
        if dice.random() > 0.04:
            return found[0]
        return re.sub(rb"[A-Za-z][A-Za-z0-9]*", dice.choice(_NAMES), found[0], count=1)

    return _TAG.sub(renamed, page)


def _spans(page: bytes, _: bytes, dice: random.Random) -> bytes:
    def spanned(found: re.Match[bytes]) -> bytes:
        if dice.random() > 0.1:
            return found[0]
        name, number = dice.choice((b"colspan", b"rowspan")), dice.choice(HUGE)
        return found[0] + b' %s="%s"' % (name, number)

    return re.sub(rb"<t[dhDH]\b", spanned, page)


def _nest(page: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.choice([found.start() for found in _TAG.finditer(page)] or [0])
    names = dice.choices(_NAMES, k=dice.choice((1, 3)))
    opened = b"".join(b"<%s>" % name for name in names)
    return page[:at] + opened * dice.choice((5, 200, 4_000)) + page[at:]


def _swap_lines(page: bytes, _: bytes, dice: random.Random) -> bytes:
    lines = page.split(b"\n")
    for _turn in range(dice.choice((1, 5))):
        first, second = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _other_charset(page: bytes, _: bytes, dice: random.Random) -> bytes:
    text = page.decode("utf-8", "replace")
    return text.encode(
        dice.choice(("utf-16", "utf-16-be", "cp1252", "latin-1", "utf-7")), "replace"
    )


DAMAGE: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip, _cut, _splice, _insert, _unicode, _repeat, _long_cell, _drop_tags, _double_tags,
    _shuffle_tags, _other_names, _spans, _nest, _swap_lines, _other_charset,
)  # fmt: skip


def _span(page: bytes, dice: random.Random) -> tuple[int, int]:
    first = dice.randrange(len(page) + 1)
    return first, min(len(page), first + dice.choice((1, 20, 300, 5_000)))
