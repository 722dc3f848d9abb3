"""The archive's index: which captures there are, and how it lists them."""

import json
import re
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replica.webarchive.cdx import FIELDS
from replica.webarchive.surt import key_range, urlkey
from tests.replica.archived_site import (
    EARLIEST,
    MOVED,
    NOW,
    ChangingSite,
    archive,
    digits,
    get,
    search,
    time_of,
)

ARCHIVE = archive()
EVERYTHING = search(ARCHIVE, "url=mptf.undp.org&matchType=host")
SCOPES = st.sampled_from(
    [
        "url=mptf.undp.org/*",
        "url=*.undp.org",
        "url=mptf.undp.org&matchType=host",
        "url=http://mptf.undp.org/factsheet/project/&matchType=prefix",
        "url=MPTF.undp.org/project/0000001*",
        "url=https://www.mptf.undp.org:80/clock/",
    ]
)
TIMESTAMPS = st.one_of(
    st.just(""),
    st.sampled_from([row[1] for row in EVERYTHING]),
    st.integers(1, 14).flatmap(
        lambda length: st.datetimes(EARLIEST, NOW).map(lambda t: digits(t)[:length])
    ),
)
FILTERS = st.sampled_from(
    ["", "&filter=statuscode:200", "&filter=!statuscode:200&filter=~urlkey:project"]
)


def test_the_sample_has_all_that_archives_have() -> None:
    """Redirects, errors, revisits, duplicates and captures within a minute and a day occur."""
    statuses = {row[4] for row in EVERYTHING}
    assert {"200", "301", "404", "500", "503", "-"} <= statuses
    assert {row[3] for row in EVERYTHING} == {"text/html", "warc/revisit"}
    pairs = [(one, other) for one, other in pairwise(EVERYTHING) if one[0] == other[0]]
    apart = [time_of(other[1]) - time_of(one[1]) for one, other in pairs]
    assert any(gap < timedelta(minutes=1) for gap in apart)
    assert any(timedelta(minutes=1) <= gap <= timedelta(days=1) for gap in apart)
    assert any(one[5] == other[5] and other[4] == "200" for one, other in pairs)
    counts = {key: len(list(rows)) for key, rows in groupby(EVERYTHING, lambda row: row[0])}
    assert 10 <= max(counts.values()) <= 30
    assert len(counts) < len(ChangingSite().addresses(NOW))


def test_originals_are_spelt_in_many_ways_and_share_a_key() -> None:
    """Scheme, www, port, case of the host and a last slash all vary; the key is that of each."""
    originals = [row[2] for row in EVERYTHING]
    for trait in ("^http:", "^https:", "//www", ":80/", "MPTF", "/$"):
        assert any(re.search(trait, original) for original in originals), trait
    assert all(urlkey(row[2]) == row[0] for row in EVERYTHING)


def test_rows_are_sorted_and_never_two_of_one_second() -> None:
    """Key and timestamp identify a capture."""
    keys = [(row[0], row[1]) for row in EVERYTHING]
    assert keys == sorted(set(keys))


def test_nothing_is_archived_before_it_was_there() -> None:
    """The first capture of a page is never of its absence; the new addresses begin in mid-2022."""
    new = [row for row in EVERYTHING if row[0].startswith("org,undp,mptf)/project/")]
    assert new
    assert all(row[1] >= digits(MOVED) for row in new)
    old = [row for row in EVERYTHING if "/factsheet/" in row[0]]
    assert {row[4] for row in old if row[1] >= digits(MOVED)} >= {"301"}
    assert "301" not in {row[4] for row in old if row[1] < digits(MOVED)}
    assert search(ARCHIVE, "url=mptf.undp.org/leaving&filter=statuscode:404")


@given(st.datetimes(EARLIEST, NOW))
@settings(max_examples=20)
def test_the_archive_only_grows(now: datetime) -> None:
    """What is listed at a time is what was crawled by then, and stays listed as it was."""
    listed = search(ARCHIVE, "url=mptf.undp.org/*", now)
    assert listed == [row for row in EVERYTHING if row[1] <= digits(now)]


