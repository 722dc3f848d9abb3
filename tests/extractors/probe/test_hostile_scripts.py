"""No script, however made, stops the search or costs it much."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.probe.javascript import LONGEST_SCRIPT
from extractors.probe.scripts import MOST_CALLS, find_calls, find_calls_in

URL = "https://gateway.example/a.js"
CALL = "fetch('/x_api/getA/P');"
WORDS = [
    "a", "b", "f", "this", "'/x_api/getA/'", "'P'", "1", "+", "+=", "=", "(", ")", "{", "}", "[",
    "]", ",", ";", ".", "?", ":", "=>", "`", "${", "...", "/", "'", "\\", "\0", "\n", "\ufffd",
    "function ", "class ", "if ", "else ", "for ", "return ", "var ", "const ", "new ", "switch ",
    "case ", "async ", "import ", "fetch", "headers", "join", "concat", "map", "push", "||", "in ",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
def test_any_words_of_the_language_end(script: str) -> None:
    assert isinstance(find_calls("var api = '/x_api/getA'; " + script, URL), list)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_ends(script: str, url: str) -> None:
    calls = find_calls_in({url: script, URL: CALL}, [script])
    assert "getA" in {call.method for call in calls}


@pytest.mark.parametrize(
    "script",
    [
        "a = b; b = a; fetch(a + '/x_api/getA/P')",
        "var a = [a, '/x_api/']; fetch(a + '')",
        "var a = []; a.push(a, '/x_api/getA'); fetch(a.join('/'))",
        "var o = {...o, b: '/x_api/getA'}; fetch(o.c + o.b)",
        "function f(x) { return f(x) + '/x_api/getA' } fetch(f(f))",
        "function f(x) { fetch(x + '/x_api/getA'); f(x + x) } f('/')",
        "function f(x) { return g(x) + g(x) } function g(x) { return f(x) + f(x) }"
        "fetch(f('/x_api/getA/P'))",
        "class A extends B {} class B extends A {} fetch(new A().x + '/x_api/getA')",
        "class A extends A { go() { fetch(this.x + '/x_api/getA') } }",
        "const {a} = a, [b] = b; fetch(a + b + '/x_api/getA')",
    ],
)
def test_what_refers_to_itself_ends(script: str) -> None:
    assert len(find_calls(script, URL)) <= 10


def test_a_text_that_doubles_forty_times_is_cut_and_said_to_be() -> None:
    script = "var a = '/x_api/getA/';" + "a = a + a;" * 40 + "fetch(a);"
    calls = find_calls(script, URL)
    assert calls.truncated
    assert all(len(call.template) <= 5_000 for call in calls)


def test_choices_that_multiply_are_cut_and_said_to_be() -> None:
    script = "fetch('/x_api/getA/'" + "".join(f"+ (c{n} ? 'P{n}' : 'Q{n}')" for n in range(30))
    calls = find_calls(script + ")", URL)
    assert calls.truncated
    assert 0 < len(calls) <= 100


def test_more_calls_than_the_limit_are_cut_and_said_to_be() -> None:
    script = "".join(f"fetch('/x_api/get{number}/P');" for number in range(MOST_CALLS))
    calls = find_calls(script, URL)
    assert (len(calls), calls.truncated) == (MOST_CALLS, False)
    calls = find_calls(script + CALL, URL)
    assert (len(calls), calls.truncated) == (MOST_CALLS, True)


@pytest.mark.parametrize("nested", ["{a:", "[", "(", "`${", "f(", "x=>{", "if(a){"])
def test_brackets_that_would_crash_the_parser_are_refused(nested: str) -> None:
    calls = find_calls_in({"deep.js": nested * 200_000, URL: CALL})
    assert [call.method for call in calls] == ["getA"]
    assert calls.truncated


@pytest.mark.parametrize("nested", ["{a:", "[", "(", "`${", "f(", "x=>{", "if(a){", "a?", "!"])
def test_what_nests_within_the_limit_is_parsed(nested: str) -> None:
    calls = find_calls(CALL + nested * 1_900, URL)
    assert "getA" in {call.method for call in calls}


def test_a_sum_of_thousands_of_operands_is_cut_and_said_to_be() -> None:
    calls = find_calls("fetch('/x_api/getA/' + " + "b+" * 5_000 + "c)", URL)
    assert calls.truncated


def test_a_template_of_thousands_of_holes_is_cut_and_said_to_be() -> None:
    calls = find_calls("fetch(`/x_api/getA/" + "${b}" * 5_000 + "`)", URL)
    assert calls.truncated


def test_what_stands_behind_the_longest_script_is_left_out_and_said_to_be() -> None:
    calls = find_calls(CALL + " " * LONGEST_SCRIPT + CALL, URL)
    assert (len(calls), calls.truncated) == (1, True)


def test_nul_bytes_and_damaged_characters_do_no_harm() -> None:
    calls = find_calls("\0\ufffd\ud800;" + CALL + "\0", URL)
    assert [call.method for call in calls] == ["getA"]
