"""Tables drawn at random into pages of the stand-in: odd spans, headings, hiding, marks and sums.

Each way of drawing changes a table of figures; Chromium then says what the page shows.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_TABLE = re.compile(r"<table\b(?:(?!<table\b).)*?</table\s*>", re.IGNORECASE | re.DOTALL)
_MEASURE = re.compile(r"Expenditure|Net\s*Funded|Approved\s*Budget|Transfers", re.IGNORECASE)
_VOUCHER = re.compile(r"Voucher", re.IGNORECASE)
_ROW = re.compile(r"<tr\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_CELL = re.compile(r"<(?P<tag>t[dh])\b(?P<attributes>[^>]*)>", re.IGNORECASE)
_END = re.compile(r"</(?:t[dhr]|tbody|thead|table)\s*>|<(?:tbody|thead)\b[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_DIGITS = re.compile(r"[0-9]")
_SPAN_TEXTS = (
    "2", "2", "2", "3", "0", "1", "3;", "2;", "2 rows", " 2", "+2", "2.5", "-1", "-2", "1e1", "99",
    "1000", "70000", "", "x", "\u0663", "02", "2,3", "2px", "4",
)  # fmt: skip


@dataclass
class Cell:
    """A cell as source."""

    tag: str
    attributes: str
    inner: str


@dataclass
class Row:
    """A row as source."""

    attributes: str
    cells: list[Cell]


@dataclass
class Table:
    """A table of figures as source, with the style sheet that its page gets.

    `not_loaded` are names that no figure may be loaded under, such as those of sums.
    """

    rows: list[Row]
    heads: int = 1
    columns: str = ""
    sheet: list[str] = field(default_factory=list)
    not_loaded: list[str] = field(default_factory=list)

    def body(self) -> Iterator[Row]:
        """Return the rows below the headings."""
        yield from self.rows[self.heads :]


class Drawn(NamedTuple):
    """A page with a table drawn at random, and how."""

    text: str
    kinds: tuple[str, ...]
    not_loaded: list[str]


def figure_tables(text: str) -> list[re.Match[str]]:
    """Return the places of a page's tables of figures."""
    return [
        found
        for found in _TABLE.finditer(text)
        if _MEASURE.search(_TAGS.sub(" ", found[0])) and not _VOUCHER.search(found[0])
    ]


def draw(text: str, dice: random.Random) -> Drawn:
    """Return a page with one of its tables of figures, of which it has some, drawn otherwise."""
    place = dice.choice(figure_tables(text))
    kinds = sorted(dice.sample(sorted(KINDS), dice.choice((1, 1, 1, 2, 3))), key=_ORDER.index)
    table = _invented(dice) if "headings" in kinds or "sums" in kinds else _table_of(place[0])
    for kind in kinds:
        KINDS[kind](table, dice)
    page = text[: place.start()] + _source(table, dice) + text[place.end() :]
    # Where a summed row is hidden, what is seen does not add up.
    not_loaded = [] if "hiding" in kinds else table.not_loaded
    return Drawn(_with_sheet(page, table.sheet), tuple(kinds), not_loaded)


def _table_of(source: str) -> Table:
    rows = []
    starts = [*_ROW.finditer(source)]
    ends = [found.start() for found in starts[1:]] + [len(source)]
    for start, end in zip(starts, ends, strict=True):
        rows.append(Row(start["attributes"], list(_cells_of(source[start.end() : end]))))
    heads = next((at for at, row in enumerate(rows) if at and row.cells[-1].tag != "th"), 1)
    return Table([row for row in rows if row.cells], heads)


def _cells_of(source: str) -> Iterator[Cell]:
    starts = [*_CELL.finditer(source)]
    ends = [found.start() for found in starts[1:]] + [len(source)]
    for start, end in zip(starts, ends, strict=True):
        inner = _END.sub("", source[start.end() : end]).strip()
        yield Cell(start["tag"].lower(), start["attributes"], inner)


def _source(table: Table, dice: random.Random) -> str:
    """Return a table's markup: closed or not, with groups of rows or without."""
    closes = dice.random() < 0.7
    head, foot = dice.random() < 0.3, dice.random() < 0.3
    parts = ["<table class='drawn'>", table.columns]
    for at, row in enumerate(table.rows):
        if head and at in {0, table.heads}:
            parts.append("<tbody>" if at else "<thead>")
        elif foot and at > table.heads and at % 4 == 0:
            parts.append("<tbody>")
        parts.append(f"<tr{row.attributes}>")
        for cell in row.cells:
            parts.append(f"<{cell.tag}{cell.attributes}>{cell.inner}")
            parts.append(f"</{cell.tag}>" if closes else "")
        parts.append("</tr>\n" if closes else "\n")
    return "".join([*parts, "</table>"])


