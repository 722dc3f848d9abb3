"""Answers of the API, loaded night by night: the tables hold what a visitor of that night saw."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.captures import NewCapture, RevisitCapture
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding.rebuild import rebuild_all
from flows.rebuilding.verify import verify
from flows.settings import Settings
from replica.http import Request
from replica.today.calls import call_of
from replica.today.truth import today_truth
from replica.today.words import Role
from replica.world import World, open_world
from tests.flows.pages import ROOT, factsheet
from tests.flows.tables import ask, dump
from tests.homes import with_warehouse
from transforms.organizations import canonical_organization

_REAL = ROOT.parent / "shared" / "real" / "api_organizations_2016_2025.json"
_SITE = "https://mptf.undp.org"
_HEADERS = {"drupal-page-url": "/partners/organizations", "referer": f"{_SITE}/partners/"}
_SPANS = "core.organization_cumulative_snapshot"
_FROM_YEAR = 2008
_ROLES: tuple[Role, ...] = ("organizations", "programme_figures", "contributions")
_NIGHTS = [
    datetime.fromisoformat(day)
    for day in (
        "2013-11-20T03:00", "2014-04-29T23:30", "2014-05-01T00:10", "2014-09-01T03:00",
        "2015-04-20T03:00", "2015-06-15T03:00", "2016-02-01T03:00", "2016-06-15T03:00",
    )
]  # fmt: skip


def _captures(world: World, night: datetime) -> list[NewCapture]:
    captures = []
    for role in _ROLES:
        for year in range(_FROM_YEAR, night.year + 1):
            path = call_of(world.today.names, role, years=(year, year)).path
            answer = world.answer(Request("GET", path, "", _HEADERS), night)
            assert answer.status == 200
            captures.append(
                NewCapture(f"{_SITE}{path}", night, "fetch", "gateway", answer.body, 200)
            )
    return captures


def _load(home: Home, captures: Sequence[NewCapture]) -> None:
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add(captures)
        intake.load_all()
        assert {row.rule for row in run.quarantined()} <= {"api_empty"}  # of a year without rows


def _seen(facts: list[dict[str, Any]], kind: str, night: datetime) -> dict[Any, dict[str, int]]:
    """What a visitor of a night saw, in cents and hundredths of a percent, by row."""
    rows: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for fact in facts:
        from_time, until = fact["shown_from"], fact["shown_until"]
        if fact["kind"] != kind or fact.get("page", "api") != "api":
            continue
        if from_time <= str(night) and (until is None or str(night) < until):
            if not _FROM_YEAR <= int(str(fact["fiscal_year"])) <= night.year:
                continue  # not asked for: some pledge before their year begins
            rows[_key(fact)][str(fact["measure"])] = fact["value"]
    return dict(rows)


def _key(fact: dict[str, Any]) -> tuple[Any, ...]:
    names = ("programme_id", "fund_code", "agency_code", "organization", "contributor")
    values = [fact[name] for name in names if name in fact]
    return (*values, fact["fiscal_year"])


def _shown(home: Home, table: str, key: str, measures: dict[str, str]) -> dict[Any, dict[str, int]]:
    """The newest vintages of what is shown, in the same units as the truth."""
    columns = [
        f"CAST({column} * {1 if name == 'fund_count' else 100} AS BIGINT)"
        for name, column in measures.items()
    ]
    found = ask(
        home.warehouse,
        f"SELECT ({key}), {', '.join(columns)} FROM {table}"  # noqa: S608 because the names are this test's
        " WHERE no_longer_shown_since IS NULL"
        f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY known_from DESC) = 1",
    )
    shown: dict[Any, dict[str, int]] = {}
    for row, *values in found:
        shown[row] = dict(_filled(measures, values))
    return shown


def _assert_only_these_are_shown(home: Home, facts: list[dict[str, Any]], night: datetime) -> None:
    """Rows that the API no longer shows are marked, and no others are."""
    for kind, table, key in (
        ("organization_year", "core.organization_snapshot", "agency_code, organization"),
        ("contribution", "core.contribution_snapshot", "fund_code, contributor"),
        ("figure", "core.expenditure_snapshot", "programme_id, organization"),
    ):
        found = ask(
            home.warehouse,
            f"SELECT DISTINCT {key}, fiscal_year FROM {table}"  # noqa: S608 because the names are this test's
            " WHERE no_longer_shown_since IS NULL",
        )
        seen = {
            (first, canonical_organization(name)[0] if kind == "figure" else name, year)
            for first, name, year in _seen(facts, kind, night)
        }
        assert set(found) == seen, kind


def _filled(names: Iterable[str], values: Iterable[Any]) -> Iterator[tuple[str, int]]:
    return ((name, value) for name, value in zip(names, values, strict=True) if value is not None)


_OF_PROGRAMMES = {
    "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
    "transfers": "transfers_usd", "refunds": "refunds_usd", "expenditure": "expenditure_usd",
}  # fmt: skip


def _answer(
    day: str, rows: list[dict[str, str]], query: str = "getRows/,a,/year:2015"
) -> NewCapture:
    url = f"{_SITE}/mptf_rest_api/{query}"
    body = json.dumps({"data": rows}).encode()
    return NewCapture(url, datetime.fromisoformat(day), "fetch", "gateway", body, 200)


def _spent(code: str, cents: str) -> dict[str, str]:
    return {"agency_code": code, "ORGANIZATION": f"Agency {code}", "EXPENDITURE": cents}


_EXPENDITURE = (
    "SELECT expenditure_usd::VARCHAR, basis, known_from::DATE::VARCHAR, last_seen::DATE::VARCHAR,"
    " no_longer_shown_since::DATE::VARCHAR FROM"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(Settings(home=with_warehouse(tmp_path / "home")))


def test_cents_and_whole_dollars_of_one_figure_are_one_vintage(home: Home) -> None:
    """Of the page on 1 March and 1 July, and of the API between them; a real change is one."""
    query = "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015"
    pages = [
        NewCapture(
            f"{_SITE}/factsheet/project/00090001", datetime.fromisoformat(day), "fetch", "gateway",
            factsheet("00090001", figures={("FAO", 2015): text}).encode(), 200,
        )
        for day, text in (("2015-03-01", "100"), ("2015-07-01", "100"), ("2015-11-01", "250"))
    ]  # fmt: skip
    row = {"projectId": "90001", "ORGANIZATION": "FAO", "EXPENDITURE": "100.370"}
    _load(home, [pages[0]])
    _load(home, [_answer("2015-05-01", [row], query), *pages[1:]])
    assert ask(home.warehouse, f"{_EXPENDITURE} core.expenditure_snapshot ORDER BY 3") == [
        ("100.37", "interim", "2015-03-01", "2015-07-01", None),
        ("250.00", "interim", "2015-11-01", "2015-11-01", None),
    ]
    differing = "SELECT subject, detail FROM meta.finding WHERE kind = 'sources_differ'"
    assert ask(home.warehouse, differing) == [
        (
            "00090001, FAO, 2015, expenditure_usd",
            "the newest page shows 250.00, the API 100.37; the newer counts",
        )
    ]


def test_a_304_is_evidence_about_every_programme_of_an_answer(home: Home) -> None:
    """The parts of one answer differ from each other: its validator does not lie by that."""
    query = "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015"
    rows = [
        {"projectId": f"9000{n}", "ORGANIZATION": "FAO", "EXPENDITURE": f"{n}.000"} for n in (1, 2)
    ]
    first = _answer("2016-06-01", rows, query)._replace(headers=(("ETag", '"a"'),))
    again = RevisitCapture(
        first.url, datetime.fromisoformat("2016-07-01"), "fetch", "gateway", first.body_sha256,
        first.body_bytes, 304, first.headers,
    )  # fmt: skip
    with open_run(home, "sync", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add([first, again])
        intake.load_all()
    seen = ask(home.warehouse, "SELECT last_seen::DATE::VARCHAR FROM core.expenditure_snapshot")
    assert seen == [("2016-07-01",)] * 2


def test_of_a_page_and_an_answer_of_one_second_the_cents_count(home: Home) -> None:
    query = "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015"
    seen = "2015-05-01"
    page = NewCapture(
        f"{_SITE}/factsheet/project/00090001", datetime.fromisoformat(seen), "fetch", "gateway",
        factsheet("00090001", figures={("FAO", 2015): "100"}).encode(), 200,
    )  # fmt: skip
    row = {"projectId": "90001", "ORGANIZATION": "FAO", "EXPENDITURE": "100.370"}
    _load(home, [_answer(seen, [row], query), page])
    assert ask(home.warehouse, f"{_EXPENDITURE} core.expenditure_snapshot") == [
        ("100.37", "interim", seen, seen, None)
    ]


def test_a_row_that_an_answer_lacks_is_no_longer_shown(home: Home) -> None:
    rows = [_spent(f"00{number}", f"{number}.000") for number in range(1, 5)]
    _load(home, [_answer("2015-03-01", rows), _answer("2015-04-01", rows[:3])])
    query = f"{_EXPENDITURE} core.organization_snapshot WHERE agency_code = '004'"
    assert ask(home.warehouse, query) == [
        ("4.00", "interim", "2015-03-01", "2015-03-01", "2015-04-01")
    ]
    _load(home, [_answer("2015-05-01", rows)])
    assert ask(home.warehouse, query) == [("4.00", "interim", "2015-03-01", "2015-05-01", None)]


def test_a_rebuild_that_reuses_parses_knows_what_an_answer_lacks(home: Home) -> None:
    """Of a programme that an earlier answer to the query had shown."""
    query = "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015"
    rows = [
        {"projectId": f"9000{n}", "ORGANIZATION": "FAO", "EXPENDITURE": f"{n}.000"} for n in (1, 2)
    ]
    _load(home, [_answer("2015-05-01", rows, query), _answer("2015-06-01", rows[1:], query)])
    before = dump(home.warehouse)
    gone = "SELECT programme_id FROM core.expenditure_snapshot WHERE no_longer_shown_since NOTNULL"
    assert ask(home.warehouse, gone) == [("00090001",)]
    with rebuild_all(home, utc_now()) as run:
        assert run.log.bodies_parsed == 0
    assert dump(home.warehouse) == before


@pytest.mark.parametrize("lost", [0, 1])
def test_what_hangs_on_a_lost_answer_is_not_named_again(home: Home, lost: int) -> None:
    """Neither what it shows, nor what it lacks of an answer before, nor a sum of all funds."""
    organizations = [_spent(f"00{number}", f"{number}.000") for number in range(1, 5)]
    programmes = [
        {"projectId": f"9000{n}", "ORGANIZATION": "FAO", "EXPENDITURE": f"{n}.000"}
        for n in range(1, 5)
    ]
    contributions = [
        {"FUND_CODE": f"PB00{n}", "CONTRIBUTOR": "Norway", "DEPOSITS": f"{n}.000"}
        for n in range(1, 5)
    ]
    for day, first in (("2016-05-01", 0), ("2016-06-01", 1)):
        answers = [
            _answer(day, organizations[first:]),
            _answer(day, programmes[first:], "getProjects/,a,/year:2015"),
            _answer(day, contributions[first:], "getDonors/,a,/year:2015"),
        ]
        _load(home, answers)
    gone = "WHERE no_longer_shown_since IS NOT NULL"
    for table in ("organization", "expenditure", "contribution"):
        assert len(ask(home.warehouse, f"FROM core.{table}_snapshot {gone}")) == 1, table
    assert verify(home, utc_now()) == []
    names = sorted(home.archive.files())
    assert len(names) == 2
    (home.folder / "archive" / names[lost]).unlink()
    assert verify(home, utc_now()) == [f"{names[lost]}: the archive file is missing"]


def test_what_an_organization_spends_in_a_year_after_the_answer_is_set_aside(home: Home) -> None:
    """It counts once the year has begun."""
    rows = [_spent("001", "7.000")]
    _load(home, [_answer("2014-12-31", rows)])
    query = f"{_EXPENDITURE} core.organization_snapshot"
    assert ask(home.warehouse, query) == []  # a row without any measure is no fact
    kinds = "SELECT subject FROM meta.finding WHERE kind = 'expenditure_of_a_later_year'"
    assert ask(home.warehouse, kinds) == [("001, Agency 001, 2015",)]
    _load(home, [_answer("2015-01-01", rows)])
    assert [row[0] for row in ask(home.warehouse, query)] == ["7.00"]


def test_an_answer_that_lost_most_rows_ends_nothing_and_is_a_finding(home: Home) -> None:
    rows = [_spent(f"00{number}", f"{number}.000") for number in range(1, 5)]
    _load(home, [_answer("2015-03-01", rows), _answer("2015-04-01", rows[:1])])
    gone = "core.organization_snapshot WHERE no_longer_shown_since IS NOT NULL"
    assert ask(home.warehouse, f"FROM {gone}") == []
    assert ask(
        home.warehouse, "SELECT detail FROM meta.finding WHERE kind = 'answer_lost_rows'"
    ) == [("1 rows, after 4",)]


def test_a_page_of_an_answer_ends_nothing(home: Home) -> None:
    rows = [_spent(f"00{number}", f"{number}.000") for number in range(1, 5)]
    query = "getRows/,a,/year:2015,limit:4"
    _load(home, [_answer("2015-03-01", rows, query), _answer("2015-04-01", rows[:3], query)])
    gone = "core.organization_snapshot WHERE no_longer_shown_since IS NOT NULL"
    assert ask(home.warehouse, f"FROM {gone}") == []


def test_an_answer_that_stays_short_ends_nothing(home: Home) -> None:
    """A second short answer is measured by the long one before, not by the first short one."""
    rows = [_spent(f"00{number}", f"{number}.000") for number in range(1, 5)]
    days = ("2015-03-01", "2015-04-01", "2015-05-01")
    shown = (rows, rows[:1], [_spent("001", "7.000")])
    _load(home, [_answer(day, some) for day, some in zip(days, shown, strict=True)])
    gone = "core.organization_snapshot WHERE no_longer_shown_since IS NOT NULL"
    assert ask(home.warehouse, f"FROM {gone}") == []
    assert len(ask(home.warehouse, "FROM meta.finding WHERE kind = 'answer_lost_rows'")) == 2


def test_a_year_that_leaves_an_answer_is_gone_in_whatever_order_it_is_loaded(
    home: Home, tmp_path: Path
) -> None:
    """The years stand in the rows of one query, and the newer answer has none of 2014."""
    query = "getDonors/,a,/fundCode:PB000"
    rows = [
        {"CONTRIBUTOR": name, "FISCAL_YEAR": year, "DEPOSITS": "5.000"}
        for year in ("2014", "2015")
        for name in ("Norway", "Sweden")
    ]
    captures = [_answer("2015-03-01", rows, query), _answer("2015-04-01", rows[2:], query)]
    other = Home(Settings(home=with_warehouse(tmp_path / "other")))
    for number in range(2):
        _load(home, [captures[number]])
        _load(other, [captures[1 - number]])
    gone = (
        "SELECT DISTINCT fiscal_year, no_longer_shown_since::DATE::VARCHAR"
        " FROM core.contribution_snapshot ORDER BY 1"
    )
    assert ask(home.warehouse, gone) == [(2014, "2015-04-01"), (2015, None)]
    assert dump(other.warehouse) == dump(home.warehouse)


@pytest.mark.parametrize(
    ("row", "query"),
    [
        ({"CONTRIBUTOR": "Norway", "DEPOSITS": "5"}, "getRows/,a,/year:2015,organization:UNDP"),
        ({"DONOR": "Norway", "ORGANIZATION": "UNDP", "DEPOSITS": "5"}, "getRows/,a,/year:2015"),
        ({"DONOR": "Norway", "PROJECT_ID": "90001", "DEPOSITS": "5"}, "getRows/,a,/year:2015"),
        (_spent("001", "5") | {"COUNTRY": "Mali"}, "getRows/,a,/year:2015"),
        (_spent("001", "5") | {"FUND_TYPE": "One Fund"}, "getRows/,a,/year:2015"),
    ],
)  # fmt: skip
def test_a_part_of_a_figure_is_not_taken_for_the_whole(
    home: Home, row: dict[str, str], query: str
) -> None:
    """What one organization or country has of a sum belongs to no table, and is a finding."""
    _load(home, [_answer("2015-03-01", [row], query)])
    assert ask(home.warehouse, "FROM core.contribution_snapshot") == []
    assert ask(home.warehouse, "FROM core.organization_snapshot") == []
    found = "SELECT count(*) FROM meta.finding WHERE kind = 'unplaced_rows'"
    assert ask(home.warehouse, found) == [(1,)]


@pytest.mark.parametrize("name", ["TOTALS", "All organizations", "Sub-total:"])
def test_a_sum_under_another_name_is_no_organization(home: Home, name: str) -> None:
    total = {"ORGANIZATION": name, "EXPENDITURE": "1.000"}
    _load(home, [_answer("2015-03-01", [_spent("001", "1.000"), total])])
    shown = ask(home.warehouse, "SELECT agency_code FROM core.organization_snapshot")
    assert shown == [("001",)]


def test_a_programme_row_that_fails_validation_is_in_quarantine(home: Home) -> None:
    """A figure of 1900 breaks the range of years; the programme's other row is loaded."""
    rows = [
        {"projectId": "90001", "ORGANIZATION": "FAO", "YEAR": year, "EXPENDITURE": "5.000"}
        for year in ("1900", "2014")
    ]
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add([_answer("2015-03-01", rows, "getProjects/,a,/")])
        intake.load_all()
        assert [row.stood_at for row in run.quarantined()] == ["row 1"]
    loaded = ask(home.warehouse, "SELECT fiscal_year FROM core.expenditure_snapshot")
    assert loaded == [(2014,)]


