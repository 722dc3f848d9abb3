"""Values as table cells: each function makes one whole `<td>` or `<th>` of what it is given.

What comes from outside goes through `shown`, and nothing else becomes part of a page.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

Cell = Callable[[Any, str | None], str]  # of a value, and of its row's basis

# Characters that are not seen but change what is: controls, direction marks, blanks of no width.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REMEMBERED = 4096  # texts and times stand in many rows
_IN_CELL = 160  # characters of a text that a cell shows
_CODE = re.compile(r"[A-Za-z0-9]+")
ABSENT = Markup('<span class="na" role="img" aria-label="not shown by the source">—</span>')
BASES = {"interim": "interim", "year_end": "year-end", "mixed": "part interim"}
_MARKS = {None: ("", "")} | {
    basis: (f" {basis[0]}", f"<small>{name}</small>") for basis, name in BASES.items()
}


def visible(value: str) -> str:
    """A text in which what would not be seen can be: U+202E as `⟦U+202E⟧`."""
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", value)


def cut(value: str, most: int) -> str:
    """A text of at most so many characters; where some are left out, it says how many."""
    if len(value) <= most:
        return value
    return f"{value[:most]}… ({len(value) - most:,} more characters)"


def shown(value: Any, most: int = _IN_CELL) -> Markup:
    """Text from outside, as text: escaped, of one direction by itself, nothing hidden in it."""
    if value is None or value == "":
        return ABSENT
    return Markup(f"<bdi>{escape(visible(cut(str(value), most)))}</bdi>")  # noqa: S704 because it is escaped


def amount(value: Decimal | int) -> str:
    """`-1234.50` as `−1,234.50`: never rounded, decimals only where there are any."""
    whole, _, decimals = f"{value:,}".partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}{'.' + decimals.ljust(2, '0') if decimals else ''}".replace("-", "−")


def day(value: date) -> str:
    """`15 Jun 2016`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def measure(value: str) -> str:
    """A measure's column as a word: `delivery_rate_pct` as `delivery rate, percent`."""
    name, _, unit = value.rpartition("_")
    return name.replace("_", " ") + (", percent" if unit == "pct" else "")


def is_web(value: Any) -> bool:
    """Whether an address may become a link: http or https with a host, and nothing hidden in it."""
    try:
        parts = urlsplit(str(value))
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and not re.search(r"\s", str(value))
            and not _HIDDEN.search(str(value))
        )
    except ValueError:
        return False


@lru_cache(_REMEMBERED)
def text_cell(value: Any, _basis: str | None) -> str:
    """Any text."""
    return f"<td>{shown(value)}</td>"


def head_cell(value: Any, _basis: str | None) -> str:
    """A text that heads its row."""
    return f'<th scope="row">{shown(value)}</th>'


def measure_cell(value: str, _basis: str | None) -> str:
    """The measure that a row is of."""
    return f"<td>{shown(measure(value))}</td>"


def code_cell(value: Any, _basis: str | None) -> str:
    """A name of the warehouse's own: a column, a type."""
    return f"<td><code>{shown(value)}</code></td>" if value else "<td></td>"


def code_head_cell(value: str, _basis: str | None) -> str:
    """A name of the warehouse's own that heads its row."""
    return f'<th scope="row"><code>{shown(value)}</code></th>'


def plain_cell(value: Any, _basis: str | None) -> str:
    """Text of the warehouse's own; empty where there is none."""
    return f"<td>{shown(value, 2000)}</td>" if value else "<td></td>"


def year_cell(value: int, _basis: str | None) -> str:
    """A year heads its row."""
    return f'<th scope="row">{value:d}</th>'


def plain_year_cell(value: int, _basis: str | None) -> str:
    """A year in a row that something else heads."""
    return f'<td class="n">{value:d}</td>'


def money_cell(value: Decimal | None, basis: str | None) -> str:
    """An amount with its row's basis, if it has one."""
    if value is None:
        return f'<td class="n">{ABSENT}</td>'
    name, mark = _MARKS[basis]
    return f'<td class="n{name}">{amount(value)}{mark}</td>'


def bare_money_cell(value: Decimal | None, _basis: str | None) -> str:
    """An amount that no deadline makes final: a voucher, a line of a statement."""
    return money_cell(value, None)


def cents_cell(value: Decimal | None, _basis: str | None) -> str:
    """The same with its cents."""
    if value is None:
        return f'<td class="n">{ABSENT}</td>'
    return f'<td class="n">{f"{value:,.2f}".replace("-", "−")}</td>'


def interim_cell(value: Decimal | None, _basis: str | None) -> str:
    """An amount that is interim by what its column is."""
    return money_cell(value, "interim")


def year_end_cell(value: Decimal | None, _basis: str | None) -> str:
    """An amount that is year-end by what its column is."""
    return money_cell(value, "year_end")


