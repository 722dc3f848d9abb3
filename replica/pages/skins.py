"""The markup around and inside tables: four skins, from unclosed upper case to today's."""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import NamedTuple, TypeGuard

from replica.books.layouts import SkinName
from replica.pages.grids import Cell, Row, cells_of


class TableMarkup(NamedTuple):
    """A skin's table markup. A cell opens in two parts, with its spans between them."""

    before: str
    after: str
    row: tuple[str, str]
    cell: tuple[str, str, str]
    heading: tuple[str, str, str]
    below_headings: str = ""
    in_headings: str = " "  # what stands where a heading of several words may be broken
    nothing: str = ""  # what stands in an empty cell
    row_headings: bool = False  # a row's first cell is a heading too


class Skin(NamedTuple):
    """The markup of one kind of page. It is given texts that are escaped already."""

    table: TableMarkup
    frame: Callable[[str], str]  # around each part of the page
    identity: Callable[[list[tuple[str, str]]], str]
    heading: tuple[str, str]
    paragraph: tuple[str, str]
    item: tuple[str, str]
    items: tuple[str, str]


_TABLES: dict[str, TableMarkup] = {
    "plain": TableMarkup(
        '<table class="figures" border="0" cellpadding="2">\n', "</table>\n",
        ("<tr>", "</tr>\n"), ("<td", ">", "</td>"), ("<th", ">", "</th>"),
    ),
    "uppercase": TableMarkup(
        "<TABLE BORDER=0 CELLSPACING=1>\n", "</TABLE>\n",
        ("<TR BGCOLOR=#FFFFFF>", ""), ("<TD", ">", "\n"), ("<TD", "><B>", "</B>\n"),
        nothing="&nbsp;",
    ),
    "nested": TableMarkup(
        '<table width="100%"><tr><td><table width="98%" align="center"><tr><td>'
        '<table class="grid">\n', "</table></td></tr></table></td></tr></table>\n",
        ("<tr class=odd>", "</tr>"), ("<td", '><span class="t">', "</span></td>"),
        ("<th", '><span class="t">', "</span></th>"), in_headings="<br />",
    ),
    "new": TableMarkup(
        '<div class="table-responsive"><table class="table table-sm"><thead>\n',
        "</tbody></table></div>\n", ("<tr>", "</tr>\n"),
        ('<td class="cell" data-title=""', ">", "</td>"),
        ('<th scope="col"', ">", "</th>"), below_headings="</thead><tbody>\n", row_headings=True,
    ),
}  # fmt: skip


def escaped(shown: str) -> str:
    """Escape a text; no-break spaces become entities, as editors write them."""
    if "&" in shown or "<" in shown or ">" in shown:
        shown = escape(shown, quote=False)
    return shown.replace("\u00a0", "&nbsp;")


def draw(rows: list[Row], markup: TableMarkup) -> str:
    """Return a table. Rows of plain cells, the majority, are escaped and joined at once."""
    row_opens, row_closes = markup.row
    opens, closes = "".join(markup.cell[:2]), markup.cell[2]
    between = closes + opens
    parts = [markup.before]
    below_headings = markup.below_headings
    for row in rows:
        if below_headings and not _is_heading(row):
            parts.append(below_headings)
            below_headings = ""
        parts.append(row_opens)
        if _is_plain(row) and not markup.row_headings and (not markup.nothing or all(row)):
            joined = escaped(_SEPARATOR.join(row))
            parts += (opens, joined.replace(_SEPARATOR, between), closes)
        else:
            parts += _cells(row, markup)
        parts.append(row_closes)
    parts.append(below_headings + markup.after)
    return "".join(parts)


def plain_table(rows: list[Row]) -> str:
    """Return a table in plain markup: lower case, headings as th."""
    return draw(rows, _TABLES["plain"])


def _is_heading(row: Row) -> bool:
    last = row[-1]
    return isinstance(last, Cell) and last.heading


def _is_plain(row: Row) -> TypeGuard[list[str]]:
    return isinstance(row[0], str)


def _cells(row: Row, markup: TableMarkup) -> Iterator[str]:
    for at, cell in enumerate(cells_of(row)):
        is_heading = cell.heading or (at == 0 and markup.row_headings)
        first, second, closes = markup.heading if is_heading else markup.cell
        spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
        if cell.rowspan > 1:
            spans += f' rowspan="{cell.rowspan}"'
        shown = escaped(cell.text) or markup.nothing
        if cell.heading and markup.in_headings != " ":
            shown = shown.replace(" ", markup.in_headings)
        if cell.href:
            shown = f'<a href="{cell.href}">{shown}</a>'
        yield f"{first}{spans}{second}{shown}{closes}"


def _identity_rows(fields: list[tuple[str, str]], row: str, cell: str, close: str) -> str:
    parts = []
    for at in range(0, len(fields), 2):
        parts.append(row)
        for label, shown in fields[at : at + 2]:
            parts.append(f"{cell}{label}{close}{cell}{shown}{close}")
        if row.islower():
            parts.append("</tr>\n")
    return "".join(parts)


def _plain_identity(fields: list[tuple[str, str]]) -> str:
    return f"<table>{_identity_rows(fields, '<tr>', '<td>', '</td>')}</table>\n"


def _uppercase_identity(fields: list[tuple[str, str]]) -> str:
    return f"<TABLE>{_identity_rows(fields, '<TR>', '<TD>', '')}</TABLE>\n"


def _new_identity(fields: list[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{label}</dt><dd>{shown}</dd>\n" for label, shown in fields)
    return f'<dl class="identity">\n{rows}</dl>\n'


_SEPARATOR = "\x1f"

SKINS: dict[SkinName, Skin] = {
    "plain": Skin(
        _TABLES["plain"], lambda part: f'<div class="part">{part}</div>\n', _plain_identity,
        ("<h2>", "</h2>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"), ("<ul>\n", "</ul>\n"),
    ),
    "uppercase": Skin(
        _TABLES["uppercase"], lambda part: f"{part}<HR>\n", _uppercase_identity,
        ("<H2>", "</H2>\n"), ("<P>", "\n"), ("<LI>", "\n"), ("<UL>\n", "</UL>\n"),
    ),
    "nested": Skin(
        _TABLES["nested"], lambda part: f'<table width="100%"><tr><td>{part}</td></tr></table>\n',
        _plain_identity, ("<h2>", "</h2>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"),
        ("<ul>\n", "</ul>\n"),
    ),
    "new": Skin(
        _TABLES["new"], lambda part: f"<section>{part}</section>\n", _new_identity,
        ('<h3 class="card-title">', "</h3>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"),
        ("<ul>\n", "</ul>\n"),
    ),
}  # fmt: skip


def items(skin: Skin, texts: Iterable[str]) -> str:
    """Return a list of texts, each escaped already."""
    opened, closed = skin.item
    return f"{skin.items[0]}{''.join(f'{opened}{shown}{closed}' for shown in texts)}{skin.items[1]}"
