"""Values as table cells: each cell function returns a complete `<td>` or `<th>`.

A cell whose text is not its value, and does not lead to it, has the value in `data-value`.

Text from outside enters a page only through `safe_text`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

Cell = Callable[[Any, str | None], str]  # arguments: the value, and the basis of its row

# Invisible characters that change the text around them: controls, direction marks, zero-width
# spaces. The joiners U+200C and U+200D stay, because some scripts are written with them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CACHED_CELLS = 4096  # the same texts and times occur in many rows
_CELL_CHARACTERS = 160
_LINK = '<a rel="noreferrer noopener nofollow"'
ABSENT = Markup('<span class="na" role="img" aria-label="not shown by the source">—</span>')
BASES = {"interim": "interim", "year_end": "year-end", "mixed": "part interim"}
BASIS_OF_ROW = "row"
_MARKS = {None: ("", "")} | {
    basis: (f" {basis[0]}", f"<small>{name}</small>") for basis, name in BASES.items()
}


def visible(value: str) -> str:
    """Return a text with its invisible characters named: U+202E as `⟦U+202E⟧`."""
    return _HIDDEN.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", value)


def truncate(value: str, length: int) -> str:
    """Return at most `length` characters, followed by the number of characters left out."""
    if len(value) <= length:
        return value
    return f"{value[:length]}… ({len(value) - length:,} more characters)"


def safe_text(value: Any, length: int = _CELL_CHARACTERS) -> Markup:
    """Return outside text for HTML: escaped, truncated, isolated in direction, all visible."""
    if value is None or value == "":
        return ABSENT
    return Markup(f"<bdi>{escape(visible(truncate(str(value), length)))}</bdi>")  # noqa: S704 because it is escaped


def _data_value(value: Any) -> Markup:
    """Return the attribute with a cell's value, where the cell's text is not the value itself."""
    return Markup(f' data-value="{escape(visible(truncate(str(value), 400)))}"')  # noqa: S704 because it is escaped


def is_web_url(value: Any) -> bool:
    """Return whether a URL may become a link: http or https, with a host, nothing hidden in it."""
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


def link(url: str | None) -> Markup:
    """Return a link to a web URL; any other text as it is."""
    if not is_web_url(url):
        return safe_text(url)
    return Markup(f'{_LINK} href="{escape(url)}">{safe_text(url)}</a>')  # noqa: S704 because it is escaped


def amount(value: Decimal | int) -> str:
    """Format `-1234.50` as `−1,234.50`: never rounded, without decimals that are zero."""
    text = f"{value:,}".replace("-", "−")
    if text.endswith(".00"):  # as most
        return text[:-3]
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals.ljust(2, '0')}" if decimals else whole


def in_full(value: Decimal) -> str:
    """Return a decimal in full, without zeros at its end: 400.00 as `400`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(value: Decimal) -> str:
    return f"{in_full(value).replace('-', '−')} %"


def day(value: date) -> str:
    """Format a date as `15 Jun 2016`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def term_date(value: date | None, precision: str | None) -> str:
    """Format a start or end as exactly as it is known: `15 Jun 2016`, `Jun 2016`."""
    if value is None:
        return ABSENT
    return day(value) if precision != "month" else day(value).partition(" ")[2]


@dataclass(frozen=True)
class NumberCell:
    """A right-aligned cell: a format, and the basis printed beside the number."""

    format: Callable[[Any], str]
    basis: str | None = BASIS_OF_ROW

    def __call__(self, value: Any, basis: str | None) -> str:
        """Return the cell of a number; None is marked as absent, never shown as 0."""
        if value is None:
            return f'<td class="n">{ABSENT}</td>'
        name, mark = _MARKS[basis if self.basis == BASIS_OF_ROW else self.basis]
        return f'<td class="n{name}">{self.format(value)}{mark}</td>'


money_cell = NumberCell(amount)
bare_money_cell = NumberCell(amount, None)  # no deadline makes it final: vouchers, statements
cents_cell = NumberCell(lambda value: f"{value:,.2f}".replace("-", "−"), None)
interim_cell = NumberCell(amount, "interim")
year_end_cell = NumberCell(amount, "year_end")
change_cell = NumberCell(lambda value: f"{'+' if value > 0 else ''}{amount(value)}")
percent_cell = NumberCell(_percent)
bare_percent_cell = NumberCell(_percent, None)
count_cell = NumberCell("{:,}".format, None)
year_cell = NumberCell(str, None)  # a year in a row with another heading


@lru_cache(CACHED_CELLS)
def text_cell(value: Any, _basis: str | None) -> str:
    """Return a cell of outside text."""
    return f"<td>{safe_text(value)}</td>"


def head_cell(value: Any, _basis: str | None) -> str:
    """Return a text as its row's heading."""
    return f'<th scope="row">{safe_text(value)}</th>'


