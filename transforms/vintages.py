"""Vintages of figures: from what pages showed, to what was known from when.

A vintage begins when a measure has another value, or the basis changes. What a page does not show
is carried forward: the office's own books (budget, transfers, refunds, net funded amount) across
the basis, expenditure within one basis only, the delivery rate while nothing that it depends on has
changed.

All of it works on rows that are sorted by figure and time, so that whatever is said of "the row
before" is one shift of a column, and asks only whether that row is of the same figure.
"""

from functools import reduce
from typing import NamedTuple, Protocol

import polars as pl

from transforms.organizations import ALL_ORGANIZATIONS

_FIGURE = ("programme_id", "organization", "fiscal_year")
_BOOKS = ("approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd")
_SPENT, _RATE = "expenditure_usd", "delivery_rate_pct"
_MEASURES = (*_BOOKS, _SPENT, _RATE)
_RATE_DEPENDS_ON = (_SPENT, "net_funded_usd", "transfers_usd", "refunds_usd")
_VALUE = pl.Decimal(18, 4)  # of any measure
_YEAR_END = "year_end"
_CALENDAR = 2**39  # seconds: more than from the year 1 to the year 9999


class Vintages(NamedTuple):
    """What is derived of some programmes' figures.

    `figures` are the vintages, with `newest` (whether none is newer), `to_quote` (whether it is the
    one to quote today, of a figure that is still shown) and `spent_before_usd` (in the newest that
    has an expenditure, the expenditure before it). `absences` are the times over which a
    row was not in the table that had shown it. `restatements` are the changes of year-end figures.
    """

    figures: pl.DataFrame
    absences: pl.DataFrame
    restatements: pl.DataFrame


class ArrowSource(Protocol):
    """A table of any library that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The table as an Arrow C stream."""
        ...


def vintages(shown: ArrowSource, tables: ArrowSource) -> Vintages:
    """The vintages of figures.

    `shown` has a row for each figure and time at which a page began to show it: its key,
    `first_at`, `last_at`, `seen_until` (NULL while an open page shows it), `pages` (open ones, one
    bit each), the measures, `organization_printed`, `capture_id` and `basis`. A row of dashes has
    no measure: it shows that the row is there. `tables` has, for each table that was read in full,
    `programme_id`, `by_year`, `by_organization` and `first_at`.
    """
    rows = _numbered(pl.DataFrame(shown))
    gone = _absences(rows, pl.DataFrame(tables))
    measured = rows.filter(_has_measure())
    return Vintages(
        figures=_figures(measured, gone),
        absences=gone.drop("figure"),
        restatements=_restatements(measured),
    )


def _numbered(shown: pl.DataFrame) -> pl.DataFrame:
    """The rows by figure and time, each with the number of its figure."""
    figures = shown.select(_FIGURE).unique(maintain_order=True).with_row_index("figure")
    return shown.join(figures, on=_FIGURE, nulls_equal=True).sort("figure", "first_at")


def _has_measure() -> pl.Expr:
    """Whether a row is not of dashes."""
    return pl.any_horizontal(pl.col(_MEASURES).is_not_null())


def _begins() -> pl.Expr:
    """Whether a row is the first of its figure."""
    return pl.col("figure").ne_missing(pl.col("figure").shift())


def _before(value: pl.Expr) -> pl.Expr:
    """A value of the row before of the same figure."""
    return pl.when(~_begins()).then(value.shift())


def _last(value: pl.Expr) -> pl.Expr:
    """The last value of the same figure so far that is not NULL."""
    of = pl.when(value.is_not_null()).then("figure").forward_fill()
    return pl.when(of == pl.col("figure")).then(value.forward_fill())


def _next(value: pl.Expr) -> pl.Expr:
    """The first value of the same figure, in a later row, that is not NULL."""
    of = pl.when(value.is_not_null()).then("figure").backward_fill().shift(-1)
    return pl.when(of == pl.col("figure")).then(value.backward_fill().shift(-1))


def _changes(*names: str) -> pl.Expr:
    """Whether any of some columns is not as in the row before of the same figure."""
    return reduce(
        lambda one, other: one | other,
        (pl.col(name).ne_missing(pl.col(name).shift()) for name in names),
        _begins(),
    )


