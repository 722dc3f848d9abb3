"""An Atom feed of the releases, for readers who want to know when there is a new one."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from flows.releases import Release, releases

FEED = "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
_MOST_ENTRIES = 50  # the newest


def write_feed(folder: Path, site: str, publisher: str | None) -> None:
    """Write `feed.xml` beside the releases: an entry for each, with its changes by kind.

    Links are relative to the feed, wherever it is served.

    Args:
        folder: the folder of the releases.
        site: the site whose figures they hold.
        publisher: who publishes them.
    """
    found = releases(folder)[-_MOST_ENTRIES:]
    told = _told_before(folder / FEED)
    feed = ET.Element("feed", xmlns=_ATOM)
    _add(feed, "id", _urn(f"{site} releases"))
    _add(feed, "title", f"Releases of the figures of {site}")
    _add(feed, "updated", _updated(found[-1]))
    ET.SubElement(feed, "link", rel="self", href=FEED)
    _add(ET.SubElement(feed, "author"), "name", publisher or "mptf-warehouse")
    for release in reversed(found):
        entry = ET.SubElement(feed, "entry")
        name = _urn(f"{site} {release.name}")
        _add(entry, "id", name)
        _add(entry, "title", f"Release {release.name}")
        _add(entry, "updated", _updated(release))
        ET.SubElement(entry, "link", rel="alternate", href=_link(folder, release))
        summary = told.get(name) or _told(folder / release.name / "changes.json")
        _add(entry, "summary", summary)
    ET.indent(feed)
    new = folder / f".{FEED}"
    new.write_bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True) + b"\n")
    new.replace(folder / FEED)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _urn(name: str) -> str:
    return uuid5(NAMESPACE_URL, name).urn


def _updated(release: Release) -> str:
    """Return when it was published: its day, and a second for each release before it that day."""
    began = datetime.combine(release.day, time(), UTC)
    return (began + timedelta(seconds=release.number - 1)).isoformat().replace("+00:00", "Z")


def _link(folder: Path, release: Release) -> str:
    """Return where its changes are shown: its page, or the rows where the page was removed."""
    page = f"{release.name}/page/changes.html"
    return page if (folder / page).exists() else f"{release.name}/changes.json"


def _told_before(feed: Path) -> dict[str, str]:
    """Return what a feed says of each release: the files that it was read from may be large."""
    try:
        entries = ET.parse(feed).getroot().iter(f"{{{_ATOM}}}entry")  # noqa: S314 because we wrote it
        return {
            entry.findtext(f"{{{_ATOM}}}id", ""): entry.findtext(f"{{{_ATOM}}}summary", "")
            for entry in entries
        }
    except (OSError, ValueError, LookupError, ET.ParseError):  # also of a wrong encoding
        return {}


def _told(changes: Path) -> str:
    """Return the number of changes by kind, in words; a damaged file does not stop the feed."""
    try:
        written = json.loads(changes.read_text(encoding="utf-8"))
        since, kinds = written["since"], written["changes"]
        counts = {kind.replace("_", " "): len(rows) for kind, rows in kinds.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return "The list of its changes cannot be read."
    if since is None:
        return "There is no earlier release to compare with that has the same tables."
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
    return f"Since {since}: {told or 'nothing changed'}."
