"""A programme's factsheet and its print view, as HTML text."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Literal, NamedTuple

from replica.books.layouts import Layout, TableLayout, Typesetting
from replica.books.shown import Contact, Passage, Programme, Table
from replica.pages.furniture import FOOTER, clock, page
from replica.pages.grids import day, figures_grid, vouchers_grid
from replica.pages.skins import SKINS, Skin, draw, items, plain_table

View = Literal["figures", "vouchers"]
VOUCHERS_A_PAGE = 20
_YEAR_END_NOTE = (
    "Participating Organizations are required to report a year's final expenditure by April 30 of "
    "the year after it. Until then its figures may be interim."
)
_VOUCHERS_NOTE = "This screen shows the vouchers of transfers paid since 1 January 2009."


class Drawn(NamedTuple):
    """The source of a factsheet. `folder` is its own path, for the links to its views."""

    programme: Programme
    tables: Sequence[TableLayout]
    layout: Layout
    typesetting: Typesetting
    folder: str
    fund_address: str
    voucher_page: int
    with_tables: bool
    now: datetime


def factsheet(drawn: Drawn) -> bytes:
    """Return the whole factsheet."""
    programme, layout = drawn.programme, drawn.layout
    skin = SKINS[layout.skin]
    title = escape(programme.identity.title, quote=False)
    parts = [
        skin.frame(f"<h1>Project Factsheet</h1>\n{_say(skin, f'Tools for » {title}')}"),
        skin.frame(skin.identity(_identity(drawn))),
        skin.frame(_about(skin, programme.passages)),
        skin.frame(_documents(skin, programme)),
        skin.frame(_figures(skin, drawn)),
        skin.frame(_vouchers(skin, drawn)),
        skin.frame(_contacts(skin, programme)),
        FOOTER,
    ]
    body = "".join(parts)
    if drawn.typesetting.stray_script:
        body = body.replace("</h2>\n", _STRAY_SCRIPT, 1)
    shown_clock = clock(drawn.now) if layout.clock else ""
    return page("Project Factsheet", body, shown_clock, drawn.typesetting.charset)


def print_view(drawn: Drawn, what: View) -> bytes:
    """Return one table alone, with the programme's title and ID above it."""
    identity = drawn.programme.identity
    grids = (
        [figures_grid(table, how, drawn.layout) for table, how in _tables(drawn)]
        if what == "figures"
        else [vouchers_grid(drawn.programme.vouchers, drawn.layout, total=True)]
    )
    heading = "Key Figures" if what == "figures" else "Latest Vouchers"
    tables = "".join(map(plain_table, grids))
    html = (
        f'<html><head><meta charset="utf-8"><title>{heading}</title></head>'
        '<body onload="window.print()">\n'
        f"<p>Tools for » {escape(identity.title, quote=False)}</p>\n"
        f"<p>Project ID: {identity.programme_id}</p>\n<h2>{heading}</h2>\n{tables}"
        "<p>All amounts in US$</p>\n</body></html>\n"
    )
    return html.encode()


def _say(skin: Skin, text: str) -> str:
    return f"{skin.paragraph[0]}{text}{skin.paragraph[1]}"


def _head(skin: Skin, text: str) -> str:
    return f"{skin.heading[0]}{text}{skin.heading[1]}"


def _identity(drawn: Drawn) -> list[tuple[str, str]]:
    """Return labels and values in order; blanks around the colon and marks vary by layout."""
    identity = drawn.programme.identity
    star = "&nbsp;*:" if drawn.layout.skin == "nested" else " *:"
    gap = "&nbsp;" if drawn.layout.skin == "uppercase" else ""
    fund = f'<a href="{drawn.fund_address}">{escape(identity.fund_name, quote=False)}</a>'
    return [
        (f"Project ID{gap}:", identity.programme_id),
        ("Description:", escape(identity.description, quote=False)),
        ("Fund:", fund),
        (f"Start Date{star}", day(identity.start_date)),
        ("Theme:", escape(identity.theme or "", quote=False)),
        ("End Date*:", day(identity.end_date)),
        ("Country:", escape(identity.country, quote=False)),
        (f"Project Status{gap}:", identity.status),
        ("Participating Organization:", escape(identity.participating_organization, quote=False)),
    ]


