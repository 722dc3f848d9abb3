"""The currency and scale of the amounts, as printed beside, over or in the tables."""

import re
from collections.abc import Callable, Iterable, Iterator

from extractors.parse.base.blocks import Block, Line, filled_texts, texts_in

_SCALE = r"(?:thousands?|millions?|billions?|['’]?000s?)"
_CODES = (
    "USD", "EUR", "GBP", "CHF", "NOK", "SEK", "DKK", "CAD", "AUD", "NZD", "JPY", "XOF", "XAF",
)  # fmt: skip
_MONEY = (
    rf"(?:US\s?\$|{'|'.join(_CODES)}|(?:US|U\.S\.|United States) dollars?|euros?|"
    r"pounds? sterling|[€£$])"
)
# One of these stands in every text that names a currency or scale.
_SIGNS = ("in ", *map(str.casefold, _CODES), "dollar", "pound", "€", "£", "$")
# A currency, a scale, or both in either order.
_NAMED = (
    rf"(?:{_SCALE}\s+(?:of\s+)?{_MONEY}|{_MONEY}(?:\s*\(?(?:{_SCALE}|(?-i:[KM]\b)))?"
    rf"|{_SCALE}(?=\s*(?:[).,;]|$)))(?!\w)"
)
# Words behind `figures in` that are not a currency: `Figures in the table`, `in parentheses`.
_NO_CURRENCY = (
    r"(?:the|th[ei]se?|this|those|that|which|an?|each|all|both|any|some|one|two|parenthes[ei]s|"
    r"brackets?|red|bold|italics?|gr[ae]y|blue|tables?|columns?|rows?|reports?|most)\b"
)
_CURRENCY = re.compile(
    r"(?:Notes?:?\s+)?(?:All\s+)?(?:amounts|figures)(?:\s+are)?"
    r"(?:\s+(?:shown|given|stated|expressed))?\s+in\s+"
    rf"(?P<currency>{_NAMED}|(?!{_NO_CURRENCY})(?:(?-i:[A-Z]{{3}})\b|\S+)(?:\s*{_SCALE})?)",
    re.IGNORECASE,
)
# A caption may have more text than the currency: `Expenditure in thousands of US$`.
_WITHIN_CAPTION = re.compile(rf"\bin\s+(?P<currency>{_NAMED})", re.IGNORECASE)
_CAPTION_ALONE = re.compile(rf"[^.:]{{0,80}}\bin\s+(?P<currency>{_NAMED})\s*\)?", re.IGNORECASE)
# A unit alone, over or below the headings: `US$ '000`, `(millions of US$)`, `US$ m`.
_UNIT_SCALE = rf"(?:{_SCALE}|mn?|mln|k)"
_UNIT = rf"(?P<currency>{_MONEY}[\s,]*\(?{_UNIT_SCALE}|{_UNIT_SCALE}\s*(?:of\s+)?{_MONEY})"
_UNIT_ALONE = re.compile(rf"\(?\s*{_UNIT}\s*\)*\.?", re.IGNORECASE)
# One behind a caption: `Key Figures (US$ millions)`.
_CAPTION_AND_UNIT = re.compile(rf"[^(]+\(\s*{_UNIT}\s*\)+", re.IGNORECASE)
_LONGEST_UNIT = 30  # characters
_LONGEST_CAPTION = 120  # characters
_Search = Callable[[str], re.Match[str] | None]
_US_DOLLARS = frozenset(
    {"US$", "USD", "$"}
    | {f"{of} DOLLAR{s}" for of in ("US", "U.S.", "UNITED STATES") for s in ("", "S")}
)


def is_us_dollars(text: str) -> bool:
    """Return whether a text names US dollars and no scale."""
    return text.upper().replace("US $", "US$") in _US_DOLLARS


def currency_of(blocks: Iterable[Block]) -> str | None:
    """Return the currency that some blocks name; any other one counts before US$."""
    currency = None
    for found in _named_in(blocks):
        printed = found["currency"].replace("US $", "US$")
        named = "US$" if is_us_dollars(printed) and printed != "USD" else printed
        currency = named if currency in {None, "US$", "USD"} else currency
    return currency


def _named_in(blocks: Iterable[Block]) -> Iterator[re.Match[str]]:
    """Yield the currencies and scales named in lines, and in the cells and captions of tables."""
    for block in blocks:
        if isinstance(block, Line):
            found = [_named(block.text, _CAPTION_ALONE.fullmatch)]
        elif _may_name(texts_in(block)):
            found = []
            for row in block.rows:
                texts = list(dict.fromkeys(filled_texts(row)))
                in_caption = _WITHIN_CAPTION.search if len(texts) == 1 else None
                found += [_named(text, in_caption) for text in texts]
        else:
            continue
        yield from filter(None, found)


def _may_name(texts: Iterable[str]) -> bool:
    """Return whether some text may name a currency or scale; most tables are amounts alone."""
    folded = "\n".join(texts).casefold()
    return any(sign in folded for sign in _SIGNS)


def _named(text: str, in_caption: _Search | None) -> re.Match[str] | None:
    """Return the currency or scale that a text names.

    Args:
        text: a line's or cell's.
        in_caption: the search for one behind `in`, if the text may be a caption.
    """
    if len(text) <= _LONGEST_UNIT and (found := _UNIT_ALONE.fullmatch(text)):
        return found
    in_caption = in_caption if len(text) <= _LONGEST_CAPTION else None
    found = None
    if in_caption is not None and text.endswith(")"):
        found = _CAPTION_AND_UNIT.fullmatch(text)
    if found is None and "in " in text.casefold():
        found = _CURRENCY.match(text) or (in_caption and in_caption(text))
    return found
