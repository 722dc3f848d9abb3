"""Faulty answers that the server gives in the site's place, bombs included."""

import zlib
from datetime import datetime, timedelta
from functools import cache
from struct import pack

from replica.http import Answer, http_date
from replica.server.faults import Hit

_ELSEWHERE, _AROUND = "/elsewhere", "/around"
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_RETRY_SECONDS = 2
_BLANKS = b" " * (1 << 20)
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_GZIP, _RAW = 31, -15  # zlib's wbits for a gzip stream, and for deflate without a wrapper

_MAINTENANCE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Scheduled maintenance</title></head>
<body><h1>We will be back shortly</h1>
<p>The Gateway is being updated and its pages cannot be shown at the moment.</p>
<p>Thank you for your patience.</p></body></html>
"""
_LOGIN = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head>
<body><h1>Please sign in to continue</h1>
<form method="post" action="/user/login">
<p><label>User name <input name="name"></label></p>
<p><label>Password <input name="pass" type="password"></label></p>
<p><input type="submit" value="Sign in"></p></form></body></html>
"""


def page(status: int, title: str) -> Answer:
    """Return a short HTML page with this title."""
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><h1>{title}</h1></html>\n"
    return Answer(status, _HTML, text.encode())


def answer_of_fault(hit: Hit, target: str, host: str, now: datetime) -> Answer | None:
    """Return the faulty answer, or None if the fault is one of content or of delivery.

    `target` is the path and query as requested, `host` the Host header.
    """
    match hit.kind:
        case "403":
            return page(403, "Access denied")
        case "404":
            return page(404, "Page not found")
        case "429":
            return _try_later(page(429, "Too many requests"), hit.turn, now)
        case "500":
            return page(500, "The server met an error")
        case "503":
            return _try_later(page(503, "Service unavailable"), hit.turn, now)
        case "maintenance":
            return Answer(200, _HTML, _MAINTENANCE)
        case "login":
            return Answer(200, _HTML, _LOGIN)
        case "redirect_loop":
            return _redirect(f"{_AROUND}{target}")
        case "redirect_away":
            name, _, port = host.rpartition(":")
            other = "127.0.0.1" if name == "localhost" else "localhost"
            return _redirect(f"http://{other}:{port}{_ELSEWHERE}{target}")
        case "bomb":
            return Answer(200, (*_HTML, ("Content-Encoding", "gzip")), bomb())
        case "stacked_bomb":
            return Answer(200, (*_HTML, ("Content-Encoding", "gzip, gzip")), stacked_bomb())
    return None


def answer_of_redirected(target: str) -> Answer | None:
    """Return the answer at the target of a faulty redirect; None for the site's own URLs."""
    if target.startswith(f"{_AROUND}/"):
        return _redirect(target.removeprefix(_AROUND))
    if target.startswith(f"{_ELSEWHERE}/"):
        return page(200, "Elsewhere")
    return None


def _redirect(location: str) -> Answer:
    status, headers, body = page(302, "Moved")
    return Answer(status, (*headers, ("Location", location)), body)


def _try_later(answer: Answer, turn: int, now: datetime) -> Answer:
    """Add a Retry-After in rotating form: seconds, a date, garbage, none."""
    later = now + timedelta(seconds=_RETRY_SECONDS)
    values = [str(_RETRY_SECONDS), http_date(later), "in a while"]
    headers = [("Retry-After", value) for value in values[turn % 4 : turn % 4 + 1]]
    return answer._replace(headers=(*answer.headers, *headers))


@cache
def bomb() -> bytes:
    """Return one gzip stream of 1 MB that expands to 1 GiB of blanks."""
    return _blanks(1 << 10)


@cache
def stacked_bomb() -> bytes:
    """Return a gzip stream of some KB that holds another of 4 MB, which holds 4 GiB of blanks."""
    return zlib.compress(_blanks(1 << 12), 9, wbits=_GZIP)


def _blanks(mebibytes: int) -> bytes:
    """Return a valid gzip stream of so many MiB of blanks: one deflated MiB, repeated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, _RAW)
    # After a full flush nothing refers back, so the piece can be repeated.
    piece = deflate.compress(_BLANKS) + deflate.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, _RAW).flush()
    size = mebibytes * len(_BLANKS) % 2**32
    return _GZIP_HEADER + piece * mebibytes + end + pack("<II", _crc(mebibytes), size)


def _crc(mebibytes: int) -> int:
    """Return the CRC-32 of so many MiB of blanks.

    The effect of one MiB on a CRC is affine over GF(2), so 33 samples of it determine any number.
    """
    offset = zlib.crc32(_BLANKS)
    columns = [zlib.crc32(_BLANKS, 1 << bit) ^ offset for bit in range(32)]
    crc = 0
    for _ in range(mebibytes):
        before, crc = crc, offset
        for bit, column in enumerate(columns):
            if before >> bit & 1:
                crc ^= column
    return crc
