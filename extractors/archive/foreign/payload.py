"""The HTTP response in a record's block: its head, its decoded body, and whether bytes are missing.

A body is cut short where its record says so (`WARC-Truncated`), where its headers promise more
bytes, where the last chunk is missing, where its compressed stream breaks off, or where bytes that
are no record follow it and no digest proves it whole. A body that none of these call cut short, but
whose digests match none of its forms, is damaged.
"""

import io
import re
from typing import NamedTuple

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from extractors.archive.foreign.digests import algorithm_of, digests_of, parse_digest
from extractors.archive.foreign.records import ForeignRecord
from extractors.archive.inputs import InputRefusedError, check_size
from extractors.archive.warc import MAX_HEAD_BYTES
from extractors.encodings import decode_content

_HTTP = re.compile(rb"HTTP/[0-9](?:\.[0-9])?[ \t]", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(r"1[0-9]{2}\b")
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_LENGTH = re.compile(r"[0-9]{1,15}")
_REASON = re.compile(r"[a-z]{1,20}")
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"})
_MOST_ENCODINGS = 3
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")


class Payload(NamedTuple):
    """A decoded body, and what is known of it.

    `cut_short` is why bytes are missing behind it, in one word, or None. `digests` are the one that
    the record declares, and those of the body as sent, if that was encoded.
    """

    body: bytes
    cut_short: str | None
    digests: frozenset[str]


class HttpHead(NamedTuple):
    """The status of a response as printed, its headers, and where its body begins."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body_start: int

    def header(self, name: str) -> str:
        """Return the value of a header, or "" if there is none."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), "").strip()


def read_head(record: ForeignRecord) -> HttpHead:
    """Parse the HTTP head of a record's block; a block without one is all body.

    Raises:
        InputRefusedError: the head is longer than any response's.
    """
    head, start = HttpHead("", (), 0), 0
    while _HTTP.match(record.block, start):
        end = _end_of_head(record.block, start)
        parsed = StatusAndHeadersParser([], verify=False).parse(
            io.BytesIO(record.block[start:end])
        )  # fmt: skip
        head = HttpHead(_status(parsed), tuple(parsed.headers), end)
        if not _INTERIM.match(head.status):
            break
        start = end  # `100 Continue`, before the response
    return head


def _end_of_head(block: bytes, start: int) -> int:
    """Return where the body begins; a head without a body may lack its final blank line."""
    match = _END_OF_HEAD.search(block, start, start + MAX_HEAD_BYTES)
    if match is None and len(block) - start >= MAX_HEAD_BYTES:
        raise InputRefusedError("an HTTP head longer than any response's")
    return match.end() if match else len(block)


def _status(parsed: StatusAndHeaders) -> str:
    status: str | None = parsed.get_statuscode()
    return status or ""


def read_payload(record: ForeignRecord, head: HttpHead, max_body_bytes: int) -> Payload:
    """Return the body of a record, decoded.

    Raises:
        InputRefusedError: the body is too large, or damaged.
        EncodingError: the body cannot be decoded.
    """
    sent = record.block[head.body_start :]
    entity, cut_short = _entity(sent, head)
    body, breaks_off = _decoded(entity, head.header("Content-Encoding"), max_body_bytes)
    check_size(len(body), max_body_bytes)
    cut_short = _declared_reason(record) or cut_short or ("length" if breaks_off else None)
    declared = {
        digest
        for name in ("WARC-Payload-Digest", "WARC-Block-Digest")
        if (digest := parse_digest(record.header(name))) is not None
    }
    if declared and cut_short is None:
        _check_digests(declared, (record.block, sent, entity, body))
    elif record.is_doubtful:
        cut_short = cut_short or "length"
    payload_digest = parse_digest(record.header("WARC-Payload-Digest"))
    own = {payload_digest} if payload_digest else set()
    sent_as = digests_of(entity) if entity != body else set()
    return Payload(body, cut_short, frozenset(own | sent_as))


def _declared_reason(record: ForeignRecord) -> str | None:
    """Return the reason for which a crawler says that it cut the body short."""
    printed = record.header("WARC-Truncated").lower()
    return (printed if _REASON.fullmatch(printed) else "unspecified") if printed else None


def _entity(sent: bytes, head: HttpHead) -> tuple[bytes, str | None]:
    """Return a body without its transfer encoding, and why bytes are missing behind it.

    Many crawlers decode the body and leave the header, so only the body tells.
    """
    if "chunked" in head.header("Transfer-Encoding").lower():
        found = _dechunked(sent)
        if found is not None:
            entity, is_whole = found
            return entity, None if is_whole else "chunks"
        return sent, None
    length = head.header("Content-Length")
    is_short = _LENGTH.fullmatch(length) is not None and int(length) > len(sent)
    return sent, "length" if is_short else None


def _dechunked(sent: bytes) -> tuple[bytes, bool] | None:
    """Return the bytes of all chunks, and whether the last one is there; None if it has none."""
    chunks: list[bytes] = []
    at = 0
    while match := _CHUNK_HEAD.match(sent, at):
        size, start = int(match[1], 16), match.end()
        if size == 0:
            return b"".join(chunks), True
        end = _LINE_END.match(sent, start + size)
        if not chunks and end is None and start + size < len(sent):
            return None  # the text only begins like a chunk
        chunks.append(sent[start : start + size])
        if end is None:
            return b"".join(chunks), False
        at = end.end()
    return (b"".join(chunks), False) if chunks else None


def _decoded(entity: bytes, encodings: str, max_body_bytes: int) -> tuple[bytes, bool]:
    """Undo the content encodings, the last one first; return whether a stream breaks off."""
    names = [name.strip().lower() for name in encodings.split(",")]
    if len(names) > _MOST_ENCODINGS:
        raise InputRefusedError(f"more than {_MOST_ENCODINGS} content encodings")
    body, any_breaks_off = entity, False
    for name in reversed(names):
        if name not in _ENCODINGS and _MARKUP.match(body):
            continue  # `Content-Encoding: UTF-8`, and the like
        body, breaks_off = decode_content(body, name, max_body_bytes)
        any_breaks_off = any_breaks_off or breaks_off
    return body, any_breaks_off


def _check_digests(declared: set[str], forms: tuple[bytes, ...]) -> None:
    """Check that a digest that a record declares is that of its block or of its body in any form.

    Crawlers digest a body before or after they undo its encodings, whatever the standard says.
    """
    for digest in declared:
        if digest in digests_of(*forms, algorithms=[algorithm_of(digest)]):
            return
    raise InputRefusedError("damaged: neither body nor record matches its digest")
