"""Figures loaded and set aside, against those that the browser shows."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from extractors.records import Measure, Page
from tests.extractors.parse.oracle.reading import Number
from transforms.observe import ReadBody, observe
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.typed import MEASURE_COLUMNS

_Key = tuple[str, int | None, Measure]
_NO_TEXT = re.compile(
    r"[/^\x00-\x1f\x7f-\x9f\ufffd\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_PERHAPS_MARK = re.compile(r"\^\S+(?: ?,[^ ]+)?")
_NOT_A_DIGIT = re.compile(r"[^0-9]")


class Read(NamedTuple):
    """What became of a page: its figures by what they are of, and the texts that name the rest.

    `has_unit` says that some are set aside for a scale or a currency that the page gives them.
    """

    refused: str | None
    loaded: dict[_Key, Decimal]
    aside: list[str]
    in_full: bool
    cut_short: bool
    has_unit: bool = False


class Verdict(NamedTuple):
    """The numbers of a page, and each that is wrong, lost or a fact set aside, described."""

    shown: int
    loaded: int
    aside: int
    wrong: list[str]
    lost: list[str]
    facts_aside: list[str]


def read(body: bytes) -> Read:
    """Parse and observe a page, as the pipeline does."""
    try:
        page = parse_page(body)
    except PageRefusedError as refusal:
        return Read(refusal.rule, {}, [], in_full=False, cut_short=False)
    observed = observe([ReadBody("0" * 64, page)])
    loaded = {
        (_one_line(row["organization"]), row["fiscal_year"], measure): row[column]
        for row in observed.frames["observed.figure"].to_dicts()
        for measure, column in MEASURE_COLUMNS.items()
        if row[column] is not None
    }
    aside = [row.row_text for row in observed.quarantined]
    aside += [row["detail"] for row in observed.frames["observed.finding"].to_dicts()]
    aside += [listing.text for listing in page.listings]
    aside += _totals(page)
    aside += [
        f"{row['printed_usd']:,}" for row in observed.frames["observed.figure_total"].to_dicts()
    ]
    tables = observed.frames["observed.figure_table"]["read_in_full"]
    has_unit = any(row.rule == "currency" for row in observed.quarantined)
    return Read(None, loaded, aside, any(tables), page.cut_short is not None, has_unit)


def judge(shown: Sequence[Number], found: Read) -> Verdict:
    """Say of each number whether it is loaded rightly, set aside by name, or neither."""
    if found.refused is not None:
        return Verdict(
            len(shown), 0, len(shown), [], [], [*map(_described, filter(_is_plain, shown))]
        )
    facts: defaultdict[_Key, list[Number]] = defaultdict(list)
    for number in shown:
        if number.role == "fact":
            facts[_key(number)].append(number)
    wrong = list(_wrong(facts, found.loaded))
    loaded = aside = 0
    lost = []
    facts_aside = []
    for number in shown:
        if number.role == "fact" and _means(number, found.loaded.get(_key(number))):
            loaded += 1
        elif any(_names(text, number.text) for text in found.aside):
            aside += 1
            facts_aside += [_described(number)] if _is_plain(number) else []
        else:
            lost.append(_described(number))
    return Verdict(len(shown), loaded, aside, wrong, lost, facts_aside)


def _is_plain(number: Number) -> bool:
    """Return whether a number should be loaded; one of no organization becomes a check."""
    return number.role == "fact" and number.value is not None and number.organization is not None


def _described(number: Number) -> str:
    return f"{_key(number)}, {number.role}: {number.text!r}"


def _wrong(facts: dict[_Key, list[Number]], loaded: dict[_Key, Decimal]) -> Iterator[str]:
    for key, value in loaded.items():
        if not any(_means(number, value) for number in facts.get(key, ())):
            yield f"{key}: {value} loaded, {[number.text for number in facts.get(key, ())]} shown"


def _key(number: Number) -> _Key:
    name = number.organization
    organization = canonical_organization(_one_line(name))[0] if name else ALL_ORGANIZATIONS
    return _one_line(organization), number.year, number.measure


def _means(number: Number, value: Decimal | None) -> bool:
    """Return whether a value is a number as shown; by its digits if it is oddly printed."""
    if value is None:
        return False
    if number.value is not None:
        return number.value == value
    return _digits(f"{abs(value)}") == _digits(number.text)


def _names(text: str, number: str) -> bool:
    """Return whether a text has a number as shown, and not as a part of another.

    What is perhaps the mark of a footnote, behind a caret, may be left out of either.
    """
    number = _PERHAPS_MARK.sub("", number) or number
    wanted, digits = _one_line(number), _digits(number)
    return any(
        re.search(rf"(?<![0-9]){re.escape(wanted)}(?![0-9])", _one_line(cell))
        or _digits(cell) == digits
        for printed in text.split(" | ")
        for cell in (printed, _PERHAPS_MARK.sub("", printed))
    )


def _totals(page: Page) -> list[str]:
    """Return the texts of printed totals, and of tables without names, which become checks."""
    named = {table.table_no for table in page.tables if table.by_organization}
    return [
        text
        for figure in page.figures
        if figure.total or figure.table_no not in named
        for text in figure.measures.values()
    ]


def _one_line(text: str) -> str:
    return " ".join(_NO_TEXT.sub(" ", text).split())


def _digits(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return _NOT_A_DIGIT.sub("", whole + decimals.rstrip("0")).lstrip("0")


Rows = list[dict[str, Any]]
