"""Small things that all of the site's answers share."""

import re
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
