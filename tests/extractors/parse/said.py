"""What a page says, as facts: typed, one by one, and told apart from where they stood.

Both sides of a comparison are brought into this form: what was read from a page, here, and what the
stand-in's books hold, in `stand_in_pages.py`.
"""

from collections import Counter
from collections.abc import Iterator

from extractors.records import Page, PrintedFinding
from transforms.contributions import reconcile_contributions
from transforms.quarantine import RejectedError
from transforms.typed import (
    MEASURE_COLUMNS,
    document_row,
    figure_row,
    programme_row,
    voucher_row,  # fmt: skip
)

Fact = tuple[object, ...]  # its kind, and all that it says
Facts = Counter[Fact]

# What text whose cells are glued together still says, whole.
READABLE_GLUED = frozenset(
    {"programme_id", "identity", "fund", "document", "passage", "contact", "currency"}
)
_MEASURE_OF = {column: measure for measure, column in MEASURE_COLUMNS.items()}
# Fields of an identity that no page prints.
_DERIVED = frozenset({"start_date_precision", "end_date_precision", "country_code", "country_name"})
_EXPECTED_FINDINGS = frozenset({"no_figures"})


def said_by(page: Page) -> Facts:
    """Every fact that was read from a page, and how often; what would be set aside says so."""
    facts: Facts = Counter()
    for part in (
        _subject, _identity, _texts, _documents, _tables, _figures, _contributions, _vouchers,
        _statement, _listings, _paging, _findings,
    ):  # fmt: skip
        facts.update(part(page))
    return facts


def without_links(facts: Facts) -> Facts:
    """What a page says once its links are lost."""
    return Counter({fact: count for fact, count in facts.items() if fact[0] != "link"})


def _subject(page: Page) -> Iterator[Fact]:
    if page.programme_id is not None:
        yield "programme_id", page.programme_id
    if page.fund_code is not None:
        yield "link", "this fund", page.fund_code
    if page.currency is not None:
        yield "currency", page.currency


def _identity(page: Page) -> Iterator[Fact]:
    if page.programme is not None:
        fields, odd = programme_row(page.programme)
        for finding in odd:
            yield "rejected", finding.kind, finding.detail
        for field, value in fields.items():
            if value is not None and field == "fund_code":
                yield "link", "fund", value
            elif value is not None and field not in _DERIVED:
                yield "identity", field, value
    if page.fund is not None:
        yield "fund", page.fund.name, page.fund.fund_type, page.fund.start_date, page.fund.end_date


def _texts(page: Page) -> Iterator[Fact]:
    for passage in page.passages:
        yield ("passage", *passage)
    for contact in page.contacts:
        yield ("contact", *contact)


def _documents(page: Page) -> Iterator[Fact]:
    for document in page.documents:
        odd: list[PrintedFinding] = []
        row = document_row(document, odd)
        for finding in odd:
            yield "rejected", finding.kind, finding.detail
        yield "document", row["title"], row["document_date"]
        if document.url is not None:
            yield "link", "document", row["title"], document.url


def _tables(page: Page) -> Iterator[Fact]:
    for rank, table in enumerate(page.tables):
        yield "table", rank, table.by_year, table.by_organization, table.read_in_full


def _figures(page: Page) -> Iterator[Fact]:
    ranks = {table.table_no: rank for rank, table in enumerate(page.tables)}
    for figure in page.figures:
        try:
            row, rejected = figure_row(figure, page.currency)
        except RejectedError as error:
            yield "rejected", error.rule, figure.text
            continue
        for wrong in rejected.values():
            yield "rejected", wrong.rule, figure.text
        key = (ranks[figure.table_no], figure.organization, row["organization"], row["fiscal_year"])
        for column, measure in _MEASURE_OF.items():
            if row[column] is not None:
                kind = "total" if figure.total else "figure"
                yield (kind, *key, measure, row[column])


def _contributions(page: Page) -> Iterator[Fact]:
    """Yield what contributors gave, in which year or since the start, and what the tables sum."""
    read = reconcile_contributions(page, "")
    for table in read.tables:
        yield "contributors", table["by_year"], table["by_fund"], table["read_in_full"]
    for row, _ in read.facts:
        for measure in ("commitments", "deposits"):
            if (amount := row[f"{measure}_usd"]) is not None:
                yield "contribution", row["contributor"], row["from_year"], measure, amount
        if row["contributor_fund_code"] is not None:
            yield "link", "contributor", row["contributor"], row["contributor_fund_code"]
    for total in read.totals:
        yield "contribution total", total["measure"], total["printed_usd"]
    for aside in read.quarantined:
        yield "rejected", aside.rule, aside.row_text
    for finding in read.findings:
        yield ("finding", *finding)


def _vouchers(page: Page) -> Iterator[Fact]:
    for voucher in page.vouchers:
        odd: list[PrintedFinding] = []
        try:
            row = voucher_row(voucher, page.currency, odd)
        except RejectedError as error:
            yield "rejected", error.rule, voucher.text
            continue
        for finding in odd:
            yield "rejected", finding.kind, finding.detail
        yield (
            "voucher", row["voucher_number"], row["voucher_date"], voucher.organization,
            row["organization"], row["amount_usd"], row["status"],
        )  # fmt: skip


def _statement(page: Page) -> Iterator[Fact]:
    from transforms.statement import statement_rows

    if not page.statement:
        return
    statement = statement_rows(page.statement, page.currency)
    yield "statement", *(line.label.removeprefix("- ") for _, line in statement.rows)
    for row, printed in statement.rows:
        value = row["pct"] if row["role"] == "percentage" else row["amount_usd"]
        label = printed.label.removeprefix("- ")
        yield "line", row["block"], label, row["role"], value
    for printed, rule, _ in statement.rejected:
        yield "rejected", rule, printed.text
    for finding in statement.findings:
        if finding.kind != "statement_blocks_differ":  # the books do not bind the two blocks
            yield ("finding", *finding)


def _listings(page: Page) -> Iterator[Fact]:
    """Yield what is listed; contributors beside what they gave are compared as contributions."""
    for one in page.listings:
        if one.listed == "contributors" and page.contribution_tables:
            continue
        yield "listing", one.listed, one.name, one.programme_id, one.details
        if one.url is not None:
            yield "link", one.listed, one.name, one.url, one.fund_code


def _paging(page: Page) -> Iterator[Fact]:
    for paging in page.paging:
        yield "paging", paging.what, paging.shown, paging.whole
        if paging.next_url is not None:
            yield "link", "next", paging.next_url


def _findings(page: Page) -> Iterator[Fact]:
    """What was not understood, which on these pages is nothing."""
    for finding in page.findings:
        if finding.kind not in _EXPECTED_FINDINGS:
            yield ("finding", *finding)
