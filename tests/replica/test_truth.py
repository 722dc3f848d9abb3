"""The truth itself: spells that fit together, and an export that only ever grows."""

import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from replica.books.facts import Value
from replica.books.records import Records
from replica.books.truth import truth, write_truth
from replica.pages.site import open_site

Fact = dict[str, Value]
KINDS = {
    "identity", "overview", "outcome", "achievement", "lesson", "document", "figure", "voucher",
    "statement", "contribution",
}  # fmt: skip
BEGIN, END = datetime.fromisoformat("2004-01-01"), datetime.fromisoformat("2026-12-31")
SEEDS = st.integers(0, 2**32)
PROPERTY = settings(max_examples=12, derandomize=True)


def records_of(seed: int, programmes: int) -> Records:
    return open_site(seed, programmes).records


def subject(fact: Fact) -> tuple[tuple[str, Value], ...]:
    """What a fact is about: all but its value and its spell."""
    said = ("value", "shown_from", "shown_until")
    return tuple((name, value) for name, value in fact.items() if name not in said)


def counted(facts: Iterable[Fact]) -> Counter[tuple[tuple[str, Value], ...]]:
    return Counter(tuple(fact.items()) for fact in facts)


def cut(facts: Iterable[Fact], until: datetime) -> list[Fact]:
    """What of these facts was known by a time."""
    return [
        {**fact, "shown_until": None} if str(fact["shown_until"] or "9") > str(until) else fact
        for fact in facts
        if str(fact["shown_from"]) <= str(until)
    ]


@PROPERTY
@given(SEEDS, st.integers(1, 6))
def test_spells_of_one_fact_never_overlap_and_are_as_long_as_can_be(
    seed: int, programmes: int
) -> None:
    """One spell ends before the next begins, and two that touch have different values."""
    by_subject: defaultdict[object, list[Fact]] = defaultdict(list)
    for fact in truth(records_of(seed, programmes), END):
        by_subject[subject(fact)].append(fact)
    assert by_subject
    for spells in by_subject.values():
        spells.sort(key=lambda fact: str(fact["shown_from"]))
        for fact in spells:
            assert str(fact["shown_from"]) < str(fact["shown_until"] or "9")
        for fact, following in pairwise(spells):
            assert fact["shown_until"] is not None
            assert str(fact["shown_until"]) <= str(following["shown_from"])
            if fact["shown_until"] == following["shown_from"]:
                assert fact["value"] != following["value"]


def test_some_facts_are_shown_come_back_and_change() -> None:
    """Every kind of fact is there, many change, some come back, and only themes have no value."""
    facts = list(truth(records_of(5, 40), END))
    assert {fact["kind"] for fact in facts} == KINDS
    spells = Counter(map(subject, facts))
    assert 1.2 * len(spells) < len(facts)
    ended = {(subject(fact), fact["shown_until"]) for fact in facts}
    begun = {subject(fact): fact["shown_from"] for fact in facts}
    assert sum(str(until) < str(begun[about]) for about, until in ended) > 100
    without_value = [fact for fact in facts if fact["value"] is None]
    assert {fact["field"] for fact in without_value} <= {"theme"}


@PROPERTY
@given(SEEDS, st.integers(1, 6), st.datetimes(BEGIN, END), st.data())
def test_truth_until_a_time_is_a_cut_of_the_truth_until_a_later_one(
    seed: int, programmes: int, until: datetime, data: st.DataObject
) -> None:
    """Also where the time is that of a change, or a second before or after it."""
    records = records_of(seed, programmes)
    whole = list(truth(records, END))
    moments = sorted({datetime.fromisoformat(str(fact["shown_from"])) for fact in whole})
    near = data.draw(st.sampled_from(moments)) + timedelta(seconds=data.draw(st.integers(-1, 1)))
    for time in (until.replace(microsecond=0), near):
        assert counted(truth(records, time)) == counted(cut(whole, time))


def test_written_truth_is_one_object_a_line() -> None:
    """As many lines as it says, each the fact as yielded, in whatever language."""
    records = records_of(2, 12)
    out = io.StringIO()
    count = write_truth(records, END, out)
    lines = out.getvalue().splitlines(keepends=True)
    assert all(line.endswith("}\n") for line in lines)
    facts = [json.loads(line) for line in lines]
    assert facts == list(truth(records, END))
    assert len(facts) == count > 1000
    assert "\\u" not in out.getvalue()
