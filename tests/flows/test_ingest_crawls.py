"""`mptf ingest` of other people's crawls: revisits, bodies that are cut short, and no pages."""

import gzip
import hashlib
from itertools import permutations
from pathlib import Path

from tests.command import Mptf
from tests.extractors.archive.warcs import answer, crawl, record, sha1
from tests.flows.pages import factsheet
from tests.flows.tables import ask, dump

URL = "https://mptf.undp.org/factsheet/project/00090001"
JANUARY, MARCH, JULY = "2015-01-10T08:00:00Z", "2015-03-10T08:00:00Z", "2015-07-10T08:00:00Z"
SERVER = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
SEEN = """
    SELECT expenditure_usd::INT, known_from::DATE::VARCHAR, last_seen::DATE::VARCHAR
    FROM core.expenditure_snapshot WHERE organization = 'FAO' ORDER BY known_from
"""


def page(amount: int, programme_id: str = "00090001") -> bytes:
    """Return a factsheet with one figure, then another that a page cut in half does not show."""
    figures = {("FAO", 2013): str(amount), ("UNDP", 2013): "7,777"}
    return f"{factsheet(programme_id, figures=figures)}\nContacts\n".encode()


PAGE, CHANGED = page(100), page(200)


def first(body: bytes = PAGE, date: str = JANUARY, **headers: str) -> bytes:
    return record("response", answer(body, **headers), url=URL, date=date)


