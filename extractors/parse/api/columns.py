"""The meanings of the API's columns: measures, codes, names and the rest.

Only the columns of one answer of 2025 have been seen (docs/gateway.md). Others are understood if
they name a known thing in other words, and are unknown otherwise.
"""

import re
from typing import Final, Literal, get_args

Column = Literal[
    "approved_budget", "net_funded", "transfers", "refunds", "expenditure", "delivery_rate",
    "fund_count", "commitments", "deposits", "organization", "agency_code",
    "organization_group_code", "organization_group", "programme_id", "programme_title",
    "fund_code", "fund_name", "fund_type", "contributor", "contributor_code", "year", "status",
    "country", "theme", "start_date", "end_date", "description",
]  # fmt: skip

EXACT: Final = "exact"  # how a column is understood whose very name is in the dictionary

# In lower case: the names that the API is known to use, and the names of the columns here.
_EXACT: dict[str, Column] = {
    **{column: column for column in get_args(Column)},
    "budget": "approved_budget",
    "fucount": "fund_count",  # is asked for; FUNDS_COUNT is answered
    "funds_count": "fund_count",
    "implementing_group_code": "organization_group_code",
    "implementing_agent_group_description": "organization_group",
}
# In the words below: singular, with one word for each thing.
_SYNONYMS: dict[Column, tuple[str, ...]] = {
    "approved_budget": ("budget", "approved budget"),
    "net_funded": ("net funded", "net amount"),
    "transfers": ("transfer", "transferred"),
    "refunds": ("refund", "refunded"),
    "expenditure": ("expenditure",),
    "delivery_rate": ("delivery rate", "rate of delivery", "delivery"),
    "fund_count": ("fund count", "count of fund", "number of fund", "no of fund"),
    "commitments": ("commitment", "committed"),
    "deposits": ("deposit", "deposited"),
    "organization": (
        "organization", "participating organization", "participating un organization",
        "implementing organization", "implementing agent",
    ),
    "agency_code": (
        "organization code", "organization id", "participating organization code",
        "implementing organization code", "implementing agent code",
    ),
    "organization_group_code": (
        "organization group code", "organization group id", "implementing group code",
        "implementing agent group code", "implementing organization group code",
    ),
    "organization_group": (
        "organization group", "implementing group", "implementing agent group",
        "implementing organization group",
    ),
    "programme_id": ("programme id", "programme no", "programme number", "programme code"),
    "programme_title": ("programme", "programme title", "title"),
    "fund_code": ("fund code", "fund id", "trust fund code", "trust fund id"),
    "fund_name": ("fund", "fund name", "trust fund"),
    "fund_type": ("fund type", "fund category", "type of fund"),
    "contributor": ("contributor",),
    "contributor_code": ("contributor code", "contributor id"),
    "year": ("year", "fiscal year", "financial year", "reporting year"),
    "status": ("status", "programme status", "fund status", "current status"),
    "country": ("country", "programme country"),
    "theme": ("theme", "programme theme"),
    "start_date": ("start date", "programme start date", "fund start date", "date of start"),
    "end_date": ("end date", "programme end date", "fund end date", "date of end"),
    # A factsheet has a Description beside its title. A fund's description is its name.
    "description": ("description", "programme description"),
}  # fmt: skip
_BY_WORDS: dict[str, Column] = {
    words: column for column, known in _SYNONYMS.items() for words in known
}
_SAME_WORD = {
    "agency": "organization",
    "organisation": "organization",
    "program": "programme",
    "project": "programme",
    "donor": "contributor",
    "expense": "expenditure",
}
_OFFICE = frozenset({"mptf", "mptfo"})  # says whose number it is, and nothing of what it counts
_NAME_WORDS = frozenset({"desc", "descr", "description", "long", "name", "short", "title"})
_NAMED = frozenset(
    {
        "organization", "organization_group", "programme_title", "fund_name", "fund_type",
        "contributor", "status", "country", "theme",
    }
)  # fmt: skip
# Words without which a name may mean one of some columns, tried in this order: a budget has no
# name, and `BUDGET_CODE` is no amount.
_DROPPED: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (_NAME_WORDS, _NAMED),
    (
        frozenset({"amount", "amt", "sum", "total", "us", "usd"}),
        frozenset(
            {
                "approved_budget", "net_funded", "transfers", "refunds", "expenditure",
                "commitments", "deposits",
            }
        ),
    ),
    (frozenset({"pct", "percent", "percentage"}), frozenset({"delivery_rate"})),
    (_NAME_WORDS | {"code"}, frozenset({"fund_type", "status", "country", "theme"})),
    (_OFFICE, frozenset({"programme_id", "fund_code"})),
)  # fmt: skip
# Columns whose values are personal data, and are never repeated in a report.
_PERSONAL = frozenset(
    {
        "author", "contact", "coordinator", "creator", "email", "fax", "firstname", "focal",
        "lastname", "mail", "manager", "mobile", "officer", "owner", "person", "phone", "pm",
        "signatory",
        "skype", "staff", "surname", "telephone", "user", "username",
    }
)  # fmt: skip
_WHOLE = re.compile(r"[A-Za-z][A-Za-z _-]*")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_LONGEST_NAME = 100  # characters
_SHORTEST_PLURAL = 4  # letters


def known_column(name: str) -> Column | None:
    """Return the meaning of a column such as `BUDGET` or `PROJECT_STATUS`; None if unknown."""
    return explain_column(name)[0]


def explain_column(name: str) -> tuple[Column | None, str]:
    """Return the meaning of a column, and how its name was understood.

    That is `exact`, `as programme_id` (in other words), `without DESCR` or `unknown`.
    """
    exact = _EXACT.get(name.lower())
    if exact is not None:
        return exact, EXACT
    words = words_of(name)
    if known := _BY_WORDS.get(" ".join(words)):
        return known, f"as {'_'.join(words)}"
    for dropped, columns in _DROPPED:
        kept = " ".join(word for word in words if word not in dropped)
        known = _BY_WORDS.get(kept)
        if known in columns:
            left_out = (word.upper() for word in words if word in dropped)
            return known, f"without {', '.join(left_out)}"
    return None, "unknown"


def words_of(name: str) -> list[str]:
    """Return the words of `FUNDS_COUNT` or `fundsCount`, singular, with one word for each thing.

    A name that has anything but letters has none: `BUDGET_2015` is not a budget.
    """
    if len(name) > _LONGEST_NAME or not _WHOLE.fullmatch(name):
        return []
    return [_one_word(word) for word in split_words(name)]


def split_words(name: str) -> list[str]:
    """Return the words of a name that are told apart by case and signs, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def is_personal(name: str) -> bool:
    """Return whether a column seems to hold names, telephones or e-mails of persons."""
    words = words_of(name)
    return not _PERSONAL.isdisjoint(words) or words[-1:] == ["by"]  # `CREATED_BY`


def _one_word(word: str) -> str:
    """Return the singular of a word, and the one word for its synonyms."""
    if word.endswith("ies"):
        word = word.removesuffix("ies") + "y"
    elif len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us")):
        word = word.removesuffix("s")
    return _SAME_WORD.get(word, word)