@given(SCOPES, st.integers(1, 40), st.integers(1, 40), TIMESTAMPS, FILTERS)
@settings(max_examples=60)
def test_following_resume_keys_lists_everything_once(
    scope: str, limit: int, most_rows: int, first: str, filters: str
) -> None:
    """Whatever the limit and the archive's own, no row is lost and none comes twice."""
    query = f"{scope}{filters}" + (f"&from={first}" if first else "")
    small = archive(most_rows=most_rows)
    resume, listed = "", []
    while True:
        rows = search(small, f"{query}&limit={limit}&showResumeKey=true{resume}")
        if [""] not in rows:
            listed += rows
            break
        assert rows[-2] == [""]
        assert len(rows) - 2 == min(limit, most_rows)
        listed += rows[:-2]
        resume = f"&resumeKey={quote(rows[-1][0], safe='')}"
    assert listed == search(ARCHIVE, query)


@given(SCOPES, TIMESTAMPS, TIMESTAMPS, st.integers(-9, 9), FILTERS)
@settings(max_examples=150)
def test_dates_limit_and_filters_choose_as_a_loop_would(
    scope: str, first: str, last: str, limit: int, filters: str
) -> None:
    """`from`, `to`, `filter` and a limit of either sign, against the whole listing."""
    query = f"{scope}&limit={limit}{filters}"
    query += (f"&from={first}" if first else "") + (f"&to={last}" if last else "")
    listed = search(ARCHIVE, query)
    expected = [
        row
        for row in search(ARCHIVE, scope)
        if (row[1] >= first) and (not last or row[1][: len(last)] <= last)
    ]
    if filters:
        expected = [
            row
            for row in expected
            if (row[4] == "200" if "!" not in filters else row[4] != "200" and "project" in row[0])
        ]
    if limit:
        expected = expected[:limit] if limit > 0 else expected[limit:]
    assert listed == expected


@given(st.sampled_from(["urlkey", "digest", "timestamp:4", "timestamp:6", "statuscode"]))
def test_collapsing_keeps_the_first_of_adjacent_equals(collapse: str) -> None:
    """By a field or its first letters, also for the last rows of a listing."""
    name, _, letters = collapse.partition(":")
    field = FIELDS.index(name)
    size = int(letters) if letters else None
    groups = groupby(EVERYTHING, lambda row: row[field][:size])
    expected = [next(rows) for _, rows in groups]
    query = f"url=mptf.undp.org/*&collapse={collapse}"
    assert search(ARCHIVE, query) == expected
    assert search(ARCHIVE, f"{query}&limit=-4") == expected[-4:]


def test_fields_are_chosen_and_ordered_by_fl() -> None:
    """In text, and in JSON with a first row that names them."""
    expected = [[row[1], row[0]] for row in EVERYTHING]
    query = "url=mptf.undp.org/*&fl=timestamp,urlkey"
    assert search(ARCHIVE, query) == expected
    answer = get(ARCHIVE, f"/cdx/search/cdx?{query}&output=json")
    assert dict(answer.headers)["Content-Type"] == "application/json"
    assert json.loads(answer.body) == [["timestamp", "urlkey"], *expected]


def test_json_puts_the_resume_key_after_an_empty_row() -> None:
    """As the CDX server writes it, down to the line."""
    first = EVERYTHING[0]
    query = "/cdx/search/cdx?url=mptf.undp.org/*&limit=1&showResumeKey=true"
    later = f"{first[1][:-1]}{chr(ord(first[1][-1]) + 1)}"
    key = f"{quote(first[0], safe='')}+{quote(later, safe='')}"
    header = '", "'.join(FIELDS)
    row = '", "'.join(first)
    assert get(ARCHIVE, f"{query}&output=json").body.decode() == (
        f'[["{header}"],\n["{row}"],\n[],\n["{key}"]]\n'
    )
    assert get(ARCHIVE, query).body.decode() == f"{' '.join(first)}\n\n{key}\n"


