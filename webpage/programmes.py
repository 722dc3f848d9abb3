"""The pages of programmes, one for each."""

from collections.abc import Sequence
from pathlib import Path

from warehouse.answers import QueryResult, answer_some, digests, opened, ready
from webpage import cells, charts, links
from webpage.api import Described, parts_of, write_subject
from webpage.known import figures_known
from webpage.pages import PageFolder, WrittenFile
from webpage.render import write_html
from webpage.tables import Column, TableSpec, captures_table, page_tables
from webpage.told import DOCUMENT_COLUMNS, narrative

_ORGANIZATION = Column("organization", "Organization", links.organization_link("../"), main=True)
_ORGANIZATION_HEAD = Column("organization", "Organization", links.organization_link("../", "th"))
_YEAR = Column("fiscal_year", "Year", cells.year_head_cell)
_KNOWN_FROM = Column("known_from", "Shown from", cells.moment_cell)
_CAPTURE = Column("capture_id", "Capture", cells.capture_cell)
_MEASURES = (
    Column("approved_budget_usd", "Approved budget", cells.money_cell),
    Column("net_funded_usd", "Net funded", cells.money_cell),
    Column("transfers_usd", "Transfers", cells.money_cell),
    Column("refunds_usd", "Refunds", cells.money_cell),
    Column("expenditure_usd", "Expenditure", cells.money_cell, main=True),
    Column("delivery_rate_pct", "Delivery rate", cells.percent_cell),
)


_TABLES = (
    TableSpec(
        "programme_years", "by-year", "By year, all organizations together, in US$",
        (
            _YEAR,
            Column("net_funded_usd", "Net funded", cells.money_cell),
            Column("transfers_usd", "Transfers", cells.money_cell, main=True),
            Column("year_end_usd", "Spent: year-end", cells.year_end_cell),
            Column("interim_usd", "Spent: interim", cells.interim_cell),
            Column("expenditure_usd", "Spent in all", cells.money_cell, main=True),
        ),
        60_000,
    ),
    TableSpec(
        "programme_figures", "figures", "The figures to quote today, in US$",
        (
            _YEAR, _ORGANIZATION, *_MEASURES, _KNOWN_FROM, _CAPTURE,
            Column("failed_checks", "Checks", cells.flag_cell),
        ),
        120_000,
    ),
    TableSpec(
        "programme_history", "history", "Every step of every figure: expenditure in US$",
        (
            _YEAR, _ORGANIZATION,
            Column("change", "What happened", cells.text_cell),
            Column("basis", "Basis", cells.basis_cell),
            Column("expenditure_usd", "Expenditure", cells.money_cell, main=True),
            Column("change_usd", "Change", cells.change_cell),
            _KNOWN_FROM, Column("last_seen", "Last seen", cells.moment_cell),
            Column("no_longer_shown_since", "Gone since", cells.moment_cell), _CAPTURE,
        ),
        150_000,
    ),
    TableSpec(
        "programme_restatements", "restatements", "Year-end figures that were changed later",
        (
            _YEAR, _ORGANIZATION,
            Column("measure", "Measure", cells.measure_cell),
            Column("old_value", "Was", cells.money_cell),
            Column("new_value", "Became", cells.money_cell),
            Column("change", "Change", cells.change_cell, main=True),
            Column("old_known_from", "Was shown from", cells.moment_cell),
            Column("restated_at", "Restated", cells.moment_cell),
            _CAPTURE,
        ),
        60_000,
    ),
    TableSpec(
        "programme_totals", "totals", "Since the programme’s start, in US$",
        (
            _ORGANIZATION_HEAD, *_MEASURES,
            _KNOWN_FROM, _CAPTURE,
        ),
        40_000,
    ),
    TableSpec(
        "programme_vouchers", "vouchers", "Payment vouchers, in US$",
        (
            Column("voucher_date", "Date", cells.date_cell),
            Column("voucher_number", "Number", cells.head_cell),
            _ORGANIZATION,
            Column("amount_usd", "Amount", cells.cents_cell, main=True),
            Column("status", "Status", cells.text_cell),
            Column("last_seen", "Last seen", cells.moment_cell),
            _CAPTURE,
        ),
        60_000,
    ),
    TableSpec(
        "programme_reconciliation", "reconciliation", "Vouchers beside transfers, in US$",
        (
            _ORGANIZATION_HEAD,
            Column("transfers_usd", "Transfers", cells.cents_cell),
            Column("transfers_before_2009_usd", "Of these before 2009", cells.cents_cell),
            Column("vouchers", "Vouchers", cells.count_cell),
            Column("vouchers_usd", "Paid by vouchers", cells.cents_cell),
            Column("difference_usd", "Difference", cells.cents_cell, main=True),
            Column("agrees", "Agreement", cells.agrees_cell),
        ),
        30_000,
    ),
    TableSpec(
        "programme_documents", "documents", "Documents listed on the page",
        DOCUMENT_COLUMNS,
        40_000,
    ),
    TableSpec(
        "programme_checks", "checks", "Checks that do not hold",
        (
            Column("check_name", "Check", cells.flag_cell),
            Column("subject", "Of", cells.text_cell),
            Column("expected", "Expected", cells.cents_cell),
            Column("actual", "Shown", cells.cents_cell, main=True),
            Column("tolerance", "May miss by", cells.cents_cell),
        ),
        30_000,
    ),
)  # fmt: skip
_QUERIES = (
    "programme",
    "programme_narrative",
    "programme_spans",
    *(spec.query for spec in _TABLES),
)
_BESIDE = ("programme_span_captures",)  # which change only with the others
_AT_ONCE = 250
_MAX_ORGANIZATIONS = 50
DESCRIBED = Described("programme", "programme", parts_of(_TABLES))


