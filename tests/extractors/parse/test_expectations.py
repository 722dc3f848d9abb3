"""Each small page gives what its file of expectations says, under one version of the parser."""

import json

import pytest

from extractors.records import PARSER_VERSION, Page
from tests.extractors.parse import expectations
from tests.extractors.parse.expectations import (
    PAGES,
    SUFFIX,
    expectation_file,
    parse_files,
    small_pages,
)

_WRITE = "write the expectations again: .venv/bin/python -m tests.extractors.parse.expectations"
PAGE_NAMES = [page.name for page in small_pages()]
PARSED = {
    name: parsed.page
    for name, parsed in zip(PAGE_NAMES, parse_files(small_pages()), strict=True)
    if isinstance(parsed.page, Page)
}


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    """What is read from each small page now."""
    parsed = parse_files(small_pages())
    return dict(zip(PAGE_NAMES, expectations.expectations_of(parsed), strict=True))


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_page_gives_what_is_expected_of_it(name: str, now: dict[str, str]) -> None:
    expected = expectation_file(PAGES / name)
    assert expected.is_file(), _WRITE
    assert now[name] == expected.read_text(encoding="utf-8"), _WRITE


def test_every_expectation_belongs_to_a_page() -> None:
    expected = sorted(path.name.removesuffix(SUFFIX) for path in PAGES.glob(f"*{SUFFIX}"))
    assert expected == PAGE_NAMES


def test_one_parser_version_gives_one_set_of_records() -> None:
    """Stored records are parsed again only when the version changes."""
    kept = json.loads(expectations.PARSER_VERSION_FILE.read_text(encoding="utf-8"))
    now = expectations.version_record()
    assert kept["parser_version"] == PARSER_VERSION, f"the version changed: {_WRITE}"
    before = {group["group"]: group for group in kept["stand_in"]}
    changed = [
        group["group"]
        for group in now["stand_in"]
        if group["pages"] == before.get(group["group"], {}).get("pages")
        and group["results"] != before[group["group"]]["results"]
    ]
    changed += ["small pages"] if now["small_pages"] != kept["small_pages"] else []
    assert not changed, (
        f"other records than before from {changed}: unless the pages themselves changed, raise "
        f"PARSER_VERSION in extractors/records.py; then {_WRITE}"
    )
    assert now == kept, f"the stand-in's pages changed: {_WRITE}"


def test_a_page_gives_the_same_records_twice(now: dict[str, str]) -> None:
    for page in small_pages()[::10]:
        assert expectations.expectations_of(parse_files([page])) == [now[page.name]]


def test_every_html_page_opens_with_a_comment_that_says_what_it_shows() -> None:
    pages = [page for page in small_pages() if page.suffix in {".html", ".xls"}]
    assert len(pages) > 20
    assert [p.name for p in pages if not p.read_bytes().startswith(b"<!-- ")] == []


def test_every_other_page_is_listed_in_the_readme_with_what_it_shows() -> None:
    """A comment would be part of a text capture."""
    listed = (PAGES / "README.md").read_text(encoding="utf-8")
    others = [name for name in PAGE_NAMES if not name.endswith((".html", ".xls"))]
    assert len(others) >= 5
    assert [name for name in others if f"`{name}`" not in listed] == []


def test_the_parser_knows_some_label_or_heading_of_every_page_that_it_does_not_refuse() -> None:
    assert len(PARSED) > 50
    assert [name for name, page in PARSED.items() if page.coverage.known == 0] == []


def test_personal_data_stands_among_contacts_only() -> None:
    """Every person on the small pages has a telephone or e-mail that no other text has."""
    with_contacts = {name: page for name, page in PARSED.items() if page.contacts}
    assert len(with_contacts) >= 3
    for name, page in with_contacts.items():
        values = {value for contact in page.contacts for value in contact if value}
        elsewhere = str([
            page.programme, page.passages, page.documents, page.figures, page.vouchers,
            page.findings, page.rows,
        ])  # fmt: skip
        private = values | {"+000 000", "@example.org", "Leak", "leak"}
        assert [value for value in private if value in elsewhere] == [], name


def test_the_layout_s_name_has_no_year_and_unknown_headings_are_counted() -> None:
    coverage = PARSED["unknown_heading.html"].coverage
    assert coverage.layout.startswith("programme_factsheet in html: ")
    assert "20" not in coverage.layout
    assert (coverage.unknown, coverage.tables_unread) == (3, 1)
    assert coverage.known > 9  # the labels of the identity block, and more