def test_revisits_of_every_form_find_their_pages_in_the_archive(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """The pages came with an earlier command, compressed, and are archived decoded."""
    bodies = [page(number, f"0009000{number}") for number in range(7)]
    zipped = [gzip.compress(body) for body in bodies]
    urls = [f"{URL[:-1]}{number}" for number in range(7)]
    forms = [
        {"WARC_Refers_To": "<urn:x:0>"},
        {"WARC_Payload_Digest": sha1(bodies[1])},
        {"WARC_Payload_Digest": f"md5:{hashlib.md5(bodies[2]).hexdigest()}"},  # noqa: S324
        {"WARC_Payload_Digest": sha1(zipped[3])},
        {"WARC_Refers_To_Target_URI": urls[4], "WARC_Refers_To_Date": JANUARY},
        {"WARC_Profile": SERVER},
        {"WARC_Profile": SERVER, "WARC_Refers_To_Target_URI": urls[6]},
    ]
    pages = [
        record("response", answer(body, Content_Encoding="gzip"), url=url, date=JANUARY,
               WARC_Record_ID=f"<urn:x:{number}>")
        for number, (url, body) in enumerate(zip(urls, zipped, strict=True))
    ]  # fmt: skip
    revisits = [
        record("revisit", url=url, date=JULY, **form)
        for url, form in zip(urls, forms, strict=True)
    ]  # fmt: skip
    assert mptf("ingest", crawl(tmp_path / "a.warc.gz", *pages)).exit_code == 0
    assert mptf("ingest", crawl(tmp_path / "b.warc.gz", *revisits)).exit_code == 0
    seen = ask(
        home / "warehouse.duckdb",
        "SELECT url, count(*), count(DISTINCT body_sha256) FROM raw.capture GROUP BY 1 ORDER BY 1",
    )
    assert seen == [(url, 2, 1) for url in urls]


def test_a_revisit_without_its_page_is_refused_until_the_page_comes(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """It waits in the archive, so that files may be taken in in any order."""
    again = record("revisit", url=URL, date=JULY, WARC_Payload_Digest=sha1(PAGE))
    a = crawl(tmp_path / "a.warc.gz", first())
    b = crawl(tmp_path / "b.warc.gz", again)
    for _ in range(2):
        refused = mptf("ingest", b)
        assert refused.exit_code == 3
        assert "ingest the file that holds the page" in refused.stderr
    assert mptf("verify").exit_code == 0
    assert mptf("rebuild").exit_code == 0
    result = mptf("ingest", a)
    assert result.exit_code == 0
    assert "captures 2, loaded 1, unchanged 1," in result.stderr
    assert ask(home / "warehouse.duckdb", SEEN) == [(100, "2015-01-10", "2015-07-10")]
    grown = dump(home / "warehouse.duckdb")
    assert mptf("rebuild").exit_code == 0
    assert dump(home / "warehouse.duckdb") == grown
    assert "captures 2, loaded 0, unchanged 2," in mptf("ingest", b, a).stderr
    assert "captures 1, loaded 0, unchanged 1," in mptf("ingest", a).stderr


def test_a_bare_304_is_the_newest_earlier_page_in_whatever_order_files_come(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    files = [
        crawl(tmp_path / "a.warc.gz", first()),
        crawl(tmp_path / "b.warc.gz", first(CHANGED, MARCH)),
        crawl(
            tmp_path / "c.warc.gz", record("revisit", url=URL, date=JULY, WARC_Profile=SERVER)
        ),
    ]  # fmt: skip
    seen = []
    for number, order in enumerate(list(permutations(files))[::2]):
        other = home.with_name(f"home{number}")
        assert mptf("--home", other, "ingest", *order).exit_code == 0
        seen.append(ask(other / "warehouse.duckdb", SEEN))
    assert seen[0][-1] == (200, "2015-03-10", "2015-07-10")
    assert len(seen) == 3
    assert all(rows == seen[0] for rows in seen)


def test_a_304_whose_page_came_too_late_is_named_by_a_finding(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """What it was taken for is archived, and the page in between came with a later command."""
    again = record("revisit", url=URL, date=JULY, WARC_Profile=SERVER)
    found = "SELECT kind, subject FROM meta.finding"
    assert mptf("ingest", crawl(tmp_path / "a.warc.gz", first(), again)).exit_code == 0
    assert ask(home / "warehouse.duckdb", found) == []
    assert mptf("ingest", crawl(tmp_path / "b.warc.gz", first(CHANGED, MARCH))).exit_code == 0
    assert ask(home / "warehouse.duckdb", found) == [("not_modified_differs", URL)]


def test_a_304_is_no_revisit_of_a_page_with_another_validator(
    mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """The newer page came from elsewhere; this crawl's server still answered with the older one."""
    not_modified = answer(b"", "304 Not Modified", ETag='"one"')
    file = crawl(
        tmp_path / "a.warc.gz",
        first(ETag='W/"one"'),
        first(CHANGED, MARCH, ETag='"two"'),
        record("revisit", not_modified, url=URL, date=JULY, WARC_Profile=SERVER),
    )
    assert mptf("ingest", file).exit_code == 0
    *_, newest = ask(home / "warehouse.duckdb", SEEN)
    assert newest == (100, "2015-07-10", "2015-07-10")


def test_a_body_that_is_cut_short_ends_no_figure(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    half = PAGE[: PAGE.index(b"7,777")]
    cut = record("response", answer(half, Content_Length=str(len(PAGE))), url=URL, date=JULY)
    file = crawl(tmp_path / "crawl.warc.gz", first(), cut)
    assert mptf("ingest", file).exit_code == 0
    seen = ask(home / "warehouse.duckdb", "SELECT expenditure_usd::INT, no_longer_shown_since"
               " FROM core.expenditure_snapshot ORDER BY 1")  # fmt: skip
    assert seen == [(100, None), (7777, None)]
    assert ask(
        home / "warehouse.duckdb", "SELECT count(*) FROM meta.finding WHERE kind = 'cut_short'"
    ) == [(1,)]
    before = dump(home / "warehouse.duckdb")
    assert mptf("rebuild").exit_code == 0
    assert dump(home / "warehouse.duckdb") == before
    assert mptf("verify").exit_code == 0


def test_a_browser_s_crawl_is_loaded_without_noise(mptf: Mptf, home: Path, tmp_path: Path) -> None:
    site = "https://mptf.undp.org"
    css = answer(b".num{}", Content_Type="text/css")
    file = crawl(
        tmp_path / "rec-0.warc.gz",
        record("response", answer(b"", "302 Found", Location=URL), url=URL.replace("s:", ":")),
        first(),
        record("resource", PAGE, url=f"urn:text:{URL}", Content_Type="text/plain"),
        record("resource", b"{}", url=f"urn:pageinfo:{URL}", Content_Type="application/json"),
        record("response", css, url=f"{site}/gateway.css"),
        record("response", answer(b"{}", Content_Type="application/json"), url=f"{site}/menu"),
        record("response", answer(b"User-agent: *", Content_Type="text/plain"),
               url=f"{site}/robots.txt"),
        record("revisit", css, url=f"{site}/gateway.css", date=JULY),
    )  # fmt: skip
    result = mptf("ingest", file)
    assert result.exit_code == 0
    assert "7 files or records skipped" in result.stderr
    assert ask(home / "warehouse.duckdb", "SELECT count(*) FROM meta.quarantine") == [(0,)]
    assert ask(home / "warehouse.duckdb", "SELECT count(*) FROM raw.capture") == [(1,)]
