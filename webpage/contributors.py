"""The pages of contributors: the list of all, and one page for each."""

from collections.abc import Iterator
from functools import partial

from warehouse.answers import QueryResult, answer, ready
from warehouse.connection import Connection
from webpage import cells, links
from webpage.api import Described, parts_of, write_subject
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.tables import (
    LIST_BYTES,
    NOT_COVERED,
    Column,
    ListText,
    TableSpec,
    page_tables,
    tables,
    write_list,
)

MONEY_COLUMNS = (
    Column("commitments_usd", "Committed", cells.bare_money_cell),
    Column("deposits_usd", "Deposited", cells.bare_money_cell, main=True),
)
_RATE = Column("deposit_rate_pct", "Deposit rate", cells.bare_percent_cell)
_YEARS = (
    Column("first_year", "First year", cells.year_cell, optional=True),
    Column("last_year", "Last year", cells.year_cell, optional=True),
)
CONTRIBUTED_COLUMNS = (
    *MONEY_COLUMNS, _RATE, *_YEARS,
    Column("counted", "Counted", cells.text_cell),
    Column("known_from", "Shown from", cells.moment_cell),
    Column("source_url", "Page", cells.source_cell),
)  # fmt: skip
_LIST_COLUMNS = (
    Column("contributor", "Contributor", links.contributor_link("")),
    Column("contributor_fund_code", "Is the fund", links.fund_link(""), optional=True),
    Column("funds", "Funds", cells.count_cell),
    *MONEY_COLUMNS, _RATE, *_YEARS, NOT_COVERED,
)  # fmt: skip
_TEXT = ListText(
    "Contributors",
    "Who paid into the funds. A commitment is what a contributor has signed, a deposit is what has"
    " arrived: two measures of the same money, never to be added together.",
    "Nothing is known of contributors: no page that was loaded shows them.",
)
_TABLES = (
    TableSpec(
        "contributor_funds", "funds", "Funds, over all years, in US$",
        (
            Column("fund_name", "Fund", links.title_link("../", "fund"), beside="fund_code"),
            Column("fund_code", "Code", cells.key_cell),
            *CONTRIBUTED_COLUMNS,
        ),
        300_000,
    ),
    TableSpec(
        "contributor_years", "by-year", "By year, all funds together, in US$",
        (
            Column("fiscal_year", "Year", cells.year_head_cell),
            Column("funds", "Funds", cells.count_cell),
            *MONEY_COLUMNS, _RATE, NOT_COVERED,
        ),
        100_000,
    ),
)  # fmt: skip


DESCRIBED = Described("contributor", "contributors", parts_of(_TABLES))


def write_contributors(
    con: Connection, folder: PageFolder, contributors: QueryResult
) -> list[WrittenFile]:
    """Write the list of contributors, and a page for each with its funds and years."""
    results = {spec.query: answer(con, spec.query).by_key() for spec in _TABLES}
    listed = tables(
        "contributors", "Contributors, over all funds and years, in US$", _LIST_COLUMNS,
        contributors, ready("contributors"), LIST_BYTES,
    )  # fmt: skip
    written = [*write_list(folder, list(listed), len(contributors.rows), "list", text=_TEXT)]
    for record in contributors.records():
        name = record["contributor"]
        own = {query: found[name] for query, found in results.items() if name in found}
        written += folder.files(
            f"contributor/{name}", (record, own), partial(_write, folder, record, own)
        )
    return written


def _write(
    folder: PageFolder, record: dict[str, object], own: dict[str, QueryResult]
) -> Iterator[WrittenFile]:
    name = str(record["contributor"])
    sql = {
        query: ready(query, name) for query in ("contributors", *(spec.query for spec in _TABLES))
    }
    file = links.contributor_file_name(name)
    yield write_subject(folder, DESCRIBED, name, file, record, own)
    yield write_html(
        folder,
        f"contributor/{file}.html",
        "contributor",
        json=f"{file}.json",
        contributor=record,
        contributor_sql=sql["contributors"],
        tables=page_tables(_TABLES, own, sql),
    )
