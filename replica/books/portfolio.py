"""The funds and programmes in outline: as much as lists need.

Outlines of all programmes are made at once and stay in memory; everything else about a programme
is derived from its outline on demand.
"""

from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from replica.books.dice import Dice, share
from replica.books.moments import DAY, midnight
from replica.books.shown import FundType, Language
from replica.books.words import Country, Words, load

MOST_PROGRAMMES = 20_000
_FIRST_DAY = date(2005, 1, 10)
_DAYS = 8_000  # over which programmes are approved: to the end of 2026
_GOLDEN = 0.618_033_988_75  # steps of it spread few programmes over the years as evenly as many
_FUND_TYPES: tuple[FundType, ...] = (
    "Trust Fund", "Trust Fund", "Joint Programme", "Joint Programme", "Other Fund",
)  # fmt: skip
_CODE_ENDS = "0123456789ABCXYZ"
# How many organizations a programme has, by how often.
_ORGANIZATION_COUNTS = (1,) * 11 + (2,) * 5 + (3,) * 4 + (4,) * 2 + (5, 6, 7, 8)


class FundOutline(NamedTuple):
    """One fund; `country` is set if all its programmes are in one country."""

    number: int
    code: str
    name: str
    fund_type: FundType
    country: Country | None
    theme: str


class Outline(NamedTuple):
    """One programme. `approved` is the moment from which the site shows it; money is in cents."""

    number: int
    programme_id: str
    fund: FundOutline
    approved: int
    start: date
    end: date
    country: Country
    theme: str
    organizations: tuple[int, ...]  # numbers in the words' list
    budget: int

    @property
    def language(self) -> Language:
        """Return the language of its texts."""
        return self.country.language


class Portfolio:
    """All funds and programmes of one seed."""

    def __init__(self, seed: int, programmes: int) -> None:
        if not 1 <= programmes <= MOST_PROGRAMMES:
            raise ValueError(f"programmes: {programmes} is not between 1 and {MOST_PROGRAMMES:,}")
        self.seed = seed
        self.words = load()
        fund_count = min(220, 3 + programmes // 60)
        codes: set[str] = set()
        self.funds = [_fund(seed, number, self.words, codes) for number in range(fund_count)]
        self.outlines = [
            _outline(seed, number, self.funds, self.words) for number in range(programmes)
        ]
        self.by_id = {outline.programme_id: outline for outline in self.outlines}
        self.by_code = {fund.code: fund for fund in self.funds}
        in_funds = sorted(self.outlines, key=lambda outline: outline.fund.number)
        self.in_fund = {
            number: list(group)
            for number, group in groupby(in_funds, lambda outline: outline.fund.number)
        }

    def opened(self, fund: FundOutline) -> int | None:
        """Return the moment from which the site shows a fund; None if it has no programmes."""
        outlines = self.in_fund.get(fund.number)
        if not outlines:
            return None
        return min(outline.approved for outline in outlines) - 120 * DAY

    def open_funds(self, now: int) -> list[FundOutline]:
        """Return the funds that the site shows, by name."""
        shown = [f for f in self.funds if (opened := self.opened(f)) is not None and opened <= now]
        return sorted(shown, key=lambda fund: (fund.name, fund.code))


def _fund(seed: int, number: int, words: Words, codes: set[str]) -> FundOutline:
    dice = Dice(seed, "fund", number)
    fund_type = _FUND_TYPES[number % len(_FUND_TYPES)]
    one_country = fund_type == "Joint Programme" or dice.chance(0.3)
    country = dice.pick(words.countries) if one_country else None
    theme = dice.pick(words.themes)
    pattern = dice.pick(words.funds[fund_type])
    place = (country or dice.pick(words.countries)).name
    if country is None and "{country}" in pattern:
        country = next(c for c in words.countries if c.name == place)
    code = ""
    while not code or code in codes:
        code = dice.pick(words.code_words)
        code += "".join(dice.pick(_CODE_ENDS) for _ in range(2))
    codes.add(code)
    name = pattern.format(country=place, theme=theme)
    return FundOutline(number, code, name, fund_type, country, theme)


def _outline(seed: int, number: int, funds: list[FundOutline], words: Words) -> Outline:
    dice = Dice(seed, "programme", number)
    roll = dice.roll
    # Some funds are far larger than others; every fund has a programme while there are enough.
    fund_no = number if number < len(funds) else int(len(funds) * roll() ** 1.6)
    fund = funds[fund_no]
    spread = (share(seed, "spread") + number * _GOLDEN) % 1.0
    approved_day = _FIRST_DAY + timedelta(days=int(_DAYS * spread**0.85))
    start = approved_day + timedelta(days=dice.whole(-40, 120))
    end = start + timedelta(days=int(dice.magnitude(300, 2200)))
    if dice.chance(0.5):  # many end with a month
        end = end.replace(day=1) - timedelta(days=1)
    return Outline(
        number=number,
        programme_id=f"{60_001 + 4 * number + dice.whole(0, 3):08d}",
        fund=fund,
        approved=midnight(approved_day) + dice.whole(8 * 3600, 18 * 3600),
        start=start,
        end=end,
        country=fund.country or dice.pick(words.countries),
        theme=fund.theme if dice.chance(0.5) else dice.pick(words.themes),
        organizations=tuple(
            dice.some(range(len(words.organizations)), dice.pick(_ORGANIZATION_COUNTS))
        ),
        budget=round(dice.magnitude(80_000, 25_000_000)) * 100,
    )
