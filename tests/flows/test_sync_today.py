"""Nights on the site of today: what the shipped profile loads, and how a site is told apart."""

import re
import signal
import subprocess
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.profiles.profile import Profile, Query
from extractors.profiles.read import load_profile
from extractors.profiles.write import dump_profile
from replica.books.moments import moment
from replica.server.serving import Running
from replica.today.names import BASE, names_of
from replica.today.truth import today_truth
from replica.world import World
from tests.command import COMMAND, Mptf
from tests.flows.nights import SITE, home_for, night
from tests.flows.syncs import flat_out, targets
from tests.flows.tables import ask, dump
from tests.flows.test_sync_interrupted import archived_pages
from tests.flows.todays_profile import profile_for
from tests.processes import PATIENCE, eventually, killed_after
from tests.stand_in import Replica
from warehouse.connection import open_reader
from warehouse.visits import known_programmes

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
CALL = "/mptf_rest_api/getAnalyzeAllProjects/"
MEASURES = {
    "approved_budget": "approved_budget_usd", "net_funded": "net_funded_usd",
    "expenditure": "expenditure_usd", "delivery_rate": "delivery_rate_pct",
}  # fmt: skip
Figures = dict[tuple[str, int, str], Decimal]


def use(running: Running, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in flat_out(running, **more).items():
        monkeypatch.setenv(name, value)


def true_organization_years(world: World, now: datetime) -> Figures:
    """The figures of organizations and years that the stand-in's API shows at a moment."""
    records, at = world.gateway.records, moment(now)
    return {
        (str(fact["agency_code"]), int(str(fact["fiscal_year"])), MEASURES[str(fact["measure"])]):
            Decimal(str(fact["value"])) / 100
        for fact in today_truth(records, now)
        if fact["kind"] == "organization_year"
        and moment(datetime.fromisoformat(str(fact["shown_from"]))) <= at
        and (
            fact["shown_until"] is None
            or at < moment(datetime.fromisoformat(str(fact["shown_until"])))
        )
    }  # fmt: skip


def loaded_organization_years(home: Path) -> Figures:
    columns = ", ".join(MEASURES.values())
    rows = ask(
        home / "warehouse.duckdb",
        f"SELECT agency_code, fiscal_year, {columns} FROM core.organization_snapshot"  # noqa: S608 because the columns are those above
        " QUALIFY row_number() OVER (PARTITION BY agency_code, fiscal_year"
        "   ORDER BY known_from DESC) = 1",
    )
    return {
        (str(code), int(str(year)), column): Decimal(str(value))
        for code, year, *values in rows
        for column, value in zip(MEASURES.values(), values, strict=True)
        if value is not None
    }


def write_profile(tmp_path: Path, profile: Profile) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(dump_profile(profile), encoding="utf-8")
    return path


def test_a_sync_without_settings_loads_what_todays_site_is_known_to_have(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every organization's years are the stand-in's; the run says what it took the site for."""
    world, running = replica(seed=7, layout="today")
    use(running, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 0, done.stderr
    truth = true_organization_years(world, NOW)
    assert len(truth) > 100
    assert loaded_organization_years(home) == truth
    note = "today's site: /portfolio/fund leads to / without a list, and the API answers"
    assert done.stderr.count(note) == 1
    requests = [target for target in targets(running) if target.startswith(CALL)]
    summary = re.search(r"^API: (\d+) requests, (\d+) figures$", done.stderr, re.MULTILINE)
    assert summary
    assert int(summary[1]) == len(requests) == 2016 - 2004 + 1 + 1
    assert int(summary[2]) > len(truth)
    assert "`mptf probe --write FILE`" in done.stderr


def test_the_next_night_asks_for_no_list_and_only_for_what_has_changed(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once today's site is known, its API tells that it is still that; tags spare the bodies."""
    seed = next(seed for seed in range(99) if names_of(seed).methods["organizations"].has_tag)
    world, running = replica(seed=seed, layout="today")
    use(running, monkeypatch)
    assert mptf("sync").exit_code == 0
    running.clear_log()
    later = datetime(2016, 5, 2, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
    running.move_to(later)
    done = mptf("sync")
    assert done.exit_code == 0, done.stderr
    assert "today's site: the API answers" in done.stderr
    assert {target.partition("/")[2].partition("/")[0] for target in targets(running)} == {
        "robots.txt", "mptf_rest_api",
    }  # fmt: skip
    assert 304 in {entry.status for entry in running.log()}
    assert loaded_organization_years(home) == true_organization_years(world, later)


def test_the_classic_site_is_recognized_by_its_lists(
    replica: Replica, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but its own pages is asked for, and explicit or not the requests are the same."""
    _, running = replica(seed=7)
    use(running, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 0, done.stderr
    assert "the classic site: /portfolio/fund is a list" in done.stderr
    asked = Counter(targets(running))
    assert not any(BASE in target for target in asked)
    running.clear_log()
    explicit = mptf("--home", "other", "sync", "--profile", "classic")
    assert explicit.exit_code == 0, explicit.stderr
    assert Counter(targets(running)) == asked
    assert "the classic site:" not in explicit.stderr


@pytest.mark.parametrize("layout", ["classic", "today"])
def test_a_site_that_is_neither_is_one_line(
    layout: str, replica: Replica, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without lists and without an API it is not the Gateway: exit 1, and nothing else is asked."""
    fault = "404=1" if layout == "classic" else f"404=1@{BASE}*"
    _, running = replica(seed=7, layout=layout, faults=(fault,))
    use(running, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert "has neither form of the Gateway: /portfolio/fund" in line
    assert "and the API answered 404" in line


def test_an_api_that_robots_txt_forbids_is_one_line(
    replica: Replica, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never called, and the run says so once."""
    _, running = replica(seed=7, layout="today", robots_forbids_api=True)
    use(running, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 1
    assert not any(BASE in target for target in targets(running))
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert failed == [f"failed: {SITE}/mptf_rest_api: robots.txt does not allow the site's API"]


def test_an_api_that_answers_with_a_login_is_named(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two answers are set aside by name; the others are not asked for."""
    _, running = replica(seed=7, layout="today", faults=(f"login=1@{BASE}*",))
    use(running, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 3
    assert "the API answers with a page in place of JSON" in done.stderr
    assert "12 more calls of getAnalyzeAllProjects were not made" in done.stderr
    rules = ask(home / "warehouse.duckdb", "SELECT rule FROM meta.quarantine")
    assert rules == [("api_error_page",)] * 2


@pytest.mark.parametrize("required", [False, True])
def test_headers_are_sent_since_the_api_may_require_them(
    required: bool, replica: Replica, mptf: Mptf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile without them loads from an API that asks for none, and else names the refusal."""
    _, running = replica(seed=7, layout="today", api_headers=required)
    use(running, monkeypatch)
    assert mptf("sync", "--profile", "today").exit_code == 0
    today = load_profile("today")
    bare = replace(today, queries=tuple(replace(q, on_behalf_of="") for q in today.queries))
    running.clear_log()
    done = mptf("--home", "bare", "sync", "--profile", write_profile(tmp_path, bare))
    assert done.exit_code == (1 if required else 0), done.stderr
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert [line.endswith("answered 403") for line in failed] == [True] * required
    assert sum(BASE in target for target in targets(running)) == (2 if required else 14)


@pytest.mark.parametrize("page_rows", [0, 5])
def test_a_profile_that_covers_programmes_finds_and_loads_them_all(
    page_rows: int, replica: Replica, mptf: Mptf, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Its answers list programmes and funds, whose pages are visited then; pages of rows follow."""
    world, running = replica(seed=8, layout="today", api_page_rows=page_rows)
    use(running, monkeypatch)
    profile = profile_for(world.today.names, page_rows=page_rows)
    organizations = "getAnalyzeAllProjects"
    if page_rows:  # the shipped queries know no paging
        queries = [query for query in profile.queries if query.method != organizations]
        profile = replace(profile, queries=tuple(queries))
    done = mptf("sync", "--profile", write_profile(tmp_path, profile))
    assert done.exit_code == 0, done.stderr
    assert "mptf probe" not in done.stderr
    asked = Counter(targets(running))
    assert set(asked.values()) == {1}
    outlines = world.gateway.records.portfolio.outlines
    public = {one.programme_id for one in outlines if one.approved <= moment(NOW)}
    assert len(public) > 3
    assert {f"/project/{key}" for key in public} <= set(asked)
    true_rows = {
        (fact["programme_id"], fact["organization"], fact["fiscal_year"])
        for fact in today_truth(world.gateway.records, NOW)
        if fact["kind"] == "figure" and fact["shown_until"] is None
    }
    rows = ask(
        home / "warehouse.duckdb",
        "SELECT DISTINCT programme_id, organization, fiscal_year FROM core.expenditure_snapshot",
    )
    assert len(rows) >= len(true_rows) > 20
    assert {(row[0], row[2]) for row in rows} >= {(row[0], row[2]) for row in true_rows}


def _one_programme(world: World) -> Query:
    """A query for the figures of each programme."""
    names = world.today.names
    profile = profile_for(names)
    figures = next(query for query in profile.queries if query.name == "programme_figures")
    return replace(
        figures, name="one_programme", per="programme",
        filters=(*figures.filters, f"{names.methods['programme_figures'].filters['programme']}:"
                 "{programme_number}"),
    )  # fmt: skip


def _write_profile_of_each(tmp_path: Path, world: World) -> Path:
    """A profile with a query for each programme."""
    profile = profile_for(world.today.names)
    queries = (*profile.queries, _one_programme(world))
    return write_profile(tmp_path, replace(profile, queries=queries))


def _first_programme(world: World) -> str:
    outlines = world.gateway.records.portfolio.outlines
    return next(one.programme_id for one in outlines if one.approved <= moment(NOW))


def test_a_programme_s_own_queries_are_asked_for_a_chosen_programme(
    replica: Replica, mptf: Mptf, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--programme` asks the queries for each programme for this one, then nothing but its page."""
    world, running = replica(seed=8, layout="today")
    use(running, monkeypatch)
    path, programme_id = _write_profile_of_each(tmp_path, world), _first_programme(world)
    done = mptf("sync", "--profile", path, "--programme", programme_id)
    assert done.exit_code == 0, done.stderr
    number = programme_id.lstrip("0")
    assert all(number in target for target in targets(running)[1:])
    assert f"/project/{programme_id}" in targets(running)
    loaded = ask(home / "warehouse.duckdb", "SELECT DISTINCT programme_id FROM observed.part")
    assert loaded == [(programme_id,)]


@pytest.mark.proof
def test_a_programme_s_own_query_that_fails_is_a_failure_of_the_programme(
    replica: Replica, mptf: Mptf, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page was seen, and not its figures: the next night visits it again."""
    world, running = replica(seed=8, layout="today", faults=(f"404=1@{BASE}*",))
    use(running, monkeypatch)
    path, programme_id = _write_profile_of_each(tmp_path, world), _first_programme(world)
    done = mptf("sync", "--profile", path, "--programme", programme_id)
    assert done.exit_code == 3, done.stderr
    failed = ask(home / "warehouse.duckdb", "SELECT DISTINCT programme_id FROM meta.failure")
    assert failed == [(programme_id,)]


@pytest.mark.parametrize(
    "how", ["refused", pytest.param("in place of it a page", marks=pytest.mark.proof)]
)
def test_programmes_whose_own_query_is_not_answered_are_visited_again(
    how: str, replica: Replica, tmp_path: Path
) -> None:
    """Also those that were not asked for, since the first calls of the method were refused."""
    world, running = replica(seed=8, programmes=12, layout="today")
    profile, query = profile_for(world.today.names), _one_programme(world)
    if how == "refused":
        query = replace(query, on_behalf_of="")  # without the headers that the API needs
    else:
        running.set_faults([f"login=1@{BASE}{query.method}/*"])
    lists = [one for one in profile.queries if one.name == "programmes"]
    path = write_profile(tmp_path, replace(profile, queries=(*lists, query)))
    home = home_for(tmp_path / "home", running, profile=str(path))
    counts, problems = night(home, running, everything=False)
    with closing(open_reader(home.warehouse)) as con:
        programmes = known_programmes(con)
    assert len(programmes) > 3
    assert all(one.failed and one.seen_at for one in programmes)
    assert sum(query.method in target for target in targets(running)) == 2
    assert counts.captures == counts.loaded + counts.unchanged + counts.quarantined + counts.failed
    assert counts.quarantined == (0 if how == "refused" else 2)
    assert f"not requested after others had failed: {len(programmes)} " in problems[-1]


def test_a_paging_filter_that_does_nothing_ends_and_is_named(
    replica: Replica, mptf: Mptf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page with the rows of the one before is not followed for ever."""
    world, running = replica(seed=8, layout="today")
    use(running, monkeypatch)
    profile = profile_for(world.today.names, page_rows=1)  # all rows come at once
    lists = [query for query in profile.queries if query.name == "funds"]
    path = write_profile(tmp_path, replace(profile, queries=tuple(lists)))
    done = mptf("sync", "--profile", path)
    assert done.exit_code == 3
    assert "has the rows of the page before" in done.stderr
    assert sum(BASE in target for target in targets(running)) == 2


def test_an_answer_that_loses_most_of_its_rows_is_named(
    replica: Replica, mptf: Mptf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night is incomplete, by name, and ends no figure."""
    _, running = replica(programmes=24, seed=7, layout="today")
    use(running, monkeypatch)
    assert mptf("sync").exit_code == 0
    before = loaded_organization_years(home)
    _, smaller = replica(
        programmes=2, seed=7, layout="today", now=datetime(2016, 4, 21, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
    )  # fmt: skip
    use(smaller, monkeypatch)
    done = mptf("sync")
    assert done.exit_code == 3, done.stderr
    shrunk = re.findall(r"incomplete: \S+ answers (\d+) rows, after (\d+)", done.stderr)
    assert shrunk
    assert all(int(now) < 0.5 * int(then) for now, then in shrunk)
    assert loaded_organization_years(home).keys() >= before.keys()


def test_a_killed_night_is_continued_and_asks_nothing_twice(
    replica: Replica, tmp_path: Path
) -> None:
    """SIGKILL among the API's answers, then the same command: the tables of an unbroken night."""
    _, running = replica(seed=7, layout="today")
    environment = flat_out(running, MPTF_STEP_SECONDS="600", MPTF_ANSWER_SECONDS="600")

    def start(home: str) -> subprocess.Popen[bytes]:
        arguments = [*COMMAND, "--home", str(tmp_path / home), "sync"]
        return subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)

    with killed_after(start("whole")) as whole_run:
        assert whole_run.wait(PATIENCE) == 0
    running.clear_log()
    running.set_faults([f"timeout=1@{CALL}*fromYear:2009*"])
    with killed_after(start("killed")) as killed:
        eventually(
            lambda: any("fromYear:2009" in one for one in targets(running)) or None, "request"
        )
    assert killed.returncode == -signal.SIGKILL
    archived = archived_pages(tmp_path / "killed")
    assert any(CALL in target for target in archived)
    running.set_faults([])
    running.clear_log()
    with killed_after(start("killed")) as again:
        assert again.wait(PATIENCE) == 0
    assert archived.isdisjoint(targets(running))
    whole, continued = (dump(tmp_path / home / "warehouse.duckdb") for home in ("whole", "killed"))
    assert continued == whole


def test_a_night_over_twenty_thousand_programmes_needs_few_requests_of_the_api() -> None:
    """The calls of a profile that covers programmes are years times queries, not programmes."""
    profile = profile_for(names_of(8))
    assert profile.covers_programmes
    planned = [url for query in profile.queries for url in query.urls(SITE, 2030)]
    assert len(planned) == len(set(planned))
    assert len(planned) == 27 + 1 + 27 + 27 + 1 + 1 <= 300


def test_a_profile_that_is_wrong_is_refused_before_anything_is_asked(
    replica: Replica, mptf: Mptf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file and the key; exit 2."""
    _, running = replica(seed=7, layout="today")
    use(running, monkeypatch)
    path = tmp_path / "own.toml"
    path.write_text('extends = "today"\nlisst = []\n', encoding="utf-8")
    done = mptf("sync", "--profile", path)
    assert done.exit_code == 2
    assert f"profile {path}: unknown key 'lisst'" in done.stderr
    assert targets(running) == []
