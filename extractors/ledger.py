"""Rows of the ledger: a capture as the archive's records have it, and an order to forget one."""

from datetime import datetime
from typing import Literal, NamedTuple

from extractors.ids import (
    Subject,
    fund_code_of,
    parse_key,
    programme_id_of,
    statement_month_of,
    subject_of,
)


class Capture(NamedTuple):
    """One page as seen at one time, from the archive's records.

    Times are naive UTC, whole seconds. `unchanged` tells that the archive already held the same
    bytes. `etag` and `last_modified` are as the site sent them. `warc_offset` is in bytes.
    `cut_short` is the reason why bytes are known to be missing behind the body, if they are.
    `given_at` and `shown_at` are those of the capture that was archived.
    """

    capture_id: str
    url: str
    source: str
    captured_at: datetime
    captured_at_source: str
    fetched_at: datetime
    http_status: int | None
    body_sha256: str
    body_bytes: int
    unchanged: bool
    etag: str | None
    last_modified: str | None
    run_id: str
    warc_file: str
    warc_offset: int
    cut_short: str | None = None
    given_at: datetime | None = None
    shown_at: datetime | None = None

    @property
    def parse_key(self) -> str:
        """Return the key of what is parsed from the body."""
        return parse_key(self.url, self.body_sha256, self.cut_short)

    @property
    def address_subject(self) -> Subject | None:
        """Return the kind of subject that the URL names, if it is one of the Gateway's."""
        return subject_of(self.url)

    @property
    def address_programme_id(self) -> str | None:
        """Return the programme that the URL names, if any."""
        return programme_id_of(self.url)

    @property
    def address_fund_code(self) -> str | None:
        """Return the fund that the URL names, if any."""
        return fund_code_of(self.url)

    @property
    def statement_month(self) -> str | None:
        """Return the month of which the URL asks for a fund's statement, if any."""
        return statement_month_of(self.url)


ForgetAction = Literal["forget", "restore", "erase"]


class ForgetOrder(NamedTuple):
    """One capture that an order of `mptf forget` names, and what becomes of it.

    The newest order about a capture counts; of two at one time, that of the greater run ID.
    """

    capture_id: str
    body_sha256: str
    action: ForgetAction
    ordered_at: datetime
    run_id: str
