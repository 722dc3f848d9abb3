"""The pages of funds: one for each, or several where its list of programmes is long."""

from pathlib import Path

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts
from webpage.render import ReleaseInfo, WrittenFile, write_html
from webpage.tables import Column, Table, captures_table, first_table, page_names, tables

YEAR_COLUMNS = (
    Column("fiscal_year", "Year", cells.year_head_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
    Column("interim_usd", "Spent: interim", cells.interim_cell),
    Column("expenditure_usd", "Spent in all", cells.money_cell),
    Column("interim_figures_pct", "Figures that are interim", cells.bare_percent_cell),
)
_STATEMENT_COLUMNS = (
    Column("label", "Line, as printed", cells.head_cell),
    Column("role", "Enters the sum", cells.text_cell),
    Column("amount_usd", "US$", cells.bare_money_cell),
    Column("pct", "Percent", cells.bare_percent_cell),
)
_PROGRAMME_COLUMNS = (
    Column("programme_id", "Programme", cells.programme_link("../")),
    Column("title", "Title", cells.text_cell),
    Column("country", "Country", cells.text_cell),
    Column("status", "Status", cells.text_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("expenditure_usd", "Spent", cells.money_cell),
)
_BLOCKS = {
    "administrative_agent": "Funds with the administrative agent",
    "participating_organizations": "Funds with participating organizations",
}
_PROGRAMMES_BYTES = 300_000  # of one page


def write_funds(
    con: Connection, folder: Path, release: ReleaseInfo, funds: QueryResult
) -> list[WrittenFile]:
    """Write the pages of all funds, and of the programmes whose page names no fund."""
    queries = ("fund_years", "fund_statement", "fund_programmes")
    results = {query: answer(con, query).by_key() for query in queries}
    return [
        written
        for row in funds.rows
        for written in _write(
            folder, release, QueryResult(funds.columns, [row]),
            {query: by_key[row[0]] for query, by_key in results.items() if row[0] in by_key},
        )
    ]  # fmt: skip


def _write(
    folder: Path, release: ReleaseInfo, fund: QueryResult, own: dict[str, QueryResult]
) -> list[WrittenFile]:
    (record,) = fund.records()
    code = record["fund_code"]
    names = ("funds", "fund_years", "fund_statement", "fund_programmes")
    sql = {query: ready(query, release.published, code) for query in names}
    statement, years = own.get("fund_statement"), own.get("fund_years")
    no_programmes = QueryResult(tuple(column.name for column in _PROGRAMME_COLUMNS), [])
    parts = list(
        tables("programmes", "Programmes, over all years, in US$", _PROGRAMME_COLUMNS,
               own.get("fund_programmes", no_programmes), sql["fund_programmes"],
               _PROGRAMMES_BYTES)
    )  # fmt: skip
    pages = page_names(cells.file_name(code), len(parts))
    by_year = years and first_table(
        "by-year", "By year, in US$", YEAR_COLUMNS, years, sql["fund_years"], 100_000
    )
    return [
        write_html(
            folder,
            f"fund/{pages[number]}",
            "fund",
            release,
            fund=record,
            fund_sql=sql["funds"],
            statement=_statement(statement, sql["fund_statement"]) if statement else [],
            statement_source=statement.records()[0] if statement else None,
            by_year=by_year,
            years=years and charts.years_data(years),
            programmes=part,
            captures=captures_table([fund, *([statement] if statement else [])]),
            number=number,
            pages=pages,
        )
        for number, part in enumerate(parts)
    ]


def _statement(result: QueryResult, sql: str) -> list[Table]:
    block = result.columns.index("block")
    return [
        first_table(
            name.replace("_", "-"), f"{caption}, in US$", _STATEMENT_COLUMNS,
            QueryResult(result.columns, [row for row in result.rows if row[block] == name]),
            sql, 60_000,
        )
        for name, caption in _BLOCKS.items()
    ]  # fmt: skip
