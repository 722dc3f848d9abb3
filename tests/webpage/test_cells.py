"""Cells show a value completely, as text, and never as markup or script."""

import json
import re
from datetime import datetime
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.answers import QueryResult
from webpage import cells, links
from webpage.charts import history_data
from webpage.scripts import html_json
from webpage.tables import Column, html_rows, tables


class _Tags(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(min_size=1, max_size=100))
def test_any_text_is_shown_as_text(text: str) -> None:
    """It adds no tag and no attribute, and none of it is invisible."""
    read = _Tags(cells.text_cell(text, None))
    assert read.tags == [("td", {}), ("bdi", {})]
    assert read.text == cells.visible(text)
    assert cells.visible(read.text) == read.text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb", "a⟦U+202E⟧b"), ("\u2066x\u2069", "⟦U+2066⟧x⟦U+2069⟧"),
        ("\x00\x1b[31m", "⟦U+0000⟧⟦U+001B⟧[31m"), ("soft\u00adhyphen", "soft⟦U+00AD⟧hyphen"),
        ("\ufeff=1+1", "⟦U+FEFF⟧=1+1"), ("tab\tand\nline", "tab\tand\nline"),
        ("क\u094d\u200dष", "क\u094d\u200dष"), ("Résilience", "Résilience"),
    ],
)  # fmt: skip
def test_invisible_characters_are_named(text: str, seen: str) -> None:
    """Direction marks, controls and zero-width spaces are; joiners that scripts need are not."""
    assert cells.visible(text) == seen


@given(st.decimals(-(10**15), 10**15, places=2))
def test_an_amount_is_never_rounded(value: Decimal) -> None:
    shown = cells.amount(value)
    assert Decimal(shown.replace(",", "").replace("−", "-")) == value
    assert re.fullmatch(r"−?\d{1,3}(,\d{3})*(\.\d\d)?", shown)


@pytest.mark.parametrize("basis", ["interim", "year_end", "mixed"])
def test_a_number_has_its_basis_and_an_absent_one_is_not_zero(basis: str) -> None:
    assert cells.BASES[basis] in cells.money_cell(Decimal("0.00"), basis)
    assert ">0<" in cells.money_cell(Decimal("0.00"), basis)
    absent = cells.money_cell(None, basis)
    assert "not shown by the source" in absent
    assert "0" not in unescape(absent)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x",
        "file:///etc/passwd", "//host/x", "/document/download/1", "https:///x", "http://a b/",
        "https://host/\u202e", "vbscript:x", "http://[x", "title:Report", "",
    ],
)  # fmt: skip
def test_only_web_urls_become_links(url: str) -> None:
    assert "<a" not in cells.link(url)
    assert "<a" not in cells.source_cell(url, None)


def test_a_url_cannot_leave_its_attribute() -> None:
    url = "https://host/\"onmouseover='alert(1)'>"
    read = _Tags(cells.link(url))
    assert [tag for tag, _ in read.tags] == ["a", "bdi"]
    assert read.tags[0][1] == {"rel": "noreferrer noopener nofollow", "href": url}


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner, max_size=4)))
def test_json_contains_no_html_syntax(value: object) -> None:
    text = html_json(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


@given(st.lists(st.text(max_size=300), max_size=60), st.integers(100, 3000))
def test_rows_that_do_not_fit_continue_on_the_next_page(texts: list[str], limit: int) -> None:
    """No row is lost or repeated; a part exceeds its limit only if a single row does."""
    columns = (Column("a", "A", cells.text_cell),)
    answer = QueryResult(("a",), [(text,) for text in texts])
    parts = list(tables("t", "T", columns, answer, "", limit))
    assert "".join(part.body for part in parts) == "".join(html_rows(columns, answer))
    shown = [part.shown for part in parts]
    assert [part.skipped for part in parts] == [sum(shown[:at]) for at in range(len(parts))]
    assert sum(shown) == len(texts) == parts[0].total
    for part in parts:
        assert part.shown <= 1 or len(part.body.encode()) <= limit


def test_a_key_with_other_characters_names_no_file() -> None:
    for key in ("../x", "", "a/b", "a.b", "é"):
        with pytest.raises(ValueError, match="cannot be the name"):
            links.file_name(key)


def test_the_data_of_a_chart_with_many_steps_stays_small() -> None:
    """Hostile names in it are made visible."""
    names = ("fiscal_year", "organization", "expenditure_usd", "basis", "change", "change_usd",
             "known_from", "last_seen")  # fmt: skip
    at = datetime(2016, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
    rows = [
        (2000 + n // 300, "\u202e<b>" * 50, Decimal(n), "interim", "interim changed", None, at, at)
        for n in range(6000)
    ]
    made = html_json(history_data(QueryResult(names, rows)))
    assert len(made.encode()) < 110_000
    assert "\u202e" not in made
