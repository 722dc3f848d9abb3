"""The API: its form, its figures against the classic pages, its rules and its names."""

import json
import re
from collections import Counter, defaultdict
from datetime import datetime

import pytest

from replica.books.layouts import EXCEL_TABLE
from replica.books.moments import moment
from replica.books.programme import forms_at
from replica.books.shown import MEASURES
from replica.today.api import renamed_column
from replica.today.calls import call_of
from replica.today.words import Role
from replica.world import open_world
from tests.replica.today.sites import (
    HEADERS,
    LATER,
    NOW,
    SEEDS,
    get,
    number,
    read,
    rows,
    rows_of,
    today,
)

REAL_CALL = (
    "/mptf_rest_api/getAnalyzeAllProjects/,implementing_agent_group_description,FUCOUNT,BUDGET,"
    "NET_FUNDED,EXPENDITURE,delivery_rate,/fromYear:2006,toYear:2015,--budget:DESC"
)
MONEY = ("approved_budget", "net_funded", "transfers", "refunds", "expenditure")


def test_the_known_call_answers_in_the_known_form() -> None:
    """Asked for FUCOUNT it answers FUNDS_COUNT; numbers are text; the largest budget is first."""
    answered = rows_of(get(today(1), REAL_CALL))
    assert len(answered) > 10
    for row in answered:
        assert list(row) == [
            "agency_code", "ORGANIZATION", "BUDGET", "NET_FUNDED", "EXPENDITURE", "delivery_rate",
            "FUNDS_COUNT", "implementing_group_code", "implementing_agent_group_description",
        ]  # fmt: skip
        assert re.fullmatch(r"\d{6}", row["agency_code"])
        assert all(
            re.fullmatch(r"-?([1-9]\d*)?\.\d{3}", row[name]) for name in ("BUDGET", "NET_FUNDED")
        )
        assert re.fullmatch(r"-?([1-9]\d*)?\.\d{2}", row["delivery_rate"])
        assert int(row["FUNDS_COUNT"]) > 0
    budgets = [float(row["BUDGET"]) for row in answered]
    assert budgets == sorted(budgets, reverse=True)


def test_numbers_are_printed_without_a_leading_zero() -> None:
    """Nothing spent is `.000` and `.00` for an organization; some amounts are negative."""
    printed: set[str] = set()
    for seed in SEEDS:
        for row in read(today(seed), "organizations", LATER, years=(2022, 2025)).rows:
            printed |= {row["expenditure"], row["delivery_rate"], row["net_funded"]}
    assert {".000", ".00"} <= printed
    assert any(text.startswith("-") for text in printed)
    assert not any(text.lstrip("-").startswith("0") for text in printed)


def test_a_figure_that_nobody_reported_is_no_zero() -> None:
    """For a programme it is null for some seeds, and an empty text for others."""
    absent = {
        row[measure]
        for seed in SEEDS
        for row in read(today(seed), "programme_figures", years=(2015, 2015)).rows
        for measure in MONEY
        if not row[measure]
    }
    assert absent == {None, ""}


@pytest.mark.parametrize("now", [NOW, LATER])
def test_programme_figures_are_those_of_the_classic_pages_to_the_cent(now: datetime) -> None:
    """Every figure of every Excel view is a rounded figure of the API, and there are no others."""
    compared = 0
    world = today(3)
    records = world.gateway.records
    names = records.words.organizations
    printed = {one.name: forms_at(one, moment(now))[0] for one in names}
    answered = {
        (row["programme_id"].zfill(8), row["organization"], row["fiscal_year"]): row
        for year in range(2004, 2030)
        for row in read(world, "programme_figures", now, years=(year, year)).rows
    }
    for outline in records.portfolio.outlines:
        if outline.approved > moment(now):
            continue
        shown = records.programme(outline, moment(now), (EXCEL_TABLE,))
        for figure in shown.tables[0].rows if shown.tables else ():
            name = printed[str(figure.organization)]
            key = (outline.programme_id, name, str(figure.fiscal_year))
            through_ngo = (key[0], f"NGO/{name}", key[2])
            row = answered.pop(through_ngo if through_ngo in answered else key)
            for measure, dollars in zip(MEASURES, figure.values, strict=True):
                cents = number(measure, row[measure])
                assert (cents is None) == (dollars is None)
                if cents is not None and dollars is not None:
                    unit = 10 if measure == "delivery_rate" else 100
                    assert abs(cents - dollars * unit) <= unit // 2
                    compared += 1
    assert answered == {}
    assert compared > 400


