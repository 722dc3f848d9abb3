"""Pages as printed to typed rows: what each body says, and what of it was set aside.

A record that breaks a rule is set aside whole; the rest of its page is kept. A date that cannot be
read, or one amount of several in a row, costs only itself. Everything here is a function of the
pages' bytes: the URL and the time of a capture have no say.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from extractors.page_kinds import SUBJECTS, PageKind, PageRefusedError
from extractors.records import Page, PrintedFinding
from transforms.batches import Observations, Rows, Typed, validated
from transforms.contributions import reconcile_contributions
from transforms.figures import Figures, figure_tables, reconcile_figures
from transforms.observe_answers import UNREAD, observe_answer
from transforms.organizations import canonical_organization, names_statistic
from transforms.quarantine import RejectedError
from transforms.statement import statement_rows
from transforms.typed import (
    Row,
    document_row,
    fund_row,
    is_name,
    known_status,
    listing_row,
    programme_row,
    voucher_key,
    voucher_row,
)

_VOUCHER_CONTENT = ("voucher_date", "organization", "amount_usd")  # and its number


class ReadBody(NamedTuple):
    """One distinct body, by the key of its parse, and what parsing it gave."""

    parse_key: str
    page: Page | PageRefusedError


def observe(bodies: Iterable[ReadBody]) -> Observations:
    """Type, reconcile and validate everything that some bodies say."""
    return validated([typed(bodies)])


def typed(bodies: Iterable[ReadBody]) -> Typed:
    """Type and reconcile everything that some bodies say."""
    found = Rows()
    for body in bodies:
        if isinstance(body.page, PageRefusedError):
            found.add("observed.body", _refused(body.parse_key, body.page))
        else:
            _observe_page(found, body.parse_key, body.page)
    return found.typed()


def _observe_page(found: Rows, parse_key: str, page: Page) -> None:
    of_body: Row = {"parse_key": parse_key}
    findings = list(page.findings)
    body = UNREAD | of_body | page.coverage._asdict()
    body["status"] = _observe_programme(found, of_body, page, findings)
    figures = reconcile_figures(page, parse_key)
    body["figures_digest"] = _observe_figures(found, of_body, page, figures)
    body["contributions_digest"] = _observe_contributions(found, of_body, page, findings)
    for row, where, text in _vouchers(found, of_body, page, findings):
        found.add("observed.voucher", of_body | row, where, text)
    if SUBJECTS.get(page.kind) != "list":
        _observe_texts(found, of_body, page, body, findings)
    if page.fund is not None:
        row, unreadable = fund_row(page.fund)
        findings += unreadable
        found.add("observed.fund", of_body | row, page.fund.where, page.fund.text)
    body["statement_digest"] = _observe_statement(found, of_body, page, findings)
    _observe_lists(found, of_body, page)
    if page.kind is PageKind.API_ANSWER:
        observe_answer(found, of_body, page, findings)
    findings += figures.findings + _unknown_organizations(page, figures.summing)
    for finding in dict.fromkeys(findings):
        found.add("observed.finding", of_body | finding._asdict())
    body |= {
        "page_kind": page.kind.value,
        "representation": page.representation.value,
        "subject": SUBJECTS.get(page.kind),
        "programme_id": page.programme_id,
        "fund_code": page.fund_code,
        "content_digest": _content_digest(page),
        "cut_short": page.cut_short,
        "rows_in_all": next(
            (int(paging.whole) for paging in page.paging if paging.what == "rows" and paging.whole),
            None,
        ),
    }
    found.add("observed.body", body)


def _observe_programme(
    found: Rows, of_body: Row, page: Page, findings: list[PrintedFinding]
) -> str | None:
    """Add the identity block, and return its status if it is a known one."""
    identity = page.programme
    if identity is None:
        return None
    row, unreadable = programme_row(identity)
    findings += unreadable
    found.add("observed.programme", of_body | row, identity.where, identity.text)
    status = known_status(identity.status)
    if identity.status and status is None:
        about = page.programme_id or "Status"
        findings.append(PrintedFinding("unknown_status", about, identity.status))
    return status


def _observe_figures(found: Rows, of_body: Row, page: Page, figures: Figures) -> str | None:
    """Add the figures, their totals and the shape of their tables, and return their digest."""
    found.quarantined += figures.quarantined
    for row, printed in figures.facts:
        found.add("observed.figure", of_body | row, printed.where, printed.text)
    for row in figures.totals if not page.cut_short else ():
        found.add("observed.figure_total", of_body | row)
    tables = figure_tables(page, figures)
    for row in tables:
        found.add("observed.figure_table", of_body | row)
    rows = [*(fact for fact, _ in figures.facts), *tables]
    return _digest(sorted(tuple(map(str, row.values())) for row in rows))


def _observe_lists(found: Rows, of_body: Row, page: Page) -> None:
    """Add the rows of a list, and the links to more of what the page shows."""
    for seq, listing in enumerate(page.listings, start=1):
        row = listing_row(listing) | {"seq": seq}
        found.add("observed.listing", of_body | row, listing.where, listing.text)
    for row in _page_links(page):
        found.add("observed.page_link", of_body | row)


def _observe_texts(
    found: Rows, of_body: Row, page: Page, body: Row, findings: list[PrintedFinding]
) -> None:
    """Add narrative, documents and contacts, and the digest of each to the body."""
    documents = list(_documents(page, findings))
    for row, where, text in documents:
        found.add("observed.document", of_body | row, where, text)
    for passage in page.passages:
        found.add("observed.narrative", of_body | passage._asdict(), "About", passage.text)
    for seq, contact in enumerate(page.contacts, start=1):
        found.add("observed.contact", of_body | {"seq": seq, **contact._asdict()}, "Contacts")
    body["narrative_digest"] = _digest(page.passages)
    body["documents_digest"] = _digest([tuple(row.values()) for row, _, _ in documents])
    body["contacts_digest"] = _digest(page.contacts)


def _observe_contributions(
    found: Rows, of_body: Row, page: Page, findings: list[PrintedFinding]
) -> str | None:
    """Add what contributors gave, the totals of it, and its digest; None without any table."""
    if not page.contribution_tables:
        return None
    contributions = reconcile_contributions(page, of_body["parse_key"])
    found.quarantined += contributions.quarantined
    for row, printed in contributions.facts:
        found.add("observed.contribution", of_body | row, printed.where, printed.text)
    for row in contributions.totals:
        found.add("observed.contribution_total", of_body | row)
    for row in contributions.tables:
        found.add("observed.contribution_table", of_body | row)
    findings += contributions.findings
    rows = [*(fact for fact, _ in contributions.facts), *contributions.tables]
    return _digest(sorted(tuple(map(str, row.values())) for row in rows))


def _observe_statement(
    found: Rows, of_body: Row, page: Page, findings: list[PrintedFinding]
) -> str | None:
    """Add the Funding Status, its sums beside its totals, and its digest."""
    statement = statement_rows(page.statement, page.currency)
    for line, rule, message in statement.rejected:
        found.quarantine(of_body, "core.funding_status", line, RejectedError(rule, message))
    for row, line in statement.rows:
        found.add("observed.statement_line", of_body | row, line.where, line.text)
    for row in statement.sums:
        found.add("observed.statement_sum", of_body | row)
    findings += statement.findings
    return _digest([tuple(row.values()) for row, _ in statement.rows])


def _refused(parse_key: str, refusal: PageRefusedError) -> Row:
    return UNREAD | {
        "parse_key": parse_key,
        "page_kind": refusal.kind.value,
        "refused_rule": refusal.rule,
        "refused_message": refusal.message,
        "refused_text": refusal.text,
    }


def _vouchers(
    found: Rows, of_body: Row, page: Page, findings: list[PrintedFinding]
) -> Iterator[tuple[Row, str, str]]:
    """Yield each voucher once; lines with equal content are a finding."""
    seen: set[tuple[Any, ...]] = set()
    for printed in page.vouchers:
        try:
            row = voucher_row(printed, page.currency, findings)
        except RejectedError as error:
            found.quarantine(of_body, "core.voucher", printed, error)
            continue
        content = voucher_key(row["voucher_number"]), *(row[name] for name in _VOUCHER_CONTENT)
        if content in seen:
            findings.append(
                PrintedFinding("repeated_voucher", printed.voucher_number or "", printed.text)
            )
            continue
        seen.add(content)
        yield row, printed.where, printed.text


def _documents(page: Page, findings: list[PrintedFinding]) -> Iterator[tuple[Row, str, str]]:
    """Yield each document once, by its URL."""
    seen: set[str] = set()
    for printed in page.documents:
        row = document_row(printed, findings)
        if row["url"] not in seen:
            seen.add(row["url"])
            yield row, printed.where, printed.text


def _page_links(page: Page) -> Iterator[Row]:
    """Yield the links of a page to further pages of its subject."""
    following = [paging.next_url for paging in page.paging if paging.next_url]
    for rel, urls in {"next": following, "view": page.views}.items():
        for seq, url in enumerate(dict.fromkeys(urls), start=1):
            yield {"rel": rel, "seq": seq, "url": url}


def _unknown_organizations(page: Page, summing: set[str]) -> list[PrintedFinding]:
    printed = [figure.organization for figure in page.figures]
    printed += [voucher.organization for voucher in page.vouchers]
    return [
        PrintedFinding("unknown_organization", name, "kept as printed")
        for name in dict.fromkeys(filter(None, printed))
        if name not in summing
        and not canonical_organization(name)[1]
        and is_name(name)
        and not names_statistic(name)
    ]


def _content_digest(page: Page) -> str:
    """Return a digest of what a page says, whenever it was sent."""
    said = (
        page.programme, page.fund, page.tables, page.figures, page.contribution_tables,
        page.contributions, page.vouchers, page.statement,
        page.listings, page.rows, page.passages, page.documents, page.contacts, page.currency,
        page.cut_short,
    )  # fmt: skip
    return hashlib.sha256(repr(said).encode(errors="backslashreplace")).hexdigest()


def _digest(rows: Iterable[tuple[Any, ...]]) -> str | None:
    """Return a digest of a list; None for an empty one."""
    lines = ["\x1f".join(map(str, row)) for row in rows]
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest() if lines else None