def change_cell(value: Decimal | None, basis: str | None) -> str:
    """A difference, with its sign."""
    if value is None:
        return f'<td class="n">{ABSENT}</td>'
    name, mark = _MARKS[basis]
    return f'<td class="n{name}">{"+" if value > 0 else ""}{amount(value)}{mark}</td>'


def percent_cell(value: Decimal | None, basis: str | None) -> str:
    """A percentage, zeros at its end left out."""
    if value is None:
        return f'<td class="n">{ABSENT}</td>'
    name, mark = _MARKS[basis]
    digits = f"{value:f}".rstrip("0").rstrip(".").replace("-", "−")
    return f'<td class="n{name}">{digits} %{mark}</td>'


def bare_percent_cell(value: Decimal | None, _basis: str | None) -> str:
    """A percentage that has no basis."""
    return percent_cell(value, None)


def count_cell(value: int | None, _basis: str | None) -> str:
    """How many."""
    return f'<td class="n">{ABSENT if value is None else f"{value:,}"}</td>'


@lru_cache(_REMEMBERED)
def date_cell(value: date | None, _basis: str | None) -> str:
    """A date."""
    if value is None:
        return f"<td>{ABSENT}</td>"
    return f'<td class="d"><time datetime="{value:%Y-%m-%d}">{day(value)}</time></td>'


@lru_cache(_REMEMBERED)
def moment_cell(value: datetime | None, _basis: str | None) -> str:
    """The day of a moment (UTC); the moment itself is in the element."""
    if value is None:
        return f"<td>{ABSENT}</td>"
    iso = value.isoformat()
    return f'<td class="d"><time datetime="{iso}Z">{day(value)}</time></td>'


def second_cell(value: datetime | None, _basis: str | None) -> str:
    """A moment to the second."""
    if value is None:
        return f"<td>{ABSENT}</td>"
    return f'<td class="d"><time datetime="{value.isoformat()}Z">{value} UTC</time></td>'


def flag_cell(value: str | None, _basis: str | None) -> str:
    """The checks that fail, if any do."""
    if not value:
        return "<td></td>"
    names = value.replace("_", " ")
    return f'<td class="flag"><span>check fails: {shown(names, 400)}</span></td>'


def agrees_cell(value: bool | None, _basis: str | None) -> str:
    """Whether two amounts agree, as far as that can be said."""
    if value is None:
        return "<td>cannot be said</td>"
    return "<td>agrees</td>" if value else '<td class="flag"><span>differs</span></td>'


def capture_cell(value: str, _basis: str | None) -> str:
    """A capture, which the page's list of captures says more of."""
    return f'<td><a class="id" href="#c-{value[:12]}">{value[:8]}</a></td>'


def capture_id_cell(value: str, _basis: str | None) -> str:
    """A capture's own row, which others refer to."""
    return f'<th scope="row" id="c-{value[:12]}"><code class="hash">{value}</code></th>'


def source_cell(value: str | None, _basis: str | None) -> str:
    """The page that a row comes from, as a short link where its address is one of the web."""
    if not is_web(value):
        return f"<td>{shown(value)}</td>"
    return f'<td><a rel="noreferrer noopener nofollow" href="{escape(value)}">source</a></td>'


def address_cell(value: str | None, _basis: str | None) -> str:
    """An address: a link where it is one of the web, else text."""
    return f"<td>{link(value)}</td>"


def link(value: str | None) -> Markup:
    """The same outside a table."""
    if not is_web(value):
        return shown(value)
    start = '<a rel="noreferrer noopener nofollow"'
    return Markup(f'{start} href="{escape(value)}">{shown(value)}</a>')  # noqa: S704 because it is escaped


def hash_cell(value: str, _basis: str | None) -> str:
    """A hash, whole."""
    return f'<td><code class="hash">{escape(value)}</code></td>'


def document_cell(value: str | None, _basis: str | None) -> str:
    """A document's address; one that has none has a key made of its title."""
    return f"<td>{ABSENT if value is None or value.startswith('title:') else link(value)}</td>"


def file_name(key: str) -> str:
    """The name of a page's file without its ending: the key itself, which is letters and digits.

    Raises:
        ValueError: it has other characters.
    """
    if not _CODE.fullmatch(key):
        raise ValueError(f"{key!r} cannot be the name of a file")
    return key


def programme_link(root: str) -> Cell:
    """A programme's ID as a link, from a page so far below the first one."""
    return lambda value, _: (
        f'<th scope="row"><a class="id" href="{root}programme/{file_name(value)}.html">'
        f"{value}</a></th>"
    )


def fund_link(root: str, tag: str = "td") -> Cell:
    """A fund's code as a link."""
    start, end = ('<th scope="row">', "</th>") if tag == "th" else ("<td>", "</td>")
    return lambda value, _: (
        f'{start}<a class="id" href="{root}fund/{file_name(value)}.html">{value}</a>{end}'
    )
