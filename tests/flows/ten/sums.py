"""Questions of sums: by organization, fund and contributor."""

import pandas as pd
from playwright.sync_api import Page

from tests.flows.ten.forms import (
    Question,
    Release,
    Row,
    comparable,
    document,
    of_programmes,
    picked,
)

# 1. What did each organization spend, by year?
_ORGANIZATION = ["organization", "fiscal_year"]
_SPENT = [*_ORGANIZATION, "programmes_expenditure_usd", "programmes_interim_usd"]


def _spent_by_pandas(release: Release) -> pd.DataFrame:
    figures = release.csv("mart.expenditure_current")
    figures["interim"] = figures["expenditure_usd"].where(figures["basis"] == "interim")
    sums = figures.groupby(_ORGANIZATION)[["expenditure_usd", "interim"]].sum(min_count=1)
    return release.csv("mart.organization_year")[_ORGANIZATION].join(sums, on=_ORGANIZATION)


def _spent_on_page(release: Release, _: Page) -> list[Row]:
    rows = release.page("organizations*.html", "organizations")
    return picked((row for _, row in rows), *_SPENT)


SPENT = Question(
    _spent_by_pandas,
    lambda release: picked(release.sheet("organization_year"), *_SPENT),
    _spent_on_page,
)


# 5. What is each fund's delivery rate, by year?
_DELIVERY = ["fund_code", "fiscal_year", "net_funded_usd", "expenditure_usd", "delivery_rate_pct"]


def _delivery_by_pandas(release: Release) -> pd.DataFrame:
    by = _DELIVERY[:2]
    figures = release.csv("mart.expenditure_current")
    money = _DELIVERY[2:4]
    sums = figures.groupby(by)[money].sum(min_count=1)
    both = figures.dropna(subset=money).groupby(by)[money].sum()
    sums["delivery_rate_pct"] = (100 * both["expenditure_usd"] / both["net_funded_usd"]).round(2)
    return release.csv("mart.fund_year")[by].join(sums, on=by)


def _delivery_on_page(release: Release, _: Page) -> list[Row]:
    rows = [{"fund_code": code, **row} for code, row in release.page("fund/*.html", "by-year")]
    return picked(rows, *_DELIVERY)


DELIVERY = Question(
    _delivery_by_pandas,
    lambda release: picked(release.sheet("fund_year"), *_DELIVERY),
    _delivery_on_page,
)


# 6. Do the vouchers add up to the transfers?
_VOUCHED = [
    "programme_id", "organization", "transfers_usd", "vouchers_usd", "difference_usd", "agrees"
]  # fmt: skip


def _vouched_by_pandas(release: Release) -> pd.DataFrame:
    compared = release.csv("mart.voucher_reconciliation")
    vouchers = release.csv("core.voucher")
    whole = vouchers["programme_id"].isin(
        compared["programme_id"][compared["organization"] == "(all)"]
    )
    vouchers["organization"] = vouchers["organization"].mask(whole, "(all)")
    keys = _VOUCHED[:2]
    paid = vouchers.groupby(keys)["amount_usd"].sum()
    compared["vouchers_usd"] = compared[keys].join(paid, on=keys)["amount_usd"]
    owed = compared["transfers_usd"] - compared["transfers_before_2009_usd"]
    difference = (compared["vouchers_usd"] - owed).round(2)
    compared["difference_usd"] = difference
    compared["agrees"] = (difference.abs() <= compared["tolerance_usd"]).mask(difference.isna())
    return compared[_VOUCHED]


def _vouched_on_page(release: Release, _: Page) -> list[Row]:
    said = {"agrees": True, "differs": False}
    rows = of_programmes(release, "reconciliation")
    return picked(({**row, "agrees": said.get(row["agrees"])} for row in rows), *_VOUCHED)


VOUCHED = Question(
    _vouched_by_pandas,
    lambda release: picked(release.sheet("voucher_reconciliation"), *_VOUCHED),
    _vouched_on_page,
)


# 8. Who gave to a fund?
_GIVEN = ["contributor", "fund_code", "deposits_usd", "counted"]


def _given_by_pandas(release: Release) -> pd.DataFrame:
    """What was given since the start, unless the years are newer and hold more."""
    keys, money = _GIVEN[:2], ["commitments_usd", "deposits_usd"]
    whole = release.csv("core.contribution_cumulative_snapshot").sort_values("known_from")
    shown = (whole["to_year"] == 0) & whole["no_longer_shown_since"].isna()
    start = whole[shown].groupby(keys).tail(1).set_index(keys)
    by_year = release.csv("mart.contribution_current").groupby(keys)
    years = by_year[money].sum(min_count=1)
    both = start[money].join(years.add_suffix("_of_years"), how="outer")
    is_newer = by_year["known_from"].max() > start["last_seen"].reindex(years.index)
    more = years[money] - start[money].reindex(years.index)
    holds_more = more.gt((by_year.size() + 1) / 2, axis="index").any(axis="columns")
    both["counted"] = "since the start"
    both.loc[years.index.difference(start.index), "counted"] = "years"
    both.loc[years.index[(is_newer & holds_more).fillna(value=False)], "counted"] = "years"
    of_years = both["deposits_usd_of_years"]
    both["deposits_usd"] = both["deposits_usd"].mask(both["counted"] == "years", of_years)
    counted = both.reset_index()[_GIVEN]
    named = counted[counted["fund_code"] != "(all)"]["contributor"]
    return counted[(counted["fund_code"] != "(all)") | ~counted["contributor"].isin(named)]


def _given_on_page(release: Release, _: Page) -> list[Row]:
    """Contributors by their own pages, and on those of the funds again."""
    by_contributor = []
    for file in sorted((release.folder / "page" / "contributor").glob("*.html")):
        (name,) = document(file).xpath("//h1")
        rows = release.page(f"contributor/{file.name}", "funds")
        by_contributor += [{**row, "contributor": name.text_content()} for _, row in rows]
    of_funds = [
        {**row, "fund_code": code} for code, row in release.page("fund/*.html", "contributors")
    ]
    named = [row for row in by_contributor if row["fund_code"] != "(all)"]
    assert comparable(picked(of_funds, *_GIVEN)) == comparable(picked(named, *_GIVEN))
    return picked(by_contributor, *_GIVEN)


GIVEN = Question(
    _given_by_pandas,
    lambda release: picked(release.sheet("contributor_fund"), *_GIVEN),
    _given_on_page,
)
