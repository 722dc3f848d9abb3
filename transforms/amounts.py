"""Amounts and rates as printed, to Decimal. What is ambiguous is rejected, never guessed."""

import re
from decimal import Decimal
from functools import lru_cache

from transforms.quarantine import RejectedError

# A hyphen, a dash, "N/A" (in the languages of the pages) or nothing: no value. Absent is not zero.
_NO_VALUE = frozenset(
    {"", "-", "--", "–", "—", "−", "n/a", "na", "n.a.", "n/d", "n.d.", "s/o", "not available"}
)
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-"})
_BLANKS = "\u00a0\u202f\u2009 "
_CURRENCY = re.compile(r"^(-?)\s*(?:US\s?\$|USD|\$)\s*|\s*(?:US\s?\$|USD)$")
_BLANK = r"[\u00a0\u202f\u2009 ]"
# A point or a comma before three digits may be a mark of thousands or of decimals. So `1.234` is
# read in no way, but `1,234` in that of the site, whose decimals stand behind points. A decimal
# comma is one only where thousands are marked otherwise, points set off thousands only where there
# are several of them, or decimals behind them.
_AMOUNTS = tuple(
    re.compile(rf"(?P<sign>-?)\s*{digits}")
    for digits in (
        r"(?P<whole>[0-9]+)(?:\.(?P<cents>[0-9]{1,2}))?",
        r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<cents>[0-9]{1,2}))?",
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?P<mark>{_BLANK})[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)"
        r"(?:[.,](?P<cents>[0-9]{1,2}))?",
        r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?P<cents>[0-9]{1,2})",
        r"(?P<whole>[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,})(?P<cents>)",
    )
)
_RATE = re.compile(
    r"(?P<sign>-?)\s*(?:(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]{1,4})|,(?P<comma>[0-9]{1,2}))?"
    r"|(?P<thousands>[1-9][0-9]{0,2}(?:,[0-9]{3})+)\.(?P<tenths>[0-9]{1,2}))\s*%?"
)
# An API's decimals: no marks of thousands, no exponent, no zero before the point (`.88`, `-.05`).
_MACHINE = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{0,15})(?:\.(?P<part>[0-9]{1,9}))?")
_CENTS, _RATE_DECIMALS = 2, 4
_NOT_DIGITS = re.compile(r"[^0-9]")
_LARGEST = Decimal(10) ** 12  # US$: a thousand times the largest fund
_LARGEST_RATE = 10**6


def is_no_value(printed: str | None) -> bool:
    """Return whether a cell has no value: nothing, a dash, or `N/A`."""
    return (printed or "").strip(_BLANKS).lower() in _NO_VALUE


@lru_cache(maxsize=4096)  # a page prints most of its amounts more than once
def parse_amount(printed: str | None) -> Decimal | None:
    """Return US$ with at most two decimals, or None where the page prints no value.

    Thousands may be set off by commas, blanks or points, three digits each; a negative amount
    carries a minus or stands in parentheses.

    Raises:
        RejectedError: anything else, for example `1,23,456` or `1.234`.
    """
    if is_no_value(printed):
        return None
    text = (printed or "").strip(_BLANKS)
    negative = False
    found = _digits(text)  # nearly every amount is printed as digits alone
    if found is None:
        plain, negative = _unsigned(text)
        found = _digits(_CURRENCY.sub(r"\1", plain))
    if found is None or (negative and found["sign"]):
        raise RejectedError("amount", f"{printed!r} is not an amount that is printed in one way")
    amount = Decimal(f"{_NOT_DIGITS.sub('', found['whole'])}.{found['cents'] or 0}")
    if amount > _LARGEST:
        raise RejectedError("amount_range", f"{printed!r} is more than a trillion US$")
    return -amount if negative or found["sign"] else amount


@lru_cache(maxsize=4096)
def parse_rate(printed: str | None) -> Decimal | None:
    """Return a rate in percent (`87.5%`, `87,5 %` or `87.5`), or None if the page prints no value.

    Raises:
        RejectedError: anything else, for example `87,500%`.
    """
    text = (printed or "").strip(_BLANKS)
    if text.lower().removesuffix("%") in _NO_VALUE:
        if text == "%":
            raise RejectedError("rate", "'%' is not a rate in percent")
        return None
    plain, negative = _unsigned(text)
    found = _RATE.fullmatch(plain)
    if found is None or (negative and found["sign"]):
        raise RejectedError("rate", f"{printed!r} is not a rate in percent")
    whole = _NOT_DIGITS.sub("", found["whole"] or found["thousands"])
    rate = Decimal(f"{whole}.{found['part'] or found['comma'] or found['tenths'] or 0}")
    if rate > _LARGEST_RATE:
        raise RejectedError("rate", f"{printed!r} is no delivery rate")
    return -rate if negative or found["sign"] else rate


def parse_machine_amount(text: str) -> Decimal:
    """Return US$ with two decimals from a decimal of the API, such as `2333254635.430` or `-.05`.

    Raises:
        RejectedError: anything else. A third decimal that is not zero is more than cents, and is
            never rounded.
    """
    amount = _machine_decimal(text, _CENTS, "amount", "more_than_cents")
    if abs(amount) > _LARGEST:
        raise RejectedError("amount_range", f"{text!r} is more than a trillion US$")
    return amount


def parse_machine_rate(text: str) -> Decimal:
    """Return a rate in percent from a decimal of the API, such as `.88`, with four decimals.

    Raises:
        RejectedError: anything else.
    """
    rate = _machine_decimal(text, _RATE_DECIMALS, "rate", "rate")
    if abs(rate) > _LARGEST_RATE:
        raise RejectedError("rate", f"{text!r} is no delivery rate")
    return rate


def _machine_decimal(text: str, decimals: int, rule: str, rule_if_finer: str) -> Decimal:
    """Return a machine's decimal exactly; zero has no sign."""
    found = _MACHINE.fullmatch(text)
    if found is None or not (found["whole"] or found["part"]):
        raise RejectedError(rule, f"{text!r} is not a decimal of the API")
    part = (found["part"] or "").rstrip("0")
    if len(part) > decimals:
        raise RejectedError(rule_if_finer, f"{text!r} has more than {decimals} decimals")
    number = Decimal(f"{found['whole'] or 0}.{part.ljust(decimals, '0')}")
    return number.copy_negate() if found["sign"] and number else number


def _digits(plain: str) -> re.Match[str] | None:
    """Return the digits without separators, if they are grouped in exactly one known way."""
    for form in _AMOUNTS:
        if (match := form.fullmatch(plain)) is not None:
            return match
    return None


def _unsigned(text: str) -> tuple[str, bool]:
    """Return the text with plain minus signs and without parentheses, and whether it had them."""
    plain = text.translate(_MINUS)
    if plain.startswith("(") and plain.endswith(")"):
        return plain[1:-1].strip(_BLANKS), True
    return plain, False
