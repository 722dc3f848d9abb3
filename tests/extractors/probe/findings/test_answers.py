"""An answer's rows, columns and uses are reported; what is no answer is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.probe.findings.answers import AnswerSeen, read_answer

QUERY = "getX/A/year:2015"


def read(*rows: Any, query: str = QUERY) -> AnswerSeen:
    return read_answer(json.dumps(rows).encode(), query)


@pytest.mark.parametrize(
    ("row", "query", "fills", "lists"),
    [
        ({"PROJECT_ID": "67193", "EXPENDITURE": "1.5"}, QUERY, ("programmes",), ""),
        ({"PROJECT_ID": "67193", "TITLE": "A"}, QUERY, ("lists",), "programmes"),
        ({"ORGANIZATION": "UNDP", "BUDGET": "1.5"}, QUERY, ("organizations",), ""),
        (
            {"DONOR": "Norway", "DEPOSITS": "1.5", "FUND_CODE": "MDG00"},
            QUERY,
            ("contributions",),
            "",
        ),
        ({"DONOR": "Norway", "COUNTRY": "Norway"}, QUERY, (), ""),
        ({"FUND_CODE": "MDG00", "FUND_NAME": "A"}, QUERY, ("lists",), "funds"),
        ({"COUNTRY": "Norway", "BUDGET": "1.5"}, QUERY, (), ""),
        ({"ORGANIZATION": "UNDP", "BUDGET": "1.5"}, "getX/A/fund:MDG00", (), ""),
    ],
)
def test_columns_and_filters_tell_what_rows_can_fill(
    row: dict[str, str], query: str, fills: tuple[str, ...], lists: str
) -> None:
    """An organization's figures within one fund are not its figures."""
    seen = read(row, query=query)
    assert (seen.fills, seen.lists, seen.problem) == (fills, lists, "")


def test_columns_are_shown_with_their_meaning_and_samples() -> None:
    seen = read({"BUDGET_AMOUNT": "1.50", "ZZ": None}, {"BUDGET_AMOUNT": "2.5", "ZZ": ["a", 1]})
    budget, unknown = seen.columns
    assert (budget.meaning, budget.how) == ("approved_budget", "without AMOUNT")
    assert budget.samples == ("1.50", "2.5")
    assert (unknown.meaning, unknown.how, unknown.samples) == (None, "unknown", ('["a","1"]',))
    assert (seen.rows, json.loads(seen.sample)["BUDGET_AMOUNT"]) == (2, "2.5")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "api_cut_short"), (b"what", "api_not_json"), (b"null", "api_null"),
        (b"[]", "api_empty"),
        (b'"{\\"data\\": []}"', "api_empty"), (b'{"data": [{"BUDGET": 1}', "api_cut_short"),
        (b"<html>Error</html>", "api_error_page"), (b'{"message": "no"}', "api_error"),
        (b"<html><input type='password'></html>", "login_page"),
        (b"\x89PNG\r\n\x1a\n\x00", "not_text"),
        (b'[{"ZZ": 1}]', "api_no_known_column"), (b"[[1, 2]]", "api_rows_as_lists"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_named(body: bytes, problem: str) -> None:
    assert read_answer(body, QUERY).problem == problem


def test_some_funds_and_programmes_of_an_answer_are_noted() -> None:
    """To ask for them, a few of each."""
    rows = [{"PROJECT_ID": str(67193 + at), "FUND_CODE": "MDG00", "BUDGET": "1"} for at in range(9)]
    seen = read(*rows)
    assert seen.programmes == ("00067193", "00067194", "00067195")
    assert seen.funds == ("MDG00",)


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: st.lists(
        inner | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_size=3)
    ).map(lambda value: json.dumps(value).encode())
)  # fmt: skip
def test_any_body_is_read_without_an_error(body: bytes) -> None:
    seen = read_answer(body, QUERY)
    assert seen.problem or seen.rows
