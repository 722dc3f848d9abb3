"""Writing the archive: one file per run, each record safe from a kill once it is appended."""

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from extractors.archive.orders import make_orders
from extractors.archive.reader import (
    BODY_BYTES,
    CAPTURED_AT_SOURCE,
    CUT_SHORT,
    FETCHED_AT,
    GIVEN_AT,
    HTTP_STATUS_HEADER,
    KNOWN_AS,
    RUN_ID,
    SHOWN_AT,
    SOURCE,
    Archive,
    archive_file_name,
    sync_folder,
    validator,
)
from extractors.archive.warc import (
    NOT_A_CAPTURE,
    archived_headers,
    make_record,
    make_revisit,
    make_warcinfo,
    place_name,
    warc_date,
)
from extractors.captures import NewCapture, NonCapture, RevisitCapture
from extractors.ledger import Capture, ForgetAction

_NAME = re.compile(r"[!-~]{1,300}")  # in a header, where blanks are between names


class ArchiveWriter:
    """The archive file of one run, created with its first record and final once closed.

    `known_body` returns the URL and time of the capture that has the body of a SHA-256.
    """

    def __init__(
        self,
        archive: Archive,
        run_id: str,
        started_at: datetime,
        known_body: Callable[[str], tuple[str, datetime] | None],
    ) -> None:
        self._archive = archive
        self._run_id = run_id
        self._started_at = started_at
        self._known_body = known_body
        self._written: dict[str, tuple[str, datetime]] = {}
        self._name = archive_file_name(run_id)
        self._fd: int | None = None
        self._offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, new: NewCapture | RevisitCapture) -> Capture:
        """Append a capture and return its ledger entry; once this returns, it is safe from a kill.

        Raises:
            KeyError: the archive does not have the body of a revisit.
        """
        sha256, key = new.body_sha256, new.parse_key
        earlier = self._written.get(key) or self._known_body(key)
        if earlier is None and isinstance(new, RevisitCapture):
            raise KeyError(f"{new.url}: the archive has no body {sha256}")
        if self._fd is None:
            self._open()
        headers = archived_headers(new.url, new.http_status, new.headers) or ()
        capture = Capture(
            capture_id=new.capture_id,
            url=new.url,
            source=new.source,
            captured_at=new.captured_at,
            captured_at_source=new.captured_at_source,
            fetched_at=self._started_at,
            http_status=new.http_status,
            body_sha256=sha256,
            body_bytes=new.body_bytes,
            unchanged=earlier is not None,
            etag=validator(headers, "etag"),
            last_modified=validator(headers, "last-modified"),
            run_id=self._run_id,
            warc_file=self._name,
            warc_offset=self._offset,
            cut_short=new.cut_short,
            given_at=new.given_at,
            shown_at=new.shown_at,
        )
        self._append(_record(capture, new, earlier))
        self._written.setdefault(key, (new.url, new.captured_at))
        return capture

    def add_non_capture(self, response: NonCapture) -> None:
        """Append a response that is not a capture; it has no ledger entry."""
        if self._fd is None:
            self._open()
        headers = {
            "WARC-Date": warc_date(response.received_at),
            "WARC-Payload-Digest": f"sha256:{hashlib.sha256(response.body).hexdigest()}",
            NOT_A_CAPTURE: response.reason,
            FETCHED_AT: warc_date(self._started_at),
            RUN_ID: self._run_id,
        }
        self._append(
            make_record(response.url, headers, response.body, response.status, response.headers)
        )

    def add_orders(
        self, action: ForgetAction, time: datetime, captures: Sequence[tuple[str, str]]
    ) -> None:
        """Append an order about captures, each given as its ID and its body's SHA-256."""
        if self._fd is None:
            self._open()
        for record in make_orders(action, time, self._run_id, captures):
            self._append(record)

    def indexed(self) -> dict[str, int]:
        """Return the name of the file, and its size so far in bytes."""
        return {self._name: self._offset}

    def sync(self) -> None:
        """Flush the file to disk, so that it survives a power cut too."""
        if self._fd is not None:
            os.fsync(self._fd)

    def close(self) -> None:
        """Make the file final."""
        if self._fd is None:
            return
        self.sync()
        os.close(self._fd)
        self._fd = None
        path = self._archive.folder / self._name
        path.with_name(f"{self._name}.open").rename(path)
        sync_folder(self._archive.folder)
        self._archive.push_finished()

    def _open(self) -> None:
        self._archive.folder.mkdir(parents=True, exist_ok=True)
        if self._name in self._archive.files():
            raise FileExistsError(f"the archive already has {self._name}; nothing is overwritten")
        path = self._archive.folder / f"{self._name}.open"
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        sync_folder(self._archive.folder)
        fields = {"software": "mptf-warehouse", "format": "WARC File Format 1.1"}
        self._append(make_warcinfo(self._name, self._started_at, fields))

    def _append(self, record: bytes) -> None:
        assert self._fd is not None  # noqa: S101 because _open has just set it
        view = memoryview(record)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except BaseException:  # a full disk, a second interrupt: remove the partial record
            os.ftruncate(self._fd, self._offset)
            raise
        self._offset += len(record)


def _other_names(new: NewCapture | RevisitCapture) -> list[str]:
    """Return the names of a capture in another archive that its record does not have anyway."""
    if isinstance(new, RevisitCapture):
        return []
    own = {place_name(new.url, new.captured_at), f"sha256:{new.body_sha256}"}
    return [name for name in new.known_as if name not in own and _NAME.fullmatch(name)]


def _record(
    capture: Capture, new: NewCapture | RevisitCapture, earlier: tuple[str, datetime] | None
) -> bytes:
    headers = {
        "WARC-Date": warc_date(capture.captured_at),
        "WARC-Payload-Digest": f"sha256:{capture.body_sha256}",
        CAPTURED_AT_SOURCE: capture.captured_at_source,
        FETCHED_AT: warc_date(capture.fetched_at),
        SOURCE: capture.source,
        RUN_ID: capture.run_id,
        BODY_BYTES: str(capture.body_bytes),
    }
    if capture.http_status is not None:
        headers[HTTP_STATUS_HEADER] = str(capture.http_status)
    if capture.cut_short is not None:
        headers[CUT_SHORT] = capture.cut_short
    if capture.given_at is not None:
        headers[GIVEN_AT] = warc_date(capture.given_at)
    if capture.shown_at is not None:
        headers[SHOWN_AT] = warc_date(capture.shown_at)
    if names := _other_names(new):
        headers[KNOWN_AS] = " ".join(names)
    if earlier is None and isinstance(new, NewCapture):
        return make_record(capture.url, headers, new.body, capture.http_status, new.headers)
    if earlier is not None:
        headers["WARC-Refers-To-Target-URI"] = earlier[0]
        headers["WARC-Refers-To-Date"] = warc_date(earlier[1])
    return make_revisit(capture.url, headers, capture.http_status, new.headers)
