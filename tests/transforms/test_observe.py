"""Pages to frames: what is kept, what is set aside and why, and what each frame holds."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedFigure, PrintedProgramme, PrintedVoucher
from transforms.batches import Observations
from transforms.observe import ReadBody, observe
from transforms.quarantine import Quarantined
from transforms.schemas import OBSERVED_TABLES, columns_of, describe
from transforms.validate import frame_schema

PAGES = Path(__file__).parents[1] / "pages"
NOBODY = PrintedProgramme(
    None, None, None, None, None, None, None, None, None, None, where="identity block", text=""
)
FIGURE_MEASURES = ("net_funded_usd", "expenditure_usd")


def body(name: str) -> ReadBody:
    content = (PAGES / name).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        return ReadBody(sha256, parse_page(content))
    except PageRefusedError as refusal:
        return ReadBody(sha256, refusal)


def made_up(number: int, **parts: Any) -> ReadBody:
    identity = parts.pop("programme", NOBODY)
    kind = PageKind.PROGRAMME_FACTSHEET
    page = Page(kind, Representation.HTML, f"{number:08d}", programme=identity, **parts)
    return ReadBody(f"{number:064x}", page)


def figure(organization: str | None, year: str | None, expenditure: str) -> PrintedFigure:
    text = f"{organization} | {year} | {expenditure}"
    measures = {"expenditure": expenditure}
    return PrintedFigure(1, organization, year, measures, False, f"row of {year}", text)  # type: ignore[arg-type]  # the name is a measure


def voucher(number: str | None, amount: str, organization: str | None = "FAO") -> PrintedVoucher:
    text = f"{number} | {amount}"
    return PrintedVoucher(number, "6 Feb 2013", organization, amount, None, f"line {text}", text)


def facts(seen: Observations) -> list[tuple[Any, ...]]:
    columns = ["organization", "fiscal_year", *FIGURE_MEASURES, "organization_printed"]
    return seen.frames["observed.figure"].select(columns).rows()


def totals(seen: Observations) -> list[tuple[Any, ...]]:
    columns = ["subject", "measure", "printed_usd", "summed_usd", "figures"]
    return sorted(seen.frames["observed.figure_total"].select(columns).rows())


def tables(seen: Observations) -> list[tuple[Any, ...]]:
    columns = ["by_year", "by_organization", "read_in_full"]
    return sorted(seen.frames["observed.figure_table"].select(columns).rows())


def set_aside(seen: Observations) -> list[tuple[str, str, str, str]]:
    return [(q.table_name, q.stood_at, q.row_text, q.rule) for q in seen.quarantined]


def findings(seen: Observations) -> list[tuple[Any, ...]]:
    return seen.frames["observed.finding"].select("kind", "subject", "detail").rows()


def usd(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)


# Figures: facts, sums of them, and what contradicts.


def test_a_finer_table_is_the_fact_and_a_coarser_one_a_sum_of_it() -> None:
    seen = observe([body("by_organization_and_by_year_tables.html")])
    assert facts(seen) == [
        ("FAO", 2013, *usd("100", "80"), "FAO"),
        ("FAO", 2014, *usd("200", "150"), "FAO"),
        ("ILO", 2013, *usd("50", "40"), "ILO"),
    ]
    assert totals(seen) == [
        ("table 2, (all), 2013", "expenditure_usd", *usd("120", "120"), 3),
        ("table 2, (all), 2013", "net_funded_usd", *usd("150", "150"), 3),
        ("table 2, (all), 2014", "expenditure_usd", *usd("149", "150"), 2),
        ("table 2, (all), 2014", "net_funded_usd", *usd("200", "200"), 2),
    ]
    assert set_aside(seen) == []


def test_totals_and_sub_totals_are_sums_and_no_facts() -> None:
    seen = observe([body("total_and_subtotal_rows.html")])
    assert [row[:4] for row in facts(seen)] == [
        ("FAO", 2013, *usd("100", "80")),
        ("FAO", 2014, *usd("200", "150")),
        ("ILO", 2013, *usd("50", "40")),
    ]
    assert totals(seen) == [
        ("table 1, (all), all years", "expenditure_usd", *usd("270", "270"), 4),
        ("table 1, (all), all years", "net_funded_usd", *usd("350", "350"), 4),
        ("table 1, FAO, all years", "expenditure_usd", *usd("230", "230"), 3),
        ("table 1, FAO, all years", "net_funded_usd", *usd("300", "300"), 3),
        ("table 1, ILO, all years", "expenditure_usd", *usd("40", "40"), 2),
        ("table 1, ILO, all years", "net_funded_usd", *usd("50", "50"), 2),
    ]
    assert tables(seen) == [(True, True, True)]


def test_a_total_of_some_years_is_not_compared_with_the_sum_of_all() -> None:
    seen = observe([body("total_of_some_years.html")])
    assert totals(seen) == [("table 1, (all), all years", "expenditure_usd", *usd("700", "700"), 4)]


def test_a_total_column_and_a_total_row_are_sums_of_what_they_cover() -> None:
    seen = observe([body("years_across_with_total_column.html")])
    assert totals(seen) == [
        ("table 1, (all), 2013", "expenditure_usd", *usd("130", "130"), 3),
        ("table 1, (all), 2014", "expenditure_usd", *usd("50", "50"), 2),
        ("table 1, (all), all years", "expenditure_usd", *usd("180", "180"), 4),
        ("table 1, FAO, all years", "expenditure_usd", *usd("150", "150"), 3),
        ("table 1, ILO, all years", "expenditure_usd", *usd("30", "30"), 2),
    ]


def test_dashes_are_no_value_and_parentheses_are_negative() -> None:
    seen = observe([body("header_split_over_two_rows.html")])
    assert [row[:4] for row in facts(seen)] == [
        ("FAO", 2013, *usd("1000", "800")),
        ("FAO", 2014, *usd("500", "450")),
        ("ILO", 2013, *usd("2000", "1500")),
        ("ILO", 2014, None, *usd("-40")),
    ]


def test_rows_that_complement_are_one_and_rows_that_contradict_are_all_set_aside() -> None:
    seen = observe([body("duplicate_and_contradicting_rows.html")])
    assert [row[:4] for row in facts(seen)] == [
        ("FAO", 2013, *usd("100", "80")),
        ("ILO", 2013, *usd("50", "40")),
    ]
    where, rule = "Key Figures, table 1, row", "contradicting_rows"
    assert set_aside(seen) == [
        ("core.expenditure_snapshot", f"{where} 6", "UNDP | 2013 | 10 | 9", rule),
        ("core.expenditure_snapshot", f"{where} 7", "UNDP | 2013 | 10 | 8", rule),
    ]
    assert tables(seen) == [(True, True, False)]


def test_an_organization_s_former_name_is_its_name_now_and_both_in_one_year_contradict() -> None:
    seen = observe([body("unifem_and_un_women.html")])
    assert facts(seen) == [
        ("UN Women", 2009, *usd("100", "80"), "UNIFEM"),
        ("UN Women", 2011, *usd("50", "40"), "UN Women"),
    ]
    assert [row[2:] for row in set_aside(seen)] == [
        ("UNIFEM | 2010 | 10 | 9", "two_names_of_one_organization"),
        ("UN Women | 2010 | 20 | 19", "two_names_of_one_organization"),
    ]
    assert seen.frames["observed.voucher"]["organization"].to_list() == ["UN Women"]


def test_two_tables_that_complement_each_other_are_both_read_in_full() -> None:
    seen = observe([body("figures_in_two_complementing_tables.html")])
    assert [row[:4] for row in facts(seen)] == [
        ("FAO", 2013, *usd("100", "80")),
        ("ILO", 2013, *usd("50", "40")),
    ]
    assert tables(seen) == [(True, True, True)]


def test_a_table_that_says_there_is_no_data_is_no_evidence_that_a_row_is_gone() -> None:
    seen = observe([body("no_data_row.html")])
    assert (facts(seen), totals(seen)) == ([], [])
    assert tables(seen) == [(True, True, False)]
    assert findings(seen) == [
        ("no_figures", "00090014", "the factsheet shows no figure of any year")
    ]


def test_a_year_that_cannot_be_read_is_no_evidence_that_a_figure_of_it_is_gone() -> None:
    seen = observe([body("year_that_is_unclear_among_headings.html")])
    assert [row[:2] for row in facts(seen)] == [
        ("FAO", 2014), ("FAO", 2015), ("ILO", 2014), ("ILO", 2015),
    ]  # fmt: skip
    assert tables(seen) == [(True, True, False)]
    assert findings(seen) == [
        ("unknown_heading", "Key Figures, table 1, column 4", "Transfers / 2016^12: 700 | 300")
    ]


def test_an_amount_that_cannot_be_read_costs_that_amount_and_leaves_the_total_unchecked() -> None:
    seen = observe([body("amount_grouped_wrongly.html")])
    assert [row[:4] for row in facts(seen)] == [
        ("FAO", 2013, *usd("100", "80")),
        ("ILO", 2013, None, *usd("40")),
    ]
    assert totals(seen) == []
    assert tables(seen) == [(True, True, False)]
    assert set_aside(seen) == [
        (
            "core.expenditure_snapshot",
            "Key Figures, table 1, row 3",
            "ILO | 2013 | 1,23,456 | 40",
            "amount",
        ),
        (
            "core.voucher",
            "Latest Vouchers, table 2, row 3",
            "00040002 | 6 Feb 2013 | ILO | 1,23,456",
            "amount",
        ),
    ]
    assert seen.frames["observed.voucher"]["voucher_number"].to_list() == ["00040001"]


# Currencies.


def test_amounts_in_another_currency_are_set_aside() -> None:
    seen = observe([body("amounts_in_euro.html")])
    assert [(row[0], row[3]) for row in set_aside(seen)] == [
        ("core.expenditure_snapshot", "currency"),
        ("core.voucher", "currency"),
    ]
    assert (facts(seen), seen.frames["observed.voucher"].height) == ([], 0)


def test_vouchers_in_another_currency_than_the_figures_are_set_aside() -> None:
    seen = observe([body("vouchers_in_another_currency.html")])
    assert seen.frames["observed.voucher"].height == 0
    assert ("core.voucher", "currency") in [(row[0], row[3]) for row in set_aside(seen)]


def test_a_currency_in_a_cell_of_the_layout_counts() -> None:
    seen = observe([body("currency_in_a_layout_cell.html")])
    assert facts(seen) == []
    assert [row[3] for row in set_aside(seen)] == ["currency"]


# Identity and vouchers.


@pytest.mark.parametrize(
    ("name", "kind", "quoted", "term"),
    [
        ("start_on_31_february.html", "unreadable_date", "31 Feb 2010",
         (None, None, date(2016, 12, 31), "day")),
        ("end_in_year_one.html", "unreadable_date", "1 Jan 0001",
         (date(2012, 3, 1), "day", None, None)),
        ("end_before_start.html", "end_before_start", "31 Dec 2011",
         (date(2012, 1, 1), "day", date(2011, 12, 31), "day")),
    ],
)  # fmt: skip
def test_an_odd_date_costs_itself_and_not_the_identity(
    name: str, kind: str, quoted: str, term: tuple[date | str | None, ...]
) -> None:
    """The rest of the identity is loaded, and a finding quotes the date."""
    seen = observe([body(name)])
    assert set_aside(seen) == []
    assert [quoted in detail for found, _, detail in findings(seen) if found == kind] == [True]
    columns = ["fund_code", "start_date", "start_date_precision", "end_date", "end_date_precision"]
    assert seen.frames["observed.programme"].select(columns).rows() == [("SMP00", *term)]
    assert [row[:4] for row in facts(seen)] == [("FAO", 2013, *usd("100", "80"))]


def test_a_term_printed_to_the_month_begins_on_its_first_and_ends_on_its_last_day() -> None:
    seen = observe([body("dates_to_the_month.html")])
    columns = ["start_date", "start_date_precision", "end_date", "end_date_precision"]
    assert seen.frames["observed.programme"].select(columns).rows() == [
        (date(2021, 1, 1), "month", date(2024, 2, 29), "month")
    ]
    assert findings(seen) == []


def test_a_voucher_or_document_with_an_unreadable_date_is_loaded_without_one() -> None:
    seen = observe([body("unreadable_dates_of_vouchers_and_documents.html")])
    assert set_aside(seen) == []
    columns = ["voucher_number", "voucher_date", "amount_usd"]
    assert seen.frames["observed.voucher"].select(columns).rows() == [
        ("00050001", None, Decimal("60")),
        ("00050002", date(2013, 2, 6), Decimal("40")),
    ]
    assert seen.frames["observed.document"]["document_date"].to_list() == [None]
    unreadable = [
        (where, text) for kind, where, text in findings(seen) if kind == "unreadable_date"
    ]
    assert [where for where, _ in unreadable] == [
        "Latest Vouchers, table 3, row 2", "Recent Documents, row 2",
    ]  # fmt: skip
    assert all(
        quoted in text
        for quoted, (_, text) in zip(("0 Feb 2013", "03/04/2013"), unreadable, strict=True)
    )


def test_a_voucher_needs_a_number_and_an_amount_and_counts_once() -> None:
    seen = observe([body("voucher_without_number.html")])
    columns = ["voucher_number", "organization", "amount_usd", "status"]
    assert seen.frames["observed.voucher"].select(columns).rows() == [
        ("00040001", "FAO", Decimal("100"), "Paid"),
        ("00040001", "FAO", Decimal("30"), "Paid"),
    ]
    assert set_aside(seen) == [
        (
            "core.voucher",
            "Latest Vouchers, table 1, row 3",
            " | 7 Feb 2013 | ILO | 50.00 | Paid",
            "voucher_number_missing",
        ),
        (
            "core.voucher",
            "Latest Vouchers, table 1, row 4",
            "00040003 | 8 Feb 2013 | ILO | - | Paid",
            "voucher_amount_missing",
        ),
    ]
    repeated = "00040001 | 6 Feb 2013 | FAO | 100.00 | Paid"
    assert ("repeated_voucher", "00040001", repeated) in findings(seen)


# Bodies and frames.


def test_a_refused_page_is_a_body_with_its_refusal_and_nothing_else() -> None:
    refused = body("maintenance_200.html")
    seen = observe([refused])
    row = seen.frames["observed.body"].row(0, named=True)
    assert (row["parse_key"], row["programme_id"], row["refused_rule"], row["refused_text"]) == (
        refused.parse_key,
        None,
        "maintenance_page",
        "The Gateway is down for maintenance / Please try again on Monday.",
    )
    others = {name: frame.height for name, frame in seen.frames.items() if name != "observed.body"}
    assert len(others) == 20
    assert set(others.values()) == {0}


def test_a_page_s_rows_land_each_in_its_own_frame() -> None:
    one = body("cells_as_pipes.txt")
    seen = observe([one])
    assert {name: frame.height for name, frame in seen.frames.items()} == {
        "observed.body": 1,
        "observed.programme": 1,
        "observed.figure": 3,
        "observed.figure_table": 1,
        "observed.figure_total": 2,
        "observed.voucher": 2,
        "observed.narrative": 1,
        "observed.document": 1,
        "observed.contact": 0,
        "observed.fund": 0,
        "observed.statement_line": 0,
        "observed.statement_sum": 0,
        "observed.listing": 0,
        "observed.page_link": 0,
        "observed.answer": 0,
        "observed.part": 0,
        "observed.organization_figure": 0,
        "observed.contribution": 0,
        "observed.contribution_table": 0,
        "observed.contribution_total": 0,
        "observed.finding": 0,
    }
    bodies = {sha for frame in seen.frames.values() for sha in frame["parse_key"]}
    assert bodies == {one.parse_key}
    assert seen.frames["observed.document"].select("url", "title").rows() == [
        ("title:Plan of the wells", "Plan of the wells")
    ]


def test_contacts_land_among_contacts_only() -> None:
    seen = observe([body("contacts_without_other_sections.txt")])
    contacts = seen.frames["observed.contact"]
    assert contacts["seq"].to_list() == [1, 2, 3]
    private = [v for row in contacts.drop("parse_key", "seq").rows() for v in row]
    elsewhere = str(
        [frame.rows() for name, frame in seen.frames.items() if name != "observed.contact"]
    )
    assert len([value for value in private if value]) == 10
    assert [value for value in private if value and value in elsewhere] == []


def every_page() -> list[ReadBody]:
    return [body(p.name) for p in sorted(PAGES.iterdir()) if p.suffix not in {".json", ".md"}]


def test_frames_hold_exactly_their_model_s_columns_and_types() -> None:
    for bodies in ([], every_page()):
        seen = observe(bodies)
        assert list(seen.frames) == list(OBSERVED_TABLES)
        for name, model in OBSERVED_TABLES.items():
            assert seen.frames[name].schema == frame_schema(model), name
            assert seen.frames[name].columns == [c.name for c in columns_of(model)], name


def test_keys_are_never_twice_and_never_null_but_for_what_a_figure_may_lack() -> None:
    seen = observe(every_page())
    counted = 0
    for name, model in OBSERVED_TABLES.items():
        frame, key = seen.frames[name], list(describe(model).key)
        assert frame.select(key).is_duplicated().sum() == 0, name
        nullable = {c.name for c in columns_of(model) if c.nullable}
        assert frame.select(set(key) - nullable).null_count().sum_horizontal().sum() == 0, name
        counted += frame.height
    assert counted > 100


def test_the_order_of_bodies_changes_nothing_but_the_order_of_rows() -> None:
    bodies = every_page()
    one, other = observe(bodies), observe(reversed(bodies))
    for name, frame in one.frames.items():
        assert sorted(map(repr, frame.rows())) == sorted(map(repr, other.frames[name].rows()))
    assert set(one.quarantined) == set(other.quarantined)


@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.proof)])
def test_every_page_alone_says_what_it_says_among_others(share: int) -> None:
    """One in so many pages of tests/pages."""
    pages = every_page()[::share]
    together = observe(pages)
    alone = [observe([one]) for one in pages]
    for name, frame in together.frames.items():
        assert frame.rows() == [row for seen in alone for row in seen.frames[name].rows()], name
    assert set(together.quarantined) == {q for seen in alone for q in seen.quarantined}


# What pandera refuses.


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
def test_the_row_that_breaks_a_rule_is_the_one_set_aside_wherever_nulls_stand(place: int) -> None:
    """Figures since the start have no year: nulls before, between and after the one that fails."""
    years = [None, None, "2013", None]
    printed = [figure(f"Agency {n}", year, f"{n}00") for n, year in enumerate(years)]
    printed.insert(place, figure("FAO", "1950", "999"))
    seen = observe([made_up(1, figures=printed)])
    assert set_aside(seen) == [
        (
            "core.expenditure_snapshot",
            "row of 1950",
            "FAO | 1950 | 999",
            "greater_than_or_equal_to",
        )
    ]
    assert "1950" in seen.quarantined[0].message
    assert [row[0] for row in facts(seen)] == ["Agency 0", "Agency 1", "Agency 2", "Agency 3"]


@given(years=st.lists(st.none() | st.sampled_from(["1950", "1989", "1990", "2013"]), max_size=12))
def test_every_row_that_breaks_a_rule_is_set_aside_and_every_other_kept(
    years: list[str | None],
) -> None:
    printed = [figure(f"Agency {n}", year, str(2**n)) for n, year in enumerate(years)]  # no sums
    seen = observe([made_up(1, figures=printed)])
    broken = [p for p in printed if p.fiscal_year in {"1950", "1989"}]
    assert sorted(q.row_text for q in seen.quarantined) == sorted(p.text for p in broken)
    kept = [f"Agency {n}" for n, year in enumerate(years) if year not in {"1950", "1989"}]
    assert [row[0] for row in facts(seen)] == kept


def test_a_table_with_a_row_that_failed_was_not_read_in_full_and_others_were() -> None:
    table = body("renamed_headings_with_footnotes.html").page
    assert isinstance(table, Page)
    good = made_up(1, tables=table.tables, figures=[figure("FAO", "2013", "1")])
    bad = made_up(
        2, tables=table.tables, figures=[figure("FAO", "2013", "1"), figure("ILO", "1950", "1")]
    )
    seen = observe([good, bad])
    read_in_full = seen.frames["observed.figure_table"].select("parse_key", "read_in_full").rows()
    assert read_in_full == [(good.parse_key, True), (bad.parse_key, False)]


def test_an_identity_that_fails_validation_is_set_aside_and_the_next_page_s_kept() -> None:
    bad = NOBODY._replace(fund_code="not a code", text="Fund: not a code")
    seen = observe([made_up(1), made_up(2, programme=bad), made_up(3)])
    assert seen.quarantined == [
        Quarantined(
            f"{2:064x}", "core.programme", "identity block", "Fund: not a code", "str_matches",
            seen.quarantined[0].message,
        )
    ]  # fmt: skip
    assert seen.frames["observed.programme"]["parse_key"].to_list() == [f"{n:064x}" for n in (1, 3)]


def test_a_row_that_breaks_two_rules_is_set_aside_once() -> None:
    broken = made_up(1, programme=NOBODY._replace(fund_code="no", text="x"))
    odd = ReadBody("not a digest", broken.page)
    seen = observe([odd, made_up(2)])
    assert [q.table_name for q in seen.quarantined if q.table_name == "core.programme"] == [
        "core.programme"
    ]
    assert seen.frames["observed.programme"].height == 1


def test_set_aside_rows_have_identifiers_made_of_what_and_why() -> None:
    rows = [voucher(None, "5"), voucher("00040001", "x"), voucher("00040002", "-")]
    one = observe([made_up(1, vouchers=rows)]).quarantined
    other = observe([made_up(1, vouchers=rows)]).quarantined
    assert [q.rule for q in one] == ["voucher_number_missing", "amount", "voucher_amount_missing"]
    assert [q.quarantine_id() for q in one] == [q.quarantine_id() for q in other]
    assert len({q.quarantine_id() for q in one}) == 3


def test_money_is_exact_to_the_cent() -> None:
    amounts = ["0.01", "0.1", "999,999,999,999.99", "(0.07)"]
    seen = observe([made_up(1, vouchers=[voucher(f"{n}", a) for n, a in enumerate(amounts)])])
    frame = seen.frames["observed.voucher"]
    assert frame.schema["amount_usd"] == pl.Decimal(18, 2)
    assert frame["amount_usd"].to_list() == [
        Decimal("0.01"), Decimal("0.10"), Decimal("999999999999.99"), Decimal("-0.07"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "status", "known"),
    [
        ("On Going", "On Going", True),
        ("ongoing", "On Going", True),
        ("FINANCIALLY  CLOSED", "Financially Closed", True),
        ("Operationally-Closed", "Operationally Closed", True),
        ("Suspended", "Suspended", False),
    ],
)
def test_a_known_status_has_one_spelling_and_an_unknown_one_is_a_finding(
    printed: str, status: str, known: bool
) -> None:
    seen = observe([made_up(1, programme=NOBODY._replace(status=printed))])
    assert seen.frames["observed.programme"]["status"].to_list() == [status]
    expected = [] if known else [("unknown_status", "00000001", printed)]
    assert findings(seen) == expected


def test_an_unknown_organization_is_kept_as_printed_with_a_finding() -> None:
    seen = observe([made_up(1, figures=[figure("Ministry of Wells", "2013", "5")])])
    assert [row[0] for row in facts(seen)] == ["Ministry of Wells"]
    assert findings(seen) == [("unknown_organization", "Ministry of Wells", "kept as printed")]


def test_dates_and_amounts_in_other_languages_are_typed() -> None:
    seen = observe([body("dates_in_other_languages.html")])
    assert not seen.quarantined
    (programme,) = seen.frames["observed.programme"].to_dicts()
    assert programme["start_date"] == date(2012, 3, 1)
    assert programme["end_date"] == date(2016, 12, 31)
    (figure,) = seen.frames["observed.figure"].to_dicts()
    assert figure["net_funded_usd"] == Decimal(1234567)
    assert figure["expenditure_usd"] == Decimal("1080246.13")
    assert figure["delivery_rate_pct"] == Decimal("87.5")
    (voucher,) = seen.frames["observed.voucher"].to_dicts()
    assert voucher["voucher_date"] == date(2013, 2, 6)
    assert voucher["amount_usd"] == Decimal("1234567.89")


def test_rows_that_sum_others_are_checks_and_no_figures_whatever_their_name() -> None:
    seen = observe([body("rows_that_sum_others_under_any_name.html")])
    shown = {(row[0], row[1]) for row in facts(seen)}
    assert shown == {
        ("FAO", 2013), ("ILO", 2013), ("WHO", 2013), ("Reef Trust", 2013), ("FAO", 2014),
    }  # fmt: skip
    assert not seen.quarantined
    sums = {(subject, printed == summed) for subject, _, printed, summed, _ in totals(seen)}
    assert sums == {
        ("table 1, North, 2013", True),
        ("table 1, Insieme, 2013", True),
        ("table 1, Insieme, 2014", True),
    }
    assert sorted((kind, subject.split(",")[0]) for kind, subject, _ in findings(seen)) == [
        ("sums_other_rows", "Insieme"), ("sums_other_rows", "Insieme"),
        ("sums_other_rows", "North"), ("unknown_organization", "Reef Trust"),
    ]  # fmt: skip
    assert seen.frames["observed.figure_table"]["read_in_full"].to_list() == [True]


@pytest.mark.parametrize(
    ("row", "hidden", "table"),
    [
        ({"ORGANIZATION": "FAO", "AGENCY_KEY": "1"}, "agency_code", "organization_snapshot"),
        (
            {"agency_code": "1", "implementing_agent_group_description": "FAO", "WHOSE": "FAO/X"},
            "organization", "organization_snapshot",
        ),
        ({"DONOR": "Norway", "POOL": "MDG00"}, "fund_code", "contribution_snapshot"),
        (
            {"PROJECT_ID": "90001", "agency_code": "1", "WHOSE": "FAO"},
            "organization", "expenditure_snapshot",
        ),
    ],
)  # fmt: skip
def test_rows_whose_key_may_have_a_new_name_are_set_aside(
    row: dict[str, str], hidden: str, table: str
) -> None:
    """An answer without a key column is loaded only if all its columns are known."""
    unknown = list(row)[-1]
    of_row = {("DEPOSITS" if "DONOR" in row else "EXPENDITURE"): "1.000"} | row

    def observed(row: dict[str, str]) -> Observations:
        answer = json.dumps({"data": [row]}).encode()
        return observe([ReadBody("0" * 64, parse_page(answer, "getRows/,a,/year:2015"))])

    (quarantined,) = observed(of_row).quarantined
    assert (quarantined.rule, quarantined.table_name) == ("column_renamed", f"core.{table}")
    assert hidden in quarantined.message
    known = {name: value for name, value in of_row.items() if name != unknown}
    assert observed(known).quarantined == []
