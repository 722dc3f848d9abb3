"""Revisit records find the bodies that they refer to, or are refused by name."""

import base64
import gzip
import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from extractors.captures import NewCapture, RefusedInput, RevisitCapture
from tests.extractors.archive.warcs import (
    AUGUST,
    JULY,
    JUNE,
    OTHER_PAGE,
    PAGE,
    URL,
    answer,
    crawl,
    record,
    resolved,
    sha1,
)

ID = "urn:uuid:00000000-0000-0000-0000-000000000001"
SERVER = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = answer(b"", "304 Not Modified")
FIRST = record("response", answer(), WARC_Record_ID=f"<{ID}>", WARC_Payload_Digest=sha1(PAGE))
SHA1, SHA256 = hashlib.sha1(PAGE).digest(), hashlib.sha256(PAGE).digest()  # noqa: S324

FORMS = {
    "record ID": {"WARC_Refers_To": f"<{ID}>"},
    "record ID without brackets": {"WARC_Refers_To": ID},
    "base32": {"WARC_Payload_Digest": sha1(PAGE)},
    "base32 in lower case": {"WARC_Payload_Digest": sha1(PAGE).lower()},
    "hexadecimal": {"WARC_Payload_Digest": f"SHA-1:{SHA1.hex()}"},
    "hexadecimal in upper case": {"WARC_Payload_Digest": f"sha1:{SHA1.hex().upper()}"},
    "URN": {"WARC_Payload_Digest": f"urn:{sha1(PAGE)}"},
    "base64": {"WARC_Payload_Digest": f"sha1={base64.b64encode(SHA1).decode()}"},
    "sha256": {"WARC_Payload_Digest": f"sha256:{SHA256.hex()}"},
    "sha256 in base32": {"WARC_Payload_Digest": f"sha256:{base64.b32encode(SHA256).decode()}"},
    "no algorithm": {"WARC_Payload_Digest": sha1(PAGE).removeprefix("sha1:")},
    "URL and date": {"WARC_Refers_To_Target_URI": f"<{URL}>", "WARC_Refers_To_Date": JUNE},
    "URL of the other scheme, and date": {
        "WARC_Refers_To_Target_URI": URL.replace("https", "http"), "WARC_Refers_To_Date": JUNE,
    },
    "date alone": {"WARC_Refers_To_Date": "2016-06-15T13:05:00.25Z"},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("order", ["before", "behind", "other file", "earlier file"])
def test_a_revisit_finds_its_body_in_whatever_form_and_order(
    tmp_path: Path, form: dict[str, str], order: str
) -> None:
    again = record("revisit", answer(b""), date=JULY, WARC_Profile=IDENTICAL, **form)
    if order in {"before", "behind"}:
        records = (FIRST, again) if order == "before" else (again, FIRST)
        files = [crawl(tmp_path / "crawl.warc.gz", *records)]
    else:
        files = [crawl(tmp_path / "a.warc", FIRST), crawl(tmp_path / "b.warc.gz", again)]
    found = resolved(*(reversed(files) if order == "earlier file" else files))
    assert revisits_of(found) == [PAGE]


def revisits_of(found: Sequence[object]) -> list[bytes]:
    """Return the bodies of the revisits in order, all of which were found."""
    bodies = {item.body_sha256: item.body for item in found if isinstance(item, NewCapture)}
    assert [item for item in found if isinstance(item, RefusedInput)] == []
    return [bodies[item.body_sha256] for item in found if isinstance(item, RevisitCapture)]


def test_a_revisit_of_a_compressed_body_is_found_by_the_digest_of_what_was_sent(
    tmp_path: Path,
) -> None:
    sent = gzip.compress(PAGE)
    first = record("response", answer(sent, Content_Encoding="gzip"))
    again = record("revisit", answer(b""), date=JULY, WARC_Payload_Digest=sha1(sent))
    assert revisits_of(resolved(crawl(tmp_path / "crawl.warc", first, again))) == [PAGE]


def test_a_revisit_may_refer_to_a_revisit(tmp_path: Path) -> None:
    july = record("revisit", date=JULY, WARC_Refers_To=f"<{ID}>", WARC_Record_ID="<urn:x:2>")
    august = record("revisit", date=AUGUST, WARC_Refers_To="<urn:x:2>")
    for records in [(FIRST, july, august), (august, july, FIRST)]:
        found = resolved(crawl(tmp_path / "crawl.warc.gz", *records))
        assert revisits_of(found) == [PAGE, PAGE]


def test_a_revisit_s_own_truncation_says_nothing_of_its_body(tmp_path: Path) -> None:
    """Programs such as wget write it into each, because a revisit's block has no body."""
    again = record("revisit", date=JULY, WARC_Refers_To=f"<{ID}>", WARC_Truncated="length")
    _, revisit = resolved(crawl(tmp_path / "crawl.warc", FIRST, again))
    assert isinstance(revisit, RevisitCapture)
    assert revisit.cut_short is None


def test_a_revisit_of_a_body_that_is_cut_short_is_cut_short(tmp_path: Path) -> None:
    first = record("response", answer(), WARC_Truncated="time", WARC_Record_ID=f"<{ID}>")
    again = record("revisit", date=JULY, WARC_Refers_To=f"<{ID}>")
    _, revisit = resolved(crawl(tmp_path / "crawl.warc", first, again))
    assert isinstance(revisit, RevisitCapture)
    assert revisit.cut_short == "time"


@pytest.mark.parametrize(
    "form",
    [
        {"WARC_Refers_To": "<urn:uuid:of-another-file>"},
        {"WARC_Payload_Digest": sha1(OTHER_PAGE)},
        {"WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": AUGUST},
        {"WARC_Payload_Digest": "sha1:UNKNOWN"},
        {},
    ],
    ids=["record ID", "digest", "URL and date", "no digest", "nothing"],
)
def test_a_revisit_whose_body_is_not_certain_is_refused_by_name(
    tmp_path: Path, form: dict[str, str]
) -> None:
    again = record("revisit", date=JULY, WARC_Profile=IDENTICAL, **form)
    _, refused = resolved(crawl(tmp_path / "crawl.warc", FIRST, again))
    assert isinstance(refused, RefusedInput)
    assert refused.name == f"crawl.warc:{URL}"
    assert "ingest the file that holds the page" in refused.message


def test_a_revisit_whose_digest_is_another_than_its_page_s_is_refused(tmp_path: Path) -> None:
    """Its page's figures would be loaded for a time at which the site showed others."""
    again = record(
        "revisit", date=JULY, WARC_Refers_To=f"<{ID}>", WARC_Payload_Digest=sha1(OTHER_PAGE)
    )
    _, refused = resolved(crawl(tmp_path / "crawl.warc", FIRST, again))
    assert isinstance(refused, RefusedInput)
    assert "digest" in refused.message


def test_the_digest_of_no_bytes_names_no_body(tmp_path: Path) -> None:
    """Some crawlers digest the empty body of the revisit itself."""
    empty = record("response", answer(b""), url=f"{URL}?empty")
    again = record("revisit", answer(b""), date=JULY, WARC_Payload_Digest=sha1(b""))
    *_, refused = resolved(crawl(tmp_path / "crawl.warc", empty, again))
    assert isinstance(refused, RefusedInput)
