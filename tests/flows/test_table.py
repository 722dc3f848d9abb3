"""Tables of text lose nothing, whatever their cells hold and however narrow the terminal is."""

import io

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from flows.table import wrapped, write_table
from flows.terminal import text_width


@given(st.text(max_size=80), st.integers(2, 40))
def test_wrapped_text_fits_and_only_blanks_at_ends_of_lines_are_left_out(
    text: str, width: int
) -> None:
    lines = wrapped(text, width)
    assert max(map(text_width, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.integers(20, 60))
def test_every_line_of_a_table_is_as_wide_as_the_others_and_fits(
    texts: list[str], width: int
) -> None:
    cells = ", ".join("'" + text.replace("'", "''").replace("\0", "") + "'" for text in texts)
    out = io.StringIO()
    with duckdb.connect() as con:
        assert write_table(con, f"SELECT {cells}, -12.5 AS number", out, width) == 1
    lines = out.getvalue().splitlines()
    assert max(map(text_width, lines)) <= width
    blocks = [block.splitlines() for block in f"\n{out.getvalue()}".split("\n┌")[1:]]
    for first, *others in blocks:
        assert {text_width(line) for line in others} == {text_width(first) + 1}


def test_numbers_are_on_the_right_null_is_named_and_a_plan_is_drawn() -> None:
    out = io.StringIO()
    with duckdb.connect() as con:
        write_table(con, "SELECT * FROM (VALUES (1, 'a'), (-20.5, NULL)) AS of(n, t)", out, 80)
        assert "│           1.0 │ a       │\n│         -20.5 │ NULL    │" in out.getvalue()
        write_table(con, "EXPLAIN SELECT 1", out, 80)
        ((_, drawing),) = con.execute("EXPLAIN SELECT 1").fetchall()
        assert out.getvalue().endswith(f"{drawing}\n")
        assert "projection" in drawing.lower()
        assert "explain_value" not in out.getvalue()
        assert write_table(con, "SELECT 1 AS n WHERE false", out, 80) == 0
        assert out.getvalue().endswith("0 rows\n")
        assert write_table(con, "FROM range(25000)", out, 80) == 25_000
    numbers = [line.strip("│ ") for line in out.getvalue().splitlines()]
    assert set(map(str, range(25_000))) <= set(numbers)


def test_a_character_that_is_wider_than_its_line_is_not_left_out() -> None:
    assert wrapped("漢字 a", 1) == ["漢", "字", "a"]
