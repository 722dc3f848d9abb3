"""The pages of organizations and of countries: a list of each, and one page for each of them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts, links
from webpage.api import Described, Part, parts_of, write_subject
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.subjects import Subjects
from webpage.tables import (
    LIST_BYTES,
    NOT_COVERED,
    Column,
    ListText,
    TableSpec,
    first_table,
    page_names,
    page_tables,
    tables,
    write_list,
)
from webpage.worldmap import world_map

_TOTALS_BYTES = 300_000  # of the list over all years, which stands above the one by year
_PROGRAMMES_BYTES = 250_000  # of one page
_YEAR = Column("fiscal_year", "Year", cells.year_cell, main=True)
_PROGRAMMES = Column("programmes", "Programmes", cells.count_cell)
_YEARS = (
    Column("first_year", "First year", cells.year_cell),
    Column("last_year", "Last year", cells.year_cell),
)
_SUMS = (
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("expenditure_usd", "Spent in all", cells.money_cell, main=True),
    Column("interim_usd", "Of this interim", cells.interim_cell),
)
_TOTALS = (
    _PROGRAMMES, Column("funds", "Funds", cells.count_cell), *_YEARS, *_SUMS,
    Column("delivery_rate_pct", "Delivery rate", cells.percent_cell), NOT_COVERED,
)  # fmt: skip
_OWN = "programmes_basis"  # of the programmes' sums; the API's figure beside them has another
_YEAR_COLUMNS = {
    "organization": (
        _PROGRAMMES,
        Column("programmes_transfers_usd", "Transferred", cells.money_cell, beside=_OWN),
        Column("programmes_net_funded_usd", "Net funded", cells.money_cell, beside=_OWN),
        Column("programmes_year_end_usd", "Spent: year-end", cells.year_end_cell),
        Column("programmes_interim_usd", "Spent: interim", cells.interim_cell),
        Column(
            "programmes_expenditure_usd", "Spent in all", cells.money_cell, beside=_OWN, main=True
        ),
        Column("programmes_interim_share_pct", "Of this interim", cells.bare_percent_cell),
        Column("programmes_delivery_rate_pct", "Delivery rate", cells.percent_cell, beside=_OWN),
        Column("expenditure_usd", "Spent, by the API", cells.money_cell, optional=True),
        Column("difference_usd", "Difference", cells.bare_money_cell, optional=True),
        Column("source_url", "Page", cells.source_cell, optional=True),
        NOT_COVERED,
    ),
    "country": (
        _PROGRAMMES,
        Column("transfers_usd", "Transferred", cells.money_cell),
        Column("net_funded_usd", "Net funded", cells.money_cell),
        Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
        Column("interim_usd", "Spent: interim", cells.interim_cell),
        Column("expenditure_usd", "Spent in all", cells.money_cell, main=True),
        Column("interim_share_pct", "Of this interim", cells.bare_percent_cell),
        Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
        NOT_COVERED,
    ),
}


class Kind(NamedTuple):
    """A kind of place: its queries and tables, and how its pages are named."""

    name: str  # of its folder, and of the query with one row for each
    names: str  # of its list, and of the query with one row for each year
    file_name: Callable[[str], str]
    listed: Callable[[str], tuple[Column, ...]]  # the columns that name it in a list
    text: ListText
    prefix: str  # of the columns with its programmes' sums by year


def _organization(root: str, tag: str = "th") -> Column:
    return Column("organization", "Organization", links.organization_link(root, tag))


def _country(root: str, tag: str = "th") -> Column:
    return Column("country", "Country", links.country_link(root, tag), beside="country_key")


KINDS = (
    Kind(
        "organization", "organizations", links.organization_file_name,
        lambda root: (_organization(root),),
        ListText(
            "Organizations",
            "What each participating organization received and spent: the sums of the programmes"
            " known here, and by year beside them the figure that the site’s API shows over all"
            " funds, where it was loaded. The row (all) has what names no organization.",
            "Nothing is known of any organization’s figures by year.",
        ),
        "programmes_",
    ),
    Kind(
        "country", "countries", links.country_file_name,
        lambda root: (_country(root), Column("country_code", "ISO code", cells.text_cell)),
        ListText(
            "Countries",
            "What programmes received and spent, by the country that each programme’s page names"
            " now. What is no country, such as Global, has rows without a code; so have names that"
            " are not known.",
            "Nothing is known of any programme’s figures by year.",
        ),
        "",
    ),
)  # fmt: skip


def _specs(kind: Kind) -> tuple[TableSpec, ...]:
    """Return the tables of a page, without its programmes."""
    other, others = ("country", "countries") if kind.name == "organization" else (
        "organization", "organizations",
    )  # fmt: skip
    named = _country("../") if other == "country" else _organization("../")
    return (
        TableSpec(
            kind.names, "by-year", "By year, in US$",
            (Column("fiscal_year", "Year", cells.year_head_cell), *_YEAR_COLUMNS[kind.name]),
            60_000,
        ),
        TableSpec(
            f"{kind.name}_funds", "funds", "Funds, over all years, in US$",
            (
                Column("fund_name", "Fund", links.title_link("../", "fund"), beside="fund_code"),
                Column("fund_code", "Code", cells.key_cell), _PROGRAMMES, *_YEARS, *_SUMS,
            ),
            150_000,
        ),
        TableSpec(
            f"{kind.name}_{others}", others, f"{others.capitalize()}, over all years, in US$",
            (named, _PROGRAMMES, *_YEARS, *_SUMS), 150_000,
        ),
    )  # fmt: skip


def _programme_columns(kind: Kind) -> tuple[Column, ...]:
    return (
        Column("title", "Programme", links.title_link("../", "programme"), beside="programme_id"),
        Column("programme_id", "ID", cells.key_cell),
        Column("fund_code", "Fund", links.fund_link("../")),
        *((_country("../", "td"),) if kind.name == "organization" else ()),
        Column("status", "Status", cells.text_cell),
        *_YEARS, *_SUMS,
    )  # fmt: skip


_SPECS = {kind.name: _specs(kind) for kind in KINDS}
_PROGRAMME_COLUMNS = {kind.name: _programme_columns(kind) for kind in KINDS}


DESCRIBED = {
    kind.name: Described(
        kind.name, kind.name,
        (
            *parts_of(_SPECS[kind.name]),
            Part("programmes", f"{kind.name}_programmes", _PROGRAMMES_BYTES),
        ),
    )
    for kind in KINDS
}  # fmt: skip


def write_places(con: Connection, folder: PageFolder, subjects: Subjects) -> list[WrittenFile]:
    """Write the lists of organizations and countries, and a page for each."""
    written: list[WrittenFile] = []
    for kind in KINDS:
        totals: QueryResult = getattr(subjects, kind.name)
        years = answer(con, kind.names)
        written += _write_list(folder, kind, totals, years)
        others = (*(spec.query for spec in _SPECS[kind.name][1:]), f"{kind.name}_programmes")
        results = {kind.names: years.by_key()}
        results |= {query: answer(con, query).by_key() for query in others}
        for row, record in zip(totals.rows, totals.records(), strict=True):
            key = row[0]
            own = {query: found[key] for query, found in results.items() if key in found}
            written += folder.files(
                f"{kind.name}/{key}", (record, own), partial(_write, folder, kind, key, record, own)
            )
    return written


def _write_list(
    folder: PageFolder, kind: Kind, totals: QueryResult, years: QueryResult
) -> Iterator[WrittenFile]:
    named = kind.listed("")
    parts = tables(
        kind.names, f"{kind.text.title} by year, in US$",
        (*named, _YEAR, *_YEAR_COLUMNS[kind.name]),
        years, ready(kind.names), LIST_BYTES,
    )  # fmt: skip
    whole = first_table(
        f"{kind.names}-whole", f"{kind.text.title}, over all years, in US$", (*named, *_TOTALS),
        totals, ready(kind.name), _TOTALS_BYTES,
    )  # fmt: skip
    drawn = world_map(totals) if kind.name == "country" else None
    yield from write_list(
        folder, list(parts), len(totals.rows), "list", text=kind.text, whole=whole, map=drawn
    )


def _write(
    folder: PageFolder, kind: Kind, key: str, record: dict[str, Any], own: dict[str, QueryResult]
) -> Iterator[WrittenFile]:
    specs, columns = _SPECS[kind.name], _PROGRAMME_COLUMNS[kind.name]
    listed = f"{kind.name}_programmes"
    sql = {query: ready(query, key) for query in (kind.name, listed, *(s.query for s in specs))}
    none = QueryResult(tuple(column.name for column in columns), [])
    caption = "Programmes, over all years, in US$"
    programmes = list(
        tables(
            "programmes", caption, columns, own.get(listed) or none, sql[listed], _PROGRAMMES_BYTES
        )
    )
    file = kind.file_name(key)
    yield write_subject(folder, DESCRIBED[kind.name], key, file, record, own)
    pages = page_names(file, len(programmes))
    years = own.get(kind.names)
    shared = {
        "json": f"{file}.json",
        "kind": kind,
        "place": record,
        "place_sql": sql[kind.name],
        "tables": page_tables(specs, own, sql),
        "years": years and charts.years_data(years, kind.prefix),
        "pages": pages,
    }
    for number, part in enumerate(programmes):
        yield write_html(
            folder, f"{kind.name}/{pages[number]}", "place", **shared, programmes=part,
            number=number,
        )  # fmt: skip
