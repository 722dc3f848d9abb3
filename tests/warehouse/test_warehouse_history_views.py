"""History as analysts ask for it: vintages in order, restatements, as of a moment, by age."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from extractors.page_kinds import PageKind
from extractors.records import PARSER_VERSION, Page
from tests.warehouse.histories import (
    SITE,
    Seen,
    annual,
    at,
    cumulative,
    grown,
    loaded,
    page,
    row,
    rows,
    sight,
    voucher,
)
from tests.warehouse.naive_model import Record
from warehouse.changes import changes, totals
from warehouse.connection import Connection

_MEASURES = (
    "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd", "expenditure_usd",
    "delivery_rate_pct",
)  # fmt: skip
_Key = tuple[str, str, int]


def _key(record: Record) -> _Key:
    return record["programme_id"], record["organization"], record["fiscal_year"]


def _as_of(con: Connection, moment: datetime) -> dict[_Key, tuple[Any, ...]]:
    con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [moment])
    found = rows(con, "FROM mart.expenditure_as_of")
    con.execute("SET VARIABLE as_of = TIMESTAMP '2018-01-01'")
    assert all(record["as_of"] == moment for record in found)
    return {_key(r): (r["basis"], r["known_from"], *(r[name] for name in _MEASURES)) for r in found}


def test_a_row_that_was_gone_for_a_while_is_not_there_as_of_then() -> None:
    """A full table without the row, and later one with it: in between it was not shown."""
    both = annual(row("FAO", 2014, expenditure="100"), row("UNDP", 2014, expenditure="5"))
    con = loaded(
        sight("2015-06-01", both),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="100"))),
        sight("2017-06-01", both),
    )
    for moment, organizations in (("2015-07-01", 2), ("2016-07-01", 1), ("2017-07-01", 2)):
        assert len(_as_of(con, at(moment))) == organizations, moment
    assert con.execute("SELECT count(*) FROM mart.as_of(TIMESTAMP '2016-06-01')").fetchone() == (
        1,
    ), "the moment itself counts"
    assert con.execute("SELECT count(*) FROM mart.as_of('2015-01-01')").fetchone() == (0,)
    spans = rows(con, "FROM mart.figure_span WHERE organization = 'UNDP' ORDER BY shown_from")
    assert [(span["shown_from"], span["shown_until"]) for span in spans] == [
        (at("2015-06-01"), at("2016-06-01")), (at("2017-06-01"), None),
    ]  # fmt: skip


def test_a_figure_without_an_organization_is_shown_until_one_is_named() -> None:
    con = loaded(
        sight("2015-06-01", annual(row(None, 2014, expenditure="100"))),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="100"))),
    )
    spans = rows(con, "FROM mart.figure_span ORDER BY shown_from")
    assert [(s["organization"], s["shown_from"], s["shown_until"]) for s in spans] == [
        ("(all)", at("2015-06-01"), at("2016-06-01")), ("FAO", at("2016-06-01"), None),
    ]  # fmt: skip


def test_history_numbers_the_vintages_and_says_what_began_them() -> None:
    con = loaded(
        sight("2014-11-01", annual(row("FAO", 2014, expenditure="50", transfers="400"))),
        sight("2014-12-01", annual(row("FAO", 2014, expenditure="70", transfers="400"))),
        sight("2014-12-02", annual(row("FAO", 2014, expenditure="70", transfers="500"))),
        sight("2015-06-01", annual(row("FAO", 2014, expenditure="100", transfers="500"))),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="90", transfers="500"))),
    )
    found = rows(con, "FROM mart.figure_history ORDER BY vintage_no")
    assert [r["change"] for r in found] == [
        "first seen", "interim changed", "other measure", "became final", "restated",
    ]  # fmt: skip
    assert [r["vintage_no"] for r in found] == [1, 2, 3, 4, 5]
    assert [r["change_usd"] for r in found] == [None, 20, 0, 30, -10]
    assert [r["known_to"] for r in found] == [*(r["known_from"] for r in found[1:]), None]
    (restated,) = rows(con, "FROM mart.restatement")
    assert (restated["old_value"], restated["new_value"], restated["change"]) == (100, 90, -10)
    assert restated["source_url"] == SITE + "00091001"


def test_a_first_expenditure_of_a_year_that_is_final_restates_nothing() -> None:
    """History and restatements say the same of it."""
    con = loaded(
        sight("2015-06-01", annual(row("FAO", 2014, transfers="400"))),
        sight("2015-07-01", annual(row("FAO", 2014, transfers="400", expenditure="90"))),
        sight("2015-08-01", annual(row("FAO", 2014, transfers="400", expenditure="95"))),
    )
    changes = [r["change"] for r in rows(con, "FROM mart.figure_history ORDER BY vintage_no")]
    assert changes == ["first seen", "first expenditure", "restated"]
    assert [r["old_value"] for r in rows(con, "FROM mart.restatement")] == [90]


def test_what_is_carried_forward_from_an_interim_figure_is_not_restated() -> None:
    """The page that followed did not show the transfers: nobody saw the old ones as final."""
    con = loaded(
        sight("2015-04-01", annual(row("FAO", 2014, expenditure="50", transfers="400"))),
        sight("2015-06-01", annual(row("FAO", 2014, expenditure="60"))),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="60", transfers="500"))),
    )
    held = "SELECT transfers_usd, basis FROM core.expenditure_snapshot ORDER BY known_from"
    assert con.execute(held).fetchall() == [
        (400, "interim"), (400, "year_end"), (500, "year_end"),
    ]  # fmt: skip
    assert rows(con, "FROM mart.restatement") == []


def test_a_figure_that_stood_for_a_while_is_restated_once() -> None:
    """The old figure is known from when it was first shown as year-end, whatever else changed."""
    con = loaded(
        sight("2015-06-01", annual(row("FAO", 2014, expenditure="60"))),
        sight("2015-07-01", annual(row("FAO", 2014, expenditure="60", transfers="400"))),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="75", transfers="400"))),
    )
    (found,) = rows(con, "FROM mart.restatement")
    assert (found["old_known_from"], found["restated_at"]) == (at("2015-06-01"), at("2016-06-01"))


def test_what_another_parser_read_is_no_restatement() -> None:
    """Until both pages are read by one version, a change may be the program's own."""
    con = loaded(
        sight("2015-06-01", annual(row("FAO", 2014, expenditure="100"))),
        sight("2016-06-01", annual(row("FAO", 2014, expenditure="90"))),
    )
    restated = "SELECT count(*) FROM mart.restatement"
    assert con.execute(restated).fetchone() == (1,)
    older = "UPDATE observed.body SET parser_version = ? WHERE parse_key = ("
    older += "SELECT parse_key FROM raw.capture ORDER BY captured_at LIMIT 1)"
    con.execute(older, ["0"])
    assert con.execute(restated).fetchone() == (0,)
    assert (
        rows(con, "FROM mart.figure_history ORDER BY vintage_no")[1]["change"] == "read otherwise"
    )
    con.execute(older, [PARSER_VERSION])
    assert con.execute(restated).fetchone() == (1,)


