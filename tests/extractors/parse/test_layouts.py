"""However figures are laid out, the same figures are read."""

from collections.abc import Callable
from html import escape
from itertools import pairwise, takewhile

from hypothesis import given
from hypothesis import strategies as st

from extractors.parse.pages import parse_page
from extractors.records import Measure

Cells = dict[tuple[str, str], dict[Measure, str]]
Facts = set[tuple[str | None, str | None, Measure, str, bool]]
Lines = list[list[str]]

HEADINGS: dict[Measure, tuple[str, ...]] = {
    "approved_budget": ("Approved Budget", "Total Approved Budget", "Approved Budget (US$)"),
    "net_funded": ("Net Funded Amount", "Net Funded Amount*", "NET FUNDED AMOUNT"),
    "transfers": ("Transfers", "Transferred Amount"),
    "refunds": ("Refunds", "Refunds:"),
    "expenditure": ("Expenditure", "Total Expenditure", "Expenditures"),
    "delivery_rate": ("Delivery Rate", "Delivery Rate (%)"),
}
ORGANIZATIONS = ("FAO", "UN Women", "PAHO/WHO", "World Bank", "Réseau d’eau")
SPANNED = "<"  # a cell that the one to its left spans
ABOVE = "^"  # a cell that the one above it spans
YEARS = tuple(str(year) for year in range(2005, 2016))
AMOUNTS = st.integers(0, 10**8).map(lambda n: f"{n:,}") | st.sampled_from(["-", "(4,310)", "N/A"])


@st.composite
def figures(draw: st.DrawFn) -> tuple[Cells, list[str], list[str], list[Measure]]:
    """Amounts by organization and year, all of them for the same measures."""
    organizations = draw(st.lists(st.sampled_from(ORGANIZATIONS), min_size=1, unique=True))
    years = draw(st.lists(st.sampled_from(YEARS), min_size=1, max_size=4, unique=True))
    measures = draw(st.lists(st.sampled_from(list(HEADINGS)), min_size=1, unique=True))
    cells: Cells = {
        (organization, year): {measure: draw(AMOUNTS) for measure in measures}
        for organization in organizations
        for year in years
    }
    return cells, organizations, years, measures


def with_spacers(draw: st.DrawFn, lines: Lines) -> Lines:
    """The rows, with rows of blanks between some of them."""
    spaced: Lines = []
    for line in lines:
        if draw(st.booleans()):
            spaced.append([""] * len(line))
        spaced.append(line)
    return spaced


@st.composite
def years_down(draw: st.DrawFn) -> tuple[Lines, int, Facts]:
    """A row for each organization and year; columns in any order, a total row or none."""
    cells, organizations, years, measures = draw(figures())
    headings: dict[str, str] = {
        "organization": draw(st.sampled_from(["Organization", "Agency", "Participating Agency"])),
        "year": draw(st.sampled_from(["Year", "Fiscal Year"])),
    }
    headings |= {measure: draw(st.sampled_from(HEADINGS[measure])) for measure in measures}
    # A total row is known by its first cell, so what a row is for stands before the measures.
    leading = draw(st.permutations(["organization", "year"]))
    order = [*leading, *draw(st.permutations(measures))]
    rows = [
        {"organization": organization, "year": year, **cells[organization, year]}
        for organization in organizations
        for year in years
    ]
    facts: Facts = {
        (organization, year, measure, text, False)
        for (organization, year), amounts in cells.items()
        for measure, text in amounts.items()
    }
    body = with_spacers(draw, [[str(row[name]) for name in order] for row in rows])
    if draw(st.booleans()):
        label = draw(st.sampled_from(["Total", "Grand Total", "TOTAL:"]))
        body.append([label, "", *("777" for _ in measures)])
        facts |= {(None, None, measure, "777", True) for measure in measures}
    return [[headings[name] for name in order], *body], 1, facts


