"""The lists of organizations and of countries, year by year."""

from collections.abc import Iterator

from warehouse.connection import Connection
from webpage import cells
from webpage.pages import PageFolder, WrittenFile
from webpage.tables import NOT_COVERED, Column, list_tables, write_list

_YEAR = Column("fiscal_year", "Year", cells.year_cell)
_PROGRAMMES = Column("programmes", "Programmes", cells.count_cell)
_OWN = "programmes_basis"  # of the programmes' sums; the API's figure beside them has another
_LISTS = {
    "organizations": (
        Column("organization", "Organization", cells.head_cell),
        _YEAR,
        _PROGRAMMES,
        Column("programmes_transfers_usd", "Transferred", cells.money_cell, beside=_OWN),
        Column("programmes_net_funded_usd", "Net funded", cells.money_cell, beside=_OWN),
        Column("programmes_year_end_usd", "Spent: year-end", cells.year_end_cell),
        Column("programmes_interim_usd", "Spent: interim", cells.interim_cell),
        Column("programmes_expenditure_usd", "Spent in all", cells.money_cell, beside=_OWN),
        Column("programmes_interim_share_pct", "Of this interim", cells.bare_percent_cell),
        Column("programmes_delivery_rate_pct", "Delivery rate", cells.percent_cell, beside=_OWN),
        Column("expenditure_usd", "Spent, by the API", cells.money_cell, optional=True),
        Column("difference_usd", "Difference", cells.bare_money_cell, optional=True),
        Column("source_url", "Page", cells.source_cell, optional=True),
        NOT_COVERED,
    ),
    "countries": (
        Column("country", "Country", cells.head_cell),
        Column("country_code", "ISO code", cells.text_cell),
        _YEAR,
        _PROGRAMMES,
        Column("transfers_usd", "Transferred", cells.money_cell),
        Column("net_funded_usd", "Net funded", cells.money_cell),
        Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
        Column("interim_usd", "Spent: interim", cells.interim_cell),
        Column("expenditure_usd", "Spent in all", cells.money_cell),
        Column("interim_share_pct", "Of this interim", cells.bare_percent_cell),
        Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
        NOT_COVERED,
    ),
}


def write_places(con: Connection, folder: PageFolder) -> Iterator[WrittenFile]:
    """Write both lists, on as many pages as their rows take."""
    for name, columns in _LISTS.items():
        caption = f"{name.capitalize()} by year, in US$"
        parts = list_tables(con, name, name, caption, columns)
        yield from write_list(folder, parts, parts[0].total)
