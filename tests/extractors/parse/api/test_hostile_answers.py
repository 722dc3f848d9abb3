"""Answers made to exhaust memory or time are refused by a rule, or read in bounded ones.

A process of its own parses each, and is killed at 20 seconds of CPU or 1 GB of memory.
"""

import json
from collections.abc import Callable, Iterator
from functools import reduce

import pytest

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from tests.extractors.parse.apart import ParseApart, parser_apart
from transforms.observe import ReadBody, observe

QUERY = "getAnalyzeAllProjects/,BUDGET,/fromYear:2016,toYear:2025"
SIZE = 11_000_000
MOST_MB = 300
LONG = 300_000  # characters
GOOD = '{"ORGANIZATION": "FAO", "BUDGET": 1}'


@pytest.fixture(scope="module")
def parse_apart() -> Iterator[ParseApart]:
    with parser_apart() as parse:
        yield parse


def rows(*objects: str) -> str:
    return f'{{"data": [{", ".join(objects)}]}}'


def repeated(value: str) -> str:
    return ",".join([value] * (SIZE // len(value)))


BOMBS: dict[str, tuple[Callable[[], str], str]] = {
    "nested": (lambda: "[" * LONG, "nested_too_deep"),
    "nested objects": (lambda: '{"a":' * LONG, "nested_too_deep"),
    "empty objects": (lambda: f"[{repeated('{}')}]", "table_too_large"),
    "empty lists": (lambda: rows(repeated("[]")), "table_too_large"),
    "lists in a row": (lambda: rows(f'{{"BUDGET":1,"x":[{repeated("[]")}]}}'), "table_too_large"),
    "one key each": (lambda: rows(repeated('{"":1}')), "table_too_large"),
    "numbers": (lambda: rows(repeated("1")), "table_too_large"),
    "keys beside the data": (
        lambda: '{"data":[],' + ",".join(f'"k{n}":1' for n in range(200_000)) + "}",
        "table_too_large",
    ),
    "strings within strings": (
        lambda: reduce(lambda text, _: json.dumps(text), range(16), rows(GOOD)),
        "api_unknown_shape",
    ),
    "backslashes": (lambda: '"' + "\\" * LONG, "api_cut_short"),
    "quotes": (lambda: '"' * LONG, "api_not_json"),
    "minus signs": (lambda: "[" + "-" * LONG, "api_not_json"),
    "blanks that end in nothing": (lambda: " " * LONG, "empty_body"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_answer_made_to_exhaust_the_machine_is_refused_by_a_rule(
    name: str, parse_apart: ParseApart
) -> None:
    make, rule = BOMBS[name]
    (outcome,), memory = parse_apart([make().encode()], context=QUERY)
    assert outcome.startswith(f"{rule} | "), outcome
    assert memory < MOST_MB


LONG_ROWS: dict[str, Callable[[], str]] = {
    "a number of 300,000 digits": lambda: '{"ORGANIZATION": "FAO", "BUDGET": %s}' % ("9" * LONG),
    "an ID of 300,000 digits": lambda: '{"PROJECT_ID": %s, "BUDGET": 1}' % ("9" * LONG),
    "a long key": lambda: '{"BUDGET": 1, "%s": 1}' % ("k" * LONG),
    "a long name": lambda: '{"BUDGET": 1, "ORGANIZATION": "%s"}' % ("k" * LONG),
    "escapes": lambda: '{"BUDGET": 1, "x": "%s"}' % ("x\\u0000" * (SIZE // 7)),
    "a key many times": lambda: "{" + ",".join(['"BUDGET":1'] * 50_000) + "}",
}


def test_a_row_that_is_too_long_is_set_aside_alone_and_repeated_nowhere(
    parse_apart: ParseApart,
) -> None:
    bodies = [rows(GOOD, make()).encode() for make in LONG_ROWS.values()]
    outcomes, memory = parse_apart(bodies, context=QUERY, observed=True, memory=None)
    for name, outcome in zip(LONG_ROWS, outcomes, strict=True):
        assert outcome.startswith("parsed api_answer 1 "), (name, outcome)
    assert memory < MOST_MB


def test_no_finding_repeats_more_than_the_beginning_of_a_name() -> None:
    row = f'{{"BUDGET": 1, "{"k" * 5_000}": 1, "PROJECT_ID": "{"9" * 5_000}"}}'
    beside = f'"{"b" * LONG}": 1'
    page = parse_page(f'{{"data": [{GOOD}, {row}], {beside}}}'.encode(), QUERY)
    assert {one.kind for one in page.findings} == {
        "unknown_column", "row_set_aside", "unknown_key"
    }  # fmt: skip
    assert max(len(one.detail) for one in page.findings) < 500


@pytest.mark.parametrize(
    "number", ["1e999999999", "1E-999999999", "-Infinity", "NaN", "9" * 5_000, f"0.{'3' * 5_000}"]
)
@pytest.mark.parametrize("column", ["BUDGET", "delivery_rate", "FUCOUNT", "YEAR"])
def test_a_number_that_no_amount_can_be_is_quarantined_with_its_rule(
    column: str, number: str
) -> None:
    """Neither computed with nor rounded: an exponent alone could fill the memory."""
    row = json.dumps({"ORGANIZATION": "FAO", "agency_code": "1", "EXPENDITURE": "1"})[:-1]
    other = '{"ORGANIZATION": "WHO", "agency_code": "2", "BUDGET": 1}'
    text = f'{row}, "{column}": {number}}}'
    page = parse_page(rows(other, text).encode(), QUERY)
    observed = observe([ReadBody("0" * 64, page)])
    loaded = observed.frames["observed.organization_figure"]["organization"].to_list()
    assert loaded == ["WHO"]
    (quarantined,) = observed.quarantined
    assert quarantined.rule in {"amount", "more_than_cents", "rate", "count", "fiscal_year"}
    assert number[:50] in quarantined.row_text


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\u0000b"', '"\\udfff\\ud800"'])
def test_half_a_character_in_a_key_or_a_value_reaches_no_table(text: str) -> None:
    body = rows(f'{{"ORGANIZATION": {text}, "BUDGET": 1, {text}: {text}}}').encode()
    page = parse_page(body, QUERY)
    str(page).encode()
    observe([ReadBody("0" * 64, page)])
    assert "damaged_characters" in {one.kind for one in page.findings}


@pytest.mark.parametrize(
    "part", ["a:b,", ",", ":", "%", "--a:b,", "/", "year:2015,", "fromYear:2015,", "limit:9,"]
)
@pytest.mark.parametrize("mark", ["", "?"])
def test_a_very_long_query_is_understood_or_refused_in_few_words(part: str, mark: str) -> None:
    """A WARC of others can have any URL."""
    context = f"getX/,A,/{mark}{part.replace(',', '&' if mark else ',') * 20_000}"
    try:
        told = parse_page(rows(GOOD).encode(), context).coverage.layout
    except PageRefusedError as refusal:
        told = str(refusal)
    assert len(told) < 1_000
