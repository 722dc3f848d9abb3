"""What is asked, when, and how often again: any answers in any order, and nothing is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.fetch.errors import Failure, FailureKind
from extractors.fetch.gateway import PageRequest
from flows.crawl.frontier import Frontier, RetryPolicy

POLICY = RetryPolicy(attempts=3, longest_wait=100, first_delay=2)
KINDS = st.sampled_from([None, *FailureKind])
WAITS = st.none() | st.floats(0, 1000)


@given(
    urls=st.lists(st.integers(0, 20).map(str), max_size=30),
    answers=st.lists(st.tuples(KINDS, WAITS), max_size=200),
    threads=st.integers(1, 4),
)
def test_every_address_is_asked_and_none_more_often_than_the_policy_allows(
    urls: list[str], answers: list[tuple[FailureKind | None, float | None]], threads: int
) -> None:
    """Each ends once, as an answer or as a failure, and is asked no sooner than the site wants."""
    frontier = Frontier(POLICY)
    assert frontier.add(map(PageRequest, urls)) == len(set(urls))
    script = iter(answers)
    now, asked, ended = 0.0, dict.fromkeys(urls, 0), set()
    not_before: dict[str, float] = {}
    under_way: list[PageRequest] = []
    while True:
        while len(under_way) < threads and (ask := frontier.take(now)) is not None:
            assert now >= not_before.get(ask.url, 0)
            asked[ask.url] += 1
            under_way.append(ask)
        if under_way:
            ask = under_way.pop(0)
            kind, wait = next(script, (None, None))
            if kind is None or not frontier.retry(ask, Failure(ask.url, kind, "", wait), now):
                assert ask.url not in ended
                ended.add(ask.url)
            elif wait is not None:
                not_before[ask.url] = now + wait
            continue
        seconds = frontier.next_at(now)
        if seconds is None:
            break
        now += seconds
    left = [failure.url for failure in frontier.unattempted()]
    assert not ended & set(left)
    assert all(not_before[url] > now + POLICY.longest_wait for url in left)
    assert ended | set(left) == set(urls)
    assert all(times <= POLICY.attempts + 1 for times in asked.values())
    assert frontier.give_up() == []


def test_what_does_not_pass_is_not_asked_again() -> None:
    frontier = Frontier(POLICY)
    frontier.add([PageRequest("a")])
    ask = frontier.take(0)
    assert ask is not None
    assert not frontier.retry(ask, Failure("a", FailureKind.NOT_FOUND, ""), 0)
    assert frontier.next_at(0) is None


def test_retries_wait_longer_each_time_and_the_last_comes_at_the_end() -> None:
    frontier = Frontier(POLICY)
    frontier.add([PageRequest("slow"), PageRequest("other")])
    now, order = 0.0, []
    while (seconds := frontier.next_at(now)) is not None:
        now += seconds
        ask = frontier.take(now)
        assert ask is not None
        order.append((ask.url, now))
        if ask.url == "slow":
            frontier.retry(ask, Failure("slow", FailureKind.TIMEOUT, ""), now)
    assert order == [("slow", 0), ("other", 0), ("slow", 2), ("slow", 10), ("slow", 10)]


@pytest.mark.parametrize(
    ("each", "order", "left"),
    [(1800.0, ["busy", "a", "b", "busy"], []), (1.0, ["busy", "a", "b"], ["busy"])],
)
def test_a_long_retry_after_puts_an_address_off_to_the_end(
    each: float, order: list[str], left: list[str]
) -> None:
    """Asked again if its time has come by then, or soon will; else it is left for another run."""
    frontier = Frontier(POLICY)
    frontier.add([PageRequest("busy"), PageRequest("a"), PageRequest("b")])
    now, asked = 0.0, []
    while (seconds := frontier.next_at(now)) is not None:
        now += seconds
        ask = frontier.take(now)
        assert ask is not None
        asked.append(ask.url)
        if asked == ["busy"]:
            assert frontier.retry(ask, Failure("busy", FailureKind.BUSY, "", 3600), now)
        now += each
    assert asked == order
    assert [failure.url for failure in frontier.unattempted()] == left


def test_giving_up_leaves_a_failure_for_each_address_that_was_not_asked() -> None:
    frontier = Frontier(POLICY)
    frontier.add(map(PageRequest, "abc"))
    assert frontier.take(0) == PageRequest("a")
    left = frontier.give_up()
    assert [(failure.url, failure.kind) for failure in left] == [
        ("b", FailureKind.NOT_ASKED), ("c", FailureKind.NOT_ASKED),
    ]  # fmt: skip
    assert frontier.next_at(0) is None
