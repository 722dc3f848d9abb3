"""One saved page as a capture: its URL and time, from whatever tells them.

The capture time is the caller's, or else that of the sidecar (`page.html.json` beside `page.html`,
with `url` and `captured_at`), or else what the saved page says of itself, or else the page's own
clock, or else the file's time. The capture says which. A page without a URL gets the URL
`file:NAME`.
"""

import json
import os
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from extractors.archive.inputs import CaptureOverrides, InputRefusedError, checked_url
from extractors.archive.page_clock import page_clock
from extractors.archive.told import Told, of_replay, told_by
from extractors.captures import NewCapture
from extractors.ids import fund_code_of, programme_id_of
from extractors.mime import NotMimeHtmlError, is_mime, read_mime
from extractors.times import iso_time, mail_time


class SavedPage(NamedTuple):
    """A page in a file, under its name, with its sidecar and the file's time (naive UTC).

    `cut_short` is why bytes are known to be missing at its end; None if none are.
    """

    name: str
    body: bytes
    sidecar: bytes | None
    file_time: datetime
    cut_short: str | None = None


def capture_of(page: SavedPage, overrides: CaptureOverrides) -> NewCapture:
    """Return a saved page as a capture.

    Raises:
        InputRefusedError: its sidecar or MIME message cannot be read, its URL is invalid, or its
            URL, its name and what it says of itself name different programmes or funds.
    """
    beside = _parse_sidecar(page.sidecar) if page.sidecar is not None else CaptureOverrides()
    html, told = _told(page.body)
    if of_archive := of_replay(Told(url=beside.url)):
        beside = CaptureOverrides(beside.captured_at or of_archive.saved_at, of_archive.url)
    captured_at, source = _time(page, overrides, beside, told, html)
    file_url = f"file:{quote(os.fsencode(page.name))}"
    if overrides.url is None:
        _check_subjects({"its sidecar": beside.url, "the page": told.url, "its name": file_url})
    return NewCapture(
        url=checked_url(overrides.url or beside.url or told.url or file_url),
        captured_at=captured_at,
        captured_at_source=source,
        source="saved",
        body=page.body,
        cut_short=page.cut_short,
    )


def _time(
    page: SavedPage, overrides: CaptureOverrides, beside: CaptureOverrides, told: Told, html: bytes
) -> tuple[datetime, str]:
    if overrides.captured_at:
        return overrides.captured_at, "option"
    if beside.captured_at:
        return beside.captured_at, "sidecar"
    if told.saved_at:
        return told.saved_at, told.program
    if printed := page_clock(html):
        return printed, "page_clock"
    return page.file_time, "file_time"


def _told(body: bytes) -> tuple[bytes, Told]:
    """Return the page's HTML or text, and what the page says of itself."""
    if not is_mime(body):
        return body, told_by(body)
    try:
        mime = read_mime(body)
    except NotMimeHtmlError as error:
        raise InputRefusedError(str(error)) from error
    saved = Told("mhtml", mime.url, mail_time(mime.date))
    inner = told_by(mime.html)
    if inner.program == "wayback":
        return mime.html, inner._replace(url=inner.url or saved.url)
    return mime.html, of_replay(saved) or saved


def _check_subjects(urls: dict[str, str | None]) -> None:
    """Check that no two of some URLs are those of different programmes or funds.

    Raises:
        InputRefusedError: two are.
    """
    named = {
        source: subject
        for source, url in urls.items()
        if url and (subject := programme_id_of(url) or fund_code_of(url))
    }
    if len(set(named.values())) > 1:
        said = ", ".join(f"{source} names {subject}" for source, subject in named.items())
        raise InputRefusedError(f"two subjects: {said}")


def _parse_sidecar(content: bytes) -> CaptureOverrides:
    try:
        fields = json.loads(content)
        url, time = fields.get("url"), fields.get("captured_at")
        if not isinstance(time, str | None):
            raise TypeError(f"{time!r} is no time such as '2016-06-15T13:05:00Z'")
        return CaptureOverrides(
            iso_time(time) if time is not None else None,
            None if url is None else checked_url(url),
        )
    except InputRefusedError:
        raise
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise InputRefusedError(
            f"its sidecar is not JSON with `url` and `captured_at`: {error}"
        ) from error
