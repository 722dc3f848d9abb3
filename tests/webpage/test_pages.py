"""A page's files are linked to the earlier page's where they are the same, and only there."""

import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.processes import PATIENCE
from webpage.pages import PageFolder, WrittenFile, code_digest

CODE = "code"


def written(path: Path, earlier: Path | None, texts: dict[str, str], code: str = CODE) -> list[str]:
    """Write a page with a file for each subject, and return the subjects that were made anew."""
    folder = PageFolder(path, earlier, code)
    made: list[str] = []

    def make(subject: str) -> Iterator[WrittenFile]:
        made.append(subject)
        yield folder.write(f"{subject}.html", texts[subject].encode())
        yield folder.write(f"{subject}.json", b"[]")

    files = [
        file
        for subject, text in texts.items()
        for file in folder.files(subject, (text, None), lambda subject=subject: make(subject))  # type: ignore[misc]
    ]
    folder.finish(files)
    return made


def same_file(one: Path, other: Path) -> bool:
    return one.stat().st_ino == other.stat().st_ino


def assert_sums_hold(path: Path) -> None:
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=path, check=True, capture_output=True, timeout=PATIENCE)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    written(tmp_path / "earlier", None, {"a": "first", "b": "second"})
    return tmp_path / "earlier"


def test_what_is_made_from_the_same_is_linked_and_the_rest_is_written(
    earlier: Path, tmp_path: Path
) -> None:
    """Both files of a subject, with the bytes and lists of a page that is written whole."""
    texts = {"a": "first", "b": "changed", "c": "new"}
    assert written(tmp_path / "next", earlier, texts) == ["b", "c"]
    assert written(tmp_path / "whole", None, texts) == ["a", "b", "c"]
    assert same_file(earlier / "a.html", tmp_path / "next" / "a.html")
    assert same_file(earlier / "a.json", tmp_path / "next" / "a.json")
    assert (earlier / "b.html").read_text() == "second"
    assert_sums_hold(tmp_path / "next")
    subprocess.run(
        ["diff", "-r", tmp_path / "next", tmp_path / "whole"], check=True, timeout=PATIENCE
    )


def test_a_page_of_other_code_is_made_anew_and_linked_where_it_comes_out_the_same(
    earlier: Path, tmp_path: Path
) -> None:
    assert written(tmp_path / "next", earlier, {"a": "first"}, "other code") == ["a"]
    assert same_file(earlier / "a.html", tmp_path / "next" / "a.html")


@pytest.mark.parametrize("name", ["a.html", "a.json", "INPUTS", "SHA256SUMS"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_file_is_never_linked(
    name: str, damage: str, earlier: Path, tmp_path: Path
) -> None:
    """Nor does writing it anew mend or change the earlier page."""
    file = earlier / name
    if damage == "gone":
        file.unlink()
    else:
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 3] if damage == "cut" else b"x" + content[1:])
    before = file.read_bytes() if file.exists() else None
    assert "a" in written(tmp_path / "next", earlier, {"a": "first"})
    assert (tmp_path / "next" / "a.html").read_text() == "first"
    assert_sums_hold(tmp_path / "next")
    assert (file.read_bytes() if file.exists() else None) == before


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_subject_keeps_all_its_files_where_a_part_of_the_list_is_damaged(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files may be listed in two parts, of which one is whole."""
    monkeypatch.setattr("webpage.pages._LINES_PER_FILE", 1)
    written(tmp_path / "earlier", None, {"a": "first"})
    assert "a.json" in (tmp_path / "earlier" / "INPUTS-2").read_text()
    if damage == "gone":
        (tmp_path / "earlier" / "INPUTS-2").unlink()
    else:
        (tmp_path / "earlier" / "INPUTS-2").write_bytes(b"")
    written(tmp_path / "next", tmp_path / "earlier", {"a": "first"})
    assert {"a.html", "a.json"} <= {file.name for file in (tmp_path / "next").iterdir()}


def test_writing_over_a_link_leaves_the_earlier_page_as_it_was(
    earlier: Path, tmp_path: Path
) -> None:
    """Such as a link that a killed run has left."""
    folder = PageFolder(tmp_path / "next", earlier, CODE)
    folder.write("a.html", b"first")
    folder.write("a.html", b"other")
    assert (tmp_path / "next" / "a.html").read_bytes() == b"other"
    assert (earlier / "a.html").read_bytes() == b"first"


def test_the_version_of_every_library_that_a_page_shows_is_a_part_of_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as Altair's, which names the script of the charts: a linked page would lack it."""
    before = code_digest()
    assert before == code_digest()
    for library in ("altair", "duckdb", "jinja2"):
        versions = {library: "0"}
        monkeypatch.setattr(
            "webpage.pages.version",
            lambda name, versions=versions: versions.get(name, version(name)),
        )
        assert code_digest() != before, library