def _figures(measured: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    spent_in = _last(pl.when(pl.col(_SPENT).is_not_null()).then("basis"))
    carried = measured.with_columns(
        *(_last(pl.col(name)) for name in _BOOKS),
        pl.when(spent_in.eq_missing(pl.col("basis"))).then(_last(pl.col(_SPENT))).alias(_SPENT),
    ).with_row_index("row")
    moved_at = pl.when(_changes(*_RATE_DEPENDS_ON)).then("row").forward_fill()
    rate_at = _last(pl.when(pl.col(_RATE).is_not_null()).then("row"))
    rated = carried.with_columns(
        pl.when(rate_at >= moved_at).then(_last(pl.col(_RATE))).alias(_RATE)
    )
    begun = rated.with_columns(begins=_changes("basis", *_MEASURES)).with_columns(
        vintage=pl.col("begins").cum_sum()
    )
    seen = begun.group_by("vintage", maintain_order=True).agg(
        pl.max("seen_until"), pl.col("pages").bitwise_or()
    )
    still_gone = gone.filter(pl.col("back_at").is_null())
    return (
        begun.filter("begins")
        .drop("seen_until", "pages", "begins", "vintage", "last_at", "row")
        .rename({"first_at": "known_from"})
        .hstack(seen.drop("vintage"))
        .join(
            still_gone.select("figure", no_longer_shown_since="gone_at"),
            on="figure",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            newest=_is_newest(),
            to_quote=pl.col("no_longer_shown_since").is_null() & _is_newest_of_its_basis(),
            spent_before_usd=pl.when(
                pl.col(_SPENT).is_not_null() & _next(pl.col(_SPENT)).is_null()
            ).then(_before(_last(pl.col(_SPENT)))),
        )
        .drop("figure")
    )


def _is_newest() -> pl.Expr:
    """Whether a row is the last of its figure."""
    return pl.col("figure").ne_missing(pl.col("figure").shift(-1))


def _is_newest_of_its_basis() -> pl.Expr:
    """Whether a row is its figure's last year-end one; without any, whether it is the last."""
    final = pl.when(pl.col("basis") == _YEAR_END).then(True)
    return (
        pl.when(_last(final).is_null())
        .then(_next(final).is_null() & _is_newest())
        .otherwise(final.is_not_null() & _next(final).is_null())
    )


def _absences(rows: pl.DataFrame, tables: pl.DataFrame) -> pl.DataFrame:
    """From the first capture, after a row was shown, whose table was read in full and lacked it.

    It lasts until the row shows a measure again. A row of dashes keeps its place, so that nothing
    is gone by it; but it brings no figure back.
    """
    kind = ["programme_id", "by_year", "by_organization"]
    time = pl.col("first_at")
    shown = rows.select(
        *_FIGURE,
        "figure",
        until=_latest_so_far(),
        next_at=_next(time),
        back_at=_next(pl.when(_has_measure()).then(time)),
        by_year=pl.col("fiscal_year").is_not_null(),
        by_organization=pl.col("organization") != ALL_ORGANIZATIONS,
    )
    lacking = shown.sort("until").join_asof(
        tables.select(*kind, gone_at="first_at").sort("gone_at"),
        left_on="until",
        right_on="gone_at",
        by=kind,
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,  # they are; polars cannot see it where there are groups
    )
    return (
        lacking.filter(
            pl.col("gone_at").is_not_null()
            & (pl.col("next_at").is_null() | (pl.col("gone_at") < pl.col("next_at")))
        )
        .group_by("figure", *_FIGURE, "back_at")
        .agg(pl.min("gone_at"))
    )


def _latest_so_far() -> pl.Expr:
    """The latest `last_at` of the same figure so far: number and time of a figure in one number."""
    begins = pl.col("figure").cast(pl.Int64) * _CALENDAR
    return pl.from_epoch((begins + pl.col("last_at").dt.epoch("s")).cum_max() - begins)


def _restatements(measured: pl.DataFrame) -> pl.DataFrame:
    """A measure shown as year-end, after another page showed another value of it as year-end.

    What is carried forward counts for nothing here: nobody saw it.
    """
    final = measured.filter((pl.col("basis") == _YEAR_END) & pl.col("fiscal_year").is_not_null())
    return pl.concat(_restated(final, measure) for measure in _MEASURES)


def _restated(final: pl.DataFrame, measure: str) -> pl.DataFrame:
    shown = final.select(
        *_FIGURE, "figure", "first_at", "capture_id", new_value=pl.col(measure).cast(_VALUE)
    ).filter(pl.col("new_value").is_not_null())
    begun = shown.with_columns(capture_id_before=_before(pl.col("capture_id"))).filter(
        _changes("new_value")
    )
    return (
        begun.with_columns(
            old_value=_before(pl.col("new_value")), old_known_from=_before(pl.col("first_at"))
        )
        .filter(pl.col("old_value").is_not_null())
        .rename({"first_at": "restated_at"})
        .with_columns(measure=pl.lit(measure))
        .drop("figure")
    )
