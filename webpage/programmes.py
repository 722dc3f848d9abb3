"""A page for each programme."""

from pathlib import Path
from typing import Any, NamedTuple

from warehouse.answers import QueryResult, Row, answer, opened, ready
from webpage import cells, charts
from webpage.render import About, Written, page
from webpage.tables import Column, Table, table

_ORGANIZATION = Column("organization", "Organization", cells.text_cell)
_YEAR = Column("fiscal_year", "Year", cells.year_cell)
_KNOWN = Column("known_from", "Shown from", cells.moment_cell)
_CAPTURE = Column("capture_id", "Capture", cells.capture_cell)
_MEASURES = (
    Column("approved_budget_usd", "Approved budget", cells.money_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("transfers_usd", "Transfers", cells.money_cell),
    Column("refunds_usd", "Refunds", cells.money_cell),
    Column("expenditure_usd", "Expenditure", cells.money_cell),
    Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
)


class _Shape(NamedTuple):
    """A table of a programme's page: its query, what it shows, and the bytes that it may take."""

    query: str
    name: str
    caption: str
    columns: tuple[Column, ...]
    room: int


_SHAPES = (
    _Shape(
        "programme_years", "by-year", "By year, all organizations together, in US$",
        (
            _YEAR,
            Column("net_funded_usd", "Net funded", cells.money_cell),
            Column("transfers_usd", "Transfers", cells.money_cell),
            Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
            Column("interim_usd", "Spent: interim", cells.interim_cell),
            Column("expenditure_usd", "Spent in all", cells.money_cell),
        ),
        60_000,
    ),
    _Shape(
        "programme_figures", "figures", "The figures to quote today, in US$",
        (
            _YEAR, _ORGANIZATION, *_MEASURES, _KNOWN, _CAPTURE,
            Column("failed_checks", "Checks", cells.flag_cell),
        ),
        120_000,
    ),
    _Shape(
        "programme_history", "history", "Every step of every figure: expenditure in US$",
        (
            _YEAR, _ORGANIZATION,
            Column("change", "What happened", cells.text_cell),
            Column("expenditure_usd", "Expenditure", cells.money_cell),
            Column("change_usd", "Change", cells.change_cell),
            _KNOWN, Column("last_seen", "Last seen", cells.moment_cell),
            Column("no_longer_shown_since", "Gone since", cells.moment_cell), _CAPTURE,
        ),
        150_000,
    ),
    _Shape(
        "programme_restatements", "restatements", "Year-end figures that were changed later",
        (
            _YEAR, _ORGANIZATION,
            Column("measure", "Measure", cells.measure_cell),
            Column("old_value", "Was", cells.money_cell),
            Column("new_value", "Became", cells.money_cell),
            Column("change", "Change", cells.change_cell),
            Column("old_known_from", "Was shown from", cells.moment_cell),
            Column("restated_at", "Restated", cells.moment_cell),
            _CAPTURE,
        ),
        60_000,
    ),
    _Shape(
        "programme_totals", "totals", "Since the programme’s start, in US$",
        (
            Column("organization", "Organization", cells.head_cell), *_MEASURES, _KNOWN, _CAPTURE,
        ),
        40_000,
    ),
    _Shape(
        "programme_vouchers", "vouchers", "Payment vouchers, in US$",
        (
            Column("voucher_date", "Date", cells.date_cell),
            Column("voucher_number", "Number", cells.head_cell),
            _ORGANIZATION,
            Column("amount_usd", "Amount", cells.cents_cell),
            Column("status", "Status", cells.text_cell),
            Column("last_seen", "Last seen", cells.moment_cell),
            _CAPTURE,
        ),
        60_000,
    ),
    _Shape(
        "programme_reconciliation", "reconciliation", "Vouchers beside transfers, in US$",
        (
            Column("organization", "Organization", cells.head_cell),
            Column("transfers_usd", "Transfers", cells.cents_cell),
            Column("transfers_before_2009_usd", "Of these before 2009", cells.cents_cell),
            Column("vouchers", "Vouchers", cells.count_cell),
            Column("vouchers_usd", "Paid by vouchers", cells.cents_cell),
            Column("difference_usd", "Difference", cells.cents_cell),
            Column("agrees", "Agreement", cells.agrees_cell),
        ),
        30_000,
    ),
    _Shape(
        "programme_documents", "documents", "Documents listed on the page",
        (
            Column("document_date", "Date", cells.date_cell),
            Column("title", "Title", cells.text_cell),
            Column("url", "Address", cells.document_cell),
        ),
        40_000,
    ),
    _Shape(
        "programme_checks", "checks", "Checks that do not hold",
        (
            Column("check_name", "Check", cells.flag_cell),
            Column("subject", "Of", cells.text_cell),
            Column("expected", "Expected", cells.cents_cell),
            Column("actual", "Shown", cells.cents_cell),
            Column("tolerance", "May miss by", cells.cents_cell),
        ),
        30_000,
    ),
)  # fmt: skip
CAPTURES = (
    Column("capture_id", "Capture", cells.capture_id_cell),
    Column("captured_at", "Seen", cells.second_cell),
    Column("source_url", "Address", cells.address_cell),
    Column("body_sha256", "SHA-256 of the page", cells.hash_cell),
)
_CAPTURES_ROOM, _NARRATIVE_ROOM = 120_000, 50_000
_MOST_ORGANIZATIONS = 50


class Job(NamedTuple):
    """Programmes that are written at one go."""

    release: Path
    folder: Path
    about: About
    first: str
    last: str


def write_programmes(job: Job) -> list[Written]:
    """Write a page for each programme from one ID to another, asking each query once."""
    with opened(job.release, job.about.published) as con:
        found = {
            query: answer(con, query, job.first, job.last).by_key()
            for query in ("programme", "programme_narrative", *(shape.query for shape in _SHAPES))
        }
        ids = sorted({key for answers in found.values() for key in answers})
    return [_write(job, programme_id, found) for programme_id in ids]


def _write(job: Job, programme_id: str, found: dict[str, dict[str, QueryResult]]) -> Written:
    own = {
        query: answers[programme_id] for query, answers in found.items() if programme_id in answers
    }
    sql = {query: ready(query, job.about.published, programme_id) for query in found}
    identity = own["programme"].records()[0] if "programme" in own else None
    made = {
        shape.name: table(
            shape.name, shape.caption, shape.columns, own[shape.query], sql[shape.query], shape.room
        )
        if shape.query in own
        else None
        for shape in _SHAPES
    }
    by_year = own.get("programme_years")
    history = own.get("programme_history")
    return page(
        job.folder,
        f"programme/{cells.file_name(programme_id)}.html",
        "programme",
        job.about,
        programme_id=programme_id,
        programme=identity,
        identity_sql=sql["programme"],
        organizations=_organizations(own),
        tables=made,
        captures=captures_of(list(own.values())),
        captures_sql=ready("programme_captures", job.about.published, programme_id),
        narrative=_narrative(own.get("programme_narrative")),
        narrative_sql=sql["programme_narrative"],
        years=by_year and charts.years_data(by_year),
        history=history and charts.history_data(history),
    )


def _organizations(own: dict[str, QueryResult]) -> list[str]:
    names = {
        row[found.columns.index("organization")]
        for found in own.values()
        if "organization" in found.columns
        for row in found.rows
    }
    named = sorted(name for name in names if name and name != "(all)")
    more = len(named) - _MOST_ORGANIZATIONS
    return [*named[:_MOST_ORGANIZATIONS], *([f"and {more} more"] if more > 0 else [])]


def captures_of(answers: list[QueryResult]) -> Table | None:
    """The captures that a page's rows refer to, the newest first."""
    names = tuple(column.name for column in CAPTURES)
    rows: set[Row] = set()
    for found in answers:
        if "body_sha256" in found.columns:
            places = [found.columns.index(name) for name in names]
            rows |= {tuple(row[place] for place in places) for row in found.rows}
    rows = {row for row in rows if row[0] is not None}
    if not rows:
        return None
    ordered = QueryResult(names, sorted(rows, key=lambda row: (row[1], row[0]), reverse=True))
    return table(
        "captures", "Captures that this page rests on", CAPTURES, ordered, "", _CAPTURES_ROOM
    )


def _narrative(found: QueryResult | None) -> list[dict[str, Any]]:
    """Passages, as many as fit."""
    if found is None:
        return []
    passages: list[dict[str, Any]] = []
    left = _NARRATIVE_ROOM
    for record in found.records():
        text = cells.shown(record["text"], 10_000)
        left -= len(text.encode())
        if left < 0:
            return [*passages, {"section": "cut", "text": f"{len(found.rows) - len(passages)}"}]
        passages.append({**record, "text": text})
    return passages
