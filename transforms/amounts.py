"""Amounts and rates as printed, to Decimal. What is ambiguous is rejected, never guessed."""

import re
from decimal import Decimal

from transforms.rejection import RejectedError

# A hyphen, a dash, "N/A" or nothing: no value. Absent is not zero.
_NO_VALUE = frozenset({"", "-", "--", "–", "—", "−", "n/a", "na", "n.a."})
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-"})
_BLANKS = "\u00a0\u202f\u2009 "
_CURRENCY = re.compile(r"^(-?)\s*(?:US\s?\$|USD|\$)\s*")
_AMOUNT = re.compile(
    r"(?P<sign>-?)\s*(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?P<mark>[,\u00a0\u202f\u2009 ])[0-9]{3}"
    r"(?:(?P=mark)[0-9]{3})*)"
    r"(?P<cents>\.[0-9]{1,2})?"
)
_RATE = re.compile(
    r"(?P<sign>-?)\s*(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?P<part>\.[0-9]{1,4})?\s*%?"
)
_LARGEST = Decimal(10) ** 12  # US$: a thousand times the largest fund


def parse_amount(printed: str | None) -> Decimal | None:
    """US$ with at most two decimals, or None where the page prints no value.

    Thousands may be set off by commas or blanks, three digits each; a negative amount carries a
    minus or stands in parentheses.

    Raises:
        RejectedError: anything else, for example `1,23,456` or `1.234`.
    """
    text = (printed or "").strip(_BLANKS)
    if text.lower() in _NO_VALUE:
        return None
    plain = text.translate(_MINUS)
    negative = plain.startswith("(") and plain.endswith(")")
    if negative:
        plain = plain[1:-1].strip(_BLANKS)
    plain = _CURRENCY.sub(r"\1", plain)
    found = _AMOUNT.fullmatch(plain)
    if found is None or (negative and found["sign"]):
        raise RejectedError("amount", f"{printed!r} is not an amount that is printed in one way")
    whole = found["whole"]
    if found["mark"]:
        whole = whole.replace(found["mark"], "")
    amount = Decimal(whole + (found["cents"] or ""))
    if amount > _LARGEST:
        raise RejectedError("amount_range", f"{printed!r} is more than a trillion US$")
    return -amount if negative or found["sign"] else amount


def parse_rate(printed: str | None) -> Decimal | None:
    """A rate in percent (`87.5%` or `87.5`), or None where the page prints no value.

    Raises:
        RejectedError: anything else.
    """
    text = (printed or "").strip(_BLANKS)
    if text.lower() in _NO_VALUE | {"-%", "n/a%"}:
        return None
    plain = text.translate(_MINUS)
    negative = plain.startswith("(") and plain.endswith(")")
    found = _RATE.fullmatch(plain[1:-1].strip(_BLANKS) if negative else plain)
    if found is None or (negative and found["sign"]):
        raise RejectedError("rate", f"{printed!r} is not a rate in percent")
    rate = Decimal(found["whole"].replace(",", "") + (found["part"] or ""))
    if rate > 10**6:
        raise RejectedError("rate", f"{printed!r} is no delivery rate")
    return -rate if negative or found["sign"] else rate
