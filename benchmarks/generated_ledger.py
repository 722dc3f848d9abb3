"""A generated ledger: a site that was captured night by night, and mostly stayed as it was.

Every night all programmes and funds are captured, in order: by a 304, or in full once in a while,
as `check_every` asks for it. One capture in 200 brings a new body. SQL writes captures and bodies
straight into a warehouse, and the real derivation makes the vintages, of the captures at which
something begins or ends: the others change nothing but when a page was seen last.
"""

from datetime import date, datetime

from benchmarks.drawn import drawn
from extractors.records import PARSER_VERSION
from warehouse.connection import Connection, registered, sql, transaction
from warehouse.derive import derive

PROGRAMMES = 20_000
_A_FUND = 100  # programmes
_AT_ONCE = 5_000  # programmes that are derived together
LAST_NIGHT = datetime(2024, 4, 18, 2)  # noqa: DTZ001 because every time here is naive UTC

_PAGES = """
CREATE TEMP TABLE page AS
SELECT
    n AS number, 'programme' AS subject, 'programme_factsheet' AS page_kind,
    format('{:08d}', n) AS programme_id, format('F{:04d}', n // $a_fund) AS fund_code,
    'https://gateway.example/factsheet/project/' || format('{:08d}', n) AS url
FROM range(1, $programmes + 1) AS r (n)
UNION ALL
SELECT
    $programmes + 1 + n, 'fund', 'fund_factsheet', NULL, format('F{:04d}', n),
    'https://gateway.example/factsheet/fund/' || format('F{:04d}', n)
FROM range(0, $programmes // $a_fund + 1) AS r (n);
"""
# A page's version counts how often its content has changed.
_NIGHTS = """
CREATE TEMP TABLE seen AS
SELECT
    p.*,
    night,
    $last - INTERVAL 1 DAY * ($nights - 1 - night) AS began_at,
    began_at + INTERVAL 1 SECOND * (number // 2) AS captured_at,
    night = 0 OR hash(number, night, 'changed') % 200 = 0 AS changed,
    changed OR hash(number, night, 'checked') % 20 = 0 AS in_full,
    count(*) FILTER (changed) OVER (PARTITION BY number ORDER BY night) AS version
FROM page AS p, range(0, $nights) AS r (night);
"""
_CAPTURES = """
CREATE TEMP TABLE drawn_capture AS
SELECT
    md5(concat_ws(' ', url, night)) AS capture_id,
    sha256(concat_ws(' ', url, version)) AS parse_key,
    parse_key AS body_sha256,
    NOT changed AS unchanged,
    page_kind, url, subject, programme_id, fund_code, NULL AS statement_month,
    'html' AS representation,
    'gateway' AS source,
    captured_at,
    'http_date' AS captured_at_source,
    captured_at AS fetched_at,
    if(in_full, 200, 304) AS http_status,
    20_000 AS body_bytes,
    '"' || left(parse_key, 16) || '"' AS etag,
    strftime(began_at, '%Y%m%dT%H%M%SZ-') || left(md5(night::VARCHAR), 8) AS run_id,
    run_id || '.warc.gz' AS warc_file,
    1_000 * number AS warc_offset,
    'loaded' AS state,
    night, version
FROM seen
ORDER BY night, number;
"""
_RUNS = """
INSERT INTO meta.run BY NAME
SELECT
    run_id, 'sync' AS command, min(captured_at) AS started_at, max(captured_at) AS ended_at,
    'done' AS outcome, count(*) AS captures, count(*) FILTER (NOT unchanged) AS loaded,
    count(*) FILTER (unchanged) AS unchanged, 0 AS quarantined, 0 AS failed, 0 AS rows_quarantined
FROM drawn_capture
GROUP BY run_id;
INSERT INTO raw.archive_file SELECT DISTINCT warc_file, 1_000_000_000 FROM drawn_capture;
"""
_BODIES = """
CREATE TEMP TABLE drawn_body AS
SELECT DISTINCT ON (parse_key) parse_key, subject, page_kind, programme_id, fund_code, version
FROM drawn_capture
WHERE NOT unchanged;
"""
# Pages of programmes are as `drawn` has them, with other identifiers and expenditure.
_OF_PROGRAMMES = {
    "observed.body": (
        "b.programme_id AS programme_id, b.parse_key AS figures_digest,"
        " b.parse_key AS content_digest"
    ),
    "observed.programme": "b.fund_code AS fund_code, 'Programme ' || b.programme_id AS title",
    "observed.figure": "t.expenditure_usd + 100 * b.version AS expenditure_usd",
    "observed.figure_table": "true AS by_year",
    "observed.voucher": "b.programme_id || right(t.voucher_number, 5) AS voucher_number",
}
_OF_FUNDS = """
INSERT INTO observed.body BY NAME
SELECT
    parse_key, $parser AS parser_version, page_kind, 'html' AS representation, subject, fund_code,
    parse_key AS content_digest, parse_key AS contributions_digest, 'two' AS layout, 10 AS known,
    0 AS unknown, 1 AS tables_read, 0 AS tables_unread
FROM drawn_body WHERE subject = 'fund';
INSERT INTO observed.fund BY NAME
SELECT parse_key, 'Fund ' || fund_code AS name FROM drawn_body WHERE subject = 'fund';
INSERT INTO observed.listing BY NAME
SELECT
    b.parse_key, 'programmes' AS listed, p.number % $a_fund AS seq, p.programme_id, p.fund_code,
    'Programme ' || p.programme_id AS name, '' AS details,
    p.url
FROM drawn_body AS b JOIN page AS p USING (fund_code)
WHERE b.subject = 'fund' AND p.subject = 'programme';
INSERT INTO observed.contribution BY NAME
SELECT
    parse_key, '(page)' AS fund_code, 'Donor ' || n AS contributor,
    contributor AS contributor_printed, 2020 AS from_year, 2020 AS to_year,
    1_000 * n + version AS commitments_usd, 1_000 * n + version AS deposits_usd
FROM drawn_body, range(10) AS r (n) WHERE subject = 'fund';
"""
# The first and last capture of each version in each period, of either status.
_NEEDED = """
CREATE TEMP TABLE needed AS
SELECT *
FROM drawn_capture
WINDOW of_version AS (
    PARTITION BY url, version, http_status, core.period_of(captured_at)
)
QUALIFY night = min(night) OVER of_version OR night = max(night) OVER of_version;
"""


