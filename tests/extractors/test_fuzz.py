"""Damaged pages are read or refused, and never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extractors import fuzz


def test_a_thousand_damaged_pages_are_read_or_refused_by_a_rule() -> None:
    outcome = fuzz.run(1_000, seed=1)
    assert [(fault.number, fault.error) for fault in outcome.faults] == []
    assert outcome.read + outcome.refused.total() == outcome.inputs == 1_000
    assert outcome.read > 300, "the damage leaves nothing to read"
    assert outcome.refused.total() > 30, "the damage is none"


def test_the_same_seed_gives_the_same_inputs_and_another_gives_others() -> None:
    pages = fuzz.corpus()
    one, again, other = (
        [fuzz.damaged(pages, seed, number) for number in range(30)] for seed in (1, 1, 2)
    )
    assert one == again != other


@settings(max_examples=200)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    fuzz.understand(body)
