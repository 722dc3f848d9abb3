"""ETag and Last-Modified as sites send them: strong, weak, missing, malformed and wrong."""

from email.utils import parsedate_to_datetime
from typing import NamedTuple

from replica.books.layouts import Habit
from replica.books.moments import DAY, time_of
from replica.http import Request, http_date


class Validators(NamedTuple):
    """What an answer carries, and whether the request says that it has this already."""

    headers: tuple[tuple[str, str], ...]
    unchanged: bool


def validators(habit: Habit, version: str, changed: int, now: int, request: Request) -> Validators:
    """The validators of one version of a page, last changed at `changed`.

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
    """Whether the client's copy is this version; a tag counts before a date."""
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
