"""What the warehouse knows that decides a visit: who is there, what is held, what has been seen."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from warehouse.connection import Connection, sql, words


class KnownSubject(NamedTuple):
    """A programme or fund that was ever listed or seen; `address` and `page` where it was listed.

    `address` is the link as printed on `page`; both are NULL where it was never listed. `seen_at`
    is when its own page was last loaded, and `seen_url` where on the site; `failed` says that the
    last sync could not have some page of it.
    """

    key: str
    address: str | None
    page: str | None
    seen_at: datetime | None
    seen_url: str | None
    fund_code: str | None
    status: str | None
    failed: bool


class Copy(NamedTuple):
    """The newest page that the archive holds of an address, with its validators."""

    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str
    body_bytes: int
    captured_at: datetime


class Unfinished(NamedTuple):
    """A run that did not end, and when the work that it was part of began."""

    run_id: str
    began_at: datetime


def page_links(con: Connection, sha256s: Iterable[str]) -> dict[str, list[str]]:
    """Links, as printed, to more of what bodies show: the next page, or a view of the figures."""
    return dict(con.execute(sql("visits/page_links"), {"bodies": words(sha256s)}).fetchall())


def known_funds(con: Connection) -> list[KnownSubject]:
    """Every fund ever listed or seen."""
    return [KnownSubject(*row) for row in con.execute(sql("visits/known_funds")).fetchall()]


def known_programmes(con: Connection) -> list[KnownSubject]:
    """Every programme ever listed or seen, those seen longest ago first."""
    return [KnownSubject(*row) for row in con.execute(sql("visits/known_programmes")).fetchall()]


def copies(con: Connection) -> list[Copy]:
    """The newest copy of every address that has validators to be believed."""
    return [Copy(*row) for row in con.execute(sql("visits/copies")).fetchall()]


def unfinished_run(con: Connection, run_id: str, since: datetime) -> Unfinished | None:
    """The last run of the same command before this one, if it did not end, unless it is too old."""
    row = con.execute(sql("visits/unfinished"), {"run_id": run_id}).fetchone()
    found = None if row is None else Unfinished(*row)
    return found if found is not None and found.began_at >= since else None


def captured_since(con: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """The addresses that some runs captured from the site, each with its body."""
    rows = con.execute(
        "SELECT url, arg_max(body_sha256, captured_at) FROM raw.capture"
        " WHERE source = 'gateway'"
        " AND run_id IN (SELECT unnest(string_split(?, ' '))) GROUP BY url",
        [words(run_ids)],
    ).fetchall()
    return dict(rows)


def runs_of(con: Connection, first: str) -> list[str]:
    """A run and those that went on with its work."""
    rows = con.execute(
        "SELECT run_id FROM meta.run WHERE run_id = $first OR resumes = $first", {"first": first}
    ).fetchall()
    return [run_id for (run_id,) in rows]


class ListSeen(NamedTuple):
    """One list as these runs saw it, and as the time before."""

    url: str
    rows: int
    rows_in_all: int | None
    rows_before: int | None


def lists_seen(con: Connection, run_ids: Sequence[str]) -> list[ListSeen]:
    """How long every list was that some runs read, as it said itself, and as it was before."""
    found = con.execute(sql("visits/lists_seen"), {"runs": words(run_ids)}).fetchall()
    return [ListSeen(*row) for row in found]


class Shown(NamedTuple):
    """What the factsheets that some runs captured show, and what the same ones showed before."""

    pages: int
    with_figures: int
    with_figures_before: int
    figures: int
    figures_before: int


def shown(con: Connection, run_ids: Sequence[str]) -> Shown:
    """How much the factsheets of some runs show, over those that were seen before too."""
    row = con.execute(sql("visits/shown"), {"runs": words(run_ids)}).fetchone()
    assert row is not None  # noqa: S101 because an aggregate has one row
    return Shown(*row)