def test_of_two_queries_that_differ_the_newer_answer_counts(home: Home, tmp_path: Path) -> None:
    """The first query shows its figure again after the second one showed another."""
    other = "getOthers/,a,/year:2015"
    captures = [
        _answer("2015-03-01", [_spent("001", "1.000")]),
        _answer("2015-03-02", [_spent("001", "2.000")], other),
        _answer("2015-03-03", [_spent("001", "1.000")]),
    ]
    _load(home, captures)
    query = "SELECT expenditure_usd::VARCHAR FROM mart.organization_current"
    assert ask(home.warehouse, query) == [("1.00",)]
    grown = Home(Settings(home=with_warehouse(tmp_path / "grown")))
    for capture in captures:
        _load(grown, [capture])
    assert dump(grown.warehouse) == dump(home.warehouse)


def test_of_a_page_and_an_answer_that_differ_the_newer_counts(home: Home) -> None:
    """The page shows its figure again after the API showed another."""
    query = "getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015"
    row = {"projectId": "90001", "ORGANIZATION": "FAO", "EXPENDITURE": "100.370"}
    page = factsheet("00090001", figures={("FAO", 2015): "150"}).encode()
    url = f"{_SITE}/factsheet/project/00090001"
    _load(home, [
        _answer("2015-03-01", [row], query),
        NewCapture(url, datetime.fromisoformat("2015-03-02"), "fetch", "gateway", page, 200),
        _answer("2015-03-03", [row], query),
        NewCapture(url, datetime.fromisoformat("2015-03-04"), "fetch", "gateway", page, 200),
    ])  # fmt: skip
    newest = "SELECT expenditure_usd::VARCHAR FROM mart.expenditure_current"
    assert ask(home.warehouse, newest) == [("150.00",)]


