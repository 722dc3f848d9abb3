"""Homes that tests begin with: to make one takes ten times as long as to copy it."""

import shutil
from collections.abc import Callable
from contextlib import closing
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from warehouse.connection import open_writer
from warehouse.schema import prepare


def with_warehouse(home: Path) -> Path:
    """Put the warehouse that every command begins with into a home that has none."""
    home.mkdir(parents=True, exist_ok=True)
    warehouse = home / "warehouse.duckdb"
    if not warehouse.exists():
        shutil.copyfile(Path(_prepared().name) / warehouse.name, warehouse)
    return home


def made_once(
    name: str, make: Callable[[Path], None], folders: pytest.TempPathFactory, worker: str
) -> Path:
    """Return a copy of a home that one process of the tests makes for all of them.

    Each process has a copy of its own, so that none finds the home's file open in another.
    """
    shared = folders.getbasetemp() if worker == "master" else folders.getbasetemp().parent
    home, made = shared / name / "home", shared / name / "made"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            made.touch()
    return Path(shutil.copytree(home, folders.mktemp(name) / "home", symlinks=True))


@cache
def _prepared() -> TemporaryDirectory[str]:
    """Prepare one for this process; the folder goes with it."""
    folder = TemporaryDirectory()
    with closing(open_writer(Path(folder.name) / "warehouse.duckdb")) as con:
        prepare(con)
    return folder
