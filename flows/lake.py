"""Publishing releases to a lake, so that many can read them at once, from any machine."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractors.errors import UsageError
from flows.pipeline.home import Home
from flows.releases import file_of, named, releases
from warehouse.lake import LakeError, Place, opened, place

if TYPE_CHECKING:
    from warehouse.lake_releases import Written


class Shared(NamedTuple):
    """A release that was brought to the lake, and what it changed there."""

    release: str
    written: "Written"


class LakeNewerError(LakeError):
    """The lake has a newer release, of another machine with the same archive."""


def share(
    home: Home, lake: Place, now: datetime, *, folder: Path | None = None, wait: float = 0
) -> list[Shared]:
    """Bring the newest release to the lake, and before it those that the lake has missed.

    Into a lake without releases comes the newest alone. What is in the lake stays as it is.

    Args:
        home: whose releases they are.
        lake: where the lake is.
        now: when it begins.
        folder: the folder of the releases, if it is not the home's.
        wait: how many seconds to wait for another process that is writing to this home.

    Raises:
        HomeBusyError: another process is writing to this home, and still is after `wait` seconds.
        LakeOwnerError: the lake has the releases of another home.
        LakeNewerError: the lake has a newer release than this folder.
        LakeError: the lake cannot be reached, or another process is writing to it.
    """
    # A home without a lake publishes in less memory for it.
    from warehouse.lake_releases import add_release, check_owner, releases_in  # noqa: PLC0415 because see above

    folder = folder or home.releases
    with home.writing("publish", now, wait=wait, archive="none"), opened(lake, os.environ) as con:
        check_owner(con, home.identity())
        there, here = named(releases_in(con)), releases(folder)
        if there and here and here[-1] < there[-1]:
            raise LakeNewerError(
                f"the lake has {there[-1].name}, which is newer than {here[-1].name}: another"
                " machine with this archive publishes to it"
            )
        missing = [release for release in here if release > there[-1]] if there else here[-1:]
        return [
            Shared(
                release.name,
                add_release(con, file_of(folder, release), release.name, home.identity()),
            )
            for release in missing
        ]


def lake_of(home: Home) -> Place | None:
    """Return the lake's place by the settings; None if they name none.

    Raises:
        UsageError: one of the two is missing, or wrong.
    """
    lake, data = home.settings.lake, home.settings.lake_data
    if lake is None and data is None:
        return None
    if lake is None or data is None:
        raise UsageError(
            "a lake has a URL and a place of its data: set both `lake` and `lake_data`"
        )
    return place(lake.get_secret_value(), data)