@st.composite
def years_across(draw: st.DrawFn) -> tuple[Lines, int, Facts]:
    """A row for each organization, a column for each year and measure, over two heading rows.

    The years stand over the measures or below them. What repeats in the upper row is printed each
    time or spans its columns; the first heading stands in either row or in both. There may be a
    total column for each measure and a total row.
    """
    cells, organizations, years, measures = draw(figures())
    headings = {measure: draw(st.sampled_from(HEADINGS[measure])) for measure in measures}
    spans = [*years, *(["Total"] if draw(st.booleans()) else [])]
    columns = [(year, measure) for year in spans for measure in draw(st.permutations(measures))]
    year_row = [year for year, _ in columns]
    measure_row = [headings[measure] for _, measure in columns]
    upper, lower = draw(st.permutations([year_row, measure_row]))
    if draw(st.booleans()):
        spanned = [SPANNED if text == left else text for left, text in pairwise(["", *upper])]
        upper = spanned
    corners = draw(
        st.sampled_from([("Organization", ""), ("", "Organization"), ("Agency", "Agency")])
    )
    heads = [[corners[0], *upper], [corners[1], *lower]]
    facts: Facts = set()
    body: Lines = []
    for organization in organizations:
        line = [organization]
        for year, measure in columns:
            text = "999" if year == "Total" else cells[organization, year][measure]
            line.append(text)
            known = None if year == "Total" else year
            facts.add((organization, known, measure, text, year == "Total"))
        body.append(line)
    body = with_spacers(draw, body)
    if draw(st.booleans()):
        body.append(["Total", *("777" for _ in columns)])
        facts |= {(None, None if y == "Total" else y, m, "777", True) for y, m in columns}
    return [*heads, *body], 2, facts


@st.composite
def years_in_any_order(draw: st.DrawFn) -> tuple[Lines, int, Facts]:
    """As years down without a total: columns in any order at all, empty ones among them."""
    lines, heads, facts = draw(years_down())
    rows = [line for line in lines if line[0].lower().rstrip(":") not in {"total", "grand total"}]
    width = len(rows[0])
    order = draw(st.permutations(range(width)))
    spacers = draw(st.sets(st.integers(0, width), max_size=2))
    rows = [
        [
            text
            for at, column in enumerate(order)
            for text in ([""] * (at in spacers) + [line[column]])
        ]
        for line in rows
    ]
    return rows, heads, {fact for fact in facts if not fact[-1]}


@st.composite
def organizations_over_years(draw: st.DrawFn) -> tuple[Lines, int, Facts]:
    """Organizations as headings of groups, or printed once beside their years; sub-totals."""
    cells, organizations, years, measures = draw(figures())
    headings = [draw(st.sampled_from(HEADINGS[measure])) for measure in measures]
    as_groups = draw(st.booleans())
    with_subtotals, with_total = draw(st.booleans()), draw(st.booleans())
    lead = [] if as_groups else ["Participating Organization"]
    lines = [[*lead, "Year", *headings]]
    facts: Facts = set()
    for organization in organizations:
        if as_groups:
            lines.append([organization, *[SPANNED] * len(measures)])
        for number, year in enumerate(years):
            amounts = cells[organization, year]
            beside = [] if as_groups else [ABOVE if number else organization]
            lines.append([*beside, year, *(amounts[measure] for measure in measures)])
            facts |= {
                (organization, year, measure, amounts[measure], False) for measure in measures
            }
        if with_subtotals and as_groups:
            lines.append(["Sub-total", *("555" for _ in measures)])
            facts |= {(organization, None, measure, "555", True) for measure in measures}
    if with_total:
        lines.append(["Grand Total", *[""] * len(lead), *("777" for _ in measures)])
        facts |= {(None, None, measure, "777", True) for measure in measures}
    return lines, 1, facts


def as_html(lines: Lines, heads: int, heading: str = "th") -> bytes:
    """The rows as a table; headings as `th` or, as old pages have them, as `td` with fonts."""
    rows = ""
    for number, line in enumerate(lines):
        tag = heading if number < heads else "td"
        cells = ""
        for at, text in enumerate(line):
            if text not in {SPANNED, ABOVE}:
                width = 1 + len(list(takewhile(lambda right: right == SPANNED, line[at + 1 :])))
                under = (below[at] for below in lines[number + 1 :])
                height = 1 + len(list(takewhile(lambda below: below == ABOVE, under)))
                content = escape(text) or "&nbsp;"
                if heading == "td":
                    content = f"<font size=2>{content}</font>"
                cells += f'<{tag} colspan="{width}" rowspan={height}>{content}</{tag}>'
        rows += f"<tr>{cells}</tr>\n"
    return (
        "<table><tr><td>Project ID:</td><td>00090001</td></tr></table>\n"
        f"<h2>Key Figures</h2>\n<p>All amounts in US$</p>\n<table>\n{rows}</table>\n"
    ).encode()


