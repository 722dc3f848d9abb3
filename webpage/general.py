"""The pages about all programmes: overview, lists, dictionary."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts, links
from webpage.known import ALL, write_sums
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.scripts import ReleaseInfo, write_release
from webpage.tables import (
    LIST_BYTES,
    NOT_COVERED,
    Column,
    Table,
    first_table,
    list_tables,
    write_list,
)

_YEAR_COLUMNS = (
    Column("fiscal_year", "Year", cells.year_head_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
    Column("interim_usd", "Spent: interim", cells.interim_cell),
    Column("expenditure_usd", "Spent in all", cells.money_cell, main=True),
    Column("interim_figures_pct", "Figures that are interim", cells.bare_percent_cell),
    NOT_COVERED,
)
_FUND_COLUMNS = (
    Column("name", "Fund", links.title_link("", "fund"), beside="fund_code"),
    Column("fund_code", "Code", cells.key_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("contributions_usd", "Contributions", cells.bare_money_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("expenditure_usd", "Spent", cells.money_cell, main=True),
    Column("interim_usd", "Of this interim", cells.interim_cell),
    Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
    NOT_COVERED,
)
_RESTATEMENT_COLUMNS = (
    Column("title", "Programme", links.title_link("", "programme"), beside="programme_id"),
    Column("programme_id", "ID", cells.key_cell),
    Column("restated_at", "Restated", cells.moment_cell),
    Column("fund_code", "Fund", links.fund_link("")),
    Column("fiscal_year", "Year", cells.year_cell, main=True),
    Column("organization", "Organization", links.organization_link("")),
    Column("measure", "Measure", cells.measure_cell),
    Column("old_value", "Was", cells.money_cell),
    Column("new_value", "Became", cells.money_cell),
    Column("change", "Change", cells.change_cell, main=True),
    Column("source_url", "Page", cells.source_cell),
)
_MISSING_COLUMNS = (
    Column("title", "Programme", links.title_link("", "programme"), beside="programme_id"),
    Column("programme_id", "ID", cells.key_cell),
    Column("fund_code", "Fund", links.fund_link("")),
    Column("organization", "Organization", links.organization_link("")),
    Column("fiscal_year", "Year", cells.year_cell, main=True),
    Column("deadline", "Was due", cells.date_cell),
    Column("days_late", "Days late", cells.count_cell),
    Column("last_interim_usd", "Last interim figure, US$", cells.money_cell, main=True),
)
_DICTIONARY_COLUMNS = (
    Column("column_name", "Column", cells.code_head_cell),
    Column("type", "Type", cells.code_cell),
    Column("unit", "Unit", cells.long_text_cell),
    Column("description", "Meaning", cells.long_text_cell, main=True),
    Column("source", "Where it comes from", cells.long_text_cell),
)
_SCHEMAS = ("mart", "core", "raw", "meta", "observed", "vintage")


def write_general(
    con: Connection, folder: PageFolder, release: ReleaseInfo, overview: dict[str, Any],
    funds: QueryResult, sums: Mapping[str, QueryResult],
) -> list[WrittenFile]:  # fmt: skip
    """Write what names the release, the overview, the lists and the data dictionary.

    `sums` is `known_sums` by key.
    """
    restatements = list_tables(con, "ledger", "restatements", "Restatements", _RESTATEMENT_COLUMNS)
    missing = list_tables(con, "missing", "missing", "Missing year-end figures", _MISSING_COLUMNS)
    return [
        write_release(folder, release),
        *_overview(con, folder, release, overview, funds, sums),
        *write_list(folder, restatements, overview["restatements"]),
        *write_list(
            folder, missing, overview["missing_year_end"], newest_capture=release.newest_capture
        ),
        *_dictionary(con, folder),
    ]


def _overview(
    con: Connection, folder: PageFolder, release: ReleaseInfo, overview: dict[str, Any],
    funds: QueryResult, sums: Mapping[str, QueryResult],
) -> list[WrittenFile]:  # fmt: skip
    (money,) = answer(con, "money_in").records()
    years = answer(con, "years")
    known = write_sums(folder, "index.known.js", sums.get(ALL), years)
    sql = {query: ready(query) for query in ("overview", "money_in", "years", "funds")}
    page = write_html(
        folder,
        "index.html",
        "overview",
        release=release,
        overview=overview,
        overview_sql=sql["overview"],
        money=money,
        money_sql=sql["money_in"],
        by_year=first_table("by-year", "All programmes by year, in US$", _YEAR_COLUMNS, years,
                            sql["years"], 100_000),
        years=charts.years_data(years),
        funds=first_table("funds", "Funds, over all years, in US$", _FUND_COLUMNS, funds,
                          sql["funds"], 600_000),
        known_sums=known and "index.known.js",
        as_of_sql=ready("as_of"),
    )  # fmt: skip
    return [page, *known]


def _dictionary(con: Connection, folder: PageFolder) -> Iterator[WrittenFile]:
    """Write one page for each schema; `dictionary.html` is that of `mart`."""
    result = answer(con, "dictionary")
    sql = ready("dictionary")
    contents: dict[str, list[tuple[str, str, Table]]] = {}
    for name, (of_table, *of_columns) in groupby(result.rows, key=lambda row: row[0]):
        columns = first_table(
            name.replace(".", "-"), f"Columns of {name}", _DICTIONARY_COLUMNS,
            QueryResult(result.columns, of_columns), "", LIST_BYTES,
        )  # fmt: skip
        contents.setdefault(name.partition(".")[0], []).append((name, of_table[4], columns))
    pages = {
        schema: "dictionary.html" if schema == "mart" else f"dictionary-{schema}.html"
        for schema in _SCHEMAS
        if schema in contents
    }
    for schema, file in pages.items():
        yield write_html(
            folder, file, "dictionary", schema=schema, contents=contents[schema],
            sql=sql, pages=pages,
        )  # fmt: skip
