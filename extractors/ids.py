"""Programme IDs, fund codes, the URLs that contain them, and the identifiers of captures."""

import hashlib
import re
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from extractors.errors import UsageError

Subject = Literal["programme", "fund", "list"]
_PROGRAMME_ID = re.compile(r"[0-9]{1,8}")
_FUND_CODE = re.compile(r"[A-Za-z0-9]{5}")
_PROGRAMME_PATH = r"/project/(?P<id>[0-9]{1,8})(?!\w)"
_FUND_PATH = r"/fund/(?P<id>[a-z0-9]{5})(?!\w)"
_PROGRAMME_URL = re.compile(_PROGRAMME_PATH, re.IGNORECASE)
_FUND_URL = re.compile(_FUND_PATH, re.IGNORECASE)
# An API's base ends with a segment such as `mptf_rest_api`, `api` or `jsonapi`.
_API_URL = re.compile(r"^https?://[^/?#]+(?:/[\w.-]+){0,3}?/\w*api/(?P<query>[^#]+)", re.IGNORECASE)
# The parameters of a fund's page that ask for its Funding Status as of an earlier month.
_OF_STATEMENT = "fund_status"
_MONTH, _YEAR = "fund_status_month_to", "fund_status_year_to"
# The month of a statement whose URL asks for one in a way that is not understood.
UNKNOWN_MONTH = "(unknown)"
# In the URL of a saved file, which is `file:` and its name. Eight digits may be a date: IDs begin
# with two zeros.
_FILE_URL = "file:"
# A mirror of the site has its paths below a folder that is named for its host, such as
# `mptf.undp.org/project/67193`. Other folders may be called `project/2016` and `fund/money`.
_MIRROR = r"(?:[:/]factsheet|[\w-]+\.[\w-]+\.[a-z]{2,})"
_PROGRAMME_MIRROR = re.compile(_MIRROR + _PROGRAMME_PATH, re.IGNORECASE)
_FUND_MIRROR = re.compile(_MIRROR + _FUND_PATH, re.IGNORECASE)
_PROGRAMME_FILE = re.compile(r"(?<![0-9])00[0-9]{6}(?![0-9])")
_FUND_FILE = re.compile(r"(?<![A-Za-z0-9])(?i:fund)[ _.-]?([A-Z0-9]{3}[0-9]{2})(?![A-Za-z0-9])")
_LIST_URL = re.compile(r"/portfolio/(?:fund|agency|donor|project)s?(?!\w)", re.IGNORECASE)


class NotAnIdError(UsageError, ValueError):
    """Text that is neither an ID nor the URL of a factsheet. A user typed it: do not retry."""


def parse_programme_id(text: str) -> str:
    """Return the eight-digit ID in `67193`, `00067193` or the URL of a factsheet.

    Raises:
        NotAnIdError: for anything else; the message shows valid IDs.
    """
    stripped = text.strip()
    digits = stripped if _PROGRAMME_ID.fullmatch(stripped) else programme_id_of(stripped)
    if digits is None or int(digits) == 0:
        raise NotAnIdError(
            f"{text!r} is not a programme ID: give up to eight digits (67193 or 00067193) "
            "or the URL of a factsheet (https://.../factsheet/project/00067193)"
        )
    return digits.zfill(8)


def parse_fund_code(text: str) -> str:
    """Return the code in `MDG00`, `mdg00` or the URL of a fund's factsheet, in upper case.

    Raises:
        NotAnIdError: for anything else; the message shows a valid code.
    """
    stripped = text.strip()
    code = stripped.upper() if _FUND_CODE.fullmatch(stripped) else fund_code_of(stripped)
    if code is None:
        raise NotAnIdError(
            f"{text!r} is not a fund code: give five letters or digits (MDG00) "
            "or the URL of a fund (https://.../factsheet/fund/MDG00)"
        )
    return code


def programme_id_of(url: str) -> str | None:
    """Return the eight-digit programme ID in a URL, or None."""
    if url.startswith(_FILE_URL):
        match = _PROGRAMME_MIRROR.search(url)
        return match["id"].zfill(8) if match else _in_file_name(_PROGRAMME_FILE, url)
    match = _PROGRAMME_URL.search(url)
    return match["id"].zfill(8) if match else None


def fund_code_of(url: str) -> str | None:
    """Return the fund code in a URL, in upper case, or None."""
    if url.startswith(_FILE_URL):
        match = _FUND_MIRROR.search(url)
        return match["id"].upper() if match else _in_file_name(_FUND_FILE, url)
    match = _FUND_URL.search(url)
    return match["id"].upper() if match else None


def _in_file_name(pattern: re.Pattern[str], url: str) -> str | None:
    """Return the one ID in a saved file's name, or else in the name of its nearest folder."""
    for part in reversed(unquote(url.removeprefix(_FILE_URL)).split("/")):
        if found := set(pattern.findall(part)):
            return found.pop() if len(found) == 1 else None
    return None


def subject_of(url: str) -> Subject | None:
    """Return the kind of subject of a Gateway page, or None if the URL is not such a page's."""
    if programme_id_of(url) is not None:
        return "programme"
    if fund_code_of(url) is not None:
        return "fund"
    return "list" if _LIST_URL.search(url) else None


def statement_month_of(url: str) -> str | None:
    """Return the month of which a fund's URL asks for the statement: `2017-12`.

    Return None where it asks for none, so that the statement is of the day of the capture, and
    UNKNOWN_MONTH where it asks in a way that is not understood: month 13, a month without a year.
    """
    if "?" not in url or fund_code_of(url) is None:
        return None
    try:
        query = urlsplit(url).query
    except ValueError:
        return UNKNOWN_MONTH
    asked = {
        (name, value.strip())
        for name, value in parse_qsl(query)
        if _OF_STATEMENT in name.casefold() and value.strip()
    }
    values = dict(asked)
    if not asked:
        return None
    month, year = values.get(_MONTH, ""), values.get(_YEAR, "")
    is_month = re.fullmatch(r"0?[1-9]|1[0-2]", month, re.ASCII)
    is_year = re.fullmatch(r"(?:19|20)[0-9]{2}", year, re.ASCII)
    if values.keys() != {_MONTH, _YEAR} or len(asked) > len(values) or not (is_month and is_year):
        return UNKNOWN_MONTH
    return f"{year}-{month.zfill(2)}"


def api_query_of(url: str) -> str:
    """Return the part of an API's URL behind its base, with the query; "" for any other URL.

    An API's answer does not say what was asked, so it is parsed together with this.
    """
    match = _API_URL.search(url)
    return match["query"] if match else ""


def parse_key(url: str, body_sha256: str, cut_short: str | None = None) -> str:
    """Return the key of what is parsed from a body: its SHA-256, with the query for an API's.

    A page says what it is about, so the same bytes are parsed once, whatever their URLs. But the
    same bytes are not the same page where some are known to be missing behind them.
    """
    query = api_query_of(url)
    if not query and not cut_short:
        return body_sha256
    key = f"{body_sha256}\n{query}" + (f"\n{cut_short}" if cut_short else "")
    return hashlib.sha256(key.encode()).hexdigest()


def capture_id(
    url: str, captured_at: datetime, body_sha256: str, cut_short: str | None = None
) -> str:
    """Return the identifier of a capture, derived from its content so that it never varies."""
    key = f"{url}\n{captured_at.isoformat(timespec='seconds')}\n{body_sha256}"
    key += f"\n{cut_short}" if cut_short else ""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
