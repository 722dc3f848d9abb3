"""Questions of single figures, each through time."""

from collections.abc import Iterable

import pandas as pd
from playwright.sync_api import Page

from tests.flows.ten.forms import FIGURE, Question, Record, Release, Row, of_programmes, picked

_SPENT = ["programme_id", "organization", "fiscal_year", "expenditure_usd"]
_DAY = "2016-05-02 23:59:59"
_MEASURES = [
    "approved_budget_usd", "net_funded_usd", "transfers_usd", "refunds_usd", "expenditure_usd",
    "delivery_rate_pct",
]  # fmt: skip


# 2. What is still interim?
def _interim_by_pandas(release: Release) -> pd.DataFrame:
    history = release.csv("mart.figure_history").sort_values("known_from")
    newest = history.groupby(FIGURE, as_index=False).tail(1)
    shown = newest["no_longer_shown_since"].isna()
    return newest[shown & (newest["basis"] == "interim")][_SPENT]


def _interim(records: Iterable[Record]) -> list[Row]:
    return picked((row for row in records if row["basis"] == "interim"), *_SPENT)


INTERIM = Question(
    _interim_by_pandas,
    lambda release: _interim(release.sheet("expenditure_current")),
    lambda release, _: _interim(of_programmes(release, "figures")),
)


# 3. What was known on 2 May 2016?
_KNOWN = [*FIGURE, "basis", "expenditure_usd"]


def _known_by_pandas(release: Release) -> pd.DataFrame:
    spans = release.csv("mart.figure_span")
    is_later = spans["shown_until"].isna() | (spans["shown_until"] > _DAY)
    return spans[(spans["shown_from"] <= _DAY) & is_later][_KNOWN]


def _known_in_workbook(release: Release) -> list[Row]:
    known = (
        row
        for row in release.sheet("figure_span")
        if str(row["shown_from"]) <= _DAY and str(row["shown_until"] or "9") > _DAY
    )
    return picked(known, *_KNOWN)


def _known_on_page(release: Release, _: Page) -> list[Row]:
    """The last step of each figure that is not later than the day."""
    newest = {}
    for row in sorted(of_programmes(release, "history"), key=lambda row: str(row["known_from"])):
        if row["known_from"] <= _DAY:
            newest[row["programme_id"], row["organization"], row["fiscal_year"]] = row
    shown = (row for row in newest.values() if (row["no_longer_shown_since"] or "9") > _DAY)
    return picked(shown, *_KNOWN)


KNOWN = Question(_known_by_pandas, _known_in_workbook, _known_on_page)


# 4. What was restated?
_RESTATED = [*FIGURE, "measure", "old_value", "new_value", "restated_at"]


def _restated_by_pandas(release: Release) -> pd.DataFrame:
    """Each year-end value beside the one before it."""
    history = release.csv("mart.figure_history")
    steps = history.melt(
        [*FIGURE, "basis", "known_from"], _MEASURES, "measure", "new_value"
    ).sort_values("known_from")
    before = steps.groupby([*FIGURE, "measure"])[["new_value", "basis"]].shift()
    steps["old_value"] = before["new_value"]
    final = (steps["basis"] == "year_end") & (before["basis"] == "year_end")
    changed = (steps["new_value"] - steps["old_value"]).abs() > 0
    return steps[final & changed].rename(columns={"known_from": "restated_at"})[_RESTATED]


def _restated_on_page(release: Release, _: Page) -> list[Row]:
    measures = {
        name.removesuffix("_usd").replace("_pct", ", percent").replace("_", " "): name
        for name in _MEASURES
    }
    rows = [
        {**row, "measure": measures[row["measure"]]}
        for _, row in release.page("restatements*.html", "restatements")
    ]
    return picked(rows, *_RESTATED)


RESTATED = Question(
    _restated_by_pandas,
    lambda release: picked(release.sheet("restatement"), *_RESTATED),
    _restated_on_page,
)


# 7. Which reports are late?
_LATE = [*FIGURE, "days_late", "last_interim_usd"]


def _late_by_pandas(release: Release) -> pd.DataFrame:
    history = release.csv("mart.figure_history").sort_values("known_from")
    history = history[history["no_longer_shown_since"].isna()]
    interim = history["expenditure_usd"].where(history["basis"] == "interim")
    history["last_interim_usd"] = interim.groupby([history[name] for name in FIGURE]).ffill()
    history["final"] = (history["basis"] == "year_end") & history["expenditure_usd"].notna()
    figures = history.groupby(FIGURE, as_index=False).agg(
        {"last_interim_usd": "last", "final": "any"}
    )
    due = pd.to_datetime((figures["fiscal_year"] + 1).astype(str) + "-04-30")
    figures["days_late"] = (pd.Timestamp(release.as_of.date()) - due).dt.days
    return figures[~figures["final"] & (figures["days_late"] > 0)][_LATE]


def _late_on_page(release: Release, _: Page) -> list[Row]:
    rows = release.page("missing*.html", "missing")
    return picked((row for _, row in rows), *_LATE)


LATE = Question(
    _late_by_pandas,
    lambda release: picked(release.sheet("missing_year_end"), *_LATE),
    _late_on_page,
)