def test_what_is_known_for_all_is_restated_only_while_no_organization_is_named() -> None:
    """In that programme and that year; another year's names hide nothing."""
    seen = [
        sight("2015-06-01", annual(row(None, 2014, expenditure="100"))),
        sight("2016-06-01", annual(row(None, 2014, expenditure="90"))),
        sight("2017-06-01", annual(row("FAO", 2016, expenditure="5"))),
    ]
    (found,) = rows(loaded(*seen), "FROM mart.restatement")
    assert (found["organization"], found["fiscal_year"]) == ("(all)", 2014)
    named = loaded(*seen, sight("2017-07-01", annual(row("FAO", 2014, expenditure="90"))))
    assert rows(named, "FROM mart.restatement") == []


def test_a_figure_is_restated_where_nothing_but_its_views_was_ever_seen() -> None:
    """Without a factsheet there is no title, and the restatement is none the less one."""
    views = []
    for time, spent in (("2015-06-01", "100"), ("2016-06-01", "90")):
        seen = sight(time, annual(row("FAO", 2014, expenditure=spent)))
        assert isinstance(seen.page, Page)
        seen.page.kind, seen.page.programme = PageKind.FIGURES_EXCEL, None
        views.append(seen)
    (found,) = rows(loaded(*views), "FROM mart.restatement")
    assert (found["title"], found["new_value"]) == (None, 90)


