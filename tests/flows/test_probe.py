"""`mptf probe` finds what a site has, politely, and says so; no name is known beforehand."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from extractors.archive.reader import Archive
from extractors.archive.responses import Responses
from extractors.profiles.profile import Profile
from extractors.profiles.read import load_profile
from replica.server.serving import Running
from replica.today.names import Method
from replica.today.words import Role
from replica.world import World
from tests.command import Mptf, run_mptf
from tests.flows.pages import ROOT
from tests.flows.tables import ask
from tests.stand_in import Replica

NOW = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC
PAGES = ["/partners/organizations", "/analyze-all-contributions", "/"]
ODD: set[Role] = {"odd", "broken"}
FILLS: dict[Role, str] = {
    "organizations": "organization years", "programme_figures": "programme figures",
    "contributions": "contributions", "funds": "list of funds",
    "programmes": "list of programmes",
}  # fmt: skip


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once."""
    monkeypatch.setenv("MPTF_RETRY_SECONDS", "0")


def targets(running: Running) -> list[str]:
    return [entry.target for entry in running.log()]


def probed(mptf: Mptf, running: Running, *arguments: str | Path) -> dict[str, Any]:
    """Probe the stand-in, and return the report."""
    result = mptf("probe", "--base-url", running.base_url, "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def best_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The call of each method that told most."""
    return {method["method"]: method["asked"][0] for method in report["methods"]}


def columns_of(method: Method) -> set[str]:
    return set(method.columns.values())


def assert_found(world: World, report: dict[str, Any]) -> None:
    """Every method is found in a script; those that answer are shown with all their columns."""
    found = best_of(report)
    methods = world.today.names.methods
    assert {method.name for method in methods.values()} <= found.keys()
    for role, method in methods.items():
        asked = found[method.name]
        assert asked["found_in"]
        if role == "broken":
            assert asked["problem"] in {"server_error", "api_error_page"}
            assert asked["rows"] == 0
            continue
        assert asked["rows"] > 0
        assert {column["name"] for column in asked["columns"]} == columns_of(method)
        assert columns_of(method) >= json.loads(asked["sample"]).keys()
        if role not in ODD:
            assert asked["problem"] == ""
            assert asked["fills"] == [FILLS[role]]


def assert_profile_asks(world: World, profile: Profile, page_rows: int) -> None:
    """The profile asks the useful methods for all years and all subjects, with their headers."""
    names = world.today.names
    queries = {query.method: query for query in profile.queries}
    assert queries.keys() == {m.name for role, m in names.methods.items() if role not in ODD}
    for role in FILLS:
        method = names.methods[role]
        query = queries[method.name]
        assert set(method.asked.values()) == set(query.columns) - {""}
        assert query.per == "site"
        by_year = {"year", "first_year"} & method.filters.keys()
        assert query.years == ("each" if by_year else "none")
        assert query.on_behalf_of.startswith("/")
        assert query.known_by.startswith("probed on 2016-04-20: found in /")
        if page_rows:
            assert query.paging is not None
            assert query.paging.kind == names.paging.kind
            assert query.paging.filter == names.paging.first
            assert query.paging.size_filter == names.paging.size
            assert query.paging.first == names.paging.base
            assert query.paging.size <= page_rows
    assert profile.covers_programmes


@pytest.mark.parametrize(
    ("seed", "page_rows", "headers"), [(1, 0, True), (3, 7, True), (5, 7, False)]
)
def test_every_method_is_found_and_the_profile_asks_those_that_are_useful(
    seed: int, page_rows: int, headers: bool, replica: Replica, mptf: Mptf, tmp_path: Path
) -> None:
    options = {"api_page_rows": page_rows, "api_headers": headers}
    world, running = replica(seed=seed, now=NOW, layout="today", **options)
    file = tmp_path / "p.toml"
    report = probed(mptf, running, "--write", file)
    assert_found(world, report)
    assert_profile_asks(world, load_profile(file), page_rows)
    assert report["requests"] == len(targets(running)) < 60


@pytest.mark.proof
@pytest.mark.parametrize("page_rows", [0, 7])
@pytest.mark.parametrize("seed", range(20, 30))
def test_every_method_of_ten_more_sites_is_found(
    seed: int, page_rows: int, replica: Replica, mptf: Mptf, tmp_path: Path
) -> None:
    """These have 40 programmes, so that some answers have several pages of rows."""
    world, running = replica(
        seed=seed, now=NOW, layout="today", programmes=40, api_page_rows=page_rows
    )
    file = tmp_path / "p.toml"
    report = probed(mptf, running, "--write", file)
    assert_found(world, report)
    assert_profile_asks(world, load_profile(file), page_rows)
    assert report["requests"] == len(targets(running)) < 60


def test_the_archive_alone_gives_the_same_report_in_any_home(
    replica: Replica, mptf: Mptf, home: Path, tmp_path: Path
) -> None:
    """Also of requests that failed without a response; and nothing is requested."""
    _, running = replica(seed=2, now=NOW, layout="today", faults=("reset=1@/analyze-all-*",))
    report = probed(mptf, running, "--markdown", tmp_path / "live.md")
    assert {page["problem"] for page in report["pages"]} == {"", "cut_off"}
    sent = targets(running)
    other = tmp_path / "other"
    shutil.copytree(home / "probe", other / "probe")
    for folder in (home, other):
        name = tmp_path / "again.md"
        result = run_mptf(folder, "probe", "--from-archive", "--json", "--markdown", name)
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout) == report
        assert name.read_text() == (tmp_path / "live.md").read_text()
    assert targets(running) == sent


