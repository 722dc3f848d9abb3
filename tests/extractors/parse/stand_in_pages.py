"""The stand-in's pages, each with the facts that its books say stand on it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

from extractors.page_kinds import PageKind, Representation
from replica.books.contributors import contributors_table, fund_contributors
from replica.books.layouts import BY_ORGANIZATION, BY_YEAR, EXCEL_TABLE, TableLayout
from replica.books.moments import moment
from replica.books.portfolio import FundOutline, Outline
from replica.books.portfolio_form import portfolio_form
from replica.books.programme import forms_at, rounded
from replica.books.records import Records
from replica.books.shown import (
    CONTRIBUTION_MEASURES,
    MEASURES,
    Figure,
    Fund,
    Measure,
    Programme,
    Table,
    Voucher,
)
from replica.http import Request
from replica.pages.answers import fund_address, in_new_scheme, programme_address
from replica.pages.contributor_pages import CONTRIBUTORS_VIEW, setting_of
from replica.pages.factsheet import VOUCHERS_A_PAGE
from replica.pages.grids import day
from replica.pages.lists import ROWS_A_PAGE
from replica.pages.site import Gateway
from tests.extractors.parse.crawled import decoded, glued_text, piped_text
from tests.extractors.parse.said import Fact, Facts, without_links

_BLOCKS = {
    "Funds with Administrative Agent": "administrative_agent",
    "Funds with Participating Organizations": "participating_organizations",
}
_FORMS = {
    "xls": Representation.HTML_XLS, "xlsx": Representation.XLSX, "csv": Representation.CSV
}  # fmt: skip
_WITH_TOTAL = {"rows", "groups", "spanned_organization"}
_OF_PORTFOLIO: Facts = Counter([("contributors", False, False, True)])
_LINK = ("link", "contributor")
Reads = Literal["whole", "glued"]


class StandInPage(NamedTuple):
    """One page as its bytes, and all that should be read from it.

    Where it `reads` glued, what cells said may be missing, but nothing else may be said.
    """

    address: str
    body: bytes
    kind: PageKind
    representation: Representation
    facts: Facts
    layout: str
    charset: str
    reads: Reads = "whole"
    dated_documents: bool = False  # in a table of their own, which glues titles to dates


def fetch(site: Gateway, address: str, now: datetime) -> bytes:
    """The body of a page that must be there."""
    path, _, query = address.partition("?")
    answer = site.answer(Request("GET", path, query, {}), now)
    assert answer.status == 200, f"{address} at {now}: {answer.status}"
    return answer.body


def pages_of(site: Gateway, now: datetime, programmes: Iterable[Outline]) -> Iterator[StandInPage]:
    """Every page of some programmes, of all funds and of all lists, in every representation."""
    for outline in programmes:
        if outline.approved <= moment(now):
            yield from programme_pages(site, outline, now)
    for fund in site.records.portfolio.open_funds(moment(now)):
        yield from fund_pages(site, fund, now)
    yield from list_pages(site, now)


def as_text(page: StandInPage) -> Iterator[StandInPage]:
    """The page, and what a crawl would keep of it in either form of text."""
    html = decoded(page.body)
    facts = without_links(page.facts)
    yield page
    glued, piped = glued_text(html), piped_text(html)
    is_piped = any(line.startswith("| ") for line in piped.splitlines())
    yield page._replace(
        body=piped.encode(), facts=facts, address=f"{page.address} (piped text)",
        representation=Representation.PIPED_TEXT if is_piped else Representation.TEXT,
    )  # fmt: skip
    yield page._replace(
        body=glued.encode(), facts=facts, address=f"{page.address} (text)",
        representation=Representation.TEXT, reads="glued",
    )  # fmt: skip


# Programmes


def programme_pages(site: Gateway, outline: Outline, now: datetime) -> Iterator[StandInPage]:
    """A programme's factsheet with its voucher pages and reports, its Excel and print views."""
    at, records = moment(now), site.records
    card = records.card(outline)
    layout, setting = card.typesetting.at(at), card.typesetting
    folder = programme_address(outline.programme_id, at)
    with_tables = not card.without_tables.holds(at)
    markup = Representation.NEW_HTML if in_new_scheme(at) else Representation.HTML

    def page(address: str, kind: PageKind, form: Representation, facts: Facts) -> StandInPage:
        body = fetch(site, address, now)
        return StandInPage(
            address, body, kind, form, facts, layout.name, setting.charset,
            dated_documents=layout.skin == "new",
        )  # fmt: skip

    def sheet(query: str, tables: Sequence[TableLayout], number: int = 1) -> StandInPage:
        shown = records.programme(outline, at, tables)
        facts = _factsheet_facts(shown, outline.fund, at, dated=layout.skin == "new")
        if with_tables:
            facts.update(_tables_facts(shown.tables, tables))
            facts.update(_voucher_page_facts(shown.vouchers, number, folder))
        return page(f"{folder}{query}", PageKind.PROGRAMME_FACTSHEET, markup, facts)

    whole = records.programme(outline, at, (EXCEL_TABLE,))
    pages = -(-len(whole.vouchers) // VOUCHERS_A_PAGE) if with_tables else 1
    yield from as_text(sheet("", layout.tables))
    for number in range(2, pages + 1):
        yield sheet(f"?vouchers={number}", layout.tables, number)
    yield sheet("?report=year", (BY_YEAR,))
    yield sheet("?report=organization", (BY_ORGANIZATION,))
    own: Facts = Counter([("programme_id", outline.programme_id)])
    figures = Counter(_tables_facts(whole.tables, (EXCEL_TABLE,)))
    vouchers = Counter(map(_voucher_fact, whole.vouchers))
    form = _FORMS[setting.spreadsheet]
    yield page(f"{folder}/figures/excel", PageKind.FIGURES_EXCEL, form, own + figures)
    yield page(f"{folder}/vouchers/excel", PageKind.VOUCHERS_EXCEL, form, own + vouchers)
    title: Fact = ("identity", "title", _fold(whole.identity.title))
    printed = own + Counter([title, ("currency", "US$")])
    for what, facts in (("figures", figures), ("vouchers", vouchers)):
        view = page(
            f"{folder}/{what}/print", PageKind.PRINT_VIEW, Representation.HTML, printed + facts
        )
        yield from as_text(view._replace(charset="utf8", dated_documents=False))


def _factsheet_facts(shown: Programme, fund: FundOutline, at: int, *, dated: bool) -> Facts:
    """All but the tables."""
    facts: Facts = Counter([("currency", "US$")])
    for field, value in shown.identity._asdict().items():
        if field == "programme_id":
            facts["programme_id", value] += 1
        elif field == "fund_code":
            facts["link", "fund", value] += 1
        elif value is not None:
            facts["identity", field, _fold(value) if isinstance(value, str) else value] += 1
    seqs: Counter[tuple[str, int]] = Counter()
    for section, outcome_no, text in shown.passages:
        seqs[section, outcome_no] += 1
        facts["passage", section, outcome_no, seqs[section, outcome_no], _fold(text)] += 1
    for person in (*shown.managers, *shown.persons):
        facts[("contact", *person)] += 1
    for document in shown.documents:
        title = _fold(document.title)
        facts["document", title, document.document_date if dated else None] += 1
        facts["link", "document", title, f"/document/download/{document.number}"] += 1
    return facts


def _tables_facts(tables: Sequence[Table], layouts: Sequence[TableLayout]) -> Iterator[Fact]:
    for rank, (table, how) in enumerate(zip(tables, layouts, strict=bool(tables))):
        yield "table", rank, table.grain != "organization", table.grain != "year", True
        for row in table.rows:
            yield from _figure_facts("figure", rank, row, how)
        if how.shape == "groups":
            for _, group in groupby(table.rows, lambda row: row.organization_printed):
                yield from _figure_facts("total", rank, _sub_total(list(group)), how)
        if how.total != "none" and how.shape in _WITH_TOTAL:
            yield from _figure_facts("total", rank, table.total, how)


def _figure_facts(kind: str, rank: int, row: Figure, how: TableLayout) -> Iterator[Fact]:
    key = (rank, row.organization_printed, row.organization or "(all)", row.fiscal_year)
    for measure, value in zip(MEASURES, row.values, strict=True):
        if value is not None and measure in how.measures:
            yield (kind, *key, measure, _number(measure, value))


def _number(measure: Measure, value: int) -> Decimal:
    return Decimal(value).scaleb(-1) if measure == "delivery_rate" else Decimal(value)


def _sub_total(rows: Sequence[Figure]) -> Figure:
    """The sum of an organization's years as printed, which prints no rate."""
    sums: list[int | None] = []
    for column in zip(*(row.values for row in rows), strict=True):
        known = [value for value in column if value is not None]
        sums.append(sum(known) if known else None)
    return rows[0]._replace(fiscal_year=None, values=(*sums[:-1], None))


def _voucher_fact(voucher: Voucher) -> Fact:
    return (
        "voucher", voucher.number, voucher.voucher_date, voucher.organization_printed,
        voucher.organization, Decimal(voucher.cents).scaleb(-2), voucher.status,
    )  # fmt: skip


def _voucher_page_facts(vouchers: Sequence[Voucher], number: int, folder: str) -> Iterator[Fact]:
    first = (number - 1) * VOUCHERS_A_PAGE
    yield from map(_voucher_fact, vouchers[first : first + VOUCHERS_A_PAGE])
    pages = -(-len(vouchers) // VOUCHERS_A_PAGE)
    if pages > 1:
        yield "paging", "pages", f"Page {number} of {pages}", str(pages)
    if number < pages:
        yield "link", "next", f"{folder}?vouchers={number + 1}"


# Funds and lists


def fund_pages(site: Gateway, fund: FundOutline, now: datetime) -> Iterator[StandInPage]:
    """All pages of a fund's factsheet, and the Excel views of its statement and contributors."""
    at, records = moment(now), site.records
    shown = site.records.fund(fund, at)
    folder = fund_address(fund, at)
    markup = Representation.NEW_HTML if in_new_scheme(at) else Representation.HTML
    lines = Counter(_statement_facts(shown))
    setting = setting_of(records, fund)
    layout = setting.at(at)
    tables = () if setting.without_tables.holds(at) else layout.layout.tables
    contributions = _contributors_facts(records, fund, tables, at)
    contributions += Counter(_links_of_contributors(records, contributions, at))
    entries = [
        [
            ("listing", "programmes", _fold(title), programme_id, (("Project ID", programme_id),)),
            ("link", "programmes", _fold(title), programme_address(programme_id, at), None),
        ]
        for programme_id, title in shown.programmes
    ]
    own = lines + Counter([
        ("currency", "US$"), ("link", "this fund", fund.code),
        ("passage", "overview", 0, 1, _fold(shown.overview)),
        ("fund", _fold(shown.name), shown.fund_type, day(shown.start_date),
         day(shown.end_date) if shown.end_date else None),
    ])  # fmt: skip
    for address, facts in _listed(folder, entries):
        yield from as_text(
            StandInPage(
                address, fetch(site, address, now), PageKind.FUND_FACTSHEET, markup,
                own + contributions + facts, f"fund factsheet, {layout.layout.name}", "utf8",
            )
        )  # fmt: skip
    address = f"{folder}/status/excel"
    yield StandInPage(
        address, fetch(site, address, now), PageKind.STATEMENT_EXCEL, Representation.HTML_XLS,
        lines, "statement", "utf8",
    )  # fmt: skip
    if layout.heading:
        address = f"{folder}/{CONTRIBUTORS_VIEW}"
        facts = _contributors_facts(records, fund, (layout.view,), at)
        yield StandInPage(
            address, fetch(site, address, now), PageKind.CONTRIBUTORS_VIEW,
            _FORMS[setting.spreadsheet], facts, layout.layout.name, "utf8",
        )  # fmt: skip


def _contributors_facts(
    records: Records, fund: FundOutline, tables: Sequence[TableLayout], at: int
) -> Facts:
    facts: Facts = Counter()
    for how in tables:
        facts.update(_contribution_facts(fund_contributors(records, fund, how, at), how))
    return facts


def _contribution_facts(table: Table, how: TableLayout) -> Iterator[Fact]:
    """What a table of contributors says; one that says that there are none is not in full."""
    yield "contributors", table.grain == "organization_year", False, bool(table.rows)
    for row in table.rows:
        for measure, value in zip(CONTRIBUTION_MEASURES[:2], row.values, strict=False):
            if value is not None and measure in how.measures:
                name = _fold(row.organization or "")
                yield "contribution", name, row.fiscal_year or 0, measure, Decimal(value)
    if table.rows and how.total != "none" and how.shape in _WITH_TOTAL:
        for measure, value in zip(CONTRIBUTION_MEASURES[:2], table.total.values, strict=False):
            if value is not None and measure in how.measures:
                yield "contribution total", measure, Decimal(value)


def _links_of_contributors(records: Records, facts: Facts, at: int) -> Iterator[Fact]:
    """The link of each row of the contributor that is a fund itself."""
    giver = records.gifts.giver if records.gifts else None
    if giver is not None:
        rows = {fact[:3] for fact in facts if fact[:2] == ("contribution", _fold(giver.name))}
        for _ in rows:
            yield "link", "contributor", _fold(giver.name), giver.code


def _statement_facts(shown: Fund) -> Iterator[Fact]:
    yield "statement", *(line.label for block in shown.statement for line in block.lines)
    for block in shown.statement:
        for label, role, value in block.lines:
            amount = Decimal(value).scaleb(-1) if role == "percentage" else Decimal(value)
            yield "line", _BLOCKS[block.heading], label, role, amount


def list_pages(site: Gateway, now: datetime) -> Iterator[StandInPage]:
    """All pages of the three portfolio lists, and the Excel view of that of contributors."""
    at = moment(now)
    for what, listed in (("fund", _funds), ("agency", _agencies), ("donor", _donors)):
        links_to_funds = in_new_scheme(at) and what == "fund"
        for address, facts in _listed(f"/portfolio/{what}", listed(site, at)):
            has_links = links_to_funds and any(fact[0] == "listing" for fact in facts)
            if what == "donor":
                facts.update(_OF_PORTFOLIO)
                has_links = in_new_scheme(at) and any(fact[:2] == _LINK for fact in facts)
            yield StandInPage(
                address, fetch(site, address, now), PageKind.PORTFOLIO_LIST,
                Representation.NEW_HTML if has_links else Representation.HTML, facts,
                f"list of {what}", "utf8",
            )  # fmt: skip

    form = portfolio_form(site.records.seed, at).spreadsheet
    facts = Counter(fact for entry in _donors(site, at) for fact in entry) + _OF_PORTFOLIO
    yield StandInPage(
        "/portfolio/donor/excel", fetch(site, "/portfolio/donor/excel", now),
        PageKind.PORTFOLIO_LIST, _FORMS[form], without_links(facts), "list of donor", "utf8",
    )  # fmt: skip


def _listed(folder: str, entries: Sequence[Sequence[Fact]]) -> Iterator[tuple[str, Facts]]:
    """The pages of a list, each with its address, its entries and where it says that it stands."""
    for number in range(1, max(1, -(-len(entries) // ROWS_A_PAGE)) + 1):
        first = (number - 1) * ROWS_A_PAGE
        shown = entries[first : first + ROWS_A_PAGE]
        last, whole = first + len(shown), len(entries)
        facts: Facts = Counter(fact for entry in shown for fact in entry)
        range_shown = f"Showing {min(first + 1, last)} to {last} of {whole}"
        facts["paging", "rows", range_shown, str(whole)] += 1
        if last < whole:
            facts["link", "next", f"{folder}?page={number + 1}"] += 1
        yield folder if number == 1 else f"{folder}?page={number}", facts


def _funds(site: Gateway, at: int) -> list[list[Fact]]:
    entries: list[list[Fact]] = []
    for fund in site.records.portfolio.open_funds(at):
        cents = sum(one.cents for one in site.records.deposits(fund) if one.moment <= at)
        details = (
            ("Type", fund.fund_type), ("Start Date", day(site.records.fund(fund, at).start_date)),
            ("Contributions (US$)", f"{rounded(cents, 100):,}"),
        )  # fmt: skip
        name = _fold(fund.name)
        entries.append([
            ("listing", "funds", name, None, details),
            ("link", "funds", name, fund_address(fund, at), fund.code),
        ])  # fmt: skip
    return entries


def _agencies(site: Gateway, at: int) -> list[list[Fact]]:
    words = site.records.words.organizations
    counts = Counter(
        number
        for outline in site.records.portfolio.outlines
        if outline.approved <= at
        for number in outline.organizations
    )
    return [
        [("listing", "organizations", _fold(name), None, (("Programmes", f"{count:,}"),))]
        for name, count in sorted((forms_at(words[n], at)[0], c) for n, c in counts.items())
    ]


def _donors(site: Gateway, at: int) -> list[list[Fact]]:
    """Each contributor with what it gave to all funds; but for what is said of the whole table."""
    how = portfolio_form(site.records.seed, at).table
    table = contributors_table(site.records.all_contributions(), how, at)
    entries = []
    for row in table.rows:
        own = Counter(_contribution_facts(table._replace(rows=(row,)), how))
        del own["contributors", False, False, True]
        entries.append([*own, *_links_of_contributors(site.records, own, at)])
    return entries


def _fold(text: str) -> str:
    return " ".join(text.split())
