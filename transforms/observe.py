"""Pages as printed to validated frames: what each body says, and what of it was set aside.

A record that breaks a rule is set aside whole; the rest of its page is kept. Everything here is a
function of the pages' bytes: the address and the time of a capture have no say.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import polars as pl

from extractors.records import PARSER_VERSION, Page, PageRefusedError, PrintedFinding
from transforms.figures import figure_tables, reconcile_figures
from transforms.organizations import canonical_organization
from transforms.quarantine import Quarantined
from transforms.rejection import RejectedError
from transforms.schemas import OBSERVED_TABLES
from transforms.typed import Row, document_row, known_status, programme_row, voucher_row
from transforms.validate import empty_frame, validated


class ReadBody(NamedTuple):
    """One distinct body, and what reading it gave."""

    sha256: str
    page: Page | PageRefusedError


class Observations(NamedTuple):
    """One frame per observed table, and what was set aside."""

    frames: dict[str, pl.DataFrame]
    quarantined: list[Quarantined]


class _Set:
    """Rows of many pages, gathered table by table; set-aside rows beside them."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.origins: defaultdict[str, list[Quarantined]] = defaultdict(list)
        self.quarantined: list[Quarantined] = []

    def add(self, table: str, row: Row, where: str = "", text: str = "") -> None:
        """Keep a row, and what to say of it should validation refuse it."""
        self.rows[table].append(row)
        target = _target(table, row)
        self.origins[table].append(Quarantined(row["body_sha256"], target, where, text, "", ""))


def observe(bodies: Iterable[ReadBody]) -> Observations:
    """Type, reconcile and validate everything that some bodies say."""
    found = _Set()
    for body in bodies:
        if isinstance(body.page, PageRefusedError):
            found.add("observed.body", _refused(body.sha256, body.page))
        else:
            _observe_page(found, body.sha256, body.page)
    frames = {}
    for name, model in OBSERVED_TABLES.items():
        if found.rows[name]:
            frames[name], failures = validated(model, found.rows[name], found.origins[name])
            found.quarantined += failures
        else:
            frames[name] = empty_frame(model)
    _forget_part_tables(frames, found.quarantined)
    return Observations(frames, found.quarantined)


def _target(table: str, row: Row) -> str:
    """The table that an observed row would have become a row of."""
    if table == "observed.figure":
        yearly = row["fiscal_year"] is not None
        return "core.expenditure_snapshot" if yearly else "core.cumulative_snapshot"
    return table.replace("observed.", "core.")


def _observe_page(found: _Set, sha256: str, page: Page) -> None:
    of_body: Row = {"body_sha256": sha256, "programme_id": page.programme_id}
    findings = list(page.findings)
    try:
        row = programme_row(page.programme)
        found.add("observed.programme", of_body | row, page.programme.where, page.programme.text)
        if page.programme.status and known_status(page.programme.status) is None:
            findings.append(
                PrintedFinding("unknown_status", page.programme_id, page.programme.status)
            )
    except RejectedError as error:
        found.quarantined.append(
            Quarantined(
                sha256, "core.programme", page.programme.where, page.programme.text,
                error.rule, str(error),
            )
        )  # fmt: skip
    figures = reconcile_figures(page, sha256)
    found.quarantined += figures.quarantined
    for row, printed in figures.facts:
        found.add("observed.figure", of_body | row, printed.where, printed.text)
    for row in figures.totals:
        found.add("observed.figure_total", of_body | row)
    for row in figure_tables(page, figures):
        found.add("observed.figure_table", of_body | row)
    vouchers = list(_vouchers(found, sha256, page, findings))
    for row, where, text in vouchers:
        found.add("observed.voucher", of_body | row, where, text)
    documents = list(_documents(found, sha256, page))
    for row, where, text in documents:
        found.add("observed.document", of_body | row, where, text)
    for passage in page.passages:
        found.add("observed.narrative", of_body | passage._asdict(), "About", passage.text)
    for seq, contact in enumerate(page.contacts, start=1):
        found.add("observed.contact", of_body | {"seq": seq, **contact._asdict()}, "Contacts")
    findings += _unknown_organizations(page)
    for finding in dict.fromkeys(findings):
        found.add("observed.finding", {"body_sha256": sha256, **finding._asdict()})
    found.add(
        "observed.body",
        of_body
        | {
            "parser_version": PARSER_VERSION,
            "page_kind": page.kind.value,
            "representation": page.representation.value,
            "status": known_status(page.programme.status),
            "refused_rule": None,
            "refused_message": None,
            "refused_text": None,
            "narrative_digest": _digest(page.passages),
            "documents_digest": _digest([tuple(row.values()) for row, _, _ in documents]),
            "contacts_digest": _digest(page.contacts),
        },
    )


