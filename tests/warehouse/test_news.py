"""What lists told after a page was seen: the news that make a night visit it."""

from dataclasses import replace
from datetime import datetime

import pytest

from extractors.page_kinds import PageKind, Representation
from extractors.records import Page, PrintedListing, PrintedStatementLine
from tests.warehouse.histories import (
    SITE,
    Seen,
    annual,
    at,
    capture_of,
    empty_warehouse,
    page,
    row,
)
from tests.warehouse.naive_funds import fund_page
from transforms.ledger import archive_file_frame, capture_frame, quarantine_frame
from transforms.observe import ReadBody, observe
from warehouse.connection import Connection
from warehouse.load import Batch, load
from warehouse.visits import known_funds, known_programmes, list_news

PROGRAMME, OTHER = "00091001", "00091002"
LIST = "https://gateway.example/portfolio/agency"
FUND = "https://gateway.example/factsheet/fund/MDG00"
LONG_AGO = datetime(2010, 1, 1)  # noqa: DTZ001 because every time here is naive UTC


def _load(con: Connection, seen: Seen) -> None:
    said = observe([ReadBody(seen.sha256, seen.page)])
    load(con, Batch(said.frames, capture_frame([capture_of(seen)]), quarantine_frame([]),
                    archive_file_frame({})))  # fmt: skip


def _visited(con: Connection, time: str) -> None:
    """See the programme's page, which always says the same."""
    _load(con, Seen(at(time), page(annual(row("FAO", 2015, expenditure="100"))), status=200))


def _listed(con: Connection, time: str, *rows: tuple[str, str], url: str = LIST) -> None:
    """See a list of programmes, each with its status."""
    listings = [
        PrintedListing("programmes", key, None, key, None, (("Status", status),), "list", key)
        for key, status in rows
    ]
    said = Page(PageKind.PORTFOLIO_LIST, Representation.HTML, None, listings=listings)
    _load(con, Seen(at(time), said, url, status=200))


def _told(con: Connection) -> set[str]:
    return set(list_news(con, LONG_AGO).listed_anew)


@pytest.fixture
def con() -> Connection:
    """A warehouse in which a programme was listed, and then seen."""
    con = empty_warehouse()
    _listed(con, "2016-01-01T02:00:00", (PROGRAMME, "On Going"), (OTHER, "On Going"))
    _visited(con, "2016-01-01T02:05:00")
    return con


def test_a_list_that_says_the_same_is_no_news(con: Connection) -> None:
    """Whatever it says of others, and on whichever of its pages the row stands."""
    _listed(con, "2016-01-02T02:00:00", (OTHER, "Closed"))
    _listed(con, "2016-01-02T02:00:01", (PROGRAMME, "On Going"), url=f"{LIST}?page=2")
    assert _told(con) == set()


def test_a_change_is_news_until_the_page_is_seen(con: Connection) -> None:
    """Also if no night could visit it at once."""
    _listed(con, "2016-01-02T02:00:00", (PROGRAMME, "Closed"))
    assert _told(con) == {PROGRAMME}
    _listed(con, "2016-01-03T02:00:00", (PROGRAMME, "Closed"))
    assert _told(con) == {PROGRAMME}
    _visited(con, "2016-01-03T02:05:00")
    assert _told(con) == set()


def test_a_change_back_is_news_too(con: Connection) -> None:
    """The body that the list showed first comes again after another was seen."""
    _listed(con, "2016-01-02T02:00:00", (PROGRAMME, "Closed"))
    _visited(con, "2016-01-02T02:05:00")
    _listed(con, "2016-01-03T02:00:00", (PROGRAMME, "On Going"), (OTHER, "On Going"))
    assert _told(con) == {PROGRAMME}


def test_a_row_that_is_gone_is_no_news_and_one_that_was_not_there_is(con: Connection) -> None:
    """A list that ended early when the page was seen said nothing of it."""
    _listed(con, "2016-01-02T02:00:00", (OTHER, "On Going"))
    assert _told(con) == set()
    _visited(con, "2016-01-02T02:05:00")
    _listed(con, "2016-01-03T02:00:00", (PROGRAMME, "On Going"), (OTHER, "On Going"))
    assert _told(con) == {PROGRAMME}


