"""Digests as web archives write them, in one spelling: `sha1:` and lower-case hexadecimal."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable

_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
_PRINTED = re.compile(
    r"(?:urn:)?(?:(?P<algorithm>[A-Za-z0-9-]{1,10})[:=])?(?P<value>[\w+/=-]{16,140})"
)
_OF_LENGTH = {32: "sha1", 40: "sha1", 64: "sha256"}  # of a value without an algorithm
_OF_NOTHING = {f"{name}:{hashlib.new(name, b'').hexdigest()}" for name in _SIZES}


def parse_digest(printed: str | None) -> str | None:
    """Return a digest in hexadecimal, whether it was in that, in base32 or in base64.

    Return None for what is no digest, is of an unknown algorithm, or is the digest of no bytes,
    which some crawlers give to a record without a body.
    """
    match = _PRINTED.fullmatch((printed or "").strip())
    if match is None:
        return None
    value = match["value"]
    algorithm = (match["algorithm"] or _OF_LENGTH.get(len(value), "")).lower().replace("-", "")
    size = _SIZES.get(algorithm)
    raw = None if size is None else _decoded(value, size)
    digest = None if raw is None else f"{algorithm}:{raw.hex()}"
    return None if digest in _OF_NOTHING else digest


def _decoded(value: str, size: int) -> bytes | None:
    """Return the bytes of a digest in whichever spelling yields as many as it has."""
    bare = value.rstrip("=")
    spellings: tuple[Callable[[], bytes], ...] = (
        lambda: bytes.fromhex(value),
        lambda: base64.b32decode(bare.upper() + "=" * (-len(bare) % 8)),
        lambda: base64.urlsafe_b64decode(
            bare.replace("+", "-").replace("/", "_") + "=" * (-len(bare) % 4)
        ),
    )
    for decode in spellings:
        try:
            raw = decode()
        except (ValueError, binascii.Error):
            continue
        if len(raw) == size:
            return raw
    return None


def digests_of(*contents: bytes, algorithms: Iterable[str] = ("sha1", "sha256")) -> set[str]:
    """Return the digests of some contents, less those of no bytes."""
    return {
        f"{name}:{hashlib.new(name, content, usedforsecurity=False).hexdigest()}"
        for name in algorithms
        for content in contents
        if content
    }


def algorithm_of(digest: str) -> str:
    """Return the algorithm of a digest that `parse_digest` returned."""
    return digest.partition(":")[0]


def contradict(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether two sets of digests, each of one content, cannot be of the same.

    A content may have several digests of one algorithm: of its bytes as sent and as decoded.
    """
    by_algorithm: dict[str, set[str]] = {}
    for digest in others:
        by_algorithm.setdefault(algorithm_of(digest), set()).add(digest)
    shared = [(one, by_algorithm[algorithm_of(one)]) for one in some
              if algorithm_of(one) in by_algorithm]  # fmt: skip
    return bool(shared) and not any(one in known for one, known in shared)
