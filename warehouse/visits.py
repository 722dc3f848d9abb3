"""Queries that plan and assess a sync: known programmes, cached copies, unfinished runs."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from typing import Literal, NamedTuple

from warehouse.connection import Connection, one, space_joined, sql
from warehouse.ledger import ALL_TIME, Period


class KnownSubject(NamedTuple):
    """A programme or fund that was ever listed or seen.

    Attributes:
        key: programme ID or fund code.
        link: the link to it as printed on `page`; None if it was never listed.
        page: URL of the list or fund page that printed this link last.
        seen_at: when the site sent its own page last.
        seen_url: the URL of that page.
        fund_code: the fund of a programme.
        status: the newest status.
        failed: whether a sync failed to fetch one of its pages, or got only a part, and none has
            loaded one since.
        prints_figures: whether its page has them; that of today's site has none.
        requested_at: when a programme's page was seen, or requested in vain, last.
        refused: whether the site refused a programme's page since it last sent it.
    """

    key: str
    link: str | None
    page: str | None
    seen_at: datetime | None
    seen_url: str | None
    fund_code: str | None
    status: str | None
    failed: bool
    prints_figures: bool = True
    requested_at: datetime | None = None
    refused: bool = False


class ListNews(NamedTuple):
    """What lists told after a page was seen, by programme ID and fund code.

    Attributes:
        listed_anew: those of which a list says what none said then.
        money_moved: programmes whose fund's statement has other sums than then.
    """

    listed_anew: Set[str] = frozenset()
    money_moved: Set[str] = frozenset()


class Copy(NamedTuple):
    """The newest archived page of a URL, with its validators."""

    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str
    body_bytes: int
    captured_at: datetime


class Taken(NamedTuple):
    """Some captures: their IDs, and the period in which the ledger is searched for them."""

    ids: Sequence[str]
    made: Period

    @property
    def parameters(self) -> dict[str, object]:
        """Return the parameters of a query about them."""
        return {"captures": space_joined(self.ids), **self.made._asdict()}


class Unfinished(NamedTuple):
    """A run that was cut short, and when the work that it was part of began."""

    run_id: str
    began_at: datetime


def page_links(con: Connection, sha256s: Iterable[str]) -> dict[str, list[str]]:
    """Return each body's links, as printed, to its next page and to views of its figures."""
    return dict(con.execute(sql("visits/page_links"), {"bodies": space_joined(sha256s)}).fetchall())


def known_funds(con: Connection) -> list[KnownSubject]:
    """Return every fund ever listed or seen."""
    return [KnownSubject(*row) for row in con.execute(sql("visits/known_funds")).fetchall()]


def known_programmes(con: Connection) -> list[KnownSubject]:
    """Return every programme ever listed or seen: first those seen or tried longest ago."""
    return [KnownSubject(*row) for row in con.execute(sql("visits/known_programmes")).fetchall()]


def count_known_programmes(con: Connection) -> int:
    """Count the programmes ever listed or seen."""
    return int(one(con, "SELECT count(*) FROM vintage.known_programmes()"))


def list_news(con: Connection, since: datetime) -> ListNews:
    """Return what lists captured since a time told after each page was seen."""
    listed_anew = con.execute(sql("visits/listed_anew"), {"since": since}).fetchall()
    money_moved = con.execute(sql("visits/money_moved")).fetchall()
    return ListNews({key for (key,) in listed_anew}, {key for (key,) in money_moved})


def copies(con: Connection, since: datetime = ALL_TIME.first) -> list[Copy]:
    """Return the newest copy, sent since a time, of every URL whose validators can be trusted."""
    found = con.execute(sql("visits/copies"), {"since": since}).fetchall()
    return [Copy(*row) for row in found]


def unfinished_run(
    con: Connection, run_id: str, since: datetime | None = None
) -> Unfinished | None:
    """Return the last run of the same command, if it was cut short and began after `since`."""
    row = con.execute(sql("visits/unfinished"), {"run_id": run_id}).fetchone()
    found = None if row is None else Unfinished(*row)
    return None if found is None or (since is not None and found.began_at < since) else found


