"""Content encodings, as sites send them and crawlers leave them."""

import gzip
import zlib
from itertools import pairwise

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from extractors.encodings import Decoded, EncodingError, decode_content, gzip_members

PAGE = b"<html><body>" + b"<p>Approved budget: 1,234,567</p>\n" * 400 + b"</body></html>"
LIMIT = len(PAGE)
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
ENCODED = {
    "gzip": gzip.compress(PAGE, mtime=0),
    "x-gzip": gzip.compress(PAGE, mtime=0),
    " GZIP ": gzip.compress(PAGE, mtime=0),
    "gzip of two members": gzip.compress(PAGE[:70], mtime=0) + gzip.compress(PAGE[70:], mtime=0),
    "deflate": zlib.compress(PAGE),
    "deflate without a wrapper": RAW.compress(PAGE) + RAW.flush(),
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
    "zstd of two frames": zstd.compress(PAGE[:70]) + zstd.compress(PAGE[70:]),
}


def _label(name: str) -> str:
    return name.partition(" of ")[0].partition(" without ")[0]


@pytest.mark.parametrize("name", ENCODED)
def test_a_whole_body_decodes_to_the_page(name: str) -> None:
    """Each encoding, several members too, gives the page, and says that it is whole."""
    assert decode_content(ENCODED[name], _label(name), LIMIT) == Decoded(PAGE)


@pytest.mark.parametrize("name", ENCODED)
def test_a_stream_that_breaks_off_says_so_and_gives_what_there_is(name: str) -> None:
    """Wherever an encoded body is cut, what is decoded begins the page, and is not called whole."""
    body = ENCODED[name]
    first = len(gzip.compress(PAGE[:70], mtime=0)) if name == "gzip of two members" else 0
    first = len(zstd.compress(PAGE[:70])) if name == "zstd of two frames" else first
    for end in range(20, len(body)):
        decoded = decode_content(body[:end], _label(name), LIMIT)
        assert PAGE.startswith(decoded.body)
        assert decoded.breaks_off == (end != first)  # a cut between two members leaves no trace


@pytest.mark.parametrize("name", ["", "identity", "none", "gzip", "deflate", "br", "zstd"])
def test_a_body_that_was_decoded_before_is_as_it_is(name: str) -> None:
    """Crawlers leave the label of an encoding on a body that they have decoded."""
    assert decode_content(PAGE, name, LIMIT) == Decoded(PAGE)
    assert decode_content(b"", name, LIMIT) == Decoded(b"")


def test_gzip_needs_no_label() -> None:
    """No page begins as gzip does, so a body that does is decoded without a label."""
    assert decode_content(ENCODED["gzip"], "", LIMIT) == Decoded(PAGE)


@pytest.mark.parametrize("name", ENCODED)
def test_a_body_over_the_limit_is_never_decoded_as_a_whole(name: str) -> None:
    """The decoded body has one byte more than the limit, which tells the caller."""
    assert len(decode_content(ENCODED[name], _label(name), 1_000).body) == 1_001


def test_a_damaged_stream_is_an_error() -> None:
    """Sums that do not match, and bytes behind the end that are no padding, are refused."""
    body = bytearray(ENCODED["gzip"])
    body[-8] ^= 1
    with pytest.raises(EncodingError, match="labelled gzip"):
        decode_content(bytes(body), "gzip", LIMIT)
    with pytest.raises(EncodingError, match="data after the end of its gzip stream"):
        decode_content(ENCODED["gzip"] + b"more", "gzip", LIMIT)
    with pytest.raises(EncodingError, match="unsupported content encoding: 'compress'"):
        decode_content(PAGE, "compress", LIMIT)
    assert decode_content(ENCODED["gzip"] + b"\r\n\0\0", "gzip", LIMIT) == Decoded(PAGE)


def test_members_without_content_are_not_read_forever() -> None:
    """Ten thousand members of a few bytes each are refused."""
    with pytest.raises(EncodingError, match="more than 10,000 gzip members"):
        decode_content(gzip.compress(b"", mtime=0) * 10_001, "gzip", LIMIT)


@given(st.lists(st.integers(0, len(ENCODED["gzip of two members"])), max_size=4))
def test_members_may_come_in_pieces_of_any_size(cuts: list[int]) -> None:
    """Where a stream is divided makes no difference to what is decoded."""
    body = ENCODED["gzip of two members"]
    places = [0, *sorted(cuts), len(body)]
    members = gzip_members()
    pieces = [members.decode(body[start:end], LIMIT) for start, end in pairwise(places)]
    assert b"".join(pieces) == PAGE
    assert not members.breaks_off
