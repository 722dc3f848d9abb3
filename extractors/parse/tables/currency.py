"""The currency and scale of the amounts, as printed beside, over or in the tables."""

import re
from collections.abc import Iterable, Iterator

from extractors.parse.base.blocks import Block, TableBlock, links_and_texts, texts_in, texts_of
from extractors.parse.base.spans import spread_rows
from extractors.parse.tables.headings import AMOUNTS, known_heading
from extractors.parse.tables.units import may_name_unit, measure_and_letter, unit_in

_DOLLARS = r"(?:US\s?\$|USD|\$|(?:US|U\.S\.|United States) dollars?)"
# Words behind `figures in` that are not a currency: `Figures in the table`, `in parentheses`.
_NO_CURRENCY = (
    r"(?:the|th[ei]se?|this|those|that|which|an?|each|all|both|any|some|one|two|parenthes[ei]s|"
    r"brackets?|red|bold|italics?|gr[ae]y|blue|tables?|columns?|rows?|reports?|most)\b"
)
_NAMED = re.compile(
    r"(?:Notes?:?\s+)?(?:All\s+)?(?:amounts|figures)(?:\s+are)?"
    r"(?:\s+(?:shown|given|stated|expressed))?\s+in\s+"
    rf"(?P<currency>{_DOLLARS}(?!\w)|(?!{_NO_CURRENCY})(?:(?-i:[A-Z]{{3}})\b|\S+))"
    rf"|(?:Currency|Devise|Monnaie|Moneda)\s?:\s?(?P<labelled>{_DOLLARS}(?!\w)|\S.{{0,40}})"
    rf"|[^.:]{{0,80}}\bin\s+(?P<behind>{_DOLLARS})(?!\w)",
    re.IGNORECASE,
)
# One of these stands in every text that matches.
_SIGNS = ("in ", "currency", "devise", "monnaie", "moneda")
_US_DOLLARS = frozenset(
    {"US$", "USD", "$"}
    | {f"{of} DOLLAR{s}" for of in ("US", "U.S.", "UNITED STATES") for s in ("", "S")}
)
_OF_AMOUNTS = AMOUNTS | {"amount", "total"}


def is_us_dollars(text: str) -> bool:
    """Return whether a text names US dollars and no scale."""
    return text.upper().replace("US $", "US$") in _US_DOLLARS


def currency_of(beside: Iterable[Block], narrative: Iterable[Block] = ()) -> str | None:
    """Return the currency or scale that a page names; any other one counts before US$.

    It counts for the whole page: which table it is for is not guessed.

    Args:
        beside: the tables, and the lines that stand around them.
        narrative: the other lines, in which only a caption names a unit.
    """
    currency = None
    for named in _named_in(beside, narrative):
        if not is_us_dollars(named):
            return named
        currency = currency or ("USD" if named == "USD" else "US$")
    return currency


def _named_in(beside: Iterable[Block], narrative: Iterable[Block]) -> Iterator[str]:
    """Yield the currencies and scales named in lines, and in the cells and captions of tables."""
    for blocks, in_narrative in (([*beside], False), ([*narrative], True)):
        tables = [block for block in blocks if isinstance(block, TableBlock)]
        for table in [] if in_narrative else tables:
            yield from _letters_beside_measures(texts_in(table))
        if not _may_name(texts_of(blocks)):
            continue
        for block in blocks:
            texts = _texts_beside_links(block) if in_narrative else texts_in(block)
            if isinstance(block, TableBlock) and _may_name(texts):
                texts = _without_column_of_currencies(block, list(dict.fromkeys(texts)))
            yield from filter(None, (_named(text, in_narrative) for text in texts))


def _texts_beside_links(block: Block) -> list[str]:
    """Return the texts of a block that are no links: in a narrative, these are of documents."""
    return [text for href, text in links_and_texts([block]) if text and not href]


def _without_column_of_currencies(table: TableBlock, texts: list[str]) -> list[str]:
    """Return a table's texts without those below `Currency`, each of which is that of its row."""
    if not any("currency" in text.lower() and known_heading(text) == "currency" for text in texts):
        return texts
    others: list[str] = []
    below: set[int] = set()
    for row in spread_rows(table.rows):
        others += [cell.text for at, cell in enumerate(row) if cell.text and at not in below]
        below |= {at for at, cell in enumerate(row) if known_heading(cell.text) == "currency"}
    return list(dict.fromkeys(others))


def _may_name(texts: Iterable[str]) -> bool:
    """Return whether some text may name a currency or scale; most tables are amounts alone."""
    joined = "\n".join(texts)
    return may_name_unit(joined) or any(sign in joined.casefold() for sign in _SIGNS)


def _named(text: str, in_narrative: bool) -> str | None:
    """Return the currency or scale that a line or cell names."""
    unit = unit_in(text, in_narrative=in_narrative)
    if unit or in_narrative or not any(sign in text.casefold() for sign in _SIGNS):
        return unit
    found = _NAMED.match(text)
    return found[found.lastgroup or 0] if found else None


def _letters_beside_measures(texts: Iterable[str]) -> Iterator[str]:
    """Yield the `K` of `Expenditure (K)`, or of a cell of its own in a table with a measure."""
    found = list(filter(None, map(measure_and_letter, texts)))
    if found and any(known_heading(text) in _OF_AMOUNTS for text in texts):
        yield from (
            letter
            for measure, letter in found
            if not measure or known_heading(measure) in _OF_AMOUNTS
        )