def _with_sheet(page: str, rules: list[str]) -> str:
    if not rules:
        return page
    style = f"<style>\n{chr(10).join(rules)}\n</style>"
    head = re.search(r"</head\s*>", page, re.IGNORECASE)
    at = head.start() if head else 0
    return page[:at] + style + page[at:]


# Kinds of drawing


def _spans(table: Table, dice: random.Random) -> None:
    rows = table.rows if dice.random() < 0.3 else table.rows[table.heads :]
    cells = [cell for row in rows for cell in row.cells]
    for cell in dice.sample(cells, min(len(cells), dice.choice((1, 1, 2, 4)))):
        name = dice.choice(("rowspan", "colspan"))
        cell.attributes += f' {name}="{dice.choice(_SPAN_TEXTS)}"'


def _hiding(table: Table, dice: random.Random) -> None:
    for number in range(dice.choice((1, 1, 2, 3))):
        row = dice.choice(table.rows)
        cell = dice.choice(row.cells)
        what = dice.choice((row, row, cell, "text", "text", "column"))
        if isinstance(what, str):
            if what == "column":
                _hide_column(table, dice, number)
            else:
                _hide_text(table, cell, dice, number)
            continue
        how = dice.choice(("class", "id", "inline", "attribute", "selector"))
        rule = dice.choice(_HIDING)
        if how == "class":
            what.attributes += f' class="k{number} other"'
            table.sheet.append(f".k{number} {{ {rule} }}")
        elif how == "id":
            what.attributes += f' id="k{number}"'
            table.sheet.append(f"#k{number} {{ {rule} }}")
        elif how == "inline":
            what.attributes += f' style="{rule}"'
        elif how == "attribute":
            what.attributes += ' aria-hidden="true"' if what is row and number else " hidden"
        else:
            at = table.rows.index(row) + 1
            within = "" if what is row else " td:last-child"
            table.sheet.append(f"table.drawn tr:nth-child({at}){within} {{ {rule} }}")


_HIDING = (
    "display: none", "DISPLAY:NONE !important", "visibility: hidden", "visibility: collapse",
    "color: red; display: none;", "display: none; display: bogus", "opacity: 0",
    "display: none; display: revert", "/* display: none */", "visibility:hidden;font-size:12px",
)  # fmt: skip


def _hide_column(table: Table, dice: random.Random, number: int) -> None:
    width = max(len(row.cells) for row in table.rows)
    at = dice.randrange(width)
    how = dice.choice(("col", "nth-child", "each"))
    if how == "col":
        gone = dice.choice(("style='visibility: collapse'", "class='gone'"))
        table.sheet.append(".gone { visibility: collapse }")
        table.columns = "<col>" * at + f"<col {gone}>" + "<col>" * (width - at - 1)
    elif how == "nth-child":
        table.sheet.append(f".drawn tr > :nth-child({at + 1}) {{ display: none }}")
    else:
        for row in table.rows:
            if at < len(row.cells):
                row.cells[at].attributes += f' class="c{number}"'
        table.sheet.append(f"td.c{number}, th.c{number} {{ display: none }}")


def _hide_text(table: Table, cell: Cell, dice: random.Random, number: int) -> None:
    """Hide another text in a cell, before or behind its own."""
    other = dice.choice(("99", "1,000", "-", "sort key 0012"))
    how = dice.choice(("class='t0'", "style='display:none'", "hidden", "style='visibility:hidden'"))
    hidden = f"<span {how}>{other}</span>"
    table.sheet.append(f".t0 {{ {dice.choice(_HIDING[:4])} }}")
    cell.inner = hidden + cell.inner if number % 2 else cell.inner + hidden


def _footnotes(table: Table, dice: random.Random) -> None:
    cells = [cell for row in table.rows for cell in row.cells if _TAGS.sub("", cell.inner).strip()]
    for cell in dice.sample(cells, min(len(cells), dice.choice((1, 3, 8)))):
        mark = dice.choice(("1", "2", "a", "*", "12", "[1]", "(b)", "iv", "1,2", "†"))
        opens, closes = dice.choice(_RAISED)
        table.sheet.append(".up { vertical-align: super; font-size: 70% } .low { font-size: 8px }")
        cell.inner += dice.choice(("", " ", "&nbsp;")) + opens + mark + closes


_RAISED = (
    ("<sup>", "</sup>"), ("<small>", "</small>"), ("<sub>", "</sub>"), ("<a href='#n1'>", "</a>"),
    ("<font size=1>", "</font>"), ("<span style='vertical-align:super'>", "</span>"),
    ("<span class=up>", "</span>"), ("<b class=low>", "</b>"), ("<sup><a href='#n'>", "</a></sup>"),
    ("<i style='position:relative;top:-5px'>", "</i>"), ("<a href='notes.htm'><sup>", "</sup></a>"),
    ("<span style='font-size:60%'>", "</span>"), ("<small><i>", "</i></small>"),
)  # fmt: skip


