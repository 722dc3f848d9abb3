"""A page for each fund, and more of them where its programmes are many."""

from pathlib import Path

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts
from webpage.programmes import captures_of
from webpage.render import About, Written, page
from webpage.tables import Column, Table, table, tables

YEARS = (
    Column("fiscal_year", "Year", cells.year_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
    Column("interim_usd", "Spent: interim", cells.interim_cell),
    Column("expenditure_usd", "Spent in all", cells.money_cell),
    Column("interim_figures_pct", "Figures that are interim", cells.bare_percent_cell),
)
_STATEMENT = (
    Column("label", "Line, as printed", cells.head_cell),
    Column("role", "Enters the sum", cells.text_cell),
    Column("amount_usd", "US$", cells.bare_money_cell),
    Column("pct", "Percent", cells.bare_percent_cell),
)
_PROGRAMMES = (
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
_ROOM = 300_000  # bytes of programmes on one page


def write_funds(con: Connection, folder: Path, about: About, funds: QueryResult) -> list[Written]:
    """Write the pages of all funds, and one for the programmes whose page names none."""
    queries = ("fund_years", "fund_statement", "fund_programmes")
    found = {query: answer(con, query).by_key() for query in queries}
    return [
        written
        for row in funds.rows
        for written in _write(
            folder, about, QueryResult(funds.columns, [row]),
            {query: answers[row[0]] for query, answers in found.items() if row[0] in answers},
        )
    ]  # fmt: skip


def _write(
    folder: Path, about: About, fund: QueryResult, own: dict[str, QueryResult]
) -> list[Written]:
    (record,) = fund.records()
    code = record["fund_code"]
    names = ("funds", "fund_years", "fund_statement", "fund_programmes")
    sql = {query: ready(query, about.published, code) for query in names}
    statement, years = own.get("fund_statement"), own.get("fund_years")
    programmes = own.get("fund_programmes", QueryResult(tuple(c.name for c in _PROGRAMMES), []))
    parts = list(
        tables("programmes", "Programmes, over all years, in US$", _PROGRAMMES, programmes,
               sql["fund_programmes"], _ROOM)
    )  # fmt: skip
    return [
        page(
            folder,
            _name(code, number),
            "fund",
            about,
            fund=record,
            fund_sql=sql["funds"],
            statement=_statement(statement, sql["fund_statement"]) if statement else [],
            stated=statement.records()[0] if statement else None,
            by_year=years
            and table("by-year", "By year, in US$", YEARS, years, sql["fund_years"], 100_000),
            years=years and charts.years_data(years),
            programmes=part,
            captures=captures_of([fund, *([statement] if statement else [])]),
            number=number,
            pages=[_name(code, other).removeprefix("fund/") for other in range(len(parts))],
        )
        for number, part in enumerate(parts)
    ]


def _name(code: str, number: int) -> str:
    return f"fund/{cells.file_name(code)}{f'-{number + 1}' if number else ''}.html"


def _statement(found: QueryResult, sql: str) -> list[Table]:
    block = found.columns.index("block")
    return [
        table(
            name.replace("_", "-"), f"{caption}, in US$", _STATEMENT,
            QueryResult(found.columns, [row for row in found.rows if row[block] == name]),
            sql, 60_000,
        )
        for name, caption in _BLOCKS.items()
    ]  # fmt: skip
