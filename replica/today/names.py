"""The names that a seed gives to the methods of its API, their columns and filters."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from replica.books.dice import Dice
from replica.books.shown import MEASURES
from replica.today.words import (
    COLUMNS,
    FILTERS,
    LIMITS,
    OBJECTS,
    ODD_COLUMNS,
    OFFSETS,
    PAGES,
    SCRIPTS,
    THEMES,
    TOPICS,
    VERBS,
    Casing,
    Role,
)

BASE = "/mptf_rest_api/"
# What each method answers in any case, and what may be asked of it besides.
_KEYS: dict[Role, tuple[str, ...]] = {
    "programme_figures": (
        "programme_id", "agency_code", "organization", "fund_code", "fiscal_year",
    ),
    "contributions": ("fund_code", "contributor", "fiscal_year"),
    "funds": ("fund_code", "fund_name"),
    "programmes": ("programme_id", "title"),
}  # fmt: skip
_ASKED: dict[Role, tuple[str, ...]] = {
    "programme_figures": MEASURES,
    "contributions": ("commitments", "deposits"),
    "funds": ("fund_type", "status"),
    "programmes": ("fund_code", "country", "status", "start_date", "end_date"),
}
_NARROWED: dict[Role, tuple[str, ...]] = {
    "programme_figures": ("fund", "programme"), "contributions": ("fund",), "funds": (),
    "programmes": ("fund",),
}  # fmt: skip
_BY_YEAR: frozenset[Role] = frozenset({"programme_figures", "contributions"})


class Method(NamedTuple):
    """One method: its columns and filters by what they mean, under the names of the seed."""

    role: Role
    name: str
    columns: Mapping[str, str]  # all that it answers, in their order
    asked: Mapping[str, str]  # those to ask for, under the name to ask with; the others come anyway
    filters: Mapping[str, str]
    has_tag: bool  # whether its answers have an ETag


class Paging(NamedTuple):
    """How an answer is asked for in parts: by an offset and a limit, or by the page's number."""

    kind: Literal["offset", "page"]
    first: str  # the filter of the offset or the page
    size: str  # the filter of how many rows; empty where the API alone decides
    base: int  # the number of the first page; 0 for an offset


class Names(NamedTuple):
    """One seed's names; `theme` and `scripts` are those of folders and files."""

    methods: Mapping[Role, Method]
    paging: Paging
    theme: str
    scripts: tuple[str, ...]
    absent: Literal["", "null"]  # what a figure that nobody reported is answered with
    commas_around: bool  # whether the columns of a call have a comma before and behind
    padded: bool  # whether programme IDs keep their leading zeros
    dates: str  # the format of a date

    def by_name(self, name: str) -> Method | None:
        """Return the method of that name."""
        return next((one for one in self.methods.values() if one.name == name), None)


def names_of(seed: int) -> Names:
    """Return the names that a seed has chosen."""
    dice = Dice(seed, "today names")
    casing: Casing = dice.pick(("camel", "camel", "pascal", "snake"))
    methods: dict[Role, Method] = {"organizations": _organizations(dice.chance(0.5))}
    for role in OBJECTS:
        methods[role] = _method(role, casing, dice)
    by_offset = dice.chance(0.5)
    filter_casing: Casing = dice.pick(("camel", "snake"))
    sized = by_offset or dice.chance(0.5)
    return Names(
        methods=methods,
        paging=Paging(
            "offset" if by_offset else "page",
            cased(dice.pick(OFFSETS if by_offset else PAGES), filter_casing),
            cased(dice.pick(LIMITS), filter_casing) if sized else "",
            0 if by_offset or dice.chance(0.5) else 1,
        ),
        theme=dice.pick(THEMES),
        scripts=tuple(dice.some(SCRIPTS, 5)),
        absent=dice.pick(("", "null")),
        commas_around=dice.chance(0.5),
        padded=dice.chance(0.5),
        dates=dice.pick(("%Y-%m-%d", "%Y-%m-%dT00:00:00", "%Y-%m-%d 00:00:00", "%d %b %Y")),
    )


def cased(words: str, casing: Casing) -> str:
    """Join the words of a name."""
    parts = words.split()
    match casing:
        case "camel":
            return parts[0] + "".join(part.capitalize() for part in parts[1:])
        case "pascal":
            return "".join(part.capitalize() for part in parts)
        case "snake":
            return "_".join(parts)
        case "upper":
            return "_".join(parts).upper()


def _organizations(has_tag: bool) -> Method:
    """Return the one method that is known of the real site, under its own names."""
    return Method(
        role="organizations",
        name="getAnalyzeAllProjects",
        columns={
            "agency_code": "agency_code", "organization": "ORGANIZATION",
            "approved_budget": "BUDGET", "net_funded": "NET_FUNDED", "expenditure": "EXPENDITURE",
            "delivery_rate": "delivery_rate", "funds_count": "FUNDS_COUNT",
            "group_code": "implementing_group_code",
            "group_description": "implementing_agent_group_description",
        },
        asked={
            "group_description": "implementing_agent_group_description", "funds_count": "FUCOUNT",
            "approved_budget": "BUDGET", "net_funded": "NET_FUNDED", "expenditure": "EXPENDITURE",
            "delivery_rate": "delivery_rate",
        },
        filters={"first_year": "fromYear", "last_year": "toYear"},
        has_tag=has_tag,
    )  # fmt: skip


def _method(role: Role, casing: Casing, dice: Dice) -> Method:
    name = f"{dice.pick(VERBS)} {dice.pick(TOPICS)} {dice.pick(OBJECTS[role])}"
    columns: Casing = dice.pick(("upper", "upper", "snake", "camel"))
    filters: Casing = dice.pick(("camel", "camel", "snake"))
    if role in {"odd", "broken"}:
        odd = dice.some(ODD_COLUMNS, 4)
        keys: dict[str, str] = {}
        asked = {f"odd_{number}": cased(words, columns) for number, words in enumerate(odd)}
        narrowed: tuple[str, ...] = ()
    else:
        keys = {key: cased(dice.pick(COLUMNS[key]), columns) for key in _KEYS[role]}
        asked = {key: cased(dice.pick(COLUMNS[key]), columns) for key in _ASKED[role]}
        narrowed = _NARROWED[role]
    answered = {**keys, **asked}
    if dice.chance(0.3):  # asked for in lower case, answered as ever
        asked = {key: column.lower() for key, column in asked.items()}
    if role in _BY_YEAR:
        narrowed += ("year",) if dice.chance(0.5) else ("first_year", "last_year")
    return Method(
        role, cased(name, casing), answered, asked,
        {what: cased(dice.pick(FILTERS[what]), filters) for what in narrowed},
        has_tag=dice.chance(0.5),
    )  # fmt: skip