def test_an_organizations_figures_are_the_sums_of_its_programmes() -> None:
    """For a year and for several, by agency code."""
    for seed in SEEDS[:4]:
        for years in ((2014, 2014), (2010, 2015)):
            sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
            for year in range(years[0], years[1] + 1):
                for row in read(today(seed), "programme_figures", years=(year, year)).rows:
                    for measure in ("approved_budget", "net_funded", "expenditure"):
                        sums[row["agency_code"]][measure] += number(measure, row[measure]) or 0
            answered = read(today(seed), "organizations", years=years).rows
            assert len(answered) > 5
            assert sums.keys() == {row["agency_code"] for row in answered}
            for row in answered:
                for measure in ("approved_budget", "net_funded", "expenditure"):
                    assert number(measure, row[measure]) == sums[row["agency_code"]][measure]


def test_filters_narrow_to_a_fund_or_a_programme() -> None:
    """Both give those rows of all that have the fund or programme; zeros are optional."""
    for seed in SEEDS[:4]:
        world, years = today(seed), (2014, 2014)
        everything = read(world, "programme_figures", years=years).rows
        first = everything[len(everything) // 2]
        of_fund = read(world, "programme_figures", years=years, fund=first["fund_code"]).rows
        assert of_fund == [r for r in everything if r["fund_code"] == first["fund_code"]]
        for shown in (first["programme_id"].zfill(8), first["programme_id"].lstrip("0")):
            of_programme = read(world, "programme_figures", years=years, programme=shown).rows
            assert of_programme == [
                r for r in everything if r["programme_id"] == first["programme_id"]
            ]
        assert 0 < len(of_programme) < len(everything)


def test_the_lists_are_those_of_the_books() -> None:
    """Every fund and programme that the site shows is in the lists, with its name and status."""
    for seed in SEEDS[:4]:
        records = today(seed).gateway.records
        funds = read(today(seed), "funds").rows
        assert [(r["fund_code"], r["fund_name"], r["fund_type"]) for r in funds] == [
            (f.code, f.name, f.fund_type) for f in records.portfolio.open_funds(moment(NOW))
        ]
        programmes = read(today(seed), "programmes").rows
        shown = [o for o in records.portfolio.outlines if o.approved <= moment(NOW)]
        assert [r["programme_id"].zfill(8) for r in programmes] == [o.programme_id for o in shown]
        for row, outline in zip(programmes, shown, strict=True):
            identity = records.programme(outline, moment(NOW)).identity
            assert (row["title"], row["status"], row["fund_code"], row["country"]) == (
                identity.title, identity.status, identity.fund_code, identity.country,
            )  # fmt: skip


def test_without_the_sites_own_headers_the_api_answers_403() -> None:
    """Each of the two is needed, unless the site does not ask for them; pages need none."""
    world, open_one = today(1), open_world(1, 12, layout="today", api_headers=False)
    assert get(world, REAL_CALL).status == 200
    for name in HEADERS:
        left = {key: value for key, value in HEADERS.items() if key != name}
        assert get(world, REAL_CALL, headers=left).status == 403
    assert get(open_one, REAL_CALL, headers={}).status == 200
    assert get(world, "/", headers={}).status == 200


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_pages_of_an_answer_give_every_row_once(seed: int) -> None:
    """Until a page is not full; no page is longer than the API allows."""
    roles: tuple[Role, ...] = ("programme_figures", "programmes", "contributions", "organizations")
    for role in roles:
        whole = read(today(seed), role, years=(2008, 2015)).rows
        paged = []
        for page in range(100):
            part = read(today(seed, 7), role, years=(2008, 2015), page_rows=7, page=page).rows
            assert len(part) <= 7
            paged += part
            if len(part) < 7:
                break
        assert paged == whole
        assert len(whole) > 7 or role == "contributions"
    assert len(rows(today(seed, 7), call_of(today(seed).today.names, "programmes"))) == 7


def test_more_rows_than_allowed_are_not_to_be_had() -> None:
    for seed in SEEDS[:6]:
        assert len(read(today(seed, 7), "programmes", page_rows=500).rows) == 7


def test_every_seed_has_its_own_names() -> None:
    """No method's name is shared by all seeds but the one of the real site."""
    every = [today(seed).today.names for seed in SEEDS]
    for role, method in every[0].methods.items():
        others = {names.methods[role].name for names in every}
        assert len(others) == 1 if method.name == "getAnalyzeAllProjects" else len(others) > 8
    figures = {tuple(names.methods["programme_figures"].columns.values()) for names in every}
    filters = {tuple(names.methods["programme_figures"].filters.values()) for names in every}
    assert len(figures) == len(every)
    assert len(filters) > 8
    assert len({names.paging for names in every}) > 6
    for names in every:
        assert len({method.name for method in names.methods.values()}) == 7
        for method in names.methods.values():
            assert len(set(method.columns.values())) == len(method.columns)
            assert (
                len({*method.filters.values(), names.paging.first, names.paging.size})
                == 2 + len(method.filters)
                or not names.paging.size
            )


def test_a_bad_call_is_refused() -> None:
    """An unknown method, a year that is none, and no year at all."""
    names = today(2).today.names
    good = call_of(names, "programme_figures", years=(2014, 2014)).path
    assert get(today(2), good).status == 200
    method = names.methods["programme_figures"].name
    assert get(today(2), good.replace(method, "getNothing")).status == 404
    assert get(today(2), good.replace(":2014", ":soon")).status == 400
    assert get(today(2), good[: good.rindex("/") + 1]).status == 400


def test_one_method_fails_and_one_has_columns_that_nobody_knows() -> None:
    """The failure is a 500 for some seeds, and an error page with status 200 for others."""
    statuses = set()
    for seed in SEEDS:
        failed = get(today(seed), call_of(today(seed).today.names, "broken").path)
        assert failed.body.startswith(b"<!DOCTYPE html>")
        statuses.add(failed.status)
        odd = read(today(seed), "odd")
        assert odd.rows
        assert not set(odd.call.columns) & {"organization", "year", "budget", "expenditure"}
    assert statuses == {200, 500}


def test_a_tag_is_kept_while_the_rows_are_the_same() -> None:
    """With a tag an unchanged answer is a 304, and a changed one is not; some have no tag."""
    tagged = 0
    for seed in SEEDS:
        call = call_of(today(seed).today.names, "programmes")
        first = get(today(seed), call.path)
        tag = dict(first.headers).get("ETag")
        assert (tag is not None) == call.method.has_tag
        if tag is None:
            continue
        tagged += 1
        known = {**HEADERS, "if-none-match": tag}
        assert get(today(seed), call.path, headers=known).status == 304
        assert get(today(seed), call.path, LATER, headers=known).status == 200
        lie = dict(get(today(seed), call.path, fault="lying_validator").headers)["ETag"]
        assert lie == dict(get(today(seed), call.path, LATER, "lying_validator").headers)["ETag"]
    assert 2 < tagged < len(SEEDS)


def test_a_short_list_ends_midway() -> None:
    for seed in SEEDS[:3]:
        call = call_of(today(seed).today.names, "programmes")
        whole = rows(today(seed), call)
        short = rows_of(get(today(seed), call.path, fault="short_list"))
        assert short == whole[: len(short)]
        assert 0 < len(short) < len(whole)
        assert rows(today(seed), call) == whole


def test_faults_of_an_answer_refuse_it_cut_it_or_spoil_one_column_or_row() -> None:
    """A refused filter is a 400; half the JSON, a renamed column and a key twice are 200."""
    site = today(2)
    call = call_of(site.today.names, "programmes")
    whole = rows(site, call)
    refused = get(site, call.path, fault="bad_filter")
    assert (refused.status, json.loads(refused.body)) == (400, {"message": "Bad filter"})
    cut = get(site, call.path, fault="cut_json")
    assert get(site, call.path).body.startswith(cut.body)
    with pytest.raises(json.JSONDecodeError, match="Unterminated string"):
        json.loads(cut.body)
    name = call.method.columns[renamed_column(call.method, call.path)]
    drifted = rows_of(get(site, call.path, fault="renamed_column"))
    assert drifted[0].keys() ^ whole[0].keys() == {name, name[::-1]}
    repeated = json.loads(json.loads(get(site, call.path, fault="repeated_key").body),
                          object_pairs_hook=list)  # fmt: skip
    (data,) = (rows for _, rows in repeated)
    assert [len(dict(row)) < len(row) for row in data] == [True] + [False] * (len(whole) - 1)
