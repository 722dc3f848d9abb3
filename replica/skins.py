"""The markup around and inside tables: four skins, from unclosed upper case to today's."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Literal, NamedTuple

from replica.grids import Cell, Row

Draw = Callable[[list[Row]], str]


class Skin(NamedTuple):
    """How one kind of page marks up its parts. Texts given to it are escaped already."""

    table: Draw
    frame: Callable[[str], str]  # around each part of the page
    identity: Callable[[list[tuple[str, str]]], str]
    heading: tuple[str, str]
    paragraph: tuple[str, str]
    item: tuple[str, str]
    items: tuple[str, str]


def text(cell: Cell) -> str:
    """A cell's text, escaped; blanks that must not break are entities, as editors write them."""
    shown = cell.text
    if "&" in shown or "<" in shown or ">" in shown:
        shown = escape(shown, quote=False)
    return shown.replace("\u00a0", "&nbsp;")


def _spans(cell: Cell) -> str:
    spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    return f'{spans} rowspan="{cell.rowspan}"' if cell.rowspan > 1 else spans


def plain_table(rows: list[Row]) -> str:
    """Lower case, headings as th."""
    parts = ['<table class="figures" border="0" cellpadding="2">\n']
    for row in rows:
        parts.append("<tr>")
        for cell in row:
            if cell.heading:
                parts.append(f"<th{_spans(cell)}>{text(cell)}</th>")
            elif cell.colspan == cell.rowspan == 1:
                parts.append(f"<td>{text(cell)}</td>")
            else:
                parts.append(f"<td{_spans(cell)}>{text(cell)}</td>")
        parts.append("</tr>\n")
    parts.append("</table>\n")
    return "".join(parts)


def uppercase_table(rows: list[Row]) -> str:
    """Upper case, cells and rows that nobody closes, headings as bold cells."""
    parts = ["<TABLE BORDER=0 CELLSPACING=1>\n"]
    for row in rows:
        parts.append("<TR BGCOLOR=#FFFFFF>")
        for cell in row:
            shown = f"<B>{text(cell)}</B>" if cell.heading else text(cell)
            parts.append(f"<TD{_spans(cell)}>{shown}\n")
    parts.append("</TABLE>\n")
    return "".join(parts)


def nested_table(rows: list[Row]) -> str:
    """A table inside two layout tables, its cells' texts in spans of their own."""
    parts = ['<table width="100%"><tr><td><table width="98%" align="center"><tr><td>'
             '<table class="grid">\n']  # fmt: skip
    for at, row in enumerate(rows):
        parts.append(f'<tr class="{"odd" if at % 2 else "even"}">')
        for cell in row:
            tag = "th" if cell.heading else "td"
            parts.append(f'<{tag}{_spans(cell)}><span class="t">{text(cell)}</span></{tag}>')
        parts.append("</tr>")
    parts.append("</table></td></tr></table></td></tr></table>\n")
    return "".join(parts)


def new_table(rows: list[Row]) -> str:
    """Sections, scopes and attributes for scripts."""
    heads = [row for row in rows if row[-1].heading]
    body = rows[len(heads) :]
    parts = ['<div class="table-responsive"><table class="table table-sm"><thead>\n']
    for row in heads:
        cells = (f'<th scope="col"{_spans(cell)}>{text(cell)}</th>' for cell in row)
        parts.append(f"<tr>{''.join(cells)}</tr>\n")
    parts.append("</thead><tbody>\n")
    for row in body:
        cells = (f'<td class="cell" data-title=""{_spans(cell)}>{text(cell)}</td>' for cell in row)
        parts.append(f"<tr>{''.join(cells)}</tr>\n")
    parts.append("</tbody></table></div>\n")
    return "".join(parts)


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


SKINS: dict[Literal["plain", "uppercase", "nested", "new"], Skin] = {
    "plain": Skin(
        plain_table, lambda part: f'<div class="part">{part}</div>\n', _plain_identity,
        ("<h2>", "</h2>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"), ("<ul>\n", "</ul>\n"),
    ),
    "uppercase": Skin(
        uppercase_table, lambda part: f"{part}<HR>\n", _uppercase_identity,
        ("<H2>", "</H2>\n"), ("<P>", "\n"), ("<LI>", "\n"), ("<UL>\n", "</UL>\n"),
    ),
    "nested": Skin(
        nested_table, lambda part: f'<table width="100%"><tr><td>{part}</td></tr></table>\n',
        _plain_identity, ("<h2>", "</h2>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"),
        ("<ul>\n", "</ul>\n"),
    ),
    "new": Skin(
        new_table, lambda part: f"<section>{part}</section>\n", _new_identity,
        ('<h3 class="card-title">', "</h3>\n"), ("<p>", "</p>\n"), ("<li>", "</li>\n"),
        ("<ul>\n", "</ul>\n"),
    ),
}  # fmt: skip


def items(skin: Skin, texts: Iterable[str]) -> str:
    """A list of texts, each escaped already."""
    opened, closed = skin.item
    return f"{skin.items[0]}{''.join(f'{opened}{shown}{closed}' for shown in texts)}{skin.items[1]}"