def test_rows_that_contradict_each_other_are_set_aside_by_name(home: Home) -> None:
    rows = [_spent("001", "1.000"), _spent("002", "2.000"), _spent("002", "3.000")]
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add([_answer("2015-03-01", rows)])
        intake.load_all()
        set_aside = [(row.table_name, row.rule, row.stood_at) for row in run.quarantined()]
    assert set_aside == [
        ("core.organization_snapshot", "contradicting_rows", "row 2"),
        ("core.organization_snapshot", "contradicting_rows", "row 3"),
    ]
    loaded = ask(home.warehouse, "SELECT agency_code FROM core.organization_snapshot")
    assert loaded == [("001",)]


def test_equal_answers_to_two_queries_are_figures_of_two_years(home: Home) -> None:
    rows = [_spent("001", "1.000")]
    _load(
        home,
        [_answer("2017-06-01", rows), _answer("2017-06-01", rows, "getRows/,a,/year:2016")],
    )
    query = "SELECT fiscal_year, basis FROM core.organization_snapshot ORDER BY 1"
    assert ask(home.warehouse, query) == [(2015, "year_end"), (2016, "year_end")]


@pytest.mark.parametrize(
    ("query", "table"),
    [
        (
            "getRows/,a,/",
            "core.organization_cumulative_snapshot WHERE (from_year, to_year) = (0, 0)",
        ),
        ("getRows/,a,/fundCode:PB000,year:2015", None),
        ("getRows/,a,/country:Mali,year:2015", None),
        ("getRows/,a,/fromYear:2015", None),
    ],
)
def test_what_rows_are_is_decided_by_the_query(home: Home, query: str, table: str | None) -> None:
    """Figures of one fund, of one country or with an open end are no organization's year."""
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add([_answer("2016-01-01", [_spent("001", "1.000")], query)])
        intake.load_all()
    assert ask(home.warehouse, "FROM core.organization_snapshot") == []
    assert len(ask(home.warehouse, f"FROM {table or _SPANS}")) == (table is not None)