def _invisible(table: Table, dice: random.Random) -> None:
    cells = [cell for row in table.rows for cell in row.cells if _TAGS.sub("", cell.inner).strip()]
    for cell in dice.sample(cells, min(len(cells), dice.choice((2, 6, 20)))):
        signs = "".join(dice.choices(_INVISIBLE, k=dice.choice((1, 1, 2))))
        texts = [at for at, _ in enumerate(cell.inner) if _outside_tags(cell.inner, at)]
        at = dice.choice([*texts, len(cell.inner)])
        cell.inner = cell.inner[:at] + signs + cell.inner[at:]


_INVISIBLE = (
    "&shy;", "\u00ad", "\u200b", "&zwj;", "&zwnj;", "\u2060", "\ufeff", "&lrm;", "&rlm;", "\u202c",
    "&nbsp;", "\u202f", "\u2009", "\u2007", "\u200a", "&thinsp;", "\u061c",
)  # fmt: skip


def _outside_tags(source: str, at: int) -> bool:
    before = source[:at]
    in_tag = before.rfind("<") > before.rfind(">")
    in_entity = re.search(r"&[a-z0-9#]*$", before, re.IGNORECASE) is not None
    return not in_tag and not in_entity


def _nested(table: Table, dice: random.Random) -> None:
    cells = [cell for row in table.rows for cell in row.cells]
    for cell in dice.sample(cells, min(len(cells), dice.choice((1, 3, 10)))):
        opens, closes = dice.choice(_NESTING)
        cell.inner = opens + cell.inner + closes


_NESTING = (
    ("<ul><li>", "</li></ul>"), ("<ol><li>", "</ol>"), ("<div><p>", "</p></div>"),
    ("<table><tr><td>", "</td></tr></table>"), ("<table><tr><td>", "</td><td>7</td></tr></table>"),
    ("<table><tbody><tr><td></td><td>", "</td></tr></table>"), ("<p>", "<p>"), ("<b>", "</b>"),
    ("<ul><li>5</li><li>", "</li></ul>"), ("<dl><dt>", "</dt><dd>note</dd></dl>"),
    ("<font face=Arial><nobr>", "</nobr></font>"), ("", "<br>provisional"), ("<br>", "<br>"),
    ("<table><tr><td>", "</td></tr><tr><td>8</td></tr></table>"), ("<center>", "</center>"),
    ("<script>document.title = '1'</script>", "<!-- 12 -->"), ("<a name=x></a>", ""),
)  # fmt: skip


# Tables with headings at random, and rows that sum others


_ORGANIZATIONS = ("FAO", "ILO", "UNDP", "UNICEF", "WFP", "WHO", "UNESCO", "UN Women", "UNFPA")
_MEASURES = ("Approved Budget", "Net Funded Amount", "Transfers", "Refunds", "Expenditure")
_SUMS = (
    "Sum", "All agencies", "Ensemble", "Overall", "UN system", "Consolidated", "Programme", "Somme",
    "Everything", "Participating organizations", "Country team", "Grand sum", "A", "Together",
)  # fmt: skip


def _invented(dice: random.Random) -> Table:
    """Return a table of invented figures, with headings in one row, two or three."""
    names = dice.sample(_ORGANIZATIONS, dice.randint(2, 5))
    years = sorted(dice.sample(range(2006, 2019), dice.randint(1, 4)))
    measures = dice.sample(_MEASURES, dice.randint(1, 4))
    shape = dice.choice((_long, _long, _wide))
    return shape(names, years, measures, dice)


def _number(dice: random.Random) -> str:
    return f"{dice.choice((dice.randint(1, 999), dice.randint(10_000, 9_999_999))):,}"


def _long(names: list[str], years: list[int], measures: list[str], dice: random.Random) -> Table:
    """Return a table with an organization and a year a row."""
    tag = dice.choice(("th", "td"))
    keys = [("Participating Organization", "Year"), ("Year", "Organization")][dice.randrange(2)]
    heads = [Row("", [Cell(tag, "", text) for text in (*keys, *measures)])]
    if dice.random() < 0.5:
        heads.insert(0, _over(len(measures), tag, dice))
        if dice.random() < 0.5:
            heads[0].cells[:2] = [Cell(tag, ' rowspan="2"', text) for text in keys]
            del heads[1].cells[:2]
    rows = []
    for name in names:
        for year in years:
            key = [name, str(year)] if keys[1] == "Year" else [str(year), name]
            rows.append([*key, *(_number(dice) for _ in measures)])
    return Table([*heads, *(Row("", [Cell("td", "", text) for text in row]) for row in rows)],
                 len(heads))  # fmt: skip