def _about(skin: Skin, passages: Sequence[Passage]) -> str:
    parts = [_head(skin, "About")]
    for (section, outcome_no), group in groupby(passages, lambda p: (p.section, p.outcome_no)):
        texts = [escape(passage.text, quote=False) for passage in group]
        match section:
            case "overview":
                parts += [_say(skin, text) for text in texts]
            case "outcome":
                parts.append(_say(skin, f"<b>Outcome {outcome_no}:</b>"))
                parts += [_say(skin, text) for text in texts]
            case "achievement":
                parts.append(_say(skin, "<b>Outcome achievements:</b>"))
                parts.append(items(skin, texts))
            case "lesson":
                parts.append(_say(skin, "<b>Lessons learned:</b>"))
                parts.append(items(skin, texts))
    return "".join(parts)


def _documents(skin: Skin, programme: Programme) -> str:
    links = [
        (
            f'<a href="/document/download/{document.number}">'
            f"{escape(document.title, quote=False)}</a>",
            day(document.document_date) if document.document_date else "",
        )
        for document in programme.documents
    ]
    if skin is not SKINS["new"]:
        listed = items(skin, (link for link, _ in links)) if links else ""
    else:
        rows = "".join(f"<tr><td>{link}</td><td>{when}</td></tr>\n" for link, when in links)
        listed = f"<table><tr><th>Title</th><th>Document Date</th></tr>\n{rows}</table>\n"
    return _head(skin, "Recent Documents") + listed


def _tables(drawn: Drawn) -> list[tuple[Table, TableLayout]]:
    if not drawn.with_tables:
        return []
    return list(zip(drawn.programme.tables, drawn.tables, strict=False))


def _views(drawn: Drawn, what: str) -> str:
    return (
        f'<a href="{drawn.folder}/{what}/excel">View as Excel</a> '
        f'<a href="{drawn.folder}/{what}/print">Print friendly format</a>'
    )


def _figures(skin: Skin, drawn: Drawn) -> str:
    choices = (
        f'Report by <a href="{drawn.folder}?report=organization">by participating organization</a>'
        f' <a href="{drawn.folder}?report=year">by year</a>'
    )
    parts = [_head(skin, "Key Figures"), _say(skin, choices), _say(skin, _YEAR_END_NOTE)]
    for table, how in _tables(drawn):
        parts.append(draw(figures_grid(table, how, drawn.layout), skin.table))
    parts.append(_say(skin, "All amounts in US$"))
    parts.append(_say(skin, _views(drawn, "figures")))
    return "".join(parts)


def _vouchers(skin: Skin, drawn: Drawn) -> str:
    parts = [_head(skin, "Latest Vouchers"), _say(skin, _VOUCHERS_NOTE)]
    vouchers = drawn.programme.vouchers
    pages = -(-len(vouchers) // VOUCHERS_A_PAGE)
    if drawn.with_tables:
        shown = vouchers[(drawn.voucher_page - 1) * VOUCHERS_A_PAGE :][:VOUCHERS_A_PAGE]
        grid = vouchers_grid(shown, drawn.layout, total=drawn.layout.voucher_total)
        parts.append(draw(grid, skin.table))
        if pages > 1:
            parts.append(_say(skin, _pager(drawn, pages)))
    parts.append(_say(skin, "All amounts in US$"))
    parts.append(_say(skin, _views(drawn, "vouchers")))
    return "".join(parts)


def _pager(drawn: Drawn, pages: int) -> str:
    at = drawn.voucher_page
    links = [
        f'<a href="{drawn.folder}?vouchers={number}" rel="{rel}">{text}</a>'
        for number, rel, text in ((at - 1, "prev", "Previous"), (at + 1, "next", "Next"))
        if 1 <= number <= pages
    ]
    return " ".join([f"Page {at} of {pages}", *links])


def _contacts(skin: Skin, programme: Programme) -> str:
    parts = [_say(skin, "The MPTF Office Portfolio Manager for this programme:")]
    parts.append(items(skin, map(_person, programme.managers)))
    if programme.persons:
        parts.append(_say(skin, "The persons with GATEWAY access rights for the programme:"))
        parts.append(items(skin, map(_person, programme.persons)))
    return "".join(parts)


def _person(person: Contact) -> str:
    shown = (
        f"{person.name}, {person.role}; Telephone: {person.telephone}; "
        f"Email: {person.email}; Skype: {person.skype}"
    )
    return escape(shown, quote=False)


_STRAY_SCRIPT = (
    '</h2>\n<script type="text/javascript">if (1 < 2 && document.all) '
    '{document.write("<table><tr><td>Expenditure</td><td>0</td></tr></table>")}</script>\n'
)