def test_the_archive_of_a_killed_probe_can_be_reported_from(
    replica: Replica, mptf: Mptf, home: Path
) -> None:
    """It has no end; what was not received counts as not asked for."""
    _, running = replica(seed=2, now=NOW, layout="today")
    probed(mptf, running)
    (file,) = (home / "probe").glob("*.warc.gz")
    half = file.read_bytes()[: file.stat().st_size * 2 // 3]
    file.with_name(f"{file.name}.open").write_bytes(half)
    file.unlink()
    result = mptf("probe", "--from-archive", "--json")
    assert result.exit_code == 0, result.stderr
    problems = {one["problem"] for one in best_of(json.loads(result.stdout)).values()}
    assert problems >= {"", "not_asked"}


@pytest.mark.parametrize("most", [2, 7, 11])
def test_no_more_requests_are_sent_than_allowed(most: int, replica: Replica, mptf: Mptf) -> None:
    """Redirects and robots.txt count; what was not asked for is named."""
    _, running = replica(seed=1, now=NOW, layout="today", faults=("redirect_loop=1@/analyze*",))
    report = probed(mptf, running, "--requests", str(most))
    assert report["requests"] == len(targets(running)) == most
    assert "not_asked" in json.dumps(report)


@pytest.mark.usefixtures("samples")
def test_without_a_link_the_page_of_a_known_fund_and_programme_is_asked_for(
    replica: Replica, mptf: Mptf, home: Path
) -> None:
    """The warehouse knows some; without one a fund is asked for that has long been there."""
    _, running = replica(seed=1, now=NOW)
    probed(mptf, running)
    file = home / "warehouse.duckdb"
    programmes = {
        f"/project/{key}" for (key,) in ask(file, "SELECT programme_id FROM core.programme")
    }
    funds = {f"/fund/{str(key).lower()}" for (key,) in ask(file, "SELECT fund_code FROM core.fund")}
    asked = set(targets(running))
    assert len(asked & programmes) == len(asked & (funds | {"/fund/pb000"})) == 1
    file.unlink()
    _, running = replica(seed=1, now=NOW)
    probed(mptf, running)
    assert "/fund/pb000" in targets(running)


def test_scripts_that_were_not_read_are_not_taken_for_scripts_without_calls(
    replica: Replica, mptf: Mptf
) -> None:
    _, running = replica(seed=1, now=NOW, layout="today", faults=("500=1@/sites/*",))
    report = probed(mptf, running, "--requests", "5")
    assert report["conclusion"] == "no call of an API was found, but not every script could be read"
    assert report["scripts"][0]["problem"] in {"not_asked", "server_error"}


def test_robots_txt_is_asked_for_first_and_kept(replica: Replica, mptf: Mptf) -> None:
    """An API that it forbids is found, and never asked."""
    world, running = replica(seed=1, now=NOW, layout="today", robots_forbids_api=True)
    report = probed(mptf, running)
    assert report["conclusion"].startswith("robots.txt forbids the API")
    assert {m.name for m in world.today.names.methods.values()} == best_of(report).keys()
    assert not any(method["allowed_by_robots"] for method in report["methods"])
    assert targets(running)[0] == "/robots.txt"
    assert not [target for target in targets(running) if "api" in target]


def line(result: Result) -> str:
    """The one line in which a command says why it did not do what was asked."""
    (found,) = [one for one in result.stderr.splitlines() if one.startswith("mptf: ")]
    return found


def test_a_site_without_an_api_is_told_in_one_line(
    replica: Replica, mptf: Mptf, tmp_path: Path
) -> None:
    """It is no error, unless a profile is asked for: then none is written."""
    _, running = replica(seed=1, now=NOW)
    result = mptf("probe", "--base-url", running.base_url)
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert "no script of the site calls an API, and the API that was known does not" in told
    result = mptf("probe", "--base-url", running.base_url, "--write", tmp_path / "p.toml")
    assert result.exit_code == 1
    assert "no profile was written: no script of the site calls an API" in line(result)
    assert not (tmp_path / "p.toml").exists()


def test_an_api_that_asks_for_a_login_is_told_in_one_line(replica: Replica, mptf: Mptf) -> None:
    _, running = replica(seed=1, now=NOW, layout="today", faults=("login=1@/mptf_rest_api/*",))
    report = probed(mptf, running)
    assert report["conclusion"] == "the API asks for a login, or for headers that no script shows"
    assert {one["problem"] for one in best_of(report).values()} == {"login_page"}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("login=1", "no page was answered (login_page)"), ("500=1@/*", "robots.txt")],
)
def test_a_site_that_shows_nothing_is_told_in_one_line(
    fault: str, reason: str, replica: Replica, mptf: Mptf
) -> None:
    _, running = replica(seed=1, now=NOW, layout="today", faults=(fault,))
    result = mptf("probe", "--base-url", running.base_url)
    assert result.exit_code == 1
    assert reason in line(result)
    assert result.stdout == ""


