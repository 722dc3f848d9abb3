"""Programme IDs, fund codes and the addresses that carry them; and how a capture is named."""

import hashlib
import re
from datetime import datetime
from typing import Literal

from extractors.errors import UsageError

Subject = Literal["programme", "fund", "list"]
_ID = re.compile(r"[0-9]{1,8}")
_CODE = re.compile(r"[A-Za-z0-9]{5}")
_IN_ADDRESS = re.compile(r"/(?:factsheet/)?project/(?P<id>[0-9]{1,8})(?!\w)", re.IGNORECASE)
_FUND_IN_ADDRESS = re.compile(r"/(?:factsheet/)?fund/(?P<code>[a-z0-9]{5})(?!\w)", re.IGNORECASE)
_LIST_ADDRESS = re.compile(r"/portfolio/(?:fund|agency|donor|project)s?(?!\w)", re.IGNORECASE)


class NotAnIdError(UsageError, ValueError):
    """Neither a programme ID nor a factsheet's address; the caller typed it, so do not retry."""


def parse_programme_id(text: str) -> str:
    """The eight-digit ID in `67193`, `00067193` or a factsheet's address.

    Raises:
        NotAnIdError: for anything else; the message says what an ID looks like.
    """
    stripped = text.strip()
    digits = stripped if _ID.fullmatch(stripped) else programme_id_of(stripped)
    if digits is None or int(digits) == 0:
        raise NotAnIdError(
            f"{text!r} is not a programme ID: give up to eight digits (67193 or 00067193) "
            "or a factsheet's address (https://.../factsheet/project/00067193)"
        )
    return digits.zfill(8)


def parse_fund_code(text: str) -> str:
    """The code in `MDG00`, `mdg00` or a fund factsheet's address, in upper case.

    Raises:
        NotAnIdError: for anything else; the message says what a code looks like.
    """
    stripped = text.strip()
    code = stripped.upper() if _CODE.fullmatch(stripped) else fund_code_of(stripped)
    if code is None:
        raise NotAnIdError(
            f"{text!r} is not a fund code: give five letters or digits (MDG00) "
            "or a fund's address (https://.../factsheet/fund/MDG00)"
        )
    return code


def programme_id_of(url: str) -> str | None:
    """The programme ID that an address names, or None where it names none."""
    found = _IN_ADDRESS.search(url)
    return found["id"].zfill(8) if found else None


def fund_code_of(url: str) -> str | None:
    """The fund code that an address names, in upper case, or None where it names none."""
    found = _FUND_IN_ADDRESS.search(url)
    return found["code"].upper() if found else None


def subject_of(url: str) -> Subject | None:
    """What a page at an address of the Gateway is about; None for an address of another kind."""
    if programme_id_of(url) is not None:
        return "programme"
    if fund_code_of(url) is not None:
        return "fund"
    return "list" if _LIST_ADDRESS.search(url) else None


def capture_id(url: str, captured_at: datetime, body_sha256: str) -> str:
    """The capture's identifier: derived from what it is, so that it is the same everywhere."""
    key = f"{url}\n{captured_at.isoformat(timespec='seconds')}\n{body_sha256}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]
