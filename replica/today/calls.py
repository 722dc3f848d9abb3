"""Calls of the API: their paths, and those that the site's scripts make."""

from collections import Counter
from typing import NamedTuple

from replica.today.names import BASE, Method, Names
from replica.today.tables import Asked, Tables
from replica.today.words import Role

_FIRST_YEAR = 2004
# The calls of each kind of page: a method, and what its rows are narrowed to.
_CALLS: dict[str, tuple[tuple[Role, str], ...]] = {
    "partners": (("organizations", ""),),
    "contributions": (("contributions", ""),),
    "home": (("funds", ""), ("programme_figures", ""), ("odd", "")),
    "fund": (("programme_figures", "fund"), ("contributions", "fund"), ("programmes", "fund")),
    "project": (("programme_figures", "programme"), ("programmes", ""), ("broken", "")),
}
PAGE_KINDS = tuple(_CALLS)


class Call(NamedTuple):
    """One call: a method, the columns asked of it and its filters, as a path has them."""

    method: Method
    columns: tuple[str, ...]  # with an empty one at each end where the path has commas there
    filters: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """Return the call's path."""
        filters = ",".join(f"{name}:{value}" for name, value in self.filters)
        return f"{BASE}{self.method.name}/{','.join(self.columns)}/{filters}"


class Sample(NamedTuple):
    """The values with which scripts call: a year with figures, a fund and a programme in it."""

    year: int
    fund_code: str
    programme_id: str
    deposit_year: int
    deposit_fund: str


def call_of(
    names: Names,
    role: Role,
    *,
    years: tuple[int, int] | None = None,
    fund: str = "",
    programme: str = "",
    page_rows: int = 0,
    page: int = 0,
) -> Call:
    """Return a call of a method for years from first to last, narrowed to a fund or programme.

    With `page_rows` it asks for that many rows, after `page` pages of as many.
    """
    method = names.methods[role]
    values = {"fund": fund, "programme": programme}
    if years:
        values |= {"year": str(years[1]), "first_year": str(years[0]), "last_year": str(years[1])}
    filters = [(name, values[what]) for what, name in method.filters.items() if values.get(what)]
    if role == "organizations":
        filters.append(("--budget", "DESC"))
    if page_rows:
        filters += _paging(names, page_rows, page)
    around = ("",) if names.commas_around or role == "organizations" else ()
    return Call(method, (*around, *method.asked.values(), *around), tuple(filters))


def _paging(names: Names, page_rows: int, page: int) -> list[tuple[str, str]]:
    paging = names.paging
    first = page * page_rows if paging.kind == "offset" else page + paging.base
    size = [(paging.size, str(page_rows))] if paging.size else []
    return [(paging.first, str(first)), *size]


def script_calls(names: Names, sample: Sample, page_rows: int) -> dict[str, list[Call]]:
    """Return the calls that the scripts of each kind of page make."""
    return {
        kind: [_script_call(names, role, narrowed, sample, page_rows) for role, narrowed in calls]
        for kind, calls in _CALLS.items()
    }


def _script_call(names: Names, role: Role, narrowed: str, sample: Sample, page_rows: int) -> Call:
    year = sample.deposit_year if role == "contributions" else sample.year
    fund = sample.deposit_fund if role == "contributions" else sample.fund_code
    first = year if narrowed or role != "organizations" else max(_FIRST_YEAR, year - 9)
    return call_of(
        names,
        role,
        years=(first, year),
        fund=fund if narrowed == "fund" else "",
        programme=sample.programme_id if narrowed == "programme" else "",
        page_rows=page_rows,
    )


def sample_of(tables: Tables, names: Names, now: int, before: int) -> Sample | None:
    """Return values with rows at a moment, of years before one; None if there are none."""
    by_year = tables.cents.at(now)
    years = [year for year in by_year if year < before]
    paid = [
        one
        for one in tables.contributions()
        if one.fiscal_year < before and one.commitments.at(now) is not None
    ]
    if not years or not paid:
        return None
    year = max(years)
    (outline, _), *_ = Counter(row.outline for row in by_year[year]).most_common(1)
    shown = outline.programme_id if names.padded else outline.programme_id.lstrip("0")
    last = max(paid, key=lambda one: one.fiscal_year)
    return Sample(year, outline.fund.code, shown, last.fiscal_year, last.fund.code)


def asked_by(method: Method, filters: dict[str, str]) -> Asked | None:
    """Return what filters ask of a method; None if it needs years that they do not say.

    Raises:
        ValueError: if a year is no number.
    """
    given = {what: filters[name] for what, name in method.filters.items() if filters.get(name)}
    fund, programme = given.get("fund"), given.get("programme")
    by_year = {"year", "first_year", "last_year"} & method.filters.keys()
    first = int(given.get("year") or given.get("first_year") or 0)
    last = int(given.get("year") or given.get("last_year") or 9999)
    if by_year and not by_year & given.keys() and not (fund or programme):
        return None
    return Asked(
        range(first, last + 1), fund.upper() if fund else None,
        programme.zfill(8) if programme else None,
    )  # fmt: skip
