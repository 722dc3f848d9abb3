"""Rules of core for vouchers, one by one, and for narrative, documents and contacts, as lists."""

from collections.abc import Callable
from datetime import date

import pytest

from extractors.records import Page
from tests.warehouse.histories import Seen, at, grown, loaded, page, rows, voucher
from warehouse.connection import Connection


def _vouchers(con: Connection, *columns: str) -> list[tuple[object, ...]]:
    found = rows(con, "FROM core.voucher ORDER BY voucher_number, line_no")
    return [tuple(record[name] for name in columns) for record in found]


_TWINS = [
    voucher("V1", date="2 Nov 2015", amount="100.00"),
    voucher("V1", date="2 Nov 2015", amount="250.50"),
    voucher("V1", date="1 Jan 2015", amount="900.00"),
    voucher("V1", date=None, amount="900.00"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_equal_numbers_are_told_apart_by_content(order: tuple[int, ...]) -> None:
    """line_no is the same wherever the vouchers stood on the page."""
    con = grown(Seen(at("2016-01-01"), page(vouchers=[_TWINS[n] for n in order])))
    assert [(no, str(amount)) for no, amount in _vouchers(con, "line_no", "amount_usd")] == [
        (1, "900.00"), (2, "900.00"), (3, "100.00"), (4, "250.50"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_voucher_has_the_newest_status_that_was_shown(order: tuple[int, ...]) -> None:
    """It is one row from first to last sight; a status that is not shown changes nothing."""
    seen = [
        Seen(at(f"2016-0{month}-01"), page(vouchers=[voucher("V1", status=status)]))
        for month, status in ((1, "Pending"), (2, "Paid"), (3, None))
    ]
    con = grown(*(seen[n] for n in order))
    assert _vouchers(con, "line_no", "status", "first_seen", "last_seen", "capture_id") == [
        (1, "Paid", at("2016-01-01"), at("2016-03-01"), seen[0].capture_id)
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_voucher_numbers_equal_but_for_leading_zeros_are_one(order: tuple[int, ...]) -> None:
    """A spreadsheet loses the zeros; the longest spelling stays, in whatever order they come."""
    spellings = ("00046140", "46140")
    con = grown(
        *(
            Seen(
                at(f"2016-0{month}-01"), page(vouchers=[voucher(spellings[n], status=spellings[n])])
            )
            for month, n in enumerate(order, start=1)
        )
    )
    newest = spellings[order[-1]]
    assert _vouchers(con, "voucher_number", "line_no", "status") == [("00046140", 1, newest)]


def test_a_voucher_that_is_no_longer_listed_stays() -> None:
    """Only the latest vouchers are shown: absence says nothing."""
    con = loaded(
        Seen(at("2016-01-01"), page(vouchers=[voucher("V1")])),
        Seen(at("2016-02-01"), page(vouchers=[voucher("V2")])),
    )
    assert _vouchers(con, "voucher_number", "last_seen") == [
        ("V1", at("2016-01-01")),
        ("V2", at("2016-02-01")),
    ]


def _narrative(*passages: str) -> Page:
    return page(narrative=passages)


def _documents(*titles: str) -> Page:
    return page(documents=titles)


def _contacts(*names: str) -> Page:
    return page(contacts=names)


_LISTS = pytest.mark.parametrize(
    ("table", "text", "showing"),
    [
        ("core.narrative", "text", _narrative),
        ("core.document", "title", _documents),
        ("core.contact", "name", _contacts),
    ],
)


def _lists(con: Connection, table: str, text: str) -> list[tuple[object, ...]]:
    return con.execute(f"SELECT known_from, {text} FROM {table} ORDER BY ALL").fetchall()  # noqa: S608 because the names are written here


@_LISTS
def test_a_change_of_one_entry_is_a_vintage_of_the_whole_list(
    table: str, text: str, showing: Callable[..., Page]
) -> None:
    """Every entry stands in each vintage; a list that changes back is a third vintage."""
    con = loaded(
        Seen(at("2016-01-01"), showing("A")),
        Seen(at("2016-02-01"), showing("A")),
        Seen(at("2016-03-01"), showing("A", "B")),
        Seen(at("2016-04-01"), showing("A")),
    )
    assert _lists(con, table, text) == [
        (at("2016-01-01"), "A"),
        (at("2016-03-01"), "A"), (at("2016-03-01"), "B"),
        (at("2016-04-01"), "A"),
    ]  # fmt: skip


@_LISTS
def test_an_empty_list_ends_nothing(table: str, text: str, showing: Callable[..., Page]) -> None:
    """What was known before stays, and its return begins no vintage."""
    con = loaded(
        Seen(at("2016-01-01"), showing("A")),
        Seen(at("2016-02-01"), page(title="No lists")),
        Seen(at("2016-03-01"), showing("A")),
    )
    assert _lists(con, table, text) == [(at("2016-01-01"), "A")]


@_LISTS
def test_of_two_lists_at_the_same_second_the_greater_sha256_counts(
    table: str, text: str, showing: Callable[..., Page]
) -> None:
    """Lists are not merged: one of them is the vintage, whichever was loaded first."""
    pair = sorted(
        [Seen(at("2016-01-01"), showing("A")), Seen(at("2016-01-01"), showing("B"))],
        key=lambda seen: seen.sha256,
    )
    expected = _lists(grown(pair[1]), table, text)
    assert len(expected) == 1
    for order in (pair, pair[::-1]):
        assert _lists(grown(*order), table, text) == expected


def test_a_document_without_an_address_has_a_key_made_of_its_title() -> None:
    """Its url is never NULL."""
    shown = page(documents=["Report"])
    shown.documents = [shown.documents[0]._replace(url=None)]
    con = loaded(Seen(at("2016-01-01"), shown))
    assert con.execute("SELECT url FROM core.document").fetchall() == [("title:Report",)]


def test_a_voucher_whose_date_one_page_lacks_and_another_shows_is_one() -> None:
    """It would be paid twice otherwise; where one page shows both, they are two."""
    undated = Seen(at("2016-01-01"), page(vouchers=[voucher("V1", date="31 Feb 2015")]))
    dated = Seen(at("2016-02-01"), page(vouchers=[voucher("V1", date="28 Feb 2015")]))
    for con in (grown(undated, dated), grown(dated, undated)):
        assert _vouchers(con, "voucher_date", "first_seen", "last_seen") == [
            (date(2015, 2, 28), at("2016-01-01"), at("2016-02-01"))
        ]
    other = Seen(at("2016-03-01"), page(vouchers=[voucher("V1", date="1 Mar 2015")]))
    assert len(_vouchers(grown(undated, dated, other), "voucher_date")) == 3


def test_a_voucher_dated_after_its_capture_is_a_finding() -> None:
    paid = [voucher("V1", date="2 Jan 2016"), voucher("V2", date="3 Jan 2016")]
    con = grown(Seen(at("2016-01-01T09:00:00"), page(vouchers=paid)))
    kinds = "SELECT subject FROM meta.finding WHERE kind = 'voucher_of_a_later_day'"
    assert rows(con, kinds) == [{"subject": "00091001, V2"}]
    assert len(_vouchers(con, "voucher_number")) == 2