def test_nothing_found_is_an_empty_answer() -> None:
    """No line in text and an empty list in JSON, for pages, hosts and dates without captures."""
    for query in (
        "url=mptf.undp.org/nowhere",
        "url=example.org/*",
        "url=mptf.undp.org/clock&to=2001",
    ):
        assert get(ARCHIVE, f"/cdx/search/cdx?{query}").body == b""
        assert get(ARCHIVE, f"/cdx/search?{query}&output=json").body == b"[]\n"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "url parameter is required"),
        ("url=", "url parameter is required"),
        ("url=*", "no host"),
        ("url=a.org&matchType=most", "matchType=most"),
        ("url=a.org&limit=many", "limit=many"),
        ("url=a.org&from=2010-01-01", "from=2010-01-01"),
        ("url=a.org&to=201001010000001", "to=201001010000001"),
        ("url=a.org&filter=statuscode:[", "regular expression"),
        ("url=a.org&filter=digest:([A-Z2-7]*)*!", "repeats too much"),
        (r"url=a.org&filter=digest:\\([A-Z2-7]%2B)%2B!", "repeats too much"),
        ("url=a.org&collapse=colour", "colour"),
        ("url=a.org&collapse=digest:x", "digest:x"),
        ("url=a.org&fl=urlkey,colour", "colour"),
    ],
)  # fmt: skip
def test_bad_parameters_are_answered_400(query: str, said: str) -> None:
    """With one line of text that quotes them."""
    answer = get(ARCHIVE, f"/cdx/search/cdx?{query}")
    assert answer.status == 400
    assert said in answer.body.decode()
    assert answer.body.count(b"\n") == 1


def test_filters_take_parts_and_whole_lines() -> None:
    """`~` for a part, `!` for the rest, and a pattern without a field for the line."""
    for text, expected in (
        ("~original:www.", [row for row in EVERYTHING if "www." in row[2]]),
        ("~!original:www.", [row for row in EVERYTHING if "www." not in row[2]]),
        ("statuscode:2", []),
        ("~warc/revisit", [row for row in EVERYTHING if row[3] == "warc/revisit"]),
        ("!.* warc/revisit .*", [row for row in EVERYTHING if row[3] != "warc/revisit"]),
    ):
        assert search(ARCHIVE, f"url=mptf.undp.org/*&filter={quote(text)}") == expected, text


def test_excluded_addresses_are_refused_and_left_out() -> None:
    """Asked for by themselves they are 403 with the exception's name; wider listings lack them."""
    closed = archive(excluded=["/clock"])
    answer = get(closed, "/cdx/search/cdx?url=http://www.mptf.undp.org/clock")
    assert answer.status == 403
    assert b"AdministrativeAccessControlException: Blocked Site Error" in answer.body
    listed = search(closed, "url=mptf.undp.org/*")
    assert listed == [row for row in EVERYTHING if not row[0].endswith(")/clock")]


@pytest.mark.parametrize(
    "url",
    [
        "mptf.undp.org/factsheet/fund/MDG00",
        "http://mptf.undp.org/factsheet/fund/mdg00/",
        "HTTPS://WWW.MPTF.UNDP.ORG:443/factsheet/fund/MDG00#figures",
        "http://www2.mptf.undp.org:80/fact%73heet/fund/MDG00?",
    ],
)
def test_spellings_of_an_address_share_one_key(url: str) -> None:
    """Scheme, www, default port, case, escapes, fragment, last slash: none makes another page."""
    assert urlkey(url) == "org,undp,mptf)/factsheet/fund/mdg00"


def test_ranges_of_keys_are_those_of_the_cdx_server() -> None:
    """The order of queries' parts does not matter, and a prefix keeps its last slash."""
    assert urlkey("http://a.org?c=3&B=2") == urlkey("a.org/?b=2&c=3") == "org,a)/?b=2&c=3"
    assert key_range("a.org/b/", "prefix") == ("org,a)/b/", "org,a)/b0")
    assert key_range("a.org", "prefix") == key_range("a.org/b", "host") == ("org,a)/", "org,a*")
    assert key_range("a.org", "domain") == ("org,a)/", "org,a-")
    assert key_range("a.org:8080/b", "exact") == ("org,a:8080)/b", "org,a:8080)/b!")