def write_programmes(file: Path, folder: PageFolder, ids: Sequence[str]) -> list[WrittenFile]:
    """Write the pages of programmes, whose IDs are sorted, and link those that are unchanged.

    Rows are read of the others only: a digest of a million rows costs less than the rows.
    """
    with opened(file) as con:
        found = [digests(con, query, ids[0], ids[-1]) for query in _QUERIES]
        written: list[WrittenFile] = []
        changed: dict[str, str] = {}
        for programme_id in ids:
            rows = [by_key.get(programme_id) for by_key in found]
            key = folder.key(f"programme/{programme_id}", rows)
            linked = folder.unchanged(key)
            written += linked
            if not linked:
                changed[programme_id] = key
        for start in range(0, len(changed), _AT_ONCE):
            some = list(changed)[start : start + _AT_ONCE]
            results = {
                query: answer_some(con, query, some).by_key() for query in (*_QUERIES, *_BESIDE)
            }
            written += [
                made._replace(inputs=changed[programme_id])
                for programme_id in some
                for made in _write(folder, programme_id, results)
            ]
    return written


def _write(
    folder: PageFolder,
    programme_id: str,
    results: dict[str, dict[str, QueryResult]],
) -> list[WrittenFile]:
    own = {
        query: by_key[programme_id] for query, by_key in results.items() if programme_id in by_key
    }
    sql = {query: ready(query, programme_id) for query in results}
    named = _organizations(own)
    by_year = own.get("programme_years")
    history = own.get("programme_history")
    about = own["programme"].records()[0] if "programme" in own else None
    file = links.file_name(programme_id)
    page = write_html(
        folder,
        f"programme/{file}.html",
        "programme",
        json=f"{file}.json",
        programme_id=programme_id,
        programme=about,
        identity_sql=sql["programme"],
        organizations=named[:_MAX_ORGANIZATIONS],
        more_organizations=max(0, len(named) - _MAX_ORGANIZATIONS),
        tables=page_tables(_TABLES, own, sql),
        captures=captures_table(list(own.values())),
        captures_sql=ready("programme_captures", programme_id),
        narrative=narrative(own.get("programme_narrative"), sql["programme_narrative"]),
        years=by_year and charts.years_data(by_year),
        history=history and charts.history_data(history),
        figures_known=figures_known(own.get("programme_spans"), own.get("programme_restatements")),
        as_of_sql=ready("programme_as_of", programme_id),
    )
    return [page, write_subject(folder, DESCRIBED, programme_id, file, about, own)]


def _organizations(own: dict[str, QueryResult]) -> list[str]:
    names = {
        row[result.columns.index("organization")]
        for result in own.values()
        if "organization" in result.columns
        for row in result.rows
    }
    return sorted(name for name in names if name and name != "(all)")