def _stated(con: Connection, time: str, given: str, paid: str) -> None:
    """See the fund's statement: what contributors gave, and what programmes were paid."""
    lines = (("Contributions from Donors", given), ("Transfer to Participating Organization", paid))
    said = replace(
        fund_page("MDG00", "MDG Fund", None, None, ()),
        statement=[
            PrintedStatementLine("administrative_agent", label, None, amount, "statement", label)
            for label, amount in lines
        ],
    )
    _load(con, Seen(at(time), said, FUND, 200))


def test_a_statement_tells_of_all_its_programmes_until_their_pages_are_seen() -> None:
    """Where what they were paid is another sum; what contributors gave tells nothing of them."""
    con = empty_warehouse()
    ours = page(annual(row("FAO", 2015, expenditure="100")), fund_code="MDG00")
    theirs = page(programme_id=OTHER, fund_code="PB000", title="Wells")
    _stated(con, "2016-01-01T02:00:00", given="9", paid="5")
    for seen in (Seen(at("2016-01-01T02:05:00"), ours, f"{SITE}{PROGRAMME}", 200),
                 Seen(at("2016-01-01T02:06:00"), theirs, f"{SITE}{OTHER}", 200)):  # fmt: skip
        _load(con, seen)
    assert list_news(con, LONG_AGO).money_moved == set()
    _stated(con, "2016-01-02T02:00:00", given="10", paid="5")
    assert list_news(con, LONG_AGO).money_moved == set()
    _stated(con, "2016-01-03T02:00:00", given="10", paid="6")
    assert list_news(con, LONG_AGO).money_moved == {PROGRAMME}
    _load(con, Seen(at("2016-01-03T02:05:00"), ours, f"{SITE}{PROGRAMME}", 200))
    assert list_news(con, LONG_AGO).money_moved == set()


def test_a_saved_page_is_no_visit(con: Connection) -> None:
    """It may lack what the site shows: the change stays news, and the site was visited before."""
    _listed(con, "2016-01-02T02:00:00", (PROGRAMME, "Closed"))
    _load(con, Seen(at("2016-01-02T12:00:00"), page(annual(row("FAO", 2015, expenditure="100")))))
    assert _told(con) == {PROGRAMME}
    (seen_at,) = {one.seen_at for one in known_programmes(con) if one.key == PROGRAMME}
    assert seen_at == at("2016-01-01T02:05:00")


def test_a_fund_s_page_that_broke_off_has_failed() -> None:
    """Until the site sends it whole."""
    con = empty_warehouse()
    fund = Page(PageKind.FUND_PAGE, Representation.HTML, None, fund_code="MDG00")
    for time, cut_short in (("2016-01-02", "no end"), ("2016-01-03", None)):
        shown = replace(fund, cut_short=cut_short)
        _load(con, Seen(at(time), shown, "https://gateway.example/fund/mdg00", status=200))
        (known,) = known_funds(con)
        assert known.failed is (cut_short is not None)


def test_a_fund_s_page_is_where_the_site_showed_it_last() -> None:
    """Not where a saved page was, nor is a link joined to a list that does not print it."""
    con = empty_warehouse()
    fund = Page(PageKind.FUND_PAGE, Representation.HTML, None, fund_code="MDG00")
    _load(con, Seen(at("2016-01-02"), fund, "https://gateway.example/fund/mdg00", status=200))
    _load(con, Seen(at("2016-01-03"), fund, "https://gateway.example/old/MDG00"))
    for time, url in (("2016-01-04", "../fund/mdg00"), ("2016-01-05", None)):
        listed = [PrintedListing("funds", "MDG", url, None, "MDG00", (), "list", time)]
        funds = Page(PageKind.PORTFOLIO_LIST, Representation.HTML, None, listings=listed)
        _load(con, Seen(at(time), funds, f"https://gateway.example/portfolio/{time}", status=200))
    (known,) = known_funds(con)
    assert known.seen_url == "https://gateway.example/fund/mdg00"
    assert (known.link, known.page) == (
        "../fund/mdg00", "https://gateway.example/portfolio/2016-01-04"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "prints"), [(PageKind.PROGRAMME_FACTSHEET, True), (PageKind.PROGRAMME_PAGE, False)]
)
def test_the_newest_page_tells_whether_pages_print_figures(kind: PageKind, *, prints: bool) -> None:
    con = empty_warehouse()
    today = page(title="Wells")
    today.kind = kind
    _load(con, Seen(at("2023-01-01"), today, status=200))
    (known,) = known_programmes(con)
    assert known.prints_figures is prints
