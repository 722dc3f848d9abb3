"""A programme's pages: factsheet with voucher pages and reports, Excel and print views."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from replica.books.layouts import BY_ORGANIZATION, BY_YEAR, EXCEL_TABLE, TableLayout
from replica.books.moments import time_of
from replica.books.portfolio import Outline
from replica.books.records import Records
from replica.http import Answer, ContentFault, Request, accepts_gzip, gzipped
from replica.pages.answers import (
    HTML,
    fund_address,
    page_number,
    programme_address,
    tag_of,
    validators,
)
from replica.pages.factsheet import Drawn, View, factsheet, print_view
from replica.pages.grids import figures_grid, vouchers_grid
from replica.pages.sheets import MEDIA_TYPES, spreadsheet

_MOST_BYTES = 120 * 2**20


class Page(NamedTuple):
    """A page's body and what it is."""

    media_type: str
    body: bytes
    in_gzip: bool = False


class Pages:
    """A cache of the pages requested last, by name, each with a stamp of its source."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, tuple[object, Page]] = OrderedDict()
        self._bytes = 0

    def get(self, name: object, stamp: object) -> Page | None:
        """Return the page of that name, if its stamp is the same."""
        found = self._kept.get(name)
        if found is None or found[0] != stamp:
            return None
        self._kept.move_to_end(name)
        return found[1]

    def keep(self, name: object, stamp: object, page: Page) -> Page:
        """Compress a page, store it in place of an earlier one of its name, and return it."""
        page = Page(page.media_type, gzipped(page.body), in_gzip=True)
        earlier = self._kept.pop(name, None)
        self._bytes += len(page.body) - (len(earlier[1].body) if earlier else 0)
        self._kept[name] = (stamp, page)
        while self._bytes > _MOST_BYTES:
            self._bytes -= len(self._kept.popitem(last=False)[1][1].body)
        return page


VIEWS = ("", "figures/excel", "figures/print", "vouchers/excel", "vouchers/print")
_REPORTS: Mapping[str, tuple[TableLayout, ...]] = {
    "organization": (BY_ORGANIZATION,), "year": (BY_YEAR,),
}  # fmt: skip


def programme_page(
    records: Records,
    pages: Pages,
    outline: Outline,
    view: str,
    request: Request,
    now: int,
    fault: ContentFault | None,
) -> Answer:
    """Return a page of a programme that the site shows; `view` is one of VIEWS."""
    if fault == "other_programme":
        outline = _neighbour(records, outline, now)
    card = records.card(outline)
    version, changed = card.version(now)
    if fault == "lying_validator":
        version, changed = 0, outline.approved
    tag = tag_of(f"{outline.programme_id} {version} {view} {request.query}")
    checked = validators(card.typesetting.validator, tag, changed, now, request)
    if checked.unchanged:
        return Answer(304, checked.headers, b"")
    with_tables = fault != "no_tables" and not card.without_tables.holds(now)
    in_gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
    name = (outline.number, view, request.query)
    stamp = (now, version, with_tables)
    kept = pages.get(name, stamp) if in_gzip else None
    if kept is None:
        drawn = _drawn(records, outline, view, request, now, with_tables=with_tables)
        kept = Page(*_drawing(drawn, view))
        if in_gzip:
            kept = pages.keep(name, stamp, kept)
    encoding = (("Content-Encoding", "gzip"),) if kept.in_gzip else ()
    return Answer(200, (("Content-Type", kept.media_type), *encoding, *checked.headers), kept.body)


def _drawn(
    records: Records, outline: Outline, view: str, request: Request, now: int, *, with_tables: bool
) -> Drawn:
    setting = records.card(outline).typesetting
    layout = setting.at(now)
    asked = request.parameters if request.query else {}
    tables = (EXCEL_TABLE,) if view else _REPORTS.get(asked.get("report", ""), layout.tables)
    return Drawn(
        programme=records.programme(outline, now, tables),
        tables=tables,
        layout=layout,
        typesetting=setting,
        folder=programme_address(outline.programme_id, now),
        fund_address=fund_address(outline.fund, now),
        voucher_page=page_number(asked.get("vouchers")),
        with_tables=with_tables or bool(view),
        now=time_of(now),
    )


def _drawing(drawn: Drawn, view: str) -> tuple[str, bytes]:
    """Return media type and bytes. Only a UTF-8 page declares its charset in the media type."""
    setting = drawn.typesetting
    if not view:
        return HTML if setting.charset == "utf8" else "text/html", factsheet(drawn)
    what: View = "figures" if view.startswith("figures") else "vouchers"
    if view.endswith("print"):
        return HTML, print_view(drawn, what)
    tables, layout = drawn.programme.tables, drawn.layout
    if what == "vouchers":
        rows = vouchers_grid(drawn.programme.vouchers, layout, total=False)
    elif tables:
        rows = figures_grid(tables[0], EXCEL_TABLE, layout)
    else:
        rows = [["No data found"]]
    caption = f"Project ID: {drawn.programme.identity.programme_id}"
    return MEDIA_TYPES[setting.spreadsheet], spreadsheet(setting.spreadsheet, caption, rows)


def _neighbour(records: Records, outline: Outline, now: int) -> Outline:
    """Return another programme that the site shows, if there is one."""
    outlines = records.portfolio.outlines
    for step in range(1, len(outlines)):
        other = outlines[(outline.number + step) % len(outlines)]
        if other.approved <= now:
            return other
    return outline
