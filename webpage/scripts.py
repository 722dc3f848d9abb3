"""Data as scripts, because a page that was opened from a disk may fetch nothing."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from webpage.cells import day
from webpage.pages import PageFolder, WrittenFile

RELEASE = "release.js"


class ReleaseInfo(NamedTuple):
    """What names a release: all pages read it from one script, and do not state it themselves."""

    name: str
    published: date
    newest_capture: datetime | None
    site: str | None = None
    publisher: str | None = None

    @property
    def told(self) -> str:
        """The release's name, day and age in one sentence."""
        seen = self.newest_capture
        age = f", as of {day(seen)}, when its newest page was seen" if seen else ""
        return f"Release {self.name}, published {day(self.published)}{age}."


def write_release(folder: PageFolder, release: ReleaseInfo) -> WrittenFile:
    """Write `release.js`, the only file besides the overview that names the release.

    It sets `mptfRelease` to the release's name, its day and newest capture as ISO 8601 texts, the
    site, the publisher, and the sentence that pages show. What is not known is null.
    """
    seen = release.newest_capture
    facts = {
        "name": release.name,
        "published": release.published.isoformat(),
        "newest_capture": f"{seen.isoformat()}Z" if seen else None,
        "site": release.site,
        "publisher": release.publisher,
        "told": release.told,
    }
    return folder.write(RELEASE, f"window.mptfRelease = {html_json(facts)};\n".encode())


def html_json(value: Any) -> Markup:
    """Return JSON that cannot end the `<script>` element that contains it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 because no character of it means anything in HTML
