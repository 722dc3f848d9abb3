"""A page that is linked to the earlier one has the bytes of a page that is written from nothing."""

import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.processes import PATIENCE
from tests.warehouse.histories import Seen, annual, at, load_seen, page, row, voucher
from warehouse.connection import open_writer
from warehouse.schema import prepare
from webpage.site import write_page

_SITE = "https://gateway.example/factsheet/project/"
_FIRST, _NEXT = "2016-06-15T03:00:00", "2017-06-15T03:00:00"
PROGRAMMES = [f"0009100{number}" for number in range(6)]


def seen(programme_id: str, time: str, spent: str = "100", **said: object) -> Seen:
    """A programme's page as seen at a time."""
    shown = {"title": f"Programme {programme_id}", "fund_code": "PB000", "country": "Fiji"} | said
    return Seen(
        at(time),
        page(
            annual(row("FAO", 2014, transfers="90", expenditure=spent)),
            programme_id=programme_id,
            narrative=["Reefs are watched."],
            documents=["Annual report"],
            **shown,  # type: ignore[arg-type]
        ),
        _SITE + programme_id,
    )


# What a night may bring, by name: pages that are loaded, or statements on the release's tables.
CHANGES: dict[str, Seen | str] = {
    "a figure is restated": seen(PROGRAMMES[0], _NEXT, "120.50"),
    "a page is seen again": seen(PROGRAMMES[1], _NEXT),
    "a title changes": seen(PROGRAMMES[2], _NEXT, title="Résilience"),
    "a voucher is new": seen(PROGRAMMES[3], _NEXT, vouchers=[voucher("V1")]),
    "a passage is added": seen(PROGRAMMES[4], _NEXT, description="Coast"),
    "a programme is new": seen("00091009", _NEXT),
    "a programme vanishes": "DELETE FROM raw.capture WHERE programme_id = '00091005'",
    "a fund has a name": (
        "INSERT INTO core.fund BY NAME SELECT 'PB000' AS fund_code, 'Reefs' AS name,"
        " captured_at AS known_from, capture_id"
        " FROM raw.capture ORDER BY capture_id LIMIT 1"
    ),
    "the source gives a programme no fund": seen(PROGRAMMES[4], _NEXT, fund_code=None),
}


def release(file: Path, changes: Iterable[str], before: Path | None = None) -> Path:
    """Return a release with six programmes, or an earlier one, after some changes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if before:
        shutil.copyfile(before, file)
    con = open_writer(file)
    if not before:
        prepare(con)
        load_seen(con, [seen(programme_id, _FIRST) for programme_id in PROGRAMMES])
    for change in map(CHANGES.__getitem__, changes):
        if isinstance(change, str):
            con.execute(change)
        else:
            load_seen(con, [change])
    con.execute("UPDATE meta.warehouse SET as_of = (SELECT max(captured_at) FROM raw.capture)")
    con.close()
    return file


@pytest.fixture(scope="module")
def pool() -> Iterable[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, pool: Executor) -> Path:
    """A folder with a release and its page."""
    folder = tmp_path_factory.mktemp("first")
    file = release(folder / "mptf.duckdb", ())
    write_page(file, folder / "page", "mptf-2016-06-20", date(2016, 6, 20), pool)
    return folder


def changed_pages(folder: Path, changes: Iterable[str], first: Path, pool: Executor) -> set[str]:
    """Write a release's page, linked and from nothing; return the files that are not linked.

    Both pages are compared, byte for byte.
    """
    file = release(folder / "mptf.duckdb", changes, first / "mptf.duckdb")
    named = ("mptf-2017-06-20", date(2017, 6, 20), pool)
    write_page(file, folder / "linked", *named, first / "page")
    write_page(file, folder / "whole", *named)
    subprocess.run(
        ["diff", "-r", folder / "linked", folder / "whole"], check=True, timeout=PATIENCE
    )
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=folder / "linked", check=True, timeout=PATIENCE)
    subprocess.run(check, cwd=first / "page", check=True, timeout=PATIENCE)
    return not_linked(folder / "linked")


def not_linked(page: Path) -> set[str]:
    return {
        str(path.relative_to(page))
        for path in page.rglob("*")
        if path.is_file() and path.stat().st_nlink == 1
    }


def test_after_a_night_without_changes_only_what_names_the_release_is_written(
    first: Path, pool: Executor, tmp_path: Path
) -> None:
    named = ("mptf-2017-06-20", date(2017, 6, 20), pool)
    write_page(first / "mptf.duckdb", tmp_path / "page", *named, first / "page")
    assert not_linked(tmp_path / "page") == {
        "release.js", "index.html", "api/index.json", "SHA256SUMS",
    }  # fmt: skip


def test_after_changes_all_is_as_if_it_were_written_from_nothing(
    first: Path, pool: Executor, tmp_path: Path
) -> None:
    """And every programme that changed is written anew."""
    written = changed_pages(tmp_path, CHANGES, first, pool)
    assert {name for name in written if name.startswith("programme/0009100")} > {
        f"programme/{programme_id}.html" for programme_id in PROGRAMMES[:5]
    }
    assert not (tmp_path / "linked" / "programme" / f"{PROGRAMMES[5]}.html").exists()
    assert "Reefs" in (tmp_path / "linked" / "fund" / "PB000.html").read_text()


@pytest.mark.proof
@settings(max_examples=40, deadline=None)
@given(changes=st.lists(st.sampled_from(sorted(CHANGES)), unique=True))
def test_after_any_changes_all_is_as_if_it_were_written_from_nothing(
    changes: list[str], first: Path, pool: Executor, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("next")
    changed_pages(folder, changes, first, pool)
    shutil.rmtree(folder)
