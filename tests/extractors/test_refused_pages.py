"""Whole pages that are refused: each with its rule, its kind and the offending text."""

from time import process_time

import pytest

from extractors.parse.pages import read_page
from extractors.records import PageKind, PageRefusedError
from tests.extractors.written_pages import read


@pytest.mark.parametrize(
    ("name", "rule", "kind", "text"),
    [
        (
            "maintenance_200.html",
            "maintenance_page",
            PageKind.MAINTENANCE,
            "The Gateway is down for maintenance / Please try again on Monday.",
        ),
        ("login_200.html", "login_page", PageKind.LOGIN, "Gateway / User name / Password"),
        (
            "foreign_site.html",
            "not_a_gateway_page",
            PageKind.OTHER,
            "Bread with three flours / Mix, knead, wait, bake.",
        ),
        (
            "factsheet_without_id.html",
            "programme_id_missing",
            PageKind.PROGRAMME_FACTSHEET,
            "Project Factsheet / Tools for » Wells of Example",
        ),
        (
            "factsheet_with_empty_id.html",
            "programme_id_missing",
            PageKind.PROGRAMME_FACTSHEET,
            "Project ID: | Description: | SMP-01 Wells",
        ),
        (
            "factsheet_with_id_of_five_digits.html",
            "programme_id_malformed",
            PageKind.PROGRAMME_FACTSHEET,
            "67193",
        ),
    ],
)
def test_a_page_is_refused_by_the_rule_that_it_breaks(
    name: str, rule: str, kind: PageKind, text: str
) -> None:
    with pytest.raises(PageRefusedError) as refused:
        read(name)
    assert (refused.value.rule, refused.value.kind, refused.value.text) == (rule, kind, text)
    assert refused.value.message == str(refused.value)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "empty_body"),
        (b" \r\n\t ", "empty_body"),
        (b"<html><body><!-- nothing --></body></html>", "empty_body"),
        (b"%PDF-1.4 report", "not_text"),
        (b"\x89PNG\r\n\x1a\n", "not_text"),
        ("Project ID:١٢٣٤٥٦٧٨ Description:SMP-01".encode(), "programme_id_malformed"),
        (b"Project ID:000671930 Description:SMP-01", "programme_id_malformed"),
    ],
    ids=["nothing", "blanks", "comment", "pdf", "png", "arabic_digits", "nine_digits"],
)
def test_bytes_that_are_no_factsheet_are_refused(body: bytes, rule: str) -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(body)
    assert refused.value.rule == rule


def test_elements_nested_by_the_thousand_are_refused_before_they_are_parsed() -> None:
    page = b"<table><tr><td>Project ID:</td><td>00067193</td></tr></table>" + b"<div>" * 200_000
    with pytest.raises(PageRefusedError) as refused:
        read_page(page)
    assert refused.value.rule == "nested_too_deep"


@pytest.mark.parametrize(
    "nested",
    [
        "<div></x>" * 200_000,
        "<table><tr><td>" * 70_000,
        "<ul><li>" * 100_000,
        "<a><div></a>" * 70_000,
    ],
    ids=["stray_ends", "tables", "lists", "links"],
)
def test_no_other_manner_of_nesting_gets_by(nested: str) -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(f"<p>Project ID: 00067193</p>{nested}".encode())
    assert refused.value.rule == "nested_too_deep"


@pytest.mark.parametrize(
    "body",
    [
        b"<p>Project ID: 00067193</p><table><tr><td>" + b"9" * 30_000_000,
        b"<p>Project ID: 00067193</p><table><tr>" + b"<td>" * 1_000_000,
    ],
    ids=["cell", "columns"],
)
def test_a_page_larger_than_any_real_one_is_refused(body: bytes) -> None:
    with pytest.raises(PageRefusedError) as refused:
        read_page(body)
    assert refused.value.rule == "page_too_large"


def test_a_long_flat_page_is_not_refused_for_its_length() -> None:
    page = b"<p>Project ID: 00067193</p>" + b"<p>Wells<br>" * 15_000 + b"<ul>" + b"<li>Well" * 9_000
    assert read_page(page).programme_id == "00067193"


@pytest.mark.parametrize("opened", ["<script>", "<!--", "<svg>", "<xmp><!--", "<style><script>"])
def test_what_opens_by_the_thousand_and_never_closes_takes_no_longer_for_that(opened: str) -> None:
    """Text that is written out unescaped may hold any number of beginnings: a minute of search."""
    often = f"{opened:<40}" * (18_000 // opened.count("<"))
    page = f"<p>Project ID: 00067193</p><plaintext>{often}"
    assert read_page(page.encode()).programme_id == "00067193"


_MANY_BOLD = "".join(f"<b class={number}>" for number in range(1_000))


@pytest.mark.parametrize(
    "opened",
    [
        _MANY_BOLD,
        _MANY_BOLD.replace("<b", "<p><FONT"),
        "".join(f"<b class='{number}></b>'>" for number in range(1_000)),
        "".join(f"<b class={number}><!--</b>-->" for number in range(1_000)),
        f"<!-->{_MANY_BOLD}",
    ],
    ids=["bold", "one to a paragraph", "ends in attributes", "ends in comments", "empty comment"],
)
def test_formatting_that_is_left_open_over_many_blocks_is_refused(opened: str) -> None:
    """A parser opens it again in each of them: 20 KB would take seconds and gigabytes."""
    with pytest.raises(PageRefusedError) as refused:
        read_page(f"<p>Project ID: 00067193</p><p>{opened}{'<p>x' * 1_000}".encode())
    assert refused.value.rule == "page_too_large"


@pytest.mark.parametrize(
    "formatted",
    ["<p><b>x</b>", "<p><a href='/x?a=1&b=2'><i>x</i></a>", "<p><b title='a > b'>x</b>"],
    ids=["bold", "bold in a link", "attributes"],
)
def test_formatting_that_is_closed_again_is_not_counted(formatted: str) -> None:
    page = f"<p>Project ID: 00067193</p>{formatted * 2_000}"
    assert read_page(page.encode()).programme_id == "00067193"


@pytest.mark.parametrize(
    "body", [b"<p>" + b"href=" * 15_000, b"<meta " * 150_000 + b"\xff"], ids=["links", "charsets"]
)
def test_what_begins_a_link_or_a_charset_by_the_thousand_is_searched_once(body: bytes) -> None:
    """A step for each pair of them would take seconds."""
    begun = process_time()
    with pytest.raises(PageRefusedError):
        read_page(body)
    assert process_time() - begun < 1
