"""Pages of contributors and funds: whole, small, and plain about what is not known."""

from pathlib import Path

import pytest

from tests.warehouse.histories import Seen, annual, at, load_seen, page, row
from warehouse.answers import answer, opened
from warehouse.connection import open_writer
from warehouse.schema import prepare
from webpage.contributors import write_contributors
from webpage.funds import write_funds
from webpage.links import contributor_file_name
from webpage.pages import PageFolder

NOTHING = "Nothing is known of"


# One fund to which everybody gave, and one contributor that gave to every fund.
_CONTRIBUTIONS = """
INSERT INTO core.contribution_snapshot BY NAME
SELECT lpad(fund::VARCHAR, 5, 'F') AS fund_code, 2005 + year AS fiscal_year,
    'Ministère n° ' || c || repeat(' of long names', 12) AS contributor,
    contributor AS contributor_printed, 12345678.90 AS commitments_usd, NULL AS deposits_usd,
    TIMESTAMP '2016-06-15' AS known_from, TIMESTAMP '2016-06-15' AS last_seen,
    (SELECT min(capture_id) FROM raw.capture) AS capture_id
FROM range(300) AS a(c), range(200) AS b(fund), range(10) AS d(year)
WHERE fund = 0 OR c = 0
"""
# Ruritania's deposits to all funds are larger than those to the one fund that is known.
_LISTED = """
INSERT INTO core.contribution_cumulative_snapshot BY NAME
SELECT v.*, contributor AS contributor_printed, 0 AS from_year, 0 AS to_year,
    captured_at AS known_from, captured_at AS last_seen, capture_id
FROM (VALUES ('(all)', 'Ruritania', 5000), ('RUR00', 'Ruritania', 1000), ('(all)', 'Borduria', 7),
    ('RUR00', 'Borduria', 7)) AS v(fund_code, contributor, deposits_usd),
    (FROM raw.capture LIMIT 1)
"""


def _written(tmp_path: Path, *statements: str) -> dict[str, int]:
    """Return the size of each file of a release with one programme and what statements add."""
    release = tmp_path / "mptf.duckdb"
    con = open_writer(release)
    prepare(con)
    said = page(annual(row("FAO", 2015, expenditure="1")), fund_code="MDG00")
    load_seen(con, [Seen(at("2016-06-15"), said, "https://gateway.example/00067193")])
    for statement in statements:
        con.execute(statement)
    con.close()
    with opened(release) as reader:
        written = [
            *write_contributors(reader, PageFolder(tmp_path), answer(reader, "contributors")),
            *write_funds(
                reader,
                PageFolder(tmp_path),
                answer(reader, "funds"),
                answer(reader, "known_sums").by_key(),
            ),
        ]
    return {file.name: file.size for file in written}


def test_where_no_contribution_is_known_the_pages_say_so(tmp_path: Path) -> None:
    """In one line, and without an empty table."""
    written = _written(tmp_path)
    assert sorted(written) == [
        "contributors.html", "fund/MDG00.html", "fund/MDG00.json", "fund/MDG00.known.js",
    ]  # fmt: skip
    for name in ("contributors.html", "fund/MDG00.html"):
        text = (tmp_path / name).read_text()
        assert text.count(NOTHING) == 1, name
        assert "table-contributors" not in text


def test_a_contributors_total_names_what_the_funds_that_are_known_do_not_add_up_to(
    tmp_path: Path,
) -> None:
    """A list of contributors has their deposits to all funds, and few funds' pages were seen."""
    _written(tmp_path, _LISTED)
    text = (tmp_path / "contributors.html").read_text()
    assert "<bdi>US$ 4,000 of deposits that only the list of contributors shows</bdi>" in text
    assert text.count("<bdi>US$") == 1
    (page,) = tmp_path.glob("contributor/ruritania-*.html")
    assert "Left out of these sums: <bdi>US$ 4,000" in page.read_text()
    (page,) = tmp_path.glob("contributor/borduria-*.html")
    assert "Left out" not in page.read_text()


def test_hundreds_of_contributors_and_funds_have_a_page_each_below_a_megabyte(
    tmp_path: Path,
) -> None:
    """Tables that do not fit say how much is left out."""
    written = _written(tmp_path, _CONTRIBUTIONS)
    pages = [name.partition("/")[0] for name in written if name.endswith(".html")]
    assert pages.count("contributor") == 300
    assert pages.count("fund") == 200 + 1
    assert max(written.values()) < 1_000_000
    assert "of 3,000 rows" in (tmp_path / "fund" / "FFFF0.html").read_text()
    hub = next(tmp_path.glob("contributor/ministere-n-0-of*.html"))
    assert hub.read_text().count('href="../fund/') == 200


@pytest.mark.parametrize("name", ["(all)", "\u202e", "../../x", "CON", "Ж" * 500])
def test_any_name_of_a_contributor_is_the_name_of_a_file(name: str) -> None:
    """Plain letters, and short; two names are two files."""
    file = contributor_file_name(name)
    assert file.replace("-", "").isalnum()
    assert file.isascii()
    assert len(file) < 60
    assert file != contributor_file_name(f"{name} ")
