"""A page that was cut short ends nothing, and no list of it replaces a whole one."""

from dataclasses import replace
from itertools import permutations

import pytest

from extractors.page_kinds import PageKind, Representation
from extractors.records import Page, PrintedFund, PrintedStatementLine
from tests.warehouse.histories import (
    SENT,
    SITE,
    Seen,
    annual,
    at,
    grown,
    loaded,
    page,
    row,
    rows,
    voucher,
)
from warehouse import visits
from warehouse.connection import Connection

WHOLE = page(
    annual(row("FAO", 2015, expenditure="100"), row("ILO", 2015, expenditure="70")),
    vouchers=[voucher("V1"), voucher("V2")],
    narrative=["Wells are dug.", "Wells are kept."],
    documents=["Report", "Letter"],
    contacts=["A. Person", "B. Person"],
)
PART = page(
    annual(row("FAO", 2015, expenditure="100"), full=False),
    vouchers=[voucher("V1")],
    narrative=["Wells are dug."],
    documents=["Report"],
    contacts=["A. Person"],
)
CUT = replace(PART, cut_short="length")
LISTS = {"narrative": "text", "document": "title", "contact": "name"}
ORDERS = list(permutations(range(3)))[1::2]


def lists(con: Connection) -> dict[str, list[tuple[object, object]]]:
    return {
        name: [
            (found["known_from"], found[column])
            for found in rows(con, f"FROM core.{name} ORDER BY known_from, {column}")
        ]
        for name, column in LISTS.items()
    }


@pytest.mark.parametrize("order", ORDERS)
def test_a_page_that_was_cut_short_changes_nothing_that_a_whole_one_showed(
    order: tuple[int, ...],
) -> None:
    """No figure ends or is restated, and every list is as if the cut page had never been seen."""
    days = ("2016-06-01", "2016-06-02", "2016-06-03")
    seen = [Seen(at(day), said) for day, said in zip(days, (WHOLE, CUT, WHOLE), strict=True)]
    whole = lists(grown(seen[0]))
    con = grown(*(seen[n] for n in order))
    assert lists(con) == whole
    figures = rows(con, "FROM core.expenditure_snapshot ORDER BY organization")
    assert [(one["organization"], one["no_longer_shown_since"]) for one in figures] == [
        ("FAO", None),
        ("ILO", None),
    ]
    assert rows(con, "FROM mart.restatement") == []
    vouchers = rows(con, "FROM core.voucher ORDER BY voucher_number")
    assert [one["voucher_number"] for one in vouchers] == ["V1", "V2"]


def test_the_same_page_whole_does_end_them() -> None:
    """Without the mark of a cut, the shorter lists are the page's own."""
    whole, part = Seen(at("2016-06-01"), WHOLE), Seen(at("2016-06-02"), PART)
    assert [known for known, _ in lists(grown(whole, part))["document"]] == [
        at("2016-06-01"),
        at("2016-06-01"),
        at("2016-06-02"),
    ]


def test_lists_of_a_page_that_was_cut_short_count_until_a_whole_one_is_known() -> None:
    """Something is better than nothing; a second cut page replaces nothing."""
    longer = replace(CUT, documents=WHOLE.documents)
    history = [
        Seen(at("2016-06-01"), CUT), Seen(at("2016-06-02"), longer), Seen(at("2016-06-03"), WHOLE),
    ]  # fmt: skip
    assert lists(grown(*history))["document"] == [
        (at("2016-06-01"), "Report"),
        (at("2016-06-03"), "Letter"),
        (at("2016-06-03"), "Report"),
    ]


def test_of_two_captures_of_one_second_the_whole_one_s_lists_count() -> None:
    """Whichever of their digests is greater."""
    cuts = [replace(CUT, cut_short=reason) for reason in ("length", "chunks", "digest", "time")]
    seen = [Seen(at("2016-06-01"), said) for said in (WHOLE, *cuts)]
    found = lists(grown(*seen))
    assert len(found["narrative"]) == len(found["contact"]) == 2


def _fund(*amounts: str, cut_short: str | None = None) -> Page:
    return Page(
        PageKind.FUND_FACTSHEET,
        Representation.HTML,
        fund_code="SMP00",
        fund=PrintedFund("Sample Fund", "Trust Fund", None, None, "heading", "Sample Fund"),
        currency="US$",
        statement=[
            PrintedStatementLine("administrative_agent", f"Line {no}", "+", amount, "1", "line")
            for no, amount in enumerate(amounts)
        ],
        cut_short=cut_short,
    )


def test_a_statement_that_may_lack_lines_replaces_no_whole_one() -> None:
    url = "https://gateway.example/factsheet/fund/SMP00"
    con = loaded(
        Seen(at("2016-06-01"), _fund("100.00", "200.00"), url),
        Seen(at("2016-06-02"), _fund("100.00", cut_short="length"), url),
    )
    current = rows(con, "FROM mart.fund_status_current ORDER BY seq")
    assert [(one["known_from"], str(one["amount_usd"])) for one in current] == [
        (at("2016-06-01"), "100.00"),
        (at("2016-06-01"), "200.00"),
    ]


def test_a_page_that_was_cut_short_is_requested_in_full() -> None:
    """Its validator would only bring a 304, and is not taken for a lying one."""
    sent = Seen(at("2016-06-01"), WHOLE, status=SENT, validator='"v1"')
    cut = Seen(at("2016-06-02"), CUT, status=SENT, validator='"v1"')
    assert [copy.url for copy in visits.copies(loaded(sent))] == [SITE + "00091001"]
    con = loaded(sent, cut)
    assert visits.copies(con) == []
    assert rows(con, "FROM meta.lying_validator") == []