def generate(con: Connection, programmes: int, nights: int) -> int:
    """Fill an empty warehouse; return the number of captures."""
    con.execute("SET preserve_insertion_order = true")
    named = {"programmes": programmes, "a_fund": _A_FUND, "nights": nights, "last": LAST_NIGHT,
             "parser": PARSER_VERSION}  # fmt: skip
    for statements in (_PAGES, _NIGHTS, _CAPTURES, _RUNS, _BODIES):
        _run(con, statements, named)
    con.execute("DROP TABLE seen")
    _insert_pages(con)
    _run(con, _OF_FUNDS, named)
    _run(con, _NEEDED, named)
    con.execute("INSERT INTO raw.capture BY NAME SELECT * EXCLUDE (night, version) FROM needed")
    for first in range(1, programmes + programmes // _A_FUND + 2, _AT_ONCE):
        _derive(con, first, first + _AT_ONCE)
    con.execute("DELETE FROM raw.capture")
    con.execute("CHECKPOINT")
    con.execute(
        "INSERT INTO raw.capture BY NAME SELECT * EXCLUDE (night, version) FROM drawn_capture"
    )
    con.execute(sql("whole/page_body"))
    ((rows,),) = con.execute("SELECT count(*) FROM raw.capture").fetchall()
    return int(rows)


def _run(con: Connection, statements: str, named: dict[str, object]) -> None:
    for statement in con.extract_statements(statements):
        con.execute(statement, {name: named[name] for name in statement.named_parameters})


def _insert_pages(con: Connection) -> None:
    """Insert the observations of programmes, each like those of one drawn page."""
    for table, frame in drawn(range(1), range(1)).items():
        with registered(con, template=frame):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT t.* REPLACE (b.parse_key AS parse_key,"  # noqa: S608 because the names are the models' own
                f" {_OF_PROGRAMMES[table]})"
                " FROM drawn_body AS b, template AS t WHERE b.subject = 'programme'"
            )


def _derive(con: Connection, first: int, stop: int) -> None:
    """Derive what the ledger says of some pages."""
    with transaction(con):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE changed_subject AS"
            " SELECT coalesce(programme_id, fund_code) AS about FROM page"
            " WHERE number >= ? AND number < ?",
            [first, stop],
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE changed_source AS SELECT 'contribution' AS kind,"
            " about AS code FROM changed_subject WHERE length(about) = 5"
        )
        derive(con)


def html(programme_id: str, seen: date, change: int) -> bytes:
    """Return a programme's page, as none of the generated ones is: its figures are others."""
    rows = "".join(
        f"<tr><td>{organization}</td><td>{year}</td><td>{year * 1_000}</td><td>{year * 900}</td>"
        f"<td>{change + year + seen.toordinal()}</td></tr>"
        for organization in ("UNDP", "FAO")
        for year in range(2012, 2017)
    )
    fund = f"F{int(programme_id) // _A_FUND:04}"
    return f"""<html><head><meta charset="utf-8"><title>Project Factsheet</title></head><body>
<h1>Project Factsheet</h1><p>Tools for » Programme {programme_id}</p>
<table>
<tr><td>Project ID:</td><td>{programme_id}</td><td>Description:</td><td>Wells</td></tr>
<tr><td>Fund:</td><td><a href="/factsheet/fund/{fund}">Fund {fund}</a></td>
<td>Start Date *:</td><td>1 Jan 2012</td></tr>
<tr><td>Theme:</td><td>Water</td><td>End Date*:</td><td>31 Dec 2017</td></tr>
<tr><td>Country:</td><td>Benin</td><td>Project Status:</td><td>On Going</td></tr>
</table>
<h2>Key Figures</h2><p>All amounts in US$</p>
<table>
<tr><th>Organization</th><th>Year</th><th>Approved Budget</th><th>Net Funded Amount</th>
<th>Expenditure</th></tr>{rows}
</table></body></html>""".encode()
