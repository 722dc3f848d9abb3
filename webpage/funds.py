"""The pages of funds: one for each, or several where its list of programmes is long."""

from collections.abc import Mapping
from functools import partial

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, charts, links
from webpage.api import Described, Part, parts_of, write_subject
from webpage.contributors import CONTRIBUTED_COLUMNS, MONEY_COLUMNS
from webpage.known import write_sums
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.tables import (
    NOT_COVERED,
    Column,
    Table,
    TableSpec,
    captures_table,
    first_table,
    page_names,
    page_tables,
    tables,
)
from webpage.told import DOCUMENT_COLUMNS, narrative

_FLOW_COLUMNS = (
    Column("fiscal_year", "Year", cells.year_head_cell),
    Column("programmes", "Programmes", cells.count_cell),
    Column("commitments_usd", "Committed", cells.bare_money_cell, optional=True),
    Column("deposits_usd", "Deposited", cells.bare_money_cell, optional=True, main=True),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("refunds_usd", "Refunded", cells.money_cell, optional=True),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
    Column("interim_usd", "Spent: interim", cells.interim_cell),
    Column("expenditure_usd", "Spent in all", cells.money_cell, main=True),
    Column("interim_share_pct", "Of this interim", cells.bare_percent_cell),
    Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
    Column("balance_usd", "Balance", cells.bare_money_cell, optional=True),
    Column("balance_not_known_because", "No balance because", cells.long_text_cell, optional=True),
    NOT_COVERED,
)
_STATEMENT_COLUMNS = (
    Column("label", "Line, as printed", cells.head_cell),
    Column("role", "Enters the sum", cells.text_cell),
    Column("amount_usd", "US$", cells.bare_money_cell, main=True),
    Column("pct", "Percent", cells.bare_percent_cell),
)
_PROGRAMME_COLUMNS = (
    Column("title", "Programme", links.title_link("../", "programme"), beside="programme_id"),
    Column("programme_id", "ID", cells.key_cell),
    Column("country", "Country", links.country_link("../"), beside="country_key"),
    Column("status", "Status", cells.text_cell),
    Column("transfers_usd", "Transferred", cells.money_cell),
    Column("expenditure_usd", "Spent", cells.money_cell, main=True),
)
_CONTRIBUTOR = Column("contributor", "Contributor", links.contributor_link("../"))
_TABLES = (
    TableSpec("fund_years", "by-year", "Money in and out by year, in US$", _FLOW_COLUMNS, 100_000),
    TableSpec(
        "fund_contributors", "contributors", "Contributors, over all years, in US$",
        (_CONTRIBUTOR, *CONTRIBUTED_COLUMNS), 100_000,
    ),
    TableSpec(
        "fund_contributions", "contributions", "Contributions by year, in US$",
        (
            _CONTRIBUTOR,
            Column("fiscal_year", "Year", cells.year_cell, main=True),
            *MONEY_COLUMNS,
            Column("known_from", "Shown from", cells.moment_cell),
            Column("capture_id", "Capture", cells.capture_cell),
        ),
        150_000,
    ),
    TableSpec(
        "fund_documents", "documents", "Documents listed on the page", DOCUMENT_COLUMNS, 40_000
    ),
)  # fmt: skip
_BLOCKS = {
    "administrative_agent": "Funds with the administrative agent",
    "participating_organizations": "Funds with participating organizations",
}
_PROGRAMMES_BYTES = 250_000  # of one page
_QUERIES = (
    "fund_statement",
    "fund_programmes",
    "fund_narrative",
    *(spec.query for spec in _TABLES),
)


DESCRIBED = Described(
    "fund", "funds",
    (
        *parts_of(_TABLES),
        Part("statement", "fund_statement", 60_000),
        Part("programmes", "fund_programmes", _PROGRAMMES_BYTES),
    ),
)  # fmt: skip


def write_funds(
    con: Connection, folder: PageFolder, funds: QueryResult, sums: Mapping[str, QueryResult]
) -> list[WrittenFile]:
    """Write the pages of all funds, and of the programmes whose page names no fund.

    `sums` is `known_sums` by key.
    """
    results = {query: answer(con, query).by_key() for query in _QUERIES} | {"known_sums": sums}
    written: list[WrittenFile] = []
    for row in funds.rows:
        code, fund = row[0], QueryResult(funds.columns, [row])
        own = {query: by_key[code] for query, by_key in results.items() if code in by_key}
        written += folder.files(f"fund/{code}", (fund, own), partial(_write, folder, fund, own))
    return written


def _write(folder: PageFolder, fund: QueryResult, own: dict[str, QueryResult]) -> list[WrittenFile]:
    (record,) = fund.records()
    code = record["fund_code"]
    sql = {query: ready(query, code) for query in ("funds", *_QUERIES)}
    statement, years = own.get("fund_statement"), own.get("fund_years")
    programmes = _programmes(own.get("fund_programmes"), sql["fund_programmes"])
    file = links.file_name(code)
    pages = page_names(file, len(programmes))
    sums = write_sums(folder, f"fund/{file}.known.js", own.get("known_sums"), years)
    shared = {
        "json": f"{file}.json",
        "fund": record,
        "fund_sql": sql["funds"],
        "statement": _statement(statement, sql["fund_statement"]) if statement else [],
        "statement_source": statement.records()[0] if statement else None,
        "tables": page_tables(_TABLES, own, sql),
        "years": years and charts.years_data(years),
        "narrative": narrative(own.get("fund_narrative"), sql["fund_narrative"]),
        "captures": captures_table([fund, *own.values()]),
        "pages": pages,
        "known_sums": sums and f"{file}.known.js",
        "as_of_sql": ready("fund_as_of", code),
    }
    written = [
        write_html(
            folder, f"fund/{pages[number]}", "fund", **shared, programmes=part, number=number
        )
        for number, part in enumerate(programmes)
    ]
    return [*written, *sums, write_subject(folder, DESCRIBED, code, file, record, own)]


def _programmes(result: QueryResult | None, sql: str) -> list[Table]:
    none = QueryResult(tuple(column.name for column in _PROGRAMME_COLUMNS), [])
    caption = "Programmes, over all years, in US$"
    return list(
        tables("programmes", caption, _PROGRAMME_COLUMNS, result or none, sql, _PROGRAMMES_BYTES)
    )


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
