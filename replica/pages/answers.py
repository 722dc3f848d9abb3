"""Parts of all the site's answers: URLs of factsheets, page numbers and validators."""

import re
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import NamedTuple

from replica.books.layouts import NEW_SCHEME, Habit
from replica.books.moments import DAY, midnight, time_of
from replica.books.portfolio import FundOutline
from replica.http import Answer, Request, http_date

_PAGE = re.compile(r"[0-9]{1,6}")
HTML = "text/html; charset=utf-8"
NOT_FOUND = Answer(
    404,
    (("Content-Type", HTML),),
    b"<html><head><title>Gateway</title></head><body><h1>Page not found</h1>"
    b"<p>The page that you asked for is not here.</p></body></html>\n",
)


def page_number(asked: str | None) -> int:
    """Return the requested page; the first unless the query has a number."""
    return max(1, int(asked)) if asked and _PAGE.fullmatch(asked) else 1


def tag_of(version: str) -> str:
    """Return a short tag for a version."""
    return blake2b(version.encode(), digest_size=8).hexdigest()


def in_new_scheme(now: int) -> bool:
    """Return whether the site has its new URLs at a moment."""
    return now >= midnight(NEW_SCHEME)


def programme_address(programme_id: str, now: int) -> str:
    """Return a programme factsheet's path in the scheme of the time."""
    return f"{'' if in_new_scheme(now) else '/factsheet'}/project/{programme_id}"


def fund_address(fund: FundOutline, now: int) -> str:
    """Return a fund factsheet's path; its code is in lower case in the new scheme."""
    return f"/fund/{fund.code.lower()}" if in_new_scheme(now) else f"/factsheet/fund/{fund.code}"


class Validators(NamedTuple):
    """An answer's validators, and whether the client has this version already."""

    headers: tuple[tuple[str, str], ...]
    unchanged: bool


def validators(habit: Habit, version: str, changed: int, now: int, request: Request) -> Validators:
    """Return the validators of one version of a page, last changed at `changed`.

    A restless tag differs every day though nothing changed; a wrong date lies in the future, and
    the site never answers 304 by it.
    """
    tag = f'"{version}"'
    match habit:
        case "strong" | "both":
            headers = [("ETag", tag)]
        case "weak":
            tag = f"W/{tag}"
            headers = [("ETag", tag)]
        case "unquoted":
            tag = version
            headers = [("ETag", tag)]
        case "restless":
            tag = f'"{version}-{now // DAY:x}"'
            headers = [("ETag", tag)]
        case "wrong_date":
            return Validators(
                (("Last-Modified", http_date(time_of(now + 400 * DAY))),), unchanged=False
            )
        case "none":
            return Validators((), unchanged=False)
        case _:
            headers = []
    if habit in {"last_modified", "both"}:
        headers.append(("Last-Modified", http_date(time_of(changed))))
    by_tag = tag if habit != "last_modified" else None
    by_date = changed if habit in {"last_modified", "both"} else None
    return Validators(tuple(headers), _has(request, by_tag, by_date))


def _has(request: Request, tag: str | None, changed: int | None) -> bool:
    """Return whether the client's copy is this version; a tag counts before a date."""
    sent = request.headers.get("if-none-match")
    if sent is not None and tag is not None:
        known = {one.strip().removeprefix("W/") for one in sent.split(",")}
        return tag.removeprefix("W/") in known or "*" in known
    since = request.headers.get("if-modified-since")
    if sent is not None or since is None or changed is None:
        return False
    try:
        seconds = parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False
    return seconds >= changed
