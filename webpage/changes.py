"""What changed since the release before: one page, with a table for each kind of change."""

from collections.abc import Sequence

from warehouse.release_changes import Changes
from webpage import cells, links
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.tables import Column, first_table

_TABLE_BYTES = 100_000
_PROGRAMME = (
    Column("title", "Programme", links.title_link("", "programme"), beside="programme_id"),
    Column("programme_id", "ID", cells.key_cell),
)
_FIGURE = (
    *_PROGRAMME,
    Column("fiscal_year", "Year", cells.year_cell, main=True),
    Column("organization", "Organization", links.organization_link("")),
)
# The heading and columns of each kind, in the order of the page.
_KINDS: dict[str, tuple[str, Sequence[Column]]] = {
    "restatements": (
        "Year-end figures that were changed",
        (
            *_FIGURE,
            Column("measure", "Measure", cells.measure_cell),
            Column("old_value", "Was", cells.money_cell),
            Column("new_value", "Became", cells.money_cell, main=True),
            Column("restated_at", "Restated", cells.moment_cell),
        ),
    ),
    "became_final": (
        "Figures that became final",
        (
            *_FIGURE,
            Column("interim_usd", "Interim, before", cells.interim_cell),
            Column("year_end_usd", "Year-end", cells.year_end_cell, main=True),
        ),
    ),
    "no_longer_shown": (
        "Figures that the site no longer shows",
        (
            *_FIGURE,
            Column("expenditure_usd", "Was", cells.money_cell, main=True),
            Column("no_longer_shown_since", "Not shown since", cells.moment_cell),
        ),
    ),
    "withdrawn": (
        "Figures that were taken back: their pages were forgotten, or are read otherwise",
        (
            *_FIGURE,
            Column("expenditure_usd", "Was", cells.money_cell, main=True),
            Column("known_from", "Seen", cells.moment_cell),
        ),
    ),
    "new_programmes": (
        "New programmes",
        (*_PROGRAMME, Column("fund_code", "Fund", links.fund_link(""), main=True)),
    ),
    "status_changes": (
        "Programmes whose status changed",
        (
            *_PROGRAMME,
            Column("old_status", "Was", cells.text_cell),
            Column("new_status", "Became", cells.text_cell, main=True),
        ),
    ),
    "newly_failing_checks": (
        "Checks that fail now",
        (
            Column("check_name", "Check", cells.code_head_cell),
            Column("subject", "Subject", cells.text_cell, main=True),
            Column("expected", "Expected", cells.cents_cell),
            Column("actual", "Found", cells.cents_cell, main=True),
        ),
    ),
    "new_vintages": (
        "New values of annual figures",
        (
            *_FIGURE,
            Column("expenditure_usd", "Spent", cells.money_cell, main=True),
            Column("known_from", "Seen", cells.moment_cell),
        ),
    ),
}


def write_changes_page(folder: PageFolder, changes: Changes) -> WrittenFile:
    """Write `changes.html`; without an earlier release it says so."""
    tables = []
    found = {change.kind: change for change in changes.of_kinds}
    for kind, (heading, columns) in _KINDS.items():
        if kind not in found:
            continue
        first, rows = found[kind].first, found[kind].rows
        table = first_table(kind.replace("_", "-"), heading, columns, first, "", _TABLE_BYTES)
        tables.append(table._replace(total=rows))
    return write_html(folder, "changes.html", "changes", since=changes.since, tables=tables)
