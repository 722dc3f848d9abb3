"""Word lists from which a seed composes the names of methods, columns, filters and files.

Words are in lower case, parts of a name apart by blanks; a casing joins them.
"""

from typing import Literal

# What a method answers. `odd` has columns that nobody knows; `broken` answers with an error.
Role = Literal[
    "organizations", "programme_figures", "contributions", "funds", "programmes", "odd", "broken"
]
Casing = Literal["camel", "pascal", "snake", "upper"]

VERBS = ("get", "list", "fetch", "load", "find", "read", "show", "select")
TOPICS = (
    "analyze", "overview", "summary", "detail", "portfolio", "explore", "key data", "gateway",
    "dashboard", "all",
)  # fmt: skip
OBJECTS: dict[Role, tuple[str, ...]] = {
    "programme_figures": (
        "project figures", "programme financials", "project budgets", "programme delivery",
        "project finance", "programme expenditures", "project by agency", "programme key figures",
    ),
    "contributions": (
        "contributions", "donor contributions", "contributors", "donor deposits", "commitments",
        "donors by fund", "pledges and deposits",
    ),
    "funds": ("funds", "trust funds", "pooled funds", "fund types", "fund names"),
    "programmes": (
        "projects", "programmes", "project titles", "programme list", "project names",
        "joint programmes",
    ),
    "odd": ("markers", "flags", "classes", "tags", "map layers", "sectors"),
    "broken": ("news feed", "legacy totals", "signatures", "calendar", "widgets"),
}  # fmt: skip

# The names of a column, by what it means.
COLUMNS: dict[str, tuple[str, ...]] = {
    "programme_id": (
        "project id", "programme number", "mptfo project no", "project number", "programme id",
        "project no",
    ),
    "title": ("title", "project title", "programme name", "project name", "programme title"),
    "agency_code": ("agency code", "organization code", "agency id", "implementing agent code"),
    "organization": (
        "organization", "participating organization", "agency name", "implementing agent",
        "organization name",
    ),
    "fund_code": ("fund code", "fund id", "trust fund code", "mptf fund code"),
    "fund_name": ("fund name", "fund title", "trust fund name", "fund description"),
    "fund_type": ("fund type", "type of fund", "fund category"),
    "status": ("status", "current status", "status description"),
    "country": ("country", "country name", "project country"),
    "start_date": ("start date", "project start date", "date of start"),
    "end_date": ("end date", "project end date", "date of end"),
    "fiscal_year": ("year", "fiscal year", "budget year", "reporting year"),
    "approved_budget": ("approved budget", "budget", "budget amount", "total approved budget"),
    "net_funded": ("net funded", "net funded amount", "total net funded"),
    "transfers": ("transfers", "transfer amount", "total transfers", "transferred amount"),
    "refunds": ("refunds", "refund amount", "total refunds"),
    "expenditure": ("expenditure", "expenditures", "total expenditure", "expenditure amount"),
    "delivery_rate": ("delivery rate", "delivery percentage", "rate of delivery"),
    "contributor": ("contributor", "donor", "donor name", "contributor name"),
    "commitments": ("commitments", "commitment amount", "total commitments", "committed amount"),
    "deposits": ("deposits", "deposit amount", "total deposits", "deposited amount"),
}  # fmt: skip
ODD_COLUMNS = (
    "xq flag", "zz knd", "rf2", "cpl idx", "w9 val", "hh mrk", "b seg", "tv ord", "qn ratio",
)  # fmt: skip

# The names of a filter, by what it narrows.
FILTERS: dict[str, tuple[str, ...]] = {
    "year": ("year", "fiscal year", "budget year", "reporting year"),
    "first_year": ("from year", "year from", "start year", "min year"),
    "last_year": ("to year", "year to", "end year", "max year"),
    "fund": ("fund", "fund code", "fund id", "trust fund"),
    "programme": ("project", "project id", "programme", "project number"),
}
OFFSETS = ("offset", "start", "first", "skip", "start row", "row from")
LIMITS = ("limit", "rows", "size", "max rows", "per page", "row count")
PAGES = ("page", "page number", "pg", "page no", "page index")

THEMES = ("gateway", "mptfo", "pooled", "fundsite", "unportal", "bluefund", "trustees", "openbooks")
SCRIPTS = (
    "analyze", "overview", "figures", "tables", "dashboard", "charts", "fill-in", "details",
    "portfolio", "fund-data", "project-data", "data-loader", "main", "app", "grids", "partners",
)  # fmt: skip
