"""A profile of the stand-in's API, with the names that its seed has chosen."""

from extractors.profiles.profile import Fills, Paging, Profile, Query
from extractors.profiles.read import load_profile
from replica.today.names import BASE, Method, Names
from replica.today.words import Role

PAGE = "/partners/organizations"
_FILLS: dict[Role, Fills] = {
    "programme_figures": "programmes", "contributions": "contributions", "programmes": "lists",
    "funds": "lists",
}  # fmt: skip
_YEARS = {"year": "{year}", "first_year": "{from_year}", "last_year": "{to_year}"}


def profile_for(names: Names, *, page_rows: int = 0, from_year: int = 2004) -> Profile:
    """Return the shipped profile of today with queries for programmes, contributions and lists."""
    today = load_profile("today")
    queries = [_query(names, role, page_rows, from_year) for role in _FILLS]
    return Profile(
        "probed", "the stand-in", "its names", today.programme_paths, today.fund_paths,
        queries=(*today.queries, *queries),
    )  # fmt: skip


def _query(names: Names, role: Role, page_rows: int, from_year: int) -> Query:
    method: Method = names.methods[role]
    by_year = [f"{name}:{_YEARS[what]}" for what, name in method.filters.items() if what in _YEARS]
    paging = Paging(
        names.paging.kind, names.paging.first, page_rows or 1, names.paging.size, names.paging.base
    )
    return Query(
        name=role,
        base=BASE.rstrip("/"),
        method=method.name,
        known_by="the seed",
        columns=tuple(method.asked.values()),
        filters=tuple(by_year),
        on_behalf_of=PAGE,
        years="each" if by_year else "none",
        from_year=from_year,
        paging=paging if page_rows else None,
        fills=(_FILLS[role],),
    )
