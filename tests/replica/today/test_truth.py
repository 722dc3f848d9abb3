"""The truth of today's layout: at any time it is what the API answers."""

import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

import pytest

from replica.books.facts import Value
from replica.books.funds import deposited
from replica.books.moments import moment
from replica.books.programme import rounded
from replica.books.truth import truth
from replica.today.truth import today_truth, write_today_truth
from tests.replica.today.sites import LATER, NOW, number, read, today, units

Fact = dict[str, Value]
YEARS = range(2004, 2032)
SEED = 4
TIMES = [datetime.fromisoformat("2009-12-31T10:00:00"), NOW, LATER]


def shown_at(facts: Iterable[Fact], kind: str, now: datetime) -> list[Fact]:
    return [
        fact
        for fact in facts
        if fact["kind"] == kind
        and str(fact["shown_from"]) <= str(now)
        and str(fact["shown_until"] or "9") > str(now)
    ]


def all_facts() -> list[Fact]:
    return list(today_truth(today(SEED).gateway.records, LATER))


@pytest.mark.parametrize("now", TIMES)
def test_figures_of_the_api_are_those_of_the_truth(now: datetime) -> None:
    """Programme by programme, year by year, no more and no less."""
    facts = shown_at(all_facts(), "figure", now)
    names = {one.name: one for one in today(SEED).gateway.records.words.organizations}
    truths = {
        (f["programme_id"], f["organization"], f["fiscal_year"], f["measure"]): f["value"]
        for f in facts
    }
    assert {fact["page"] for fact in facts} == {"api"}
    answered = {}
    for year in YEARS:
        for row in read(today(SEED), "programme_figures", now, years=(year, year)).rows:
            for measure in set(row) & {"approved_budget", "net_funded", "transfers", "refunds",
                                       "expenditure", "delivery_rate"}:  # fmt: skip
                if row[measure]:
                    printed = row["organization"]
                    name = next((n for n, o in names.items() if printed in o.earlier), printed)
                    key = (row["programme_id"].zfill(8), name, int(row["fiscal_year"]), measure)
                    answered[key] = number(measure, row[measure])
    assert answered == truths
    assert len(answered) > 100


@pytest.mark.parametrize("now", TIMES)
def test_organizations_of_the_api_are_those_of_the_truth(now: datetime) -> None:
    facts = shown_at(all_facts(), "organization_year", now)
    truths = {(f["agency_code"], f["fiscal_year"], f["measure"]): f["value"] for f in facts}
    answered = {
        (row["agency_code"], year, measure): number(measure, row[measure])
        for year in YEARS
        for row in read(today(SEED), "organizations", now, years=(year, year)).rows
        for measure in ("approved_budget", "net_funded", "expenditure", "delivery_rate")
    }
    assert answered == truths
    assert len(answered) > 100


@pytest.mark.parametrize("now", TIMES)
def test_contributions_of_the_api_are_those_of_the_truth(now: datetime) -> None:
    """And a fund's deposits of all years are what its statement has, drawn at that moment."""
    facts = shown_at(all_facts(), "contribution", now)
    truths = {
        (f["fund_code"], f["contributor"], f["fiscal_year"], f["measure"]): f["value"]
        for f in facts
    }
    answered = {}
    deposits: Counter[str] = Counter()
    for year in YEARS:
        for row in read(today(SEED), "contributions", now, years=(year, year)).rows:
            for measure in ("commitments", "deposits"):
                cents = units(row[measure], 3)
                answered[row["fund_code"], row["contributor"], year, measure] = cents
                deposits[row["fund_code"]] += (cents or 0) if measure == "deposits" else 0
    assert answered == truths
    assert len(answered) > 10
    records = today(SEED).gateway.records
    for fund in records.portfolio.open_funds(moment(now)):
        whole = deposited(records.deposits(fund), moment(now))
        assert rounded(deposits[fund.code], 100) == whole


def test_figures_have_histories() -> None:
    """Commitments change, and so do programmes' and organizations' figures.

    Deposits grow, unless they are booked in another row: no fund's sum of them ever falls.
    """
    spells: defaultdict[tuple[Value, ...], list[int]] = defaultdict(list)
    for fact in all_facts():
        if "measure" in fact:
            about = tuple(
                v for k, v in fact.items() if k not in {"value", "shown_from", "shown_until"}
            )
            spells[about].append(int(str(fact["value"])))
    changed = Counter((about[0], about[-1]) for about, values in spells.items() if len(values) > 1)
    for kind, measure in (
        ("contribution", "commitments"), ("contribution", "deposits"),
        ("figure", "expenditure"), ("organization_year", "expenditure"),
    ):  # fmt: skip
        assert changed[kind, measure] > 5
    deposits = [values for about, values in spells.items()
                if (about[0], about[-1]) == ("contribution", "deposits")]  # fmt: skip
    falling = sum(values != sorted(values) for values in deposits)
    assert 0 < falling < len(deposits) / 2
    records = today(SEED).gateway.records
    for fund in records.portfolio.funds:
        own = records.contributions(fund)
        moments = sorted({at for one in own for at in one.changes})
        sums = [sum(one.deposits.at(at) or 0 for one in own) for at in moments]
        assert sums == sorted(sums)


def test_the_written_truth_is_the_classic_one_and_todays() -> None:
    records, out = today(SEED).gateway.records, io.StringIO()
    count = write_today_truth(records, NOW, out)
    facts = [json.loads(line) for line in out.getvalue().splitlines()]
    assert facts == [*truth(records, NOW), *today_truth(records, NOW)]
    assert len(facts) == count > 1000