def test_restatements_follow_one_another_in_the_order_in_which_they_were_seen() -> None:
    """Each from what was shown before it, in whatever order the captures are loaded."""
    seen = [
        sight(f"{year}-06-01", annual(row("FAO", 2014, expenditure=spent)))
        for year, spent in ((2015, "100"), (2016, "90"), (2017, "120"))
    ]
    for order in (seen, seen[::-1], [seen[1], seen[2], seen[0]]):
        found = rows(grown(*order), "FROM mart.restatement ORDER BY restated_at")
        assert [(r["old_value"], r["new_value"], r["old_known_from"]) for r in found] == [
            (100, 90, at("2015-06-01")), (90, 120, at("2016-06-01")),
        ]  # fmt: skip


def test_what_is_seen_at_the_first_moment_of_a_year_was_not_known_at_the_end_of_the_last() -> None:
    fao, undp = row("FAO", 2014, expenditure="100"), row("UNDP", 2014, expenditure="5")
    con = loaded(
        sight("2015-06-01", annual(fao, undp)),
        sight("2016-01-01T00:00:00", annual(row("FAO", 2014, expenditure="90"))),
    )
    found = rows(con, "FROM mart.revision_triangle WHERE fiscal_year = 2014 ORDER BY age_years")
    assert [(r["age_years"], r["expenditure_usd"]) for r in found] == [(1, 105), (2, 90)]


def test_a_value_that_became_final_again_as_another_is_restated_though_it_was_open_meanwhile() -> (
    None
):
    con = loaded(
        *(
            sight(time, annual(row("FAO", 2015, expenditure=spent)), status=status)
            for time, spent, status in (
                ("2015-10-01", "100", "Financially Closed"), ("2015-11-01", "90", "On Going"),
                ("2015-12-01", "120", "Financially Closed"),
            )
        )
    )  # fmt: skip
    (restated,) = rows(con, "FROM mart.restatement")
    assert (restated["old_value"], restated["new_value"]) == (100, 120)
    found = rows(con, "FROM mart.figure_history ORDER BY vintage_no")
    assert [r["change"] for r in found] == ["first seen", "became interim again", "restated"]


def test_the_triangle_reaches_as_far_as_captures_and_no_further() -> None:
    """A figure that stayed is seen again and again; the last age is at its newest capture."""
    same = annual(row("FAO", 2014, expenditure="100"))
    con = loaded(sight("2015-06-01", same), sight("2017-03-01", same))
    found = rows(con, "FROM mart.revision_triangle ORDER BY age_years")
    assert [(r["age_years"], r["known_by"], r["expenditure_usd"]) for r in found] == [
        (1, at("2016-01-01"), 100), (2, at("2017-01-01"), 100), (3, at("2017-03-01"), 100),
    ]  # fmt: skip


