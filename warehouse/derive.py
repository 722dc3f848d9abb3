"""Everything in core, and the checks: of what a load changed, or of all that is loaded."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from transforms.schemas import STORED_TABLES
from warehouse.connection import (
    Connection,
    one,
    quoted,
    retry_with_more_memory,
    sql,
    sql_names,
    transaction,
)

# Captures whose subjects are derived in one transaction: more at once take more memory, and fewer
# more time, because each step reads through the ledger.
_AT_ONCE = 20_000
# Before a load or an order finds what it changes.
NO_SUBJECT = "CREATE OR REPLACE TEMP TABLE changed_subject (about VARCHAR)"
NO_SOURCE = "CREATE OR REPLACE TEMP TABLE changed_source (kind VARCHAR, code VARCHAR)"
_NO_PAGE = (
    "CREATE OR REPLACE TEMP TABLE known_page AS"
    " SELECT * EXCLUDE (is_cut, segment_from) RENAME (http_status AS status)"
    " FROM vintage.sighting LIMIT 0"
)
_FUNDS = "FROM changed_subject WHERE length(about) = 5"  # their codes; IDs of programmes are longer
# Steps that are needed only where there is something of their kind among what has changed.
_ONLY_WITH = {
    "derive/06_finer_figure": "FROM shown_part",
    "derive/13_fund": _FUNDS,
}
# Captures of an earlier load: without any, nothing was derived of the programmes and funds.
_SEEN_BEFORE = "FROM shown_page ANTI JOIN arrived USING (capture_id)"
# One type for all checks, that of meta.check_result: a rate's sums would make doubles of amounts.
_AMOUNTS = ", ".join(
    f"{name}::DECIMAL(18, 2) AS {name}" for name in ("expected", "actual", "tolerance")
)
_NEEDS_ALL = (
    "DELETE FROM known_page"
    " WHERE about IN (SELECT about FROM known_page WHERE thinned)"
    " AND about IN (SELECT about FROM stale_validator"
    " UNION SELECT about FROM contradiction WHERE interleaved)"
)


class Share(NamedTuple):
    """One of several equal shares of some work: `number` counts from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return it as options have it: `2/3`."""
        return f"{self.number}/{self.of}"


WHOLE = Share(1, 1)
# The tables that are derived from raw and observed.
DERIVED_TABLES = [
    *(table for table in STORED_TABLES if table.startswith(("vintage.", "core."))),
    "meta.check_result",
]


def derive(con: Connection, *, in_order: bool = False, is_first: bool = False) -> None:
    """Derive core and the checks anew for what has changed.

    That is the programmes and funds in `changed_subject`, and what sources say of the organizations
    and funds in `changed_source`.

    Args:
        con: the warehouse, open for writing.
        in_order: `known_page` has all pages that are needed of those programmes and funds whose
            captures in `arrived` are their newest. The ledger is searched for the others; without
            `in_order`, for all.
        is_first: nothing is derived yet of these programmes and funds.
    """
    if not in_order:
        con.execute(_NO_PAGE)
    if _any(con, "FROM changed_subject"):
        _compare_pages(con)
        if not is_first and (not in_order or _any(con, _SEEN_BEFORE)):
            con.execute(sql("load/clear"))
        for step in sql_names("derive"):
            if step not in _ONLY_WITH or _any(con, _ONLY_WITH[step]):
                con.execute(sql(step))
        _check(con, "checks")
    if _any(con, "FROM changed_source"):
        for step in sql_names("sources"):
            con.execute(sql(step))
    _check_funds(con)


def _compare_pages(con: Connection) -> None:
    """Find the evidence, and the pages that contradict each other.

    Where they do within the same time, or a validator turns out to be stale, what was thinned out
    matters, and the ledger is searched for it.
    """
    steps = sql_names("compare")
    for step in steps:
        con.execute(sql(step))
    if one(con, _NEEDS_ALL):
        for step in steps:
            con.execute(sql(step))


def derive_subjects(
    con: Connection, share: Share = WHOLE, pause: Callable[[], None] = lambda: None
) -> None:
    """Derive what captures say of a share of the programmes and funds, without the sources.

    Args:
        con: a warehouse in which nothing is derived of them.
        share: which share of them.
        pause: is called between two transactions, and may raise to stop.
    """
    con.execute(
        sql("whole/subject"), {"share": share.number, "shares": share.of, "at_once": _AT_ONCE}
    )
    for (number,) in con.execute("SELECT DISTINCT slice FROM subject ORDER BY slice").fetchall():
        pause()
        retry_with_more_memory(con, partial(_derive_slice, con, number))


def derive_all(
    con: Connection, of_subjects: Callable[[Connection], None] = derive_subjects
) -> None:
    """Derive core and the checks of everything that is loaded, in place of what is there.

    Args:
        con: the warehouse, open for writing.
        of_subjects: derives what is of one programme or fund, or brings it from elsewhere.
    """
    with transaction(con):
        for table in DERIVED_TABLES:
            con.execute(f"DELETE FROM {table}")  # noqa: S608 because the names are the models' own
    of_subjects(con)
    retry_with_more_memory(con, partial(_note_bodies, con))
    retry_with_more_memory(con, partial(_derive_sources, con))


def _derive_slice(con: Connection, number: int) -> None:
    with transaction(con):
        con.execute(NO_SOURCE)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE changed_subject AS"
            " SELECT about FROM subject WHERE slice = ?",
            [number],
        )
        derive(con, is_first=True)


def _note_bodies(con: Connection) -> None:
    """Note which bodies each URL has shown."""
    con.execute(sql("whole/page_body"))


def _derive_sources(con: Connection) -> None:
    """Derive what all sources say of organizations and funds, and check all funds."""
    with transaction(con):
        con.execute(NO_SUBJECT)
        con.execute(sql("whole/source"))
        derive(con)


def _check_funds(con: Connection) -> None:
    """Check the contributions of changed funds anew, and those of lists of all funds, `(all)`."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE changed_fund AS SELECT about AS fund_code {_FUNDS}"  # noqa: S608 because it is the condition above
        " UNION SELECT unnest([code, '(all)']) FROM changed_source WHERE kind = 'contribution'"
    )
    if not _any(con, "FROM changed_fund"):
        return
    names = ", ".join(quoted(name.partition("/")[2]) for name in sql_names("fund_checks"))
    for table, about in (("meta.check_result", "fund_code"), ("vintage.passed_check", "about")):
        con.execute(
            f"DELETE FROM {table}"  # noqa: S608 because the names are of files and tables of ours
            f" WHERE {about} IN (FROM changed_fund) AND check_name IN ({names})"
        )
    _check(con, "fund_checks")


def _check(con: Connection, folder: str) -> None:
    """Store what the checks of a folder find: failures, and counts of passes."""
    results = " UNION ALL BY NAME ".join(
        f"SELECT {quoted(name.partition('/')[2])} AS check_name, * REPLACE ({_AMOUNTS})"  # noqa: S608 because a check is a file of ours
        f" FROM ({sql(name)})"
        for name in sql_names(folder)
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE checked AS"  # noqa: S608 because a check is a file of ours
        " SELECT check_name, coalesce(programme_id, fund_code) AS about,"
        " if(passed, NULL, result) AS failure, count(*) AS passed"
        f" FROM ({results}) AS result GROUP BY ALL"
    )
    con.execute(
        "INSERT INTO meta.check_result BY NAME"
        " SELECT failure.* FROM checked WHERE failure IS NOT NULL"
    )
    con.execute(
        "INSERT INTO vintage.passed_check BY NAME"
        " SELECT about, check_name, passed FROM checked WHERE failure IS NULL"
    )


def _any(con: Connection, rows: str) -> bool:
    return bool(one(con, f"SELECT EXISTS ({rows})"))