def captured_since(con: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """Return the URLs that some runs captured, each with the key of its newest parse.

    Without pages in quarantine: a site that comes back shows others in their place.
    """
    rows = con.execute(
        "SELECT url, arg_max(parse_key, (captured_at, capture_id)) FROM raw.capture"
        " WHERE source = 'gateway' AND state <> 'quarantined'"
        " AND run_id IN (SELECT unnest(string_split(?, ' '))) GROUP BY url",
        [space_joined(run_ids)],
    ).fetchall()
    return dict(rows)


def urls_of(con: Connection, captures: Taken) -> set[str]:
    """Return the URLs of some captures."""
    rows = con.execute(
        "SELECT DISTINCT url FROM raw.capture WHERE captured_at BETWEEN $first AND $last"
        " AND capture_id IN (SELECT unnest(string_split($captures, ' ')))",
        captures.parameters,
    ).fetchall()
    return {url for (url,) in rows}


def runs_of(con: Connection, first: str) -> list[str]:
    """Return a run and those that continued its work."""
    rows = con.execute(
        "SELECT run_id FROM meta.run WHERE run_id = $first OR resumes = $first", {"first": first}
    ).fetchall()
    return [run_id for (run_id,) in rows]


class Answered(NamedTuple):
    """The newest capture of a URL: the kind of page, its state, and the rule that it broke."""

    page_kind: str
    state: str
    rule: str | None


def answered(con: Connection, captures: Taken) -> dict[str, Answered]:
    """Return what some captures from the site are, by URL."""
    found = con.execute(sql("visits/answered"), captures.parameters).fetchall()
    return {url: Answered(*row) for url, *row in found}


def form_seen(con: Connection) -> Literal["classic", "today"] | None:
    """Return the form of the site that was seen last: lists, or answers of its API."""
    row = con.execute(
        "SELECT arg_max(page_kind, (captured_at, capture_id)) FROM raw.capture"
        " WHERE source = 'gateway' AND state = 'loaded'"
        " AND page_kind IN ('portfolio_list', 'api_answer')"
    ).fetchone()
    kind = row and row[0]
    return None if kind is None else "today" if kind == "api_answer" else "classic"


class Answer(NamedTuple):
    """An answer of the API: how many rows it lists, and the SHA-256 of its body."""

    rows: int
    body_sha256: str


def api_answers(con: Connection, captures: Taken) -> dict[str, Answer]:
    """Return the captured answers of the API, by URL."""
    found = con.execute(sql("visits/api_answers"), captures.parameters).fetchall()
    return {url: Answer(*row) for url, *row in found}


def cut_short(con: Connection, captures: Taken) -> list[str]:
    """Return the URLs of some captures that broke off when they were captured last."""
    found = con.execute(sql("visits/cut_short"), captures.parameters).fetchall()
    return [url for (url,) in found]


class AnswerShrunk(NamedTuple):
    """An answer of the API with less than half the rows of the one before."""

    url: str
    rows: int
    rows_before: int


def answers_shrunk(con: Connection, captures: Taken) -> list[AnswerShrunk]:
    """Return the captured answers that lost most of their rows."""
    found = con.execute(sql("visits/answers_shrunk"), captures.parameters).fetchall()
    return [AnswerShrunk(*row) for row in found]


def answered_figures(con: Connection, captures: Taken) -> int:
    """Count the figures in captured answers of the API."""
    row = con.execute(sql("visits/answered_figures"), captures.parameters).fetchone()
    return int(row[0]) if row else 0


class ListSeen(NamedTuple):
    """The length of one list, as printed in all, as read, and as read the time before."""

    url: str
    rows: int
    rows_in_all: int | None
    rows_before: int | None


def lists_seen(con: Connection, run_ids: Sequence[str]) -> list[ListSeen]:
    """Return the lengths of every list that some runs captured."""
    found = con.execute(sql("visits/lists_seen"), {"runs": space_joined(run_ids)}).fetchall()
    return [ListSeen(*row) for row in found]


class Shown(NamedTuple):
    """How many figures the factsheets of some runs show, and showed before."""

    pages: int
    with_figures: int
    with_figures_before: int
    figures: int
    figures_before: int


def shown(con: Connection, run_ids: Sequence[str]) -> Shown:
    """Count the figures on the factsheets of some runs that were captured before as well."""
    row = con.execute(sql("visits/shown"), {"runs": space_joined(run_ids)}).fetchone()
    assert row is not None  # noqa: S101 because an aggregate has one row
    return Shown(*row)
