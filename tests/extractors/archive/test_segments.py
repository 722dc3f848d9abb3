"""Records in segments are joined when all of them are in the file, and refused by name if not."""

from pathlib import Path

import pytest

from extractors.captures import NewCapture
from tests.extractors.archive.warcs import (
    PAGE,
    URL,
    answer,
    captured,
    crawl,
    read,
    record,
    refusals,
    sha1,
)

ID = "<urn:uuid:00000000-0000-0000-0000-000000000001>"
BLOCK = answer()
CUTS = [BLOCK[:40], BLOCK[40:90], BLOCK[90:]]


def segments() -> list[bytes]:
    """Return the three segments of one response."""
    first = record(
        "response", CUTS[0], WARC_Record_ID=ID, WARC_Segment_Number="1",
        WARC_Payload_Digest=sha1(PAGE), WARC_Block_Digest=sha1(CUTS[0]),
    )  # fmt: skip
    others = [
        record(
            "continuation", cut, WARC_Segment_Number=str(number), WARC_Segment_Origin_ID=ID,
            WARC_Segment_Total_Length=str(len(BLOCK)) if number == 3 else "",
            WARC_Block_Digest=sha1(cut), Content_Type="",
        )
        for number, cut in enumerate(CUTS[1:], start=2)
    ]  # fmt: skip
    return [first, *others]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)], ids=["in order", "in another"])
@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_segments_are_joined(tmp_path: Path, order: tuple[int, ...], name: str) -> None:
    parts = segments()
    (capture,) = captured(crawl(tmp_path / name, *(parts[number] for number in order)))
    assert (capture.url, capture.body, capture.cut_short) == (URL, PAGE, None)


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_record_that_lacks_a_segment_is_refused(tmp_path: Path, lost: int) -> None:
    parts = segments()
    del parts[lost]
    whole = record("response", answer(), url=f"{URL}?whole")
    file = crawl(tmp_path / "crawl.warc.gz", *parts, whole)
    (message,) = refusals(file)
    assert f"of {URL}: the record's other segments are not in this file" in message
    assert len(read(file)) == 2


def test_a_segment_of_an_unknown_record_is_refused_beside_the_first(tmp_path: Path) -> None:
    parts = segments()
    stray = parts[1].replace(ID.encode(), b"<urn:uuid:ffffffff-0000-0000-0000-000000000001>")
    assert len(refusals(crawl(tmp_path / "crawl.warc.gz", parts[0], stray, parts[2]))) == 2


def test_segments_whose_lengths_miss_the_total_are_refused(tmp_path: Path) -> None:
    parts = segments()
    parts[2] = parts[2].replace(b"Total-Length: %d" % len(BLOCK), b"Total-Length: 9")
    assert len(refusals(crawl(tmp_path / "crawl.warc.gz", *parts))) == 1


def test_segments_never_fill_the_memory(tmp_path: Path) -> None:
    big = [
        record("continuation", b"0" * 600_000, WARC_Segment_Number=str(number),
               WARC_Segment_Origin_ID=ID)
        for number in range(2, 6)
    ]  # fmt: skip
    messages = refusals(crawl(tmp_path / "crawl.warc.gz", *big))
    assert any("larger than any page" in message for message in messages)


def test_segments_that_wait_are_refused_where_they_are_too_many(tmp_path: Path) -> None:
    """Those that were joined do not count."""
    whole = [part for number in range(400) for part in _segments_of(f"<urn:x:{number}>")]
    stray = [
        record("continuation", b"0", WARC_Segment_Number="2", WARC_Segment_Origin_ID=f"<urn:{n}>")
        for n in range(1_001)
    ]
    found = read(crawl(tmp_path / "crawl.warc", *whole, *stray[:900]))
    assert len([one for one in found if isinstance(one, NewCapture)]) == 400
    messages = refusals(crawl(tmp_path / "crawl.warc", *stray))
    assert len(messages) == 1_001
    assert all("or in more segments" in message for message in messages)


def _segments_of(record_id: str) -> list[bytes]:
    return [part.replace(ID.encode(), record_id.encode()) for part in segments()]
