"""The rows of many pages: typed page by page, then validated once for the whole batch.

Validation costs about as much for a page as for a thousand. So pages are typed wherever they are
parsed, and whoever loads a batch validates it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import polars as pl

from transforms.answers import CORE_OF
from transforms.quarantine import Quarantined, RejectedError
from transforms.schemas import OBSERVED_TABLES
from transforms.typed import Row
from transforms.validate import checked, empty_frame, frame_of

# Beside a table's columns: where a row stood, its text, and the answer that a part was found in.
_WHERE, _TEXT, _ANSWER = "_where", "_text", "_answer"
_OF_PARTS = ("observed.body", "observed.figure", "observed.figure_table")
# With `read_in_full`, which says that a row that is not there is not shown.
_SHOWING_WHAT_IS_GONE = (
    "observed.figure_table", "observed.contribution_table", "observed.answer",
)  # fmt: skip


class Typed(NamedTuple):
    """Typed rows that are not validated yet, each with where it stood, and the quarantined ones.

    There is a frame for each observed table that has rows.
    """

    frames: dict[str, pl.DataFrame]
    quarantined: list[Quarantined]


class Observations(NamedTuple):
    """One validated frame for each observed table, and the quarantined rows."""

    frames: dict[str, pl.DataFrame]
    quarantined: list[Quarantined]


class _Record(Protocol):
    """A printed record: where it stood on its page, and its text."""

    @property
    def where(self) -> str: ...

    @property
    def text(self) -> str: ...


class _Table:
    """Rows of one table, and where each stood and its text in case validation refuses it."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.where: list[str] = []
        self.texts: list[str] = []


class Rows:
    """The rows of many pages by table, and the quarantined ones.

    Attributes:
        quarantined: the rows that break a rule.
        parts: the answer that each part was found in first, by their keys.
    """

    def __init__(self) -> None:
        self._tables: defaultdict[str, _Table] = defaultdict(_Table)
        self.quarantined: list[Quarantined] = []
        self.parts: dict[str, str] = {}

    def add(self, table: str, row: Row, where: str = "", text: str = "") -> None:
        """Add a row, with where it stood in case validation refuses it."""
        added = self._tables[table]
        added.rows.append(row)
        added.where.append(where)
        added.texts.append(text)

    def quarantine(self, of_body: Row, table: str, record: _Record, error: RejectedError) -> None:
        """Quarantine a whole printed record."""
        self.quarantined.append(
            Quarantined(
                of_body["parse_key"], table, record.where, record.text, error.rule, str(error)
            )
        )

    def typed(self) -> Typed:
        """Return all rows as frames; a value of another type is an error, never converted."""
        frames = {
            name: frame_of(model, table.rows).with_columns(
                pl.Series(_WHERE, table.where, pl.String),
                pl.Series(_TEXT, table.texts, pl.String),
                pl.Series(_ANSWER, self._answers(table), pl.String),
            )
            for name, model in OBSERVED_TABLES.items()
            if (table := self._tables.get(name)) is not None
        }
        return Typed(frames, self.quarantined)

    def _answers(self, table: _Table) -> list[str | None]:
        if not self.parts:
            return [None] * len(table.rows)
        return [self.parts.get(row["parse_key"]) for row in table.rows]


def validated(pieces: Sequence[Typed | Observations]) -> Observations:
    """Return all rows of several pieces; those of `Typed` are validated now, in one go.

    No body may be in two pieces. A part of an answer may be, and is kept once.
    """
    typed = [piece for piece in pieces if isinstance(piece, Typed)]
    done = [piece for piece in pieces if isinstance(piece, Observations)]
    if typed or not done:
        done.insert(0, _validated(typed))
    frames = {name: pl.concat([piece.frames[name] for piece in done]) for name in OBSERVED_TABLES}
    if len(pieces) > 1 and len(frames["observed.part"]):
        for name in _OF_PARTS:
            frames[name] = frames[name].unique(maintain_order=True)
    return Observations(frames, [row for piece in done for row in piece.quarantined])


def _validated(pieces: Sequence[Typed]) -> Observations:
    frames: dict[str, pl.DataFrame] = {}
    quarantined = [row for piece in pieces for row in piece.quarantined]
    doubtful = [row.parse_key for row in quarantined if _is_of_figures(row)]
    for name, model in OBSERVED_TABLES.items():
        found = [piece.frames[name] for piece in pieces if name in piece.frames]
        if not found:
            frames[name] = empty_frame(model)
            continue
        whole = pl.concat(found)
        frames[name], failures = checked(model, whole.drop(_WHERE, _TEXT, _ANSWER))
        for at, rule, message in failures:
            row = whole.row(at, named=True)
            failed = Quarantined(
                row["parse_key"], _target(name, row), row[_WHERE], row[_TEXT], rule, message
            )
            doubtful += [failed.parse_key] if _is_of_figures(failed) else []
            # Of a part, the answer that a capture shows is quarantined.
            quarantined.append(failed._replace(parse_key=row[_ANSWER] or failed.parse_key))
    if doubtful:
        for name in _SHOWING_WHAT_IS_GONE:
            frames[name] = frames[name].with_columns(
                read_in_full=pl.col("read_in_full") & ~pl.col("parse_key").is_in(doubtful)
            )
    return Observations(frames, quarantined)


def _is_of_figures(row: Quarantined) -> bool:
    """Return whether its tables, or its answer, are not read in full without a quarantined row."""
    return row.table_name.endswith("_snapshot")


def _target(table: str, row: Row) -> str:
    """Return the table of the warehouse that a row of an observed table belongs to."""
    if table == "observed.figure":
        yearly = row["fiscal_year"] is not None
        return "core.expenditure_snapshot" if yearly else "core.cumulative_snapshot"
    core: dict[str, str] = {"observed.statement_line": "core.funding_status", **CORE_OF}
    return core.get(table, table.replace("observed.", "core."))


def page_links(found: Typed | Observations) -> dict[str, list[str]]:
    """Return links, as printed, to more of what bodies show: the next page, or a view."""
    links: defaultdict[str, list[str]] = defaultdict(list)
    printed = found.frames.get("observed.page_link")
    if printed is not None:
        in_order = printed.sort("parse_key", "rel", "seq")
        for parse_key, url in in_order.select("parse_key", "url").iter_rows():
            links[parse_key].append(url)
    return links
