"""Gzip: whether a client takes it, and a body in it."""

import zlib
from functools import lru_cache

_WBITS = 31  # zlib's for a gzip stream; its header says no time
_LEVEL = 1


def gzipped(body: bytes) -> bytes:
    """The body in gzip: the same bytes every time."""
    return zlib.compress(body, _LEVEL, wbits=_WBITS)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header allows gzip: by name before by `*`, and not with q=0."""
    qualities: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        qualities[coding] = quality
    by_star = qualities.get("*", 0.0)
    return qualities.get("gzip", qualities.get("x-gzip", by_star)) > 0
