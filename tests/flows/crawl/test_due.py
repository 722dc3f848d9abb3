"""What a night visits: what lists tell of at once, and everything else in its turn."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from flows.crawl.due import Due, Rank, Turns
from flows.crawl.selection import Selection
from flows.settings import Settings
from replica.today.names import names_of
from tests.flows.nights import SITE
from tests.flows.todays_profile import profile_for
from warehouse.visits import KnownSubject, ListNews

NOW = datetime(2016, 4, 20, 2, 15)  # noqa: DTZ001 because every time here is naive UTC
KEYS = [f"{60_001 + 4 * number:08d}" for number in range(20_000)]
DAILY = Turns(figures=1, texts=1, closed=7)
NOBODY = ListNews()


def known(
    seen_at: datetime | None, status: str | None = "On Going", key: str = KEYS[0]
) -> KnownSubject:
    """A programme whose page prints its figures."""
    return KnownSubject(key, None, None, seen_at, None, None, status, failed=False)


def shell(seen_at: datetime, status: str = "On Going", key: str = KEYS[0]) -> KnownSubject:
    """A programme whose figures come from the API."""
    return known(seen_at, status, key)._replace(prints_figures=False)


@pytest.mark.parametrize(
    ("seen", "now", "status", "due"),
    [
        (None, "2016-04-20", None, True),
        ("2016-04-19", "2016-04-20", "On Going", True),
        ("2016-04-19", "2016-04-20", "Operationally Closed", True),
        ("2016-04-19", "2016-04-20", "Financially Closed", False),
        ("2016-04-13", "2016-04-20", "Financially Closed", True),
        ("2016-04-30", "2016-05-01", "Financially Closed", True),  # a year became final meanwhile
        ("2016-05-01", "2016-05-02", "Financially Closed", False),
    ],
)
def test_what_may_have_changed_is_due(
    seen: str | None, now: str, status: str | None, *, due: bool
) -> None:
    seen_at = None if seen is None else datetime.fromisoformat(seen)
    rule = Due(datetime.fromisoformat(now), DAILY, NOBODY)
    assert rule.is_due(known(seen_at, status)) is due
    assert rule.is_due(known(seen_at, status)._replace(failed=True))


@pytest.mark.parametrize(
    ("seen_at", "wanted"),
    [
        (datetime(2020, 4, 30, 23, 59, 59), True),  # noqa: DTZ001 because every time here is naive UTC
        (datetime(2020, 5, 1), False),  # noqa: DTZ001 because every time here is naive UTC
        (None, True),
    ],
)
def test_the_close_of_the_year_is_for_what_was_not_seen_since_30_april(
    seen_at: datetime | None, wanted: bool
) -> None:
    """Unless the page has no figures: those of the API are seen every night."""
    rule = Due(datetime(2020, 5, 3), DAILY, NOBODY)  # noqa: DTZ001 because every time here is naive UTC
    close = Selection(year_end=True)
    assert rule.selects(known(seen_at, "Financially Closed"), close) is wanted
    if seen_at is not None:
        assert not rule.selects(shell(seen_at, "Financially Closed"), close)


@pytest.mark.parametrize("subject", [known, shell])
def test_every_page_has_one_night_in_the_days_of_its_turn_and_the_nights_are_even(
    subject: Callable[..., KnownSubject],
) -> None:
    """Whenever it was seen: two moments so many days apart never belong to one turn."""
    turns = Turns.of(Settings())
    for status in ("On Going", "Financially Closed"):
        days = turns.days_of(subject(NOW, status))
        nights: Counter[int] = Counter()
        for key in KEYS[:600]:
            for night in range(1, days + 1):
                now = NOW + timedelta(days=night)
                nights[night] += turns.has_come(subject(now - timedelta(days=1), status, key), now)
            assert turns.has_come(subject(now - timedelta(days=days), status, key), now)
        assert nights.total() == 600
        assert max(nights.values()) < 600 / days + 5 * (600 / days) ** 0.5


def test_what_a_list_tells_is_due_the_same_night() -> None:
    """A fund's sums tell nothing of a page without figures, or of a programme that is closed."""
    moved = Due(NOW + timedelta(days=1), Turns(365, 365, 365), NOBODY)
    seen = known(NOW)
    assert not moved.is_due(seen)
    moved = moved._replace(news=ListNews(money_moved={seen.key}))
    assert moved.is_due(seen)
    assert not moved.is_due(seen._replace(prints_figures=False))
    assert not moved.is_due(seen._replace(status="Financially Closed"))
    anew = moved._replace(news=ListNews(listed_anew={seen.key}))
    assert anew.is_due(seen._replace(prints_figures=False, status="Financially Closed"))


def test_a_page_whose_turn_did_not_come_was_never_requested() -> None:
    """It has failed, since the site was given up before; it comes before what was seen."""
    rule = Due(NOW, DAILY, NOBODY)
    left = known(None)._replace(failed=True)
    assert rule.rank(left) is Rank.NEVER_REQUESTED
    assert rule.rank(left._replace(requested_at=NOW)) is Rank.TURN


def test_a_night_over_20_000_programmes_needs_300_requests_of_todays_site() -> None:
    """The calls of the API, 220 funds and 20,000 programmes in their turn, and what lists tell."""
    calls = sum(len(query.urls(SITE, 2030)) for query in profile_for(names_of(8)).queries)
    told = 20  # programmes of which the list shows another status, title or date
    turns = Turns.of(Settings())
    rule = Due(NOW + timedelta(days=1), turns, NOBODY)
    visits = sum(rule.is_due(shell(NOW, key=key)) for key in KEYS)
    assert 100 < visits < 200
    assert calls + 220 / turns.texts + told + visits < 300
