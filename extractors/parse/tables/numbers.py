"""Whether two printed amounts are one number: compared by value, never rounded or typed."""

import re

_BESIDE_NUMBERS = re.compile(r"US\s?\$|USD|[\s$%*†‡]", re.IGNORECASE)
_THOUSANDS = re.compile(r",(?=[0-9]{3}(?![0-9]))")
_NUMBER = re.compile(r"[-–—−(]*(?P<whole>[0-9]*)(?P<decimals>\.[0-9]*)?[-–—−)]*")


def is_another_amount(text: str, first: str) -> bool:
    """Return whether a text beside an amount says another number than it.

    `450.00` beside `450` does not, nor does a share (`50%`), or a zero beside nothing.
    """
    is_share = "%" in text and "%" not in first
    if is_share or not any(map(str.isdigit, text)):
        return False
    return _number(text) != (_number(first) if any(map(str.isdigit, first)) else "0")


def _number(text: str) -> str:
    """Return a number in one form, however it is signed and set off; another text as it is."""
    bare = _BESIDE_NUMBERS.sub("", text)
    found = _NUMBER.fullmatch(_THOUSANDS.sub("", bare))
    if found is None:
        return text
    digits = found["whole"].lstrip("0") + (found["decimals"] or "").rstrip("0").rstrip(".")
    is_negative = bool(digits) and any(sign in bare for sign in "-–—−(")
    return f"-{digits}" if is_negative else digits or "0"