def test_a_site_that_cannot_be_reached_is_told_in_one_line(mptf: Mptf, home: Path) -> None:
    result = mptf("probe", "--base-url", "http://127.0.0.1:9", "--pace", "0")
    assert result.exit_code == 1
    assert "robots.txt could not be fetched: no connection" in line(result)
    assert "run `mptf probe`" in line(mptf("probe", "--from-archive"))


@pytest.mark.usefixtures("no_home")
def test_nothing_of_a_probe_enters_the_warehouse(replica: Replica, mptf: Mptf, home: Path) -> None:
    """Rebuilds and verify ignore its archive, and it leaves no run behind."""
    _, running = replica(seed=1, now=NOW, layout="today")
    probed(mptf, running)
    assert sorted(path.name for path in home.iterdir()) == ["probe"]
    assert mptf("rebuild").exit_code == 0
    assert mptf("verify").exit_code == 0
    assert ask(home / "warehouse.duckdb", "FROM raw.capture") == []


def test_every_response_is_archived(replica: Replica, mptf: Mptf, home: Path) -> None:
    _, running = replica(seed=3, now=NOW, layout="today", faults=("404=1@/fund/*",))
    report = probed(mptf, running)
    archive = Archive(home / "probe", 2**24)
    responses = Responses(archive, archive.files())
    asked = [f"{running.base_url}{target}" for target in targets(running)]
    assert sum(responses.counts.values()) == len(asked) == report["requests"]
    assert set(responses.urls()) == set(asked)
    robots = responses.get(asked[0])
    assert robots is not None
    assert robots.reason == "robots"
    assert b"User-agent" in robots.body


def test_the_terminal_shows_a_short_report_of_80_columns(replica: Replica, mptf: Mptf) -> None:
    world, running = replica(seed=3, now=NOW, layout="today", api_page_rows=7)
    result = mptf("probe", "--base-url", running.base_url)
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) < 80
    assert len(lines) < 40
    rows = {one.split()[0]: one for one in lines if one}
    for role, use in FILLS.items():
        row = rows[world.today.names.methods[role].name]
        assert use in row
    assert "requests" in result.stderr


def test_the_guide_shows_what_a_probe_prints(
    replica: Replica, mptf: Mptf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the site that it names, under an address that does not vary."""
    monkeypatch.setenv("MPTF_KNOWN_AS", "https://gateway.example")
    _, running = replica(seed=1, now=NOW, layout="today")
    result = mptf("probe", "--base-url", running.base_url)
    guide = (ROOT / "docs" / "probe.md").read_text()
    assert f"```text\n{result.stdout.rstrip()}\n```" in guide
