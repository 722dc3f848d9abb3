"""The page of a release, written from the release's own file and nothing else."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.answers import answer, opened
from warehouse.connection import Connection
from warehouse.package import Origin
from warehouse.release_changes import NO_CHANGES, Changes
from webpage import contributors, funds, places, programmes
from webpage.api import write_index
from webpage.assets import write_assets
from webpage.changes import write_changes_page
from webpage.contributors import write_contributors
from webpage.funds import write_funds
from webpage.general import write_general
from webpage.pages import PageFolder, WrittenFile, code_digest
from webpage.places import write_places
from webpage.programmes import write_programmes
from webpage.scripts import ReleaseInfo
from webpage.search import write_search
from webpage.subjects import find_subjects
from webpage.texts import TextIndex, write_texts

_DESCRIBED = (
    programmes.DESCRIBED, funds.DESCRIBED, contributors.DESCRIBED, *places.DESCRIBED.values(),
)  # fmt: skip
_PROGRAMMES_PER_TASK = 2_500


def write_page(
    file: Path,
    path: Path,
    name: str,
    published: date,
    pool: Executor,
    earlier: Path | None = None,
    origin: Origin | None = None,
    changes: Changes = NO_CHANGES,
) -> int:
    """Write the page of a release, and return its number of files.

    The same release gives the same bytes, whether files of the earlier page are linked or not.

    Args:
        file: the release's DuckDB file, closed.
        path: the page's folder, which must not exist.
        name: the release's name.
        published: the release's day.
        pool: processes that write the programmes' pages.
        earlier: an earlier release's page, to whose files those that are the same are linked.
        origin: the site and the publisher, which a citation names.
        changes: what changed since the release before.

    Raises:
        WarehouseMissingError, WarehouseVersionError: see `open_reader`.
    """
    folder = PageFolder(path, earlier, code_digest())
    site, publisher = (origin.site, origin.publisher) if origin else (None, None)
    with opened(file) as con:
        text_index = pool.submit(write_texts, file, folder)
        tasks = [pool.submit(write_programmes, file, folder, batch) for batch in _batches(con)]
        (overview,) = answer(con, "overview").records()
        release = ReleaseInfo(name, published, overview["newest_capture"], site, publisher)
        written = [
            *write_assets(folder),
            write_changes_page(folder, changes),
            *_write_others(con, folder, release, overview, text_index),
        ]
    written += [page for task in tasks for page in task.result()]
    return folder.finish(written)


def _batches(con: Connection) -> Iterator[list[str]]:
    """Yield the IDs of all programmes, as many at a time as one task writes."""
    ids = [key for (key,) in answer(con, "programme_ids").rows]
    for start in range(0, len(ids), _PROGRAMMES_PER_TASK):
        yield ids[start : start + _PROGRAMMES_PER_TASK]


def _write_others(
    con: Connection, folder: PageFolder, release: ReleaseInfo, overview: dict[str, Any],
    text_index: Future[TextIndex],
) -> list[WrittenFile]:  # fmt: skip
    """Write the pages of all but programmes, with the indexes of search and API."""
    subjects = find_subjects(con)
    sums = answer(con, "known_sums").by_key()
    return [
        *write_general(con, folder, release, overview, subjects.fund, sums),
        *write_funds(con, folder, subjects.fund, sums),
        *write_contributors(con, folder, subjects.contributor),
        *write_places(con, folder, subjects),
        *text_index.result().files,
        *write_search(folder, subjects, text_index.result()),
        *write_index(con, folder, release, subjects, _DESCRIBED),
    ]
