"""Numbers that office programs store beside a cell's text in HTML.

Excel writes `<td x:num="431207.49">431,207</td>`, LibreOffice `sdval`. A browser shows the text,
and the text is what was shown when the page was saved, by whatever formula (`x:fmla`). So the text
counts, unless it is another number than the stored one: a format has scaled it (`431` of 431207) or
left out its sign, or one of the two has been changed.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

STORING = ("x:num", "sdval")  # the attributes
_MARKS = "*†‡§¶# "
_PRINTED = re.compile(
    r"(?P<sign>[-–−(]?)\s*(?:US\s?\$|USD|\$)?\s*(?P<minus>[-–−]?)"
    r"(?:(?P<only>[0-9]+)\.(?P<part>[0-9]{3,})"
    r"|(?P<whole>[0-9][0-9,.\s]*?)(?:[.,](?P<cents>[0-9]{1,2}))?)"
    r"\)?\s*(?P<percent>%?)"
)
_SEPARATORS = re.compile(r"[,.\s]")
_LONGEST, _MOST_DIGITS = 40, 15


def shown_number(text: str, attributes: Mapping[str, str | None]) -> str:
    """Return the text of a cell, or a formula of the number stored with it if that is another one.

    No amount, year or name is read from a formula.
    """
    stored = next(filter(None, map(attributes.get, STORING)), None)
    if stored is None or (found := _PRINTED.fullmatch(text.rstrip(_MARKS))) is None:
        return text
    try:
        value = Decimal(stored.strip())
    except InvalidOperation:
        return text
    return text if _may_show(found, value) else f"={stored[:_LONGEST]} (shown as {text})"


def _may_show(printed: re.Match[str], value: Decimal) -> bool:
    """Return whether a format that only rounds may print a number so."""
    whole = _SEPARATORS.sub("", printed["whole"] or printed["only"])
    part = printed["cents"] or printed["part"] or ""
    shift = -2 if printed["percent"] else 0
    magnitude = Decimal(f"{whole}.{part or 0}").scaleb(shift)
    half = Decimal(5).scaleb(shift - len(part) - 1)
    is_negative = bool(printed["sign"] or printed["minus"])
    if not value.is_finite() or value.adjusted() > _MOST_DIGITS:
        return False
    if magnitude and is_negative != (value < 0):
        return False
    return abs(abs(value) - magnitude) <= half