def as_old_html(lines: Lines, heads: int) -> bytes:
    return as_html(lines, heads, "td")


def as_pipes(lines: Lines, heads: int) -> bytes:
    """The rows as lines between pipes, with a rule under the headings; spans leave blank cells."""
    rows = [f"| {' | '.join(line)} |".replace(SPANNED, "").replace(ABOVE, "") for line in lines]
    rows.insert(heads, "|" + " --- |" * len(lines[0]))
    return "\n".join(
        ["Project ID:00090001", "Key Figures", "All amounts in US$", *rows, "View as Excel\n"]
    ).encode()


def facts_of(body: bytes) -> Facts:
    return {
        (figure.organization, figure.fiscal_year, measure, text, figure.total)
        for figure in parse_page(body).figures
        for measure, text in figure.measures.items()
    }


REPRESENTATIONS = st.sampled_from([as_html, as_old_html, as_pipes])


@given(layout=years_down(), write=REPRESENTATIONS)
def test_years_down_read_back_to_the_same_figures(
    layout: tuple[Lines, int, Facts], write: Callable[[Lines, int], bytes]
) -> None:
    lines, heads, facts = layout
    assert facts_of(write(lines, heads)) == facts


@given(layout=years_across(), write=REPRESENTATIONS)
def test_years_across_read_back_to_the_same_figures(
    layout: tuple[Lines, int, Facts], write: Callable[[Lines, int], bytes]
) -> None:
    lines, heads, facts = layout
    assert facts_of(write(lines, heads)) == facts


@given(layout=years_in_any_order(), write=REPRESENTATIONS)
def test_columns_in_any_order_with_empty_ones_among_them_read_back_to_the_same_figures(
    layout: tuple[Lines, int, Facts], write: Callable[[Lines, int], bytes]
) -> None:
    lines, heads, facts = layout
    assert facts_of(write(lines, heads)) == facts


@given(layout=organizations_over_years(), write=REPRESENTATIONS)
def test_organizations_over_their_years_read_back_to_the_same_figures(
    layout: tuple[Lines, int, Facts], write: Callable[[Lines, int], bytes]
) -> None:
    lines, heads, facts = layout
    assert facts_of(write(lines, heads)) == facts


VOUCHER_HEADINGS = {
    "voucher_number": ("Voucher Number", "Voucher No.", "Voucher", "Payment Voucher"),
    "voucher_date": ("Date", "Voucher Date", "Payment Date"),
    "organization": ("Participating Organization", "Agency"),
    "amount": ("Amount", "Amount (US$)", "Voucher Amount*"),
    "status": ("Status", "Voucher Status"),
}


@given(
    order=st.permutations(list(VOUCHER_HEADINGS)),
    chosen=st.fixed_dictionaries({k: st.sampled_from(v) for k, v in VOUCHER_HEADINGS.items()}),
    vouchers=st.lists(
        st.fixed_dictionaries(
            {
                "voucher_number": st.integers(0, 10**8 - 1).map(lambda n: f"{n:08}"),
                "voucher_date": st.dates().map(lambda d: f"{d.day} Mar {d.year:04}"),
                "organization": st.sampled_from(ORGANIZATIONS),
                "amount": st.integers(1, 10**9).map(lambda n: f"{n / 100:,.2f}"),
                "status": st.sampled_from(["Paid", "Open"]),
            }
        ),
        min_size=1,
    ),
    write=REPRESENTATIONS,
)
def test_vouchers_read_back_whatever_the_order_and_names_of_their_columns(
    order: list[str],
    chosen: dict[str, str],
    vouchers: list[dict[str, str]],
    write: Callable[[Lines, int], bytes],
) -> None:
    lines = [[chosen[name] for name in order]]
    lines += [[voucher[name] for name in order] for voucher in vouchers]
    read = parse_page(write(lines, 1)).vouchers
    assert [{name: getattr(voucher, name) for name in VOUCHER_HEADINGS} for voucher in read] == (
        vouchers
    )
