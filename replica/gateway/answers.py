"""Small things that all of the site's answers share."""

import re
from functools import lru_cache
from hashlib import blake2b

from replica.http import Answer

_PAGE = re.compile(r"[0-9]{1,6}")
HTML = "text/html; charset=utf-8"
NOT_FOUND = Answer(
    404,
    (("Content-Type", HTML),),
    b"<html><head><title>Gateway</title></head><body><h1>Page not found</h1>"
    b"<p>The page that you asked for is not here.</p></body></html>\n",
)


def page_number(asked: str | None) -> int:
    """The page asked for; the first where the query says nothing that is a number."""
    return max(1, int(asked)) if asked and _PAGE.fullmatch(asked) else 1


def tag_of(version: str) -> str:
    """A short tag for a version."""
    return blake2b(version.encode(), digest_size=8).hexdigest()


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
