"""A web archive's name for a URL: the SURT key, without the parts that do not change the page.

`http://www.MPTF.undp.org:80/factsheet/fund/MDG00/` and `https://mptf.undp.org/factsheet/fund/mdg00`
are both `org,undp,mptf)/factsheet/fund/mdg00`.
"""

import re
from typing import Literal
from urllib.parse import quote, unquote

MatchType = Literal["exact", "prefix", "host", "domain"]

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/+", re.IGNORECASE)
_WWW = re.compile(r"^www\d*\.")
_DEFAULT_PORT = re.compile(r":(80|443)?$")
_UNESCAPED = "!$&'()*+,/:;=@~"


class BadAddressError(ValueError):
    """A text that is not the URL of a page; the message quotes it. Retrying does not help."""


def urlkey(url: str) -> str:
    """Return the key of a URL, with or without its scheme.

    Raises:
        BadAddressError: if there is no host.
    """
    host, path, query = _parts(url)
    path = path.rstrip("/") or "/"
    return f"{host}){path}{query}"


def key_range(url: str, match: MatchType) -> tuple[str, str]:
    """Return the range of keys that a URL matches, without its end.

    Raises:
        BadAddressError: if there is no host.
    """
    if match == "exact":
        key = urlkey(url)
        return key, f"{key}!"
    host, path, query = _parts(url)
    if match == "domain":
        return f"{host})/", f"{host}-"
    if match == "host" or path + query == "/":
        return f"{host})/", f"{host}*"
    start = f"{host}){path}{query}"
    return start, start[:-1] + chr(ord(start[-1]) + 1)


def _parts(url: str) -> tuple[str, str, str]:
    """Return the reversed host, the path, and the sorted query with its question mark."""
    address, _, _ = _SCHEME.sub("", url.strip()).partition("#")
    address, _, query = address.partition("?")
    host, _, path = address.partition("/")
    host = _DEFAULT_PORT.sub("", _WWW.sub("", host.lower().rpartition("@")[2])).strip(".")
    if not host or "*" in host or any(letter.isspace() for letter in host):
        raise BadAddressError(f"{url!r} has no host such as mptf.undp.org")
    name, colon, port = host.partition(":")
    host = ",".join(reversed(name.split("."))) + colon + port
    query = "&".join(sorted(_escaped(query).split("&")))
    return host, "/" + _escaped(path), f"?{query}" if query else ""


def _escaped(text: str) -> str:
    """Return the text in lower case, escaped as little as possible and always alike."""
    return quote(unquote(text), safe=_UNESCAPED).lower()
