"""One world of some hundred programmes, made once for the tests of a module."""

import re
from datetime import datetime
from functools import cache

from replica.books.portfolio import Outline
from replica.http import Answer
from replica.pages.site import Gateway, open_site

SEED, PROGRAMMES = 1, 400
END = datetime.fromisoformat("2026-12-31")
NEW_SCHEME = datetime.fromisoformat("2022-07-01")
VIEWS = ("", "/figures/excel", "/figures/print", "/vouchers/excel", "/vouchers/print")
CLOCK = re.compile(rb'<span id="clock">[^<]*</span>')


@cache
def world() -> Gateway:
    return open_site(SEED, PROGRAMMES)


def outlines() -> list[Outline]:
    return world().records.portfolio.outlines


def sent_back(answer: Answer) -> dict[str, str]:
    """The headers of a request by a client that has this answer already."""
    given = dict(answer.headers)
    headers = {"if-none-match": given.get("ETag"), "if-modified-since": given.get("Last-Modified")}
    return {name: value for name, value in headers.items() if value is not None}
