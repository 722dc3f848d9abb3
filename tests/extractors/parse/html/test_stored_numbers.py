"""A text beside a stored number counts if a format that only rounds may print it so."""

import pytest

from extractors.parse.html.stored_numbers import shown_number


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("431,207", "431207.49"), ("431,207.5", "431207.45"), ("US$ 431,207", "431206.5"),
        ("431 207,49", "431207.49"), ("87.5%", "0.875"), ("87.513%", "0.8751312"), ("(7)", "-7"),
        ("-7", "-7.2"), ("0", "-0.3"), ("00090077", "90077"), ("2014*", "2014"),
        ("15-Jun-16", "42536"), ("FAO", "5"), ("", "5"), ("7", "seven"), ("7", ""),
    ],
)  # fmt: skip
def test_a_text_that_may_show_its_number_is_the_cell_s(text: str, stored: str) -> None:
    assert shown_number(text, {"x:num": stored}) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("431", "431207"), ("431,207", "431208"), ("431,207", "-431207"), ("(7)", "7"),
        ("1,207", "1.207"), ("2014", "41791"), ("7", "NaN"), ("7", "1E999999999"), ("7%", "7"),
    ],
)  # fmt: skip
def test_a_text_that_shows_another_number_is_set_aside(text: str, stored: str) -> None:
    assert shown_number(text, {"sdval": stored}) == f"={stored} (shown as {text})"


def test_a_cell_without_a_stored_number_is_its_text() -> None:
    assert shown_number("431", {"x:num": None, "class": "xl25"}) == "431"