def test_the_triangle_has_a_year_by_the_age_of_what_was_known() -> None:
    con = loaded(
        sight("2014-11-01", annual(row("FAO", 2014, expenditure="50"))),
        *(
            sight(
                time, annual(row("FAO", 2014, expenditure=one), row("FAO", 2015, expenditure=two))
            )
            for time, one, two in (("2015-06-01", "100", "7"), ("2016-06-01", "90", "8"))
        ),
    )
    found = rows(con, "FROM mart.revision_triangle ORDER BY fiscal_year, age_years")
    assert [
        (r["fiscal_year"], r["age_years"], r["expenditure_usd"], r["interim_usd"]) for r in found
    ] == [(2014, 0, 50, 50), (2014, 1, 100, 0), (2014, 2, 90, 0), (2015, 0, 7, 7), (2015, 1, 8, 0)]


def test_a_funds_year_says_how_much_of_it_is_interim() -> None:
    table = annual(row("FAO", 2014, expenditure="75"), row("FAO", 2015, expenditure="25"))
    con = loaded(
        Seen(at("2015-06-01"), page(table, fund_code="MDG00", fund_name="MDG Fund")),
        Seen(at("2014-06-01"), page(
            annual(row("FAO", 2014, expenditure="25")), programme_id="00091002", fund_code="MDG00",
        ), SITE + "00091002"),
    )  # fmt: skip
    found = rows(con, "FROM mart.fund_year ORDER BY fiscal_year")
    assert [
        (r["fund_name"], r["fiscal_year"], r["programmes"], r["expenditure_usd"], r["interim_usd"],
         r["interim_share_pct"])
        for r in found
    ] == [
        ("MDG Fund", 2014, 2, 100, 25, Decimal("25.00")),
        ("MDG Fund", 2015, 1, 25, 25, Decimal("100.00")),
    ]  # fmt: skip


def _reconciled(con: Connection) -> list[tuple[Any, ...]]:
    return con.execute(
        "SELECT organization, transfers_before_2009_usd, transfers_since_2009_usd, vouchers_usd,"
        " difference_usd, agrees FROM mart.voucher_reconciliation ORDER BY ALL"
    ).fetchall()


def test_vouchers_stand_beside_transfers_with_the_part_before_2009_apart() -> None:
    table = annual(
        row("FAO", 2008, transfers="500"), row("FAO", 2014, transfers="50"),
        row("UNDP", 2014, transfers="70"),
    )  # fmt: skip
    con = loaded(Seen(at("2015-12-01"), page(table, vouchers=[voucher("V1", amount="49.80")])))
    assert _reconciled(con) == [
        ("FAO", 500, 50, Decimal("49.80"), Decimal("-0.20"), True), ("UNDP", 0, 70, 0, -70, False),
    ]  # fmt: skip


def test_vouchers_are_shown_from_the_first_day_of_2009_on() -> None:
    table = annual(row("FAO", 2008, transfers="500"), row("FAO", 2009, transfers="50"))
    con = loaded(Seen(at("2015-12-01"), page(table, vouchers=[voucher("V1", amount="50.00")])))
    assert _reconciled(con) == [("FAO", 500, 50, 50, 0, True)]


def test_vouchers_stand_beside_the_year_end_figure_though_an_interim_one_came_later() -> None:
    """As for every other figure to quote: the year was closed, and then opened again."""
    con = loaded(
        Seen(at("2014-06-01"), page(annual(row("FAO", 2014, transfers="400")),
             vouchers=[voucher("V1", amount="400.00")], status="Financially Closed")),
        Seen(at("2014-07-01"), page(annual(row("FAO", 2014, transfers="500")),
             vouchers=[voucher("V1", amount="400.00")], status="On Going")),
    )  # fmt: skip
    assert _reconciled(con) == [("FAO", 0, 400, 400, 0, True)]


def test_since_the_start_alone_says_nothing_of_vouchers_where_that_was_before_2009() -> None:
    table, paid = cumulative(row("FAO", None, transfers="100")), [voucher("V1", amount="100.00")]
    for start, expected in (
        ("1 Jan 2009", ("FAO", 0, 100, 100, 0, True)),
        ("31 Dec 2008", ("FAO", None, None, 100, None, None)),
        (None, ("FAO", None, None, 100, None, None)),
    ):
        con = loaded(Seen(at("2015-12-01"), page(table, start_date=start, vouchers=paid)))
        assert _reconciled(con) == [expected]
        (found,) = rows(con, "FROM mart.voucher_reconciliation")
        assert found["transfers_usd"] == 100


