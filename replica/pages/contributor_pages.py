"""The contributors' part of a fund's page, the portfolio of contributors, and their Excel views."""

from collections.abc import Sequence

from replica.books.contributor_layouts import ContributorsSetting, contributors_setting
from replica.books.contributors import contributors_table, fund_contributors
from replica.books.layouts import Layout, Spreadsheet, TableLayout
from replica.books.portfolio import FundOutline
from replica.books.portfolio_form import portfolio_form
from replica.books.records import Records
from replica.books.shown import Table
from replica.pages.answers import fund_address
from replica.pages.grids import Cell, Row, cells_of, figures_grid, head
from replica.pages.sheets import spreadsheet
from replica.pages.skins import SKINS, draw

CONTRIBUTORS_VIEW = "contributions/excel"
_PORTFOLIO = "Portfolio of Contributors"


def setting_of(records: Records, fund: FundOutline) -> ContributorsSetting:
    """Return the setting of a fund that the site shows."""
    return contributors_setting(records.seed, fund, records.portfolio.opened(fund) or 0)


def contributors_part(
    records: Records, fund: FundOutline, here: str, now: int, *, with_tables: bool
) -> str:
    """Return the contributors' part of a fund's page; "" if its layout has none."""
    setting = setting_of(records, fund)
    heading, layout = setting.at(now)
    if not heading:
        return ""
    skin = SKINS[layout.skin]
    tables: list[str] = []
    if with_tables and not setting.without_tables.holds(now):
        links = _links(records, now)
        for how in layout.tables:
            grid = contributors_grid(fund_contributors(records, fund, how, now), how, layout)
            tables.append(draw([_linked(row, links) for row in grid], skin.table))
    texts = ("All amounts in US$", f'<a href="{here}/{CONTRIBUTORS_VIEW}">View as Excel</a>')
    said, view = (f"{skin.paragraph[0]}{text}{skin.paragraph[1]}" for text in texts)
    title = f"{skin.heading[0]}{heading}{skin.heading[1]}"
    return skin.frame(f"{title}{said}{''.join(tables)}{view}")


def contributors_grid(table: Table, how: TableLayout, layout: Layout) -> list[Row]:
    """Return a contributors' table; one without contributors says so below its headings."""
    if table.rows:
        return figures_grid(table, how, layout)
    headings: Row = [head(how.organization), *(head(how.headings[one]) for one in how.measures)]
    return [headings, [Cell("No data found", colspan=len(headings))]]


def contributors_view(
    records: Records, fund: FundOutline, now: int
) -> tuple[Spreadsheet, bytes] | None:
    """Return the Excel view of a fund's contributors and its format; None if there is no view."""
    setting = setting_of(records, fund)
    heading, layout = setting.at(now)
    if not heading:
        return None
    how = setting.at(now).view
    grid = contributors_grid(fund_contributors(records, fund, how, now), how, layout)
    return setting.spreadsheet, spreadsheet(setting.spreadsheet, fund.name, grid)


def portfolio_rows(
    records: Records, now: int
) -> tuple[tuple[str, ...], list[Sequence[tuple[str, str | None]]]]:
    """Return the headings of the portfolio of contributors, and its entries with their links."""
    headings, *rows = _portfolio_grid(records, now)
    links = _links(records, now)
    texts = [[cell.text for cell in cells_of(row)] for row in rows]
    entries: list[Sequence[tuple[str, str | None]]] = [
        [(text, links.get(text) if at == 0 else None) for at, text in enumerate(row)]
        for row in texts
    ]
    return tuple(cell.text for cell in cells_of(headings)), entries


def portfolio_view(records: Records, now: int) -> tuple[Spreadsheet, bytes]:
    """Return the Excel view of the portfolio of contributors, and its format."""
    form = portfolio_form(records.seed, now)
    return form.spreadsheet, spreadsheet(
        form.spreadsheet, _PORTFOLIO, _portfolio_grid(records, now)
    )


def _portfolio_grid(records: Records, now: int) -> list[Row]:
    how = portfolio_form(records.seed, now).table
    table = contributors_table(records.all_contributions(), how, now)
    return figures_grid(table, how, _PORTFOLIO_LAYOUT)


def _links(records: Records, now: int) -> dict[str, str]:
    """Return the address of the fund that is a contributor itself, by its name."""
    giver = records.gifts.giver if records.gifts else None
    return {giver.name: fund_address(giver, now)} if giver else {}


def _linked(row: Row, links: dict[str, str]) -> Row:
    texts: Sequence[Cell] = cells_of(row)
    if not any(cell.text in links for cell in texts):
        return row
    return [cell._replace(href=links.get(cell.text)) for cell in texts]


_PORTFOLIO_LAYOUT = Layout("portfolio", (), ())
