"""A programme's pages at one moment: its books, as far as a layout shows them."""

from collections.abc import Iterable

from replica.books.layouts import Layout, TableLayout
from replica.books.moments import day_of
from replica.books.programme_books import FIRST_VOUCHER, Books, Cell
from replica.books.shown import Figure, Identity, Programme, Table, Voucher
from replica.books.words import Organization, Words

Amounts = tuple[int | None, int | None, int | None, int | None]  # budget, transfers, refunds, spent


def programme_at(
    books: Books, layout: Layout, tables: Iterable[TableLayout], words: Words, now: int
) -> Programme:
    """Return the content of the pages at a moment, with these tables."""
    outline = books.outline
    title, status, end = books.titles.at(now), books.statuses.at(now), books.end_dates.at(now)
    if title is None or status is None or end is None:
        raise LookupError(f"{outline.programme_id} is not on the site yet")
    printed = {
        number: printed_name(words.organizations[number], layout, now)
        for number in outline.organizations
    }
    several = len(outline.organizations) > 1
    cells = [(cell, amounts_at(books, cell, now)) for cell in books.cells if cell.withdrawn > now]
    cells = [(cell, amounts) for cell, amounts in cells if any(a is not None for a in amounts)]
    return Programme(
        identity=Identity(
            programme_id=outline.programme_id,
            title=title,
            description=books.description,
            fund_name=outline.fund.name,
            fund_code=outline.fund.code,
            theme=books.theme,
            start_date=outline.start,
            end_date=end,
            country=outline.country.name,
            status=status,
            participating_organization="Multiple" if several else printed[outline.organizations[0]],
        ),
        language=outline.language,
        passages=tuple(passage for shown, passage in books.passages if shown <= now),
        documents=tuple(document for shown, document in books.documents if shown <= now),
        tables=tuple(table_at(table, cells, printed, words) for table in tables) if cells else (),
        vouchers=tuple(
            Voucher(
                number=payment.number,
                voucher_date=payment.day,
                organization=words.organizations[payment.organization].name,
                organization_printed=printed[payment.organization],
                cents=payment.cents,
                status="Paid",
            )
            for payment in reversed(books.payments)
            if payment.moment <= now and payment.day >= FIRST_VOUCHER
        ),
        managers=books.managers.at(now) or (),
        persons=books.persons.at(now) or (),
    )


def printed_name(organization: Organization, layout: Layout, now: int) -> str:
    """Return an organization's name at a moment, as an acronym or in full as the layout has it."""
    forms = forms_at(organization, now)
    return forms[0] if layout.names == "acronym" else forms[-1]


def forms_at(organization: Organization, now: int) -> tuple[str, ...]:
    """Return an organization's names at a moment, its acronym first."""
    if organization.renamed_on is not None and day_of(now) < organization.renamed_on:
        return organization.earlier
    return organization.forms


def amounts_at(books: Books, cell: Cell, now: int) -> Amounts:
    """Return one cell's amounts in cents; None for what nobody has reported."""
    return amounts_in(cell, now, zero_refunds=books.zero_refunds)


def amounts_in(cell: Cell, now: int, *, zero_refunds: bool) -> Amounts:
    """Return a cell's amounts; with `zero_refunds`, unreported refunds of transfers are 0."""
    transfers = cell.transfers.at(now)
    refunds = cell.refunds.at(now)
    if refunds is None and transfers is not None and zero_refunds:
        refunds = 0
    return cell.budget.at(now), transfers, refunds, cell.expenditure.at(now)


def table_at(
    layout: TableLayout,
    cells: list[tuple[Cell, Amounts]],
    printed: dict[int, str],
    words: Words,
) -> Table:
    """Return one table: the cells summed to its grain, by organization and year."""
    sums: dict[tuple[int | None, int | None], list[Amounts]] = {}
    for cell, amounts in cells:
        organization = None if layout.grain == "year" else cell.organization
        year = None if layout.grain == "organization" else cell.fiscal_year
        sums.setdefault((organization, year), []).append(amounts)
    years_first = layout.year_first or layout.grain == "year"
    keys = sorted(sums, key=lambda key: key[1] or 0) if years_first else list(sums)
    rows = tuple(
        Figure(
            None if organization is None else words.organizations[organization].name,
            None if organization is None else printed[organization],
            year,
            _values(sums[organization, year]),
        )
        for organization, year in keys
    )
    total = Figure(None, None, None, _values([amounts for _, amounts in cells]))
    return Table(layout.grain, layout.measures, rows, total)


def _values(amounts: list[Amounts]) -> tuple[int | None, ...]:
    """Return the measures of some cells together, each rounded by itself, in MEASURES' order."""
    budget, transfers, refunds, spent = (
        amounts[0] if len(amounts) == 1 else map(_sum, zip(*amounts, strict=True))
    )
    net: int | None = None
    if transfers is not None or refunds is not None:
        net = (transfers or 0) - (refunds or 0)
    rate = None if spent is None or not net or net < 0 else rounded(spent * 1000, net)
    return _dollars(budget), _dollars(net), _dollars(transfers), _dollars(refunds), \
        _dollars(spent), rate  # fmt: skip


def _sum(amounts: tuple[int | None, ...]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _dollars(cents: int | None) -> int | None:
    return None if cents is None else rounded(cents, 100)


def rounded(whole: int, unit: int) -> int:
    """Return `whole` in units, rounded half away from zero."""
    quotient = (2 * abs(whole) + unit) // (2 * unit)
    return quotient if whole >= 0 else -quotient
