"""What "unchanged" (304) is worth where the other pages of a factsheet say otherwise."""

from datetime import timedelta
from itertools import permutations

import pytest

from extractors.records import Page
from tests.warehouse.histories import (
    NOT_MODIFIED,
    PROGRAMME,
    SENT,
    SITE,
    Seen,
    annual,
    at,
    grown,
    page,
    row,
    rows,
)
from warehouse.connection import Connection
from warehouse.visits import copies

_FACTSHEET = SITE + PROGRAMME
_VOUCHERS = f"{_FACTSHEET}?vouchers=2"
_BEFORE, _AFTER = (page(annual(row("UNIDO", 2022, expenditure=usd))) for usd in ("100", "250"))
_NO_FIGURES = page(status="On Going")


def _night(day: int, factsheet: tuple[Page, int], vouchers: tuple[Page, int]) -> list[Seen]:
    time = at("2022-07-01T02:00:00") + timedelta(days=day)
    return [
        Seen(time, factsheet[0], _FACTSHEET, factsheet[1]),
        Seen(time + timedelta(minutes=4), vouchers[0], _VOUCHERS, vouchers[1]),
    ]


def _newest(con: Connection) -> tuple[object, int]:
    """The expenditure that is known last, and how many vintages there are."""
    found = rows(con, "FROM core.expenditure_snapshot ORDER BY known_from")
    return found[-1]["expenditure_usd"], len(found)


def _conditional(con: Connection) -> set[str]:
    return {copy.url for copy in copies(con)}


_STAYING = [
    *_night(0, (_BEFORE, SENT), (_BEFORE, SENT)),
    *_night(1, (_BEFORE, NOT_MODIFIED), (_AFTER, SENT)),
    _night(2, (_BEFORE, NOT_MODIFIED), (_AFTER, NOT_MODIFIED))[0],
]


def test_a_304_takes_back_nothing_that_another_page_has_shown_since() -> None:
    """The factsheet's validator stayed: the new figure, seen beside the vouchers, stands."""
    assert _newest(grown(*_STAYING)) == (250, 2)


_ORDERS = list(permutations(range(len(_STAYING))))


@pytest.mark.parametrize(
    "order",
    [*_ORDERS[1::59], *(pytest.param(each, marks=pytest.mark.proof) for each in _ORDERS[::29])],
)
def test_nor_does_it_in_any_order(order: tuple[int, ...]) -> None:
    """Captures that arrive late slot in."""
    assert _newest(grown(*(_STAYING[n] for n in order))) == (250, 2)


def test_the_second_page_of_vouchers_may_be_the_one_that_stays() -> None:
    """In one night the factsheet is sent with the new figure, its vouchers' page is not."""
    con = grown(
        *_night(0, (_BEFORE, SENT), (_BEFORE, SENT)),
        *_night(1, (_AFTER, SENT), (_BEFORE, NOT_MODIFIED)),
    )
    assert _newest(con) == (250, 2)


def test_what_is_contradicted_is_asked_for_in_full() -> None:
    """Until it was sent again; then there is nothing to doubt."""
    con = grown(*_STAYING)
    assert _conditional(con) == {_VOUCHERS}
    con = grown(*_STAYING, *_night(3, (_AFTER, SENT), (_AFTER, NOT_MODIFIED)))
    assert _conditional(con) == {_FACTSHEET, _VOUCHERS}


def test_a_figure_that_is_restated_and_restated_back_is_seen_once_the_page_is_sent() -> None:
    """An honest 304 may lose a night where pages say different things, and no more."""
    con = grown(*_STAYING, *_night(3, (_BEFORE, SENT), (_BEFORE, SENT)))
    assert _newest(con) == (100, 3)


def test_a_page_without_figures_contradicts_none() -> None:
    """A factsheet that comes without its tables is no change."""
    con = grown(
        *_night(0, (_BEFORE, SENT), (_NO_FIGURES, SENT)),
        *_night(1, (_BEFORE, NOT_MODIFIED), (_NO_FIGURES, SENT)),
    )
    (found,) = rows(con, "FROM core.expenditure_snapshot")
    assert found["last_seen"] == at("2022-07-02T02:00:00")
    assert _conditional(con) == {_FACTSHEET, _VOUCHERS}


# A validator that stayed while the page changed: "v" came with both pages.
_LIED = [
    Seen(at("2022-07-01"), _BEFORE, _FACTSHEET, SENT, validator="v"),
    Seen(at("2022-07-03"), _AFTER, _FACTSHEET, SENT, validator="v"),
]


def _last_seen_before_the_change(*more: Seen) -> object:
    return rows(grown(*_LIED, *more), "FROM core.expenditure_snapshot ORDER BY known_from")[0][
        "last_seen"
    ]


def _unchanged(url: str, validator: str | None) -> Seen:
    return Seen(at("2022-07-02"), _BEFORE, url, NOT_MODIFIED, validator=validator)


@pytest.mark.parametrize("validator", ["v", None])
def test_what_a_validator_says_that_is_known_to_lie_is_no_evidence(validator: str | None) -> None:
    """Nor is an answer that names none, of a page that has such a one."""
    found = _last_seen_before_the_change(_unchanged(_FACTSHEET, validator))
    assert found == at("2022-07-01")


def test_another_validator_of_the_page_or_another_page_with_the_same_one_is_believed() -> None:
    assert _last_seen_before_the_change(_unchanged(_FACTSHEET, "w")) == at("2022-07-02")
    sent = Seen(at("2022-07-01"), _BEFORE, _VOUCHERS, SENT, validator="v")
    assert _last_seen_before_the_change(sent, _unchanged(_VOUCHERS, "v")) == at("2022-07-02")


def test_a_page_that_is_sent_in_full_is_evidence_whatever_its_validator() -> None:
    assert _newest(grown(*_LIED)) == (250, 2)
    assert rows(grown(*_LIED), "FROM meta.lying_validator")


def test_pages_that_lead_on_to_their_figures_tell_of_no_lie() -> None:
    """One version of a factsheet may come with its tables or without: that is no change."""
    bare = page(status="On Going")
    bare.views.append("/factsheet/project/excel")
    con = grown(
        Seen(at("2022-07-01"), _BEFORE, _FACTSHEET, SENT, validator="v"),
        Seen(at("2022-07-02"), bare, _FACTSHEET, SENT, validator="v"),
        Seen(at("2022-07-03"), _BEFORE, _FACTSHEET, NOT_MODIFIED, validator="v"),
    )
    (found,) = rows(con, "FROM core.expenditure_snapshot")
    assert found["last_seen"] == at("2022-07-03")


def test_a_page_changed_while_it_was_not_sent_is_not_doubted_for_what_came_before_it() -> None:
    """What other pages showed before the page was sent, or after it was unchanged, says nothing."""
    con = grown(
        Seen(at("2022-06-30"), _AFTER, _VOUCHERS, SENT),
        Seen(at("2022-07-01"), _BEFORE, _FACTSHEET, SENT),
        Seen(at("2022-07-02"), _BEFORE, _FACTSHEET, NOT_MODIFIED),
        Seen(at("2022-07-04"), _AFTER, _VOUCHERS, SENT),
    )
    last = {r["known_from"]: r["last_seen"] for r in rows(con, "FROM core.expenditure_snapshot")}
    assert last[at("2022-07-01")] == at("2022-07-02")
