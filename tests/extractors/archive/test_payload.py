"""Bodies in WARC records: decoded as crawlers left them, and known to be cut short or damaged."""

import base64
import gzip
import hashlib
import zlib
from pathlib import Path

import brotli
import pytest

from tests.extractors.archive.warcs import (
    OTHER_PAGE,
    PAGE,
    answer,
    captured,
    crawl,
    record,
    refusals,
    sha1,
)

HALF = PAGE[: len(PAGE) // 2]
ZIPPED = gzip.compress(PAGE)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


CHUNKED = {"Transfer_Encoding": "chunked"}
WHOLE = {
    "gzip of two members": answer(
        gzip.compress(HALF) + gzip.compress(PAGE[len(HALF) :]), Content_Encoding="gzip"
    ),
    "gzip without label": answer(ZIPPED),
    "plain labelled gzip": answer(PAGE, Content_Encoding="gzip"),
    "deflate": answer(zlib.compress(PAGE), Content_Encoding="deflate"),
    "deflate without zlib's head": answer(zlib.compress(PAGE)[2:-4], Content_Encoding="deflate"),
    "br": answer(brotli.compress(PAGE), Content_Encoding="br"),
    "plain labelled br": answer(PAGE, Content_Encoding="br"),
    "none": answer(PAGE, Content_Encoding="none"),
    "a charset as encoding": answer(PAGE, Content_Encoding="UTF-8"),
    "two encodings": answer(gzip.compress(ZIPPED), Content_Encoding="gzip, gzip"),
    "chunked": answer(chunked(HALF, PAGE[len(HALF) :]), **CHUNKED),
    "chunked with extensions": answer(
        b"%x;name=value\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(PAGE), PAGE), **CHUNKED
    ),
    "chunked without the last line": answer(chunked(PAGE, end=b"0\r\n"), **CHUNKED),
    "chunked and gzip": answer(chunked(ZIPPED), Content_Encoding="gzip", **CHUNKED),
    "chunked in name only": answer(PAGE, **CHUNKED),
    "chunked with a length": answer(chunked(PAGE), Content_Length="9999", **CHUNKED),
    "the length of the compressed body": answer(
        PAGE, Content_Encoding="gzip", Content_Length=str(len(PAGE) - 20)
    ),
}  # fmt: skip


@pytest.mark.parametrize("block", WHOLE.values(), ids=WHOLE)
def test_a_whole_body_is_decoded_however_a_crawler_left_it(tmp_path: Path, block: bytes) -> None:
    (capture,) = captured(crawl(tmp_path / "crawl.warc.gz", record("response", block)))
    assert (capture.body, capture.cut_short) == (PAGE, None)


CUT = {
    "length": (answer(HALF, Content_Length=str(len(PAGE))), {}, "length"),
    "no last chunk": (answer(chunked(HALF, end=b""), **CHUNKED), {}, "chunks"),
    "half a chunk": (
        answer(b"%x\r\n%s" % (len(PAGE), HALF), **CHUNKED), {}, "chunks",
    ),
    "bytes after a chunk": (
        answer(chunked(HALF, end=b"nonsense"), **CHUNKED), {}, "chunks",
    ),
    "declared": (answer(HALF), {"WARC_Truncated": "disconnect"}, "disconnect"),
    "declared in capitals": (answer(HALF), {"WARC_Truncated": "Time"}, "time"),
    "declared in other words": (answer(HALF), {"WARC_Truncated": "1 MB!"}, "unspecified"),
    "declared, with the digest of the whole": (
        answer(HALF), {"WARC_Truncated": "length", "WARC_Payload_Digest": sha1(PAGE)}, "length",
    ),
    "length, with the digest of the whole": (
        answer(HALF, Content_Length=str(len(PAGE))), {"WARC_Payload_Digest": sha1(PAGE)}, "length",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("block", "headers", "reason"), CUT.values(), ids=CUT)
def test_a_body_is_cut_short_where_anything_says_so(
    tmp_path: Path, block: bytes, headers: dict[str, str], reason: str
) -> None:
    (capture,) = captured(crawl(tmp_path / "crawl.warc", record("response", block, **headers)))
    assert (capture.body, capture.cut_short) == (HALF, reason)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_compressed_body_that_breaks_off_is_cut_short(tmp_path: Path, encoding: str) -> None:
    page = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(500))
    compress = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[encoding]
    block = answer(compress(page)[:-900], Content_Encoding=encoding)
    (capture,) = captured(crawl(tmp_path / "crawl.warc", record("response", block)))
    assert capture.cut_short == "length"
    assert page.startswith(capture.body)
    assert 0 < len(capture.body) < len(page)


@pytest.mark.parametrize("kind", ["resource", "conversion"])
def test_records_without_a_response_say_it_themselves(tmp_path: Path, kind: str) -> None:
    cut = record(kind, HALF, Content_Type="text/plain", WARC_Truncated="length")
    (capture,) = captured(crawl(tmp_path / "crawl.warc", cut))
    assert (capture.body, capture.cut_short) == (HALF, "length")


@pytest.mark.parametrize(
    ("block", "of"),
    [
        (answer(ZIPPED, Content_Encoding="gzip"), ZIPPED),
        (answer(ZIPPED, Content_Encoding="gzip"), PAGE),
        (answer(chunked(ZIPPED), Content_Encoding="gzip", **CHUNKED), chunked(ZIPPED)),
        (answer(chunked(ZIPPED), Content_Encoding="gzip", **CHUNKED), ZIPPED),
        (answer(chunked(ZIPPED), Content_Encoding="gzip", **CHUNKED), PAGE),
    ],
    ids=["as sent", "decoded", "with chunks", "without chunks", "chunks decoded"],
)
@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_digest_may_be_that_of_a_body_in_any_form(
    tmp_path: Path, block: bytes, of: bytes, algorithm: str
) -> None:
    """Crawlers differ in when they digest, whatever the standard says."""
    value = base64.b32encode(hashlib.new(algorithm, of).digest()).decode()
    digest = f"{algorithm}:{value.rstrip('=')}"
    whole = record("response", block, WARC_Payload_Digest=digest)
    (capture,) = captured(crawl(tmp_path / "crawl.warc.gz", whole))
    assert (capture.body, capture.cut_short) == (PAGE, None)


@pytest.mark.parametrize("name", ["WARC_Payload_Digest", "WARC_Block_Digest"])
def test_a_body_that_matches_no_digest_is_refused_as_damaged(tmp_path: Path, name: str) -> None:
    """A flipped bit may be in a figure."""
    damaged = record("response", answer(PAGE), **{name: sha1(OTHER_PAGE)})
    (message,) = refusals(crawl(tmp_path / "crawl.warc", damaged))
    assert "damaged" in message


def test_the_digest_of_the_record_proves_a_body_whose_own_is_wrong(tmp_path: Path) -> None:
    block = answer(PAGE)
    intact = record(
        "response", block, WARC_Payload_Digest=sha1(b"?"), WARC_Block_Digest=sha1(block)
    )
    (capture,) = captured(crawl(tmp_path / "crawl.warc", intact))
    assert capture.body == PAGE


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (answer(PAGE, Content_Encoding="compress"), "unsupported content encoding"),
        (answer(ZIPPED, Content_Encoding="gzip, br, gzip, gzip"), "more than 3 content encodings"),
        (answer(ZIPPED[:-8] + b"\0" * 8, Content_Encoding="gzip"), "labelled gzip"),
        (answer(gzip.compress(b"0" * 3_000_000), Content_Encoding="gzip"), "larger than"),
        (answer(brotli.compress(b"0" * 3_000_000), Content_Encoding="br"), "larger than"),
    ],
    ids=["unknown encoding", "many encodings", "wrong sum", "gzip bomb", "br bomb"],
)
def test_a_body_that_cannot_be_decoded_costs_its_record_only(
    tmp_path: Path, block: bytes, says: str
) -> None:
    (message,) = refusals(
        crawl(tmp_path / "crawl.warc", record("response", block), record("response", answer()))
    )
    assert says in message