@pytest.mark.skipif(not _REAL.exists(), reason="the real answer is not beside the repository here")
def test_the_real_answer_is_238_organizations_to_the_cent(home: Home) -> None:
    columns = ",implementing_agent_group_description,FUCOUNT,BUDGET,NET_FUNDED,EXPENDITURE,"
    query = f"getAnalyzeAllProjects/{columns}delivery_rate,/fromYear:2016,toYear:2025,--budget:DESC"
    url = f"{_SITE}/mptf_rest_api/{query}"
    seen = datetime.fromisoformat("2025-04-15")
    _load(home, [NewCapture(url, seen, "option", "saved", _REAL.read_bytes(), 200)])
    (found,) = ask(
        home.warehouse,
        "SELECT count(*), sum(approved_budget_usd), sum(net_funded_usd), sum(expenditure_usd),"
        " min(delivery_rate_pct), max(delivery_rate_pct)"
        " FROM core.organization_cumulative_snapshot WHERE (from_year, to_year) = (2016, 2025)",
    )
    assert [str(value) for value in found] == [
        "238", "11735900572.45", "10345158685.91", "8977762279.64", "-444.3000", "490.7700",
    ]  # fmt: skip
    named = "SELECT organization FROM core.organization_cumulative_snapshot WHERE agency_code"
    assert ask(home.warehouse, f"{named} = '-' ORDER BY 1") == [
        ("Fiscal Agent",), ("Unidentified",)
    ]  # fmt: skip
    assert ask(home.warehouse, f"{named} IN ('002100', '001981') ORDER BY 1") == [
        ("NGO/UNDP",), ("UNDP",)
    ]  # fmt: skip


