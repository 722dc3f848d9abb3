"""Units of an API answer's amounts, as columns, or keys beside the rows, may name them."""

import re
from typing import Any

from extractors.parse.api.columns import words_of
from extractors.parse.base.blocks import Line, fold
from extractors.parse.tables.currency import currency_of, is_us_dollars

_CURRENCIES = frozenset({"currency", "curr", "ccy"})
_SCALES = frozenset({"unit", "scale", "multiplier", "factor", "denomination", "in"})
# Words beside which those name the unit of amounts: `amount_unit`, unlike `business_unit`.
_OF_AMOUNTS = frozenset(
    {
        "amount", "figure", "value", "money", "monetary", "measure", "number", "of", "display",
        "us", "usd", "name", "code",
    }
)  # fmt: skip
_PLAIN = frozenset({"", "1", "none", "false"})
_ACRONYM = re.compile(r"[A-Z]{3}")  # of a fund or organization, perhaps: CHF
_LONGEST_UNIT = 120  # characters


def names_unit(name: str) -> bool:
    """Return whether a column or key such as `CURRENCY_CODE` or `amounts_in` holds a unit."""
    words = frozenset(words_of(name))
    return not _CURRENCIES.isdisjoint(words) or (
        not _SCALES.isdisjoint(words) and words <= _SCALES | _OF_AMOUNTS
    )


def is_other_unit(value: Any, *, named: bool) -> bool:
    """Return whether a value says that amounts are not in US$, or may say so.

    Args:
        value: the value of a column or key, which may hold others.
        named: whether its name is that of a unit; if not, only a text that is one counts.
    """
    if isinstance(value, tuple):
        return any(is_other_unit(part, named=named or names_unit(name)) for name, part in value)
    if isinstance(value, list):
        return any(is_other_unit(part, named=named) for part in value)
    text = fold(str(value or ""))
    if named:
        return text.lower() not in _PLAIN and not is_us_dollars(text)
    if len(text) > _LONGEST_UNIT or _ACRONYM.fullmatch(text):
        return False
    unit = currency_of([Line(text)])
    return unit is not None and not is_us_dollars(unit)
