"""Comparing pages takes memory by the pages, however many of them show the same fields."""

import duckdb

from warehouse.connection import sql, sql_names
from warehouse.schema import prepare

# Two pages of each of 6,000 subjects contradict each other, in their titles alone.
_PAGES = """
INSERT INTO page_segment BY NAME
SELECT
    format('{:08d}', subject) AS about, 'programme' AS subject, 'u' || page AS url,
    format('{:08d}-{}', subject, page) AS parse_key,
    TIMESTAMP '2024-01-01' AS first_at, TIMESTAMP '2024-01-02' AS last_at, true AS newest
FROM range(6_000) AS s (subject), range(2) AS p (page);

INSERT INTO shown_body BY NAME
SELECT parse_key, 'Operationally Closed' AS status, about AS figures_digest,
    about AS narrative_digest, about AS documents_digest
FROM page_segment;

INSERT INTO shown_programme BY NAME
SELECT parse_key, parse_key AS title, about AS description, DATE '2020-01-01' AS start_date,
    DATE '2024-12-31' AS end_date
FROM page_segment;
"""


def test_pages_are_compared_with_those_of_their_own_subject_alone() -> None:
    """The fields of 12,000 pages are compared within 100 MB, so not each with all others."""
    with duckdb.connect() as con:
        con.execute("SET lambda_syntax = 'DISABLE_SINGLE_ARROW'")  # as in DuckDB 2
        prepare(con)
        con.execute(
            "CREATE TEMP TABLE changed_subject (about VARCHAR);"
            "CREATE TEMP TABLE known_page AS"
            " SELECT * EXCLUDE (is_cut, segment_from) RENAME (http_status AS status)"
            " FROM vintage.sighting"
        )
        steps = sql_names("compare")
        last = next(name for name in steps if name.endswith("contradiction"))
        for step in steps[: steps.index(last)]:
            con.execute(sql(step))
        con.execute(_PAGES)
        con.execute("SET memory_limit = '100MB'; SET threads = 1; SET temp_directory = ''")
        con.execute(sql(last))
        found = con.execute("SELECT count(*), count(DISTINCT about) FROM contradiction").fetchall()
    assert found == [(6_000, 6_000)]
