"""The pages that are of all programmes: overview, restatements, missing figures, dictionary."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts
from webpage.funds import YEARS
from webpage.render import About, Written, page
from webpage.tables import Column, Table, table, tables

_FUNDS = (
    Column("fund_code", "Fund", cells.fund_link("", "th")),
    Column("name", "Name", cells.text_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("contributions_usd", "Contributions", cells.bare_money_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("expenditure_usd", "Spent", cells.money_cell),
    Column("interim_usd", "Of this interim", cells.interim_cell),
)
_LEDGER = (
    Column("restated_at", "Restated", cells.moment_cell),
    Column("programme_id", "Programme", cells.programme_link("")),
    Column("title", "Title", cells.text_cell),
    Column("fund_code", "Fund", cells.fund_link("")),
    Column("fiscal_year", "Year", cells.plain_year_cell),
    Column("organization", "Organization", cells.text_cell),
    Column("measure", "Measure", cells.measure_cell),
    Column("old_value", "Was", cells.money_cell),
    Column("new_value", "Became", cells.money_cell),
    Column("change", "Change", cells.change_cell),
    Column("source_url", "Page", cells.source_cell),
)
_MISSING = (
    Column("programme_id", "Programme", cells.programme_link("")),
    Column("title", "Title", cells.text_cell),
    Column("fund_code", "Fund", cells.fund_link("")),
    Column("organization", "Organization", cells.text_cell),
    Column("fiscal_year", "Year", cells.plain_year_cell),
    Column("deadline", "Was due", cells.date_cell),
    Column("days_late", "Days late", cells.count_cell),
    Column("last_interim_usd", "Last interim figure, US$", cells.money_cell),
)
_DICTIONARY = (
    Column("column_name", "Column", cells.code_head_cell),
    Column("type", "Type", cells.code_cell),
    Column("unit", "Unit", cells.plain_cell),
    Column("description", "Meaning", cells.plain_cell),
    Column("source", "Where it comes from", cells.plain_cell),
)
_ROOM = 400_000


def write_general(
    con: Connection, folder: Path, about: About, overview: dict[str, Any], funds: QueryResult
) -> list[Written]:
    """Write them all."""
    return [
        _overview(con, folder, about, overview, funds),
        *_paged(con, folder, about, "ledger", "restatements", _LEDGER, overview["restatements"]),
        *_paged(con, folder, about, "missing", "missing", _MISSING, overview["missing_year_end"]),
        *_dictionary(con, folder, about),
    ]


def _overview(
    con: Connection, folder: Path, about: About, overview: dict[str, Any], funds: QueryResult
) -> Written:
    (money,) = answer(con, "money_in").records()
    years = answer(con, "years")
    day = about.published
    return page(
        folder,
        "index.html",
        "overview",
        about,
        overview=overview,
        overview_sql=ready("overview", day),
        money=money,
        money_sql=ready("money_in", day),
        by_year=table("by-year", "All programmes by year, in US$", YEARS, years,
                      ready("years", day), 100_000),
        years=charts.years_data(years),
        funds=table("funds", "Funds, over all years, in US$", _FUNDS, funds,
                    ready("funds", day), 600_000),
    )  # fmt: skip


_CAPTIONS = {"restatements": "Restatements", "missing": "Missing year-end figures"}


def _paged(
    con: Connection, folder: Path, about: About, query: str, name: str,
    columns: tuple[Column, ...], in_all: object,
) -> Iterator[Written]:  # fmt: skip
    sql = ready(query, about.published)
    parts = list(tables(name, _CAPTIONS[name], columns, answer(con, query), sql, _ROOM))
    pages = [f"{name}{f'-{number + 1}' if number else ''}.html" for number in range(len(parts))]
    for number, part in enumerate(parts):
        yield page(
            folder, pages[number], name, about, table=part, number=number, pages=pages,
            in_all=in_all,
        )  # fmt: skip


def _dictionary(con: Connection, folder: Path, about: About) -> Iterator[Written]:
    """One page a schema, the first of them `dictionary.html` with the list of all tables."""
    found = answer(con, "dictionary")
    sql = ready("dictionary", about.published)
    contents: dict[str, list[tuple[str, str, Table]]] = {}
    for name, rows in groupby(found.rows, key=lambda row: row[0]):
        about_table, *of_columns = rows
        made = table(
            name.replace(".", "-"),
            f"Columns of {name}",
            _DICTIONARY,
            QueryResult(found.columns, of_columns),
            "",
            _ROOM,
        )
        contents.setdefault(name.partition(".")[0], []).append((name, about_table[4], made))
    schemas = [
        schema
        for schema in ("mart", "core", "raw", "meta", "observed", "vintage")
        if schema in contents
    ]
    for schema in schemas:
        yield page(
            folder, _dictionary_page(schema), "dictionary", about, schema=schema,
            contents=contents[schema], sql=sql,
            pages={other: _dictionary_page(other) for other in schemas},
        )  # fmt: skip


def _dictionary_page(schema: str) -> str:
    return "dictionary.html" if schema == "mart" else f"dictionary-{schema}.html"