def test_vouchers_are_compared_where_who_the_programme_is_was_set_aside() -> None:
    seen = page(annual(row("FAO", 2014, transfers="50")), vouchers=[voucher("V1", amount="50.00")])
    seen.programme = None
    assert _reconciled(loaded(Seen(at("2015-12-01"), seen))) == [("FAO", 0, 50, 50, 0, True)]


def test_where_neither_transfers_nor_vouchers_are_shown_nothing_is_compared() -> None:
    spent = cumulative(row("FAO", None, expenditure="100"))
    assert _reconciled(loaded(Seen(at("2015-12-01"), page(spent)))) == []


def test_what_stands_by_year_is_not_counted_again_since_the_start() -> None:
    both = (annual(row("FAO", 2014, transfers="50")), cumulative(row("FAO", None, transfers="50")))
    paid = [voucher("V1", amount="50.00")]
    con = loaded(Seen(at("2015-12-01"), page(*both, start_date="1 Jan 2012", vouchers=paid)))
    assert _reconciled(con) == [("FAO", 0, 50, 50, 0, True)]


@pytest.mark.parametrize(
    ("paid", "agrees"), [("49.00", True), ("48.99", False), ("51.00", True), ("51.01", False)]
)
def test_vouchers_agree_up_to_half_a_dollar_a_figure_and_half_for_their_sum(
    paid: str, *, agrees: bool
) -> None:
    """Transfers are printed in whole dollars, by year or since the start."""
    for table in (
        annual(row("FAO", 2009, transfers="50")), cumulative(row("FAO", None, transfers="50")),
    ):  # fmt: skip
        seen = page(table, start_date="1 Jan 2009", vouchers=[voucher("V1", amount=paid)])
        (found,) = _reconciled(loaded(Seen(at("2015-12-01"), seen)))
        assert found[-1] is agrees


def test_vouchers_are_compared_as_a_whole_where_transfers_name_nobody() -> None:
    paid = [voucher("V1", amount="60.00"), voucher("V2", organization="UNDP", amount="40.00")]
    con = loaded(
        Seen(at("2015-12-01"), page(annual(row(None, 2014, transfers="100")), vouchers=paid))
    )
    assert _reconciled(con) == [("(all)", 0, 100, 100, 0, True)]


def test_vouchers_are_compared_as_a_whole_where_one_year_names_nobody() -> None:
    table = annual(
        row(None, 2010, transfers="100"), row("FAO", 2011, transfers="200"),
        row("FAO", 2012, transfers="300"),
    )  # fmt: skip
    paid = [voucher(f"V{n}", amount=f"{n}00.00") for n in (1, 2, 3)]
    con = loaded(Seen(at("2015-12-01"), page(table, vouchers=paid)))
    assert _reconciled(con) == [("(all)", 0, 600, 600, 0, True)]


def test_vouchers_that_name_nobody_are_compared_as_a_whole() -> None:
    """An organization of which it is not known what was paid to it was not paid nothing."""
    table = annual(row("FAO", 2014, transfers="200"), row("UNDP", 2014, transfers="300"))
    paid = [
        voucher("V1", organization=None, amount="200.00"), voucher("V2", amount="290.00"),
    ]  # fmt: skip
    con = loaded(Seen(at("2015-12-01"), page(table, vouchers=paid)))
    assert _reconciled(con) == [("(all)", 0, 500, 490, -10, False)]
    flagged = rows(con, "SELECT organization FROM meta.flagged_figure ORDER BY ALL")
    assert [r["organization"] for r in flagged] == ["FAO", "UNDP"], "each is one of them all"