def _refused(sha256: str, refusal: PageRefusedError) -> Row:
    return {
        "body_sha256": sha256,
        "parser_version": PARSER_VERSION,
        "page_kind": refusal.kind.value,
        "representation": "unknown",
        "programme_id": None,
        "status": None,
        "refused_rule": refusal.rule,
        "refused_message": refusal.message,
        "refused_text": refusal.text,
        "narrative_digest": None,
        "documents_digest": None,
        "contacts_digest": None,
    }


def _vouchers(
    found: _Set, sha256: str, page: Page, findings: list[PrintedFinding]
) -> Iterator[tuple[Row, str, str]]:
    """Each voucher once: lines of one content cannot be told apart, which is a finding."""
    seen: set[tuple[Any, ...]] = set()
    for printed in page.vouchers:
        try:
            row = voucher_row(printed, page.currency)
        except RejectedError as error:
            found.quarantined.append(
                Quarantined(
                    sha256, "core.voucher", printed.where, printed.text, error.rule, str(error)
                )
            )
            continue
        content = tuple(row[name] for name in _VOUCHER_CONTENT)
        if content in seen:
            findings.append(
                PrintedFinding("repeated_voucher", printed.voucher_number or "", printed.text)
            )
            continue
        seen.add(content)
        yield row, printed.where, printed.text


_VOUCHER_CONTENT = ("voucher_number", "voucher_date", "organization", "amount_usd")


def _documents(found: _Set, sha256: str, page: Page) -> Iterator[tuple[Row, str, str]]:
    """Each document once, by its address."""
    seen: set[str] = set()
    for printed in page.documents:
        try:
            row = document_row(printed)
        except RejectedError as error:
            found.quarantined.append(
                Quarantined(
                    sha256, "core.document", printed.where, printed.text, error.rule, str(error)
                )
            )
            continue
        if row["url"] not in seen:
            seen.add(row["url"])
            yield row, printed.where, printed.text


def _unknown_organizations(page: Page) -> Iterator[PrintedFinding]:
    printed = [figure.organization for figure in page.figures]
    printed += [voucher.organization for voucher in page.vouchers]
    for name in dict.fromkeys(filter(None, printed)):
        if not canonical_organization(name)[1]:
            yield PrintedFinding("unknown_organization", name, "kept as printed")


def _digest(rows: Iterable[tuple[Any, ...]]) -> str | None:
    """What tells one list from another; None for an empty one."""
    lines = ["\x1f".join(str(value) for value in row) for row in rows]
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest() if lines else None


def _forget_part_tables(frames: dict[str, pl.DataFrame], quarantined: list[Quarantined]) -> None:
    """A table one of whose rows failed validation was not read in full after all."""
    bodies = [q.body_sha256 for q in quarantined if q.table_name.endswith("_snapshot")]
    if bodies:
        frames["observed.figure_table"] = frames["observed.figure_table"].with_columns(
            read_in_full=pl.col("read_in_full") & ~pl.col("body_sha256").is_in(bodies)
        )
