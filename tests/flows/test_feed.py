"""Each release says what changed since the one before: as JSON, on its page and in a feed."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from flows.feed import write_feed
from tests.command import run_mptf
from tests.flows.pages import factsheet, save
from warehouse.release_changes import NO_CHANGES, write_changes

_ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def releases(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two releases: between them a figure was restated, one became final, one left.

    A programme is new, and one is closed.
    """
    folder = tmp_path_factory.mktemp("feed")
    home = folder / "home"
    shutil.copytree(published_home, home, symlinks=True)
    for number, (status, figures) in enumerate(
        [
            ("On Going", {("FAO", 2015): "5", ("WHO", 2015): "6", ("ILO", 2014): "3"}),
            ("Financially Closed", {("FAO", 2015): "7", ("WHO", 2015): "6"}),
        ]
    ):
        page = factsheet("00090055", figures=figures, status=status)
        save(folder / "pages", f"{number}.txt", page)
        times = ("2016-03-01", "2016-08-01")
        done = run_mptf(
            home, "ingest", folder / "pages" / f"{number}.txt", "--captured-at", times[number]
        )
        assert done.exit_code == 0
        if number:
            new = save(folder / "pages", "new.txt", factsheet("00090056"))
            assert run_mptf(home, "ingest", new, "--captured-at", "2016-08-01").exit_code == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MPTF_KEEP_PAGES", str(number))  # the tests look at the newest one's alone
            published = run_mptf(home, "publish")
        assert published.exit_code == 0, published.stderr
    return home / "releases"


def _changes(releases: Path) -> dict[str, list[dict[str, object]]]:
    written = json.loads((releases / "latest" / "changes.json").read_text())
    assert written["since"] == sorted(path.stem for path in releases.glob("mptf-*.duckdb"))[1]
    found: dict[str, list[dict[str, object]]] = written["changes"]
    return found


def test_every_kind_of_change_has_its_rows(releases: Path) -> None:
    changes = _changes(releases)
    assert [row["programme_id"] for row in changes["new_programmes"]] == ["00090056"]
    assert [(row["old_status"], row["new_status"]) for row in changes["status_changes"]] == [
        ("On Going", "Financially Closed")
    ]
    final = {
        row["organization"]: (row["interim_usd"], row["year_end_usd"])
        for row in changes["became_final"]
    }
    assert final == {"FAO": ("5.00", "7.00"), "WHO": ("6.00", "6.00")}
    assert [(row["organization"], row["fiscal_year"]) for row in changes["no_longer_shown"]] == [
        ("ILO", 2014)
    ]


def test_the_page_shows_what_the_file_has(releases: Path) -> None:
    page = BeautifulSoup((releases / "latest/page/changes.html").read_bytes(), "html.parser")
    shown = {
        table["id"].removeprefix("table-").replace("-", "_"): len(table.select("tbody tr"))  # type: ignore[union-attr]  # every table has an ID
        for table in page.select("table")
    }
    assert shown == {kind: len(rows) for kind, rows in _changes(releases).items() if rows}


def test_the_first_release_has_nothing_to_be_compared_with(published_home: Path) -> None:
    page = (published_home / "releases/latest/page/changes.html").read_text()
    assert "no earlier release" in page


def test_the_feed_has_an_entry_for_each_release_as_atom_demands(releases: Path) -> None:
    """RFC 4287: one id, title and updated each; the newest first; every link leads somewhere."""
    feed = ET.parse(releases / "feed.xml").getroot()  # noqa: S314 because it is ours
    entries = feed.findall(f"{_ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{_ATOM}{name}")) == 1
    assert feed.findtext(f"{_ATOM}author/{_ATOM}name")
    ids = [entry.findtext(f"{_ATOM}id", "") for entry in entries]
    assert len(set(ids)) == len(ids) == len(list(releases.glob("mptf-*.duckdb")))
    assert all(name.startswith("urn:uuid:") for name in ids)
    updated = [entry.findtext(f"{_ATOM}updated", "") for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext(f"{_ATOM}updated") == updated[0]
    for entry in entries:
        link = entry.find(f"{_ATOM}link")
        assert link is not None
        assert (releases / link.attrib["href"]).is_file()
    assert "new programmes 1" in entries[0].findtext(f"{_ATOM}summary", "")


@pytest.mark.parametrize("text", ["<feed", "<?xml version='1.0' encoding='none'?><feed/>"])
def test_a_feed_that_was_damaged_is_written_anew(releases: Path, text: str) -> None:
    feed = releases / "feed.xml"
    before = feed.read_bytes()
    feed.write_text(text)
    write_feed(releases, "https://mptf.undp.org", None)
    assert feed.read_bytes() == before


@pytest.mark.parametrize("text", [None, "", "[1]", '{"since": "mptf-2026-01-01"}', '{"since": 1,'])
def test_a_release_whose_list_of_changes_is_damaged_stays_in_the_feed(
    tmp_path: Path, text: str | None
) -> None:
    (tmp_path / "mptf-2026-01-02.duckdb").touch()
    if text is not None:
        (tmp_path / "mptf-2026-01-02").mkdir()
        (tmp_path / "mptf-2026-01-02" / "changes.json").write_text(text)
    write_feed(tmp_path, "https://mptf.undp.org", None)
    feed = (tmp_path / "feed.xml").read_text()
    assert "Release mptf-2026-01-02" in feed
    assert "The list of its changes cannot be read." in feed


@pytest.mark.parametrize("content", [b"", b"no database" * 5_000])
def test_a_damaged_release_is_not_compared_with(
    published_home: Path, tmp_path: Path, content: bytes
) -> None:
    """It stops no later release."""
    before = tmp_path / "mptf-2026-01-02.duckdb"
    before.write_bytes(content)
    changes = write_changes(
        published_home / "releases/latest.duckdb", before, tmp_path / "changes.json"
    )
    assert changes == NO_CHANGES