def test_vouchers_of_an_impossible_sum_are_compared_with_nothing() -> None:
    """However much a page says was paid, it is loaded, and so is what comes with it."""
    paid = [voucher(f"V{n}", amount="1,000,000,000,000") for n in range(1001)]
    table = annual(row("FAO", 2014, transfers="200"))
    con = loaded(Seen(at("2015-12-01"), page(table, vouchers=paid)))
    assert _reconciled(con) == [("FAO", 0, 200, None, None, None)]


def test_no_sum_of_a_view_is_too_large_for_it() -> None:
    """Nor is any percentage: what cannot be said is NULL."""
    everyone = [
        row(f"Organization {n}", 2011, expenditure="1,000,000,000,000") for n in range(10_001)
    ]
    con = loaded(
        sight("2011-06-01", annual(row("FAO", 2011, expenditure="0.01"), *everyone)),
        sight("2012-06-01", annual(row("FAO", 2011, expenditure="-1,000,000,000,000"), *everyone)),
    )
    (fund,) = rows(con, "FROM mart.fund_year WHERE fiscal_year = 2011")
    assert fund["expenditure_usd"] == 10_000 * 10**12
    (changed,) = rows(con, "FROM mart.interim_vs_year_end WHERE organization = 'FAO'")
    assert (changed["interim_usd"], changed["difference_pct"]) == (Decimal("0.01"), None)


def test_funds_without_a_code_are_as_many_as_their_names() -> None:
    con = loaded(
        *(
            Seen(at("2012-06-01"), page(
                annual(row("FAO", 2011, expenditure=spent)), programme_id=programme, fund_name=name,
            ), SITE + programme)
            for programme, name, spent in (
                ("00091001", "Peace Fund", "200"), ("00091002", "Water Fund", "300"),
                ("00091003", "Water Fund", "1"),
            )
        )
    )  # fmt: skip
    found = rows(con, "FROM mart.fund_year ORDER BY fund_name")
    assert [(r["fund_name"], r["programmes"], r["expenditure_usd"]) for r in found] == [
        ("Peace Fund", 1, 200), ("Water Fund", 2, 301),
    ]  # fmt: skip


def test_a_programme_counts_though_who_it_is_was_set_aside() -> None:
    seen = page(annual(row("FAO", 2014, expenditure="50")))
    seen.programme = None
    con = loaded(Seen(at("2014-12-01"), seen))
    assert rows(con, "FROM mart.programme_current") == []
    assert con.execute("FROM meta.coverage ORDER BY ALL NULLS FIRST").fetchall() == [
        (None, None, 1, 1, 1, 0), (None, 2014, 1, 1, 1, 0),
    ]  # fmt: skip
    assert totals(con)["programmes"] == 1


def test_coverage_counts_programmes_by_fund_and_year() -> None:
    """One with figures since its start alone has figures, and none of any year."""
    con = loaded(
        Seen(at("2015-06-01"), page(
            annual(row("FAO", 2014, expenditure="75"), row("FAO", 2015, expenditure="25")),
            fund_code="MDG00",
        )),
        Seen(at("2015-06-01"), page(programme_id="00091002", fund_code="MDG00"), SITE + "00091002"),
        Seen(at("2015-06-01"), page(
            cumulative(row("FAO", None, expenditure="9")), programme_id="00091003",
            fund_code="MDG00",
        ), SITE + "00091003"),
    )  # fmt: skip
    assert con.execute("FROM meta.coverage ORDER BY ALL NULLS FIRST").fetchall() == [
        ("MDG00", None, 3, 3, 2, 1), ("MDG00", 2014, 1, 1, 1, 1), ("MDG00", 2015, 1, 1, 1, 0),
    ]  # fmt: skip


def test_a_run_that_captured_nothing_changes_nothing() -> None:
    con = loaded(Seen(at("2016-05-01"), page(annual(row("UNIDO", 2014, expenditure="1")))))
    assert changes(con, ["a night on which no page could be had"]) == []
