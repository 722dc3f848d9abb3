"""Whether columns of one meaning show the same amounts: by their value, not by their print."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parse.tables.numbers import is_another_amount
from transforms.amounts import parse_amount

_PRINTED = ("{:,.2f}", "{:.2f}", "US$ {:,.2f}", "{:,.2f} USD", "$ {:.2f}", "{:,.2f}")
_SIGNED = ("-{}", "−{}", "– {}", "({})")
_AMOUNTS = st.decimals(min_value=0, max_value=2_000, places=2) | st.integers(0, 12).map(Decimal)


@st.composite
def printed_amounts(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(_PRINTED)).format(draw(_AMOUNTS))
    text = text.replace(".00", "") if draw(st.booleans()) else text
    return draw(st.sampled_from(_SIGNED)).format(text) if draw(st.booleans()) else text


@given(printed_amounts(), printed_amounts())
def test_two_amounts_are_one_if_they_have_one_value(text: str, first: str) -> None:
    is_other = parse_amount(text) != parse_amount(first)
    assert is_another_amount(text, first) == is_other


@pytest.mark.parametrize(
    "text",
    ["450 M", "450 NOK", "US$ -450", "450-", "—450", "(450)", "4.50", ".450", "450 (2)", "see 450"],
)
def test_another_number_or_another_text_is_another_amount(text: str) -> None:
    assert is_another_amount(text, "450")


@pytest.mark.parametrize("text", ["", "-", "N/A", "50%", "450*", "US$450", "450.0", "450."])
def test_nothing_and_a_share_are_no_other_amount(text: str) -> None:
    assert not is_another_amount(text, "450")


def test_a_zero_is_another_amount_beside_a_number_alone() -> None:
    assert is_another_amount("0", "450")
    assert not is_another_amount("0.00", "-")
    assert is_another_amount("450", "")
