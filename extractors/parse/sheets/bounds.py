"""How large a spreadsheet may be, and the refusals of those that are larger or damaged."""

from extractors.page_kinds import PageRefusedError

MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 20, 20_000, 400
MOST_CELLS = 500_000  # of all sheets, blank ones too; each takes up to 300 bytes until it is read


def check_place(row: int, column: int) -> None:
    """Raise PageRefusedError for a place beyond the rows or columns of any view of the site."""
    if row > MOST_ROWS:
        raise too_large("rows")
    if column > MOST_COLUMNS:
        raise too_large("columns")


def too_large(what: str) -> PageRefusedError:
    """Return the refusal of a spreadsheet that is larger than any view of the site."""
    return PageRefusedError(
        "spreadsheet_too_large", f"the spreadsheet has more {what} than any view of the site"
    )


def damaged(why: str) -> PageRefusedError:
    """Return the refusal of a spreadsheet that cannot be read."""
    return PageRefusedError("spreadsheet_damaged", f"the spreadsheet cannot be read: {why}")