def _over(width: int, tag: str, dice: random.Random) -> Row:
    """Return a row of headings over those of measures, behind two blank cells."""
    cells = [Cell(tag, "", ""), Cell(tag, "", "")]
    while width:
        span = dice.randint(1, width)
        text = dice.choice(
            ("Funding", "Financial figures", "Books", "US$", "", "Total", "Expenditure")
        )
        cells.append(Cell(tag, f' colspan="{span}"', text))
        width -= span
    return Row("", cells)


def _wide(names: list[str], years: list[int], measures: list[str], dice: random.Random) -> Table:
    """Return a table with an organization a row, and measures and years across."""
    tag = dice.choice(("th", "td"))
    columns = [(measure, year) for measure in measures for year in years]
    by_year = dice.random() < 0.5
    if by_year:
        columns = [(measure, year) for year in years for measure in measures]
    heads: list[Row]
    if dice.random() < 0.3:
        texts = [
            dice.choice((f"{measure} {year}", f"{year} {measure}")) for measure, year in columns
        ]
        heads = [Row("", [Cell(tag, "", text) for text in ("Organization", *texts)])]
    else:
        upper = [str(year) for year in years] if by_year else list(measures)
        each = len(measures) if by_year else len(years)
        lower = [measure if by_year else str(year) for measure, year in columns]
        first = Cell(tag, ' rowspan="2"', "Organization")
        over = [Cell(tag, f' colspan="{each}"', text) for text in upper]
        heads = [Row("", [first, *over]), Row("", [Cell(tag, "", text) for text in lower])]
        if dice.random() < 0.3:
            over = [
                Cell(tag, f' colspan="{len(columns)}"', dice.choice(("US$", "Figures", "Total")))
            ]
            heads.insert(0, Row("", [Cell(tag, "", ""), *over]))
    rows = [Row("", [Cell("td", "", name), *(Cell("td", "", _number(dice)) for _ in columns)])
            for name in names]  # fmt: skip
    return Table([*heads, *rows], len(heads))


def _headings(table: Table, dice: random.Random) -> None:
    """Merge, move or blank some headings."""
    for _ in range(dice.choice((0, 1, 1, 2))):
        row = dice.choice(table.rows[: table.heads])
        if len(row.cells) < 2:
            continue
        at = dice.randrange(len(row.cells) - 1)
        how = dice.choice(("merge", "blank", "swap", "tag", "rowspan"))
        if how == "merge":
            row.cells[at].attributes = ' colspan="2"'
            del row.cells[at + 1]
        elif how == "blank":
            row.cells[at + 1].inner = ""
        elif how == "swap":
            row.cells[at], row.cells[at + 1] = row.cells[at + 1], row.cells[at]
        elif how == "tag":
            row.cells[at].tag = "td" if row.cells[at].tag == "th" else "th"
        else:
            row.cells[at].attributes += ' rowspan="2"'


def _sums(table: Table, dice: random.Random) -> None:
    """Add a row that sums all others of each year, or one row of all years across."""
    name = dice.choice(_SUMS)
    body = table.rows[table.heads :]
    at_name = next((at for at, cell in enumerate(body[0].cells) if cell.inner in _ORGANIZATIONS), 0)
    by_key: dict[str, list[list[int]]] = {}
    width = len(body[0].cells)
    keys = 2 if any(re.fullmatch("20[01][0-9]", cell.inner) for cell in body[0].cells[:2]) else 1
    for row in body:
        key = row.cells[1 - at_name].inner if keys == 2 else ""
        values = [int(cell.inner.replace(",", "")) for cell in row.cells[keys:width]]
        by_key.setdefault(key, []).append(values)
    added = []
    for key, lines in by_key.items():
        sums = [f"{sum(column):,}" for column in zip(*lines, strict=True)]
        texts = [name] if keys == 1 else ([name, key] if at_name == 0 else [key, name])
        added.append(Row("", [Cell("td", "", text) for text in (*texts, *sums)]))
    at = dice.choice((table.heads, len(table.rows)))
    table.rows[at:at] = added
    if min(map(len, by_key.values())) > 1:
        table.not_loaded.append(name)


KINDS: dict[str, Callable[[Table, random.Random], None]] = {
    "sums": _sums, "headings": _headings, "spans": _spans, "hiding": _hiding,
    "footnotes": _footnotes, "invisible": _invisible, "nested": _nested,
}  # fmt: skip
_ORDER = list(KINDS)