@pytest.mark.proof
@pytest.mark.parametrize("seed", [1, 2])
def test_after_every_night_the_tables_hold_what_the_api_answered(seed: int, tmp_path: Path) -> None:
    world = open_world(seed, 24, layout="today")
    facts = list(today_truth(world.today.records, _NIGHTS[-1]))
    home = Home(Settings(home=with_warehouse(tmp_path / "home")))
    everything: list[NewCapture] = []
    for night in _NIGHTS:
        captures = _captures(world, night)
        everything += captures
        _load(home, captures)
        organizations = _shown(
            home, "core.organization_snapshot", "agency_code, organization, fiscal_year",
            {
                "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
                "expenditure": "expenditure_usd",
            },
        )  # fmt: skip
        for row, seen in _seen(facts, "organization_year", night).items():
            expected = {name: value for name, value in seen.items() if name in organizations[row]}
            assert organizations[row] == expected
            assert "expenditure" in expected
        contributions = _shown(
            home, "core.contribution_snapshot", "fund_code, contributor, fiscal_year",
            {"commitments": "commitments_usd", "deposits": "deposits_usd"},
        )  # fmt: skip
        assert contributions == _seen(facts, "contribution", night)
        figures = _shown(
            home, "core.expenditure_snapshot", "programme_id, organization, fiscal_year",
            _OF_PROGRAMMES,
        )  # fmt: skip
        for (programme_id, organization, year), seen in _seen(facts, "figure", night).items():
            row = (programme_id, canonical_organization(organization)[0], year)
            expected = {name: value for name, value in seen.items() if name in _OF_PROGRAMMES}
            assert {name: figures[row].get(name) for name in expected} == expected
        _assert_only_these_are_shown(home, facts, night)
    assert verify(home, utc_now()) == []
    other = Home(Settings(home=with_warehouse(tmp_path / "other")))
    random.Random(seed).shuffle(everything)  # noqa: S311 because nothing is secret
    for start in range(0, len(everything), 40):
        _load(other, everything[start : start + 40])
    assert dump(other.warehouse) == dump(home.warehouse)
