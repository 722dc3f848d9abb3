"""Nights of two homes with one bucket, wherever their processes run."""

import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tests.flows.tables import dump
from tests.processes import PATIENCE, killed_after

_MONTH = timedelta(days=30)
_ASKING = (("one",), ("two",), ("one", "two"))  # each night


class Place(NamedTuple):
    """Where the homes are.

    Attributes:
        folder: the folder of the homes.
        command: returns the command of a home that has this name, with these arguments.
        environment: returns the environment of that command, without an archive.
        move_to: sets the site's time.
        hosts: returns the hosts of the requests since the last call.
    """

    folder: Path
    command: Callable[..., list[str]]
    environment: Callable[[str], dict[str, str]]
    move_to: Callable[[datetime], None]
    hosts: Callable[[], list[str]]


def check_that_turns_are_one_history(place: Place, bucket: str, start: datetime) -> None:
    """Check that homes that take turns, or start at once, have the history of one home.

    Of two that start at once, one asks the site and the other waits for it. The one home has done
    every night as often.
    """
    archive = {"MPTF_ARCHIVE": bucket}
    blocks = []
    for night, asking in enumerate(_ASKING):
        place.move_to(start + night * _MONTH)
        place.hosts()
        runs = [
            subprocess.Popen(
                place.command(name, "sync", "--all", "--wait", "230"),
                env=place.environment(name) | archive, stderr=subprocess.PIPE, text=True,
            )
            for name in asking
        ]  # fmt: skip
        with ExitStack() as stack:
            for run in runs:
                stack.enter_context(killed_after(run))
            for run in runs:
                _, errors = run.communicate(timeout=PATIENCE)
                assert run.returncode == 0, errors
        blocks.append(len([host for host, _ in groupby(place.hosts())]))
    assert blocks == [1, 1, 2]
    for night, asking in enumerate(_ASKING):
        place.move_to(start + night * _MONTH)
        for _ in asking:
            run_to_its_end(place.command("alone", "sync", "--all"), place.environment("one"))
    alone = dump(place.folder / "alone" / "warehouse.duckdb")
    assert len(alone["core.expenditure_snapshot"]) > 10
    for name in ("one", "two", "rebuilt"):
        environment = place.environment("two" if name == "two" else "one") | archive
        run_to_its_end(place.command(name, "rebuild"), environment)
        assert dump(place.folder / name / "warehouse.duckdb") == alone
    run_to_its_end(place.command("one", "verify"), place.environment("one") | archive)


def run_to_its_end(
    command: list[str], environment: dict[str, str], codes: frozenset[int] = frozenset({0})
) -> str:
    """Run a command, and return what it said on stderr."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode in codes, done.stderr
    return done.stderr