def measure_cell(value: str, _basis: str | None) -> str:
    """Return the name of a measure: `delivery_rate_pct` as `delivery rate, percent`."""
    name, _, unit = value.rpartition("_")
    shown = safe_text(name.replace("_", " ") + (", percent" if unit == "pct" else ""))
    return f"<td{_data_value(value)}>{shown}</td>"


def code_cell(value: Any, _basis: str | None) -> str:
    """Return an SQL name or type; an empty cell if there is none."""
    return f"<td><code>{safe_text(value)}</code></td>" if value else "<td></td>"


def code_head_cell(value: str, _basis: str | None) -> str:
    """Return an SQL name as its row's heading."""
    return f'<th scope="row"><code>{safe_text(value)}</code></th>'


def long_text_cell(value: Any, _basis: str | None) -> str:
    """Return a text of up to 2,000 characters; an empty cell if there is none."""
    return f"<td>{safe_text(value, 2000)}</td>" if value else "<td></td>"


def note_cell(value: str | None, _basis: str | None) -> str:
    """Return what a sum leaves out, in a wide cell; an empty one if nothing is."""
    return f'<td class="w">{safe_text(value, 2000)}</td>' if value else "<td></td>"


def year_head_cell(value: int, _basis: str | None) -> str:
    """Return a year as its row's heading."""
    return f'<th scope="row">{value:d}</th>'


def _time_cell(iso: str, text: str) -> str:
    return f'<td class="d"><time datetime="{iso}">{text}</time></td>'


@lru_cache(CACHED_CELLS)
def date_cell(value: date | None, _basis: str | None) -> str:
    """Return a date."""
    return f"<td>{ABSENT}</td>" if value is None else _time_cell(f"{value:%Y-%m-%d}", day(value))


@lru_cache(CACHED_CELLS)
def moment_cell(value: datetime | None, _basis: str | None) -> str:
    """Return the day of a UTC time; the element's attribute has the full time."""
    return (
        f"<td>{ABSENT}</td>" if value is None else _time_cell(f"{value.isoformat()}Z", day(value))
    )


def second_cell(value: datetime | None, _basis: str | None) -> str:
    """Return a UTC time to the second."""
    if value is None:
        return f"<td>{ABSENT}</td>"
    return _time_cell(f"{value.isoformat()}Z", f"{value} UTC")


def flag_cell(value: str | None, _basis: str | None) -> str:
    """Return the names of the failed checks; an empty cell if all hold."""
    if not value:
        return "<td></td>"
    names = safe_text(value.replace("_", " "), 400)
    return f'<td class="flag"{_data_value(value)}><span>check fails: {names}</span></td>'


def basis_cell(value: str, _basis: str | None) -> str:
    """Return a row's basis in words."""
    return f"<td>{BASES[value]}</td>"


def agrees_cell(value: bool | None, _basis: str | None) -> str:
    """Return whether two amounts agree; None means that they cannot be compared."""
    if value is None:
        return '<td data-value="">cannot be compared</td>'
    if value:
        return '<td data-value="true">agrees</td>'
    return '<td class="flag" data-value="false"><span>differs</span></td>'


def capture_cell(value: str, _basis: str | None) -> str:
    """Return a link to the capture's row in the page's list of captures."""
    return f'<td><a class="id" href="#c-{value[:12]}">{value[:8]}</a></td>'


def capture_id_cell(value: str, _basis: str | None) -> str:
    """Return a capture's ID as the heading of its row, to which `capture_cell` links."""
    return f'<th scope="row" id="c-{value[:12]}"><code class="hash">{value}</code></th>'


def hash_cell(value: str, _basis: str | None) -> str:
    """Return a hash in full."""
    return f'<td><code class="hash">{escape(value)}</code></td>'


def source_cell(value: str | None, _basis: str | None) -> str:
    """Return a short link to the page that a row comes from."""
    if not is_web_url(value):
        return f"<td>{safe_text(value)}</td>"
    return f'<td>{_LINK} href="{escape(value)}">source</a></td>'


def url_cell(value: str | None, _basis: str | None) -> str:
    """Return a URL, as a link where it is a web URL."""
    return f"<td>{link(value)}</td>"


def key_cell(value: str | None, _basis: str | None) -> str:
    """Return a programme's ID or a fund's code; an empty cell where there is none."""
    return f'<td class="id">{escape(value or "")}</td>'
