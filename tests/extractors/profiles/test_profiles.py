"""What a profile asks of a site, the errors in one, and one written and read again."""

from pathlib import Path
from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.profiles.profile import Paging, Profile, ProfileError, Query
from extractors.profiles.read import SHIPPED, load_profile
from extractors.profiles.write import dump_profile

SITE = "https://mptf.undp.org"
KNOWN_CALL = (
    "https://mptf.undp.org/mptf_rest_api/getAnalyzeAllProjects/,implementing_agent_group_description,"
    "FUCOUNT,BUDGET,NET_FUNDED,EXPENDITURE,delivery_rate,/fromYear:{},toYear:{},--budget:DESC"
)
OWN_QUERY = """\
[[queries]]
name = "mine"
base = "/api"
method = "getThings"
known_by = "a script"
"""
OWN = f'extends = "today"\n{OWN_QUERY}'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_todays_profile_asks_the_known_call_year_by_year_and_for_all_years() -> None:
    """The shipped profile of today asks the one known call for each year since 2004, and once."""
    by_year, span = load_profile("today").queries
    assert by_year.urls(SITE, 2025) == [KNOWN_CALL.format(y, y) for y in range(2025, 2003, -1)]
    assert span.urls(SITE, 2025) == [KNOWN_CALL.format(2004, 2025)]


def test_todays_profile_sends_the_headers_of_the_page() -> None:
    """The call goes out on behalf of the page whose script makes it."""
    for query in load_profile("today").queries:
        (call, *_) = query.calls(2025)
        assert call.headers(SITE) == {
            "drupal-page-url": "/partners/organizations",
            "Referer": "https://mptf.undp.org/partners/organizations",
        }


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_say_how_each_entry_is_known(name: str) -> None:
    """Every query of a shipped profile, and its paths, say how they are known."""
    profile = load_profile(name)
    assert profile.name == name
    assert all(
        len(text) > 20 for text in [profile.known_by, *(q.known_by for q in profile.queries)]
    )
    assert not profile.covers_programmes


def test_a_query_per_subject_is_asked_for_each_year_of_each() -> None:
    """A query per fund is asked for every fund and year, on behalf of the fund's page."""
    query = Query(
        "q", "/api", "m", "a script", ("a", "b"), ("y:{year}", "f:{fund_code_lower}"),
        on_behalf_of="/fund/{fund_code}", years="each", from_year=2020, per="fund",
    )  # fmt: skip
    assert query.urls("", 2021, ["MDG00", "PB000"]) == [
        "/api/m/a,b/y:2021,f:mdg00", "/api/m/a,b/y:2021,f:pb000",
        "/api/m/a,b/y:2020,f:mdg00", "/api/m/a,b/y:2020,f:pb000",
    ]  # fmt: skip
    assert query.calls(2020, ["PB000"])[0].headers(SITE)["drupal-page-url"] == "/fund/PB000"
    assert query.urls("", 2019, ["MDG00"]) == []


@pytest.mark.parametrize(
    ("paging", "first", "third"),
    [
        (Paging("offset", "skip", 50, "limit"), "skip:0,limit:50", "skip:100,limit:50"),
        (Paging("page", "pg", 50, first=1), "pg:1", "pg:3"),
    ],
)
def test_pages_follow_each_other(paging: Paging, first: str, third: str) -> None:
    """An offset grows by the rows of a page, a page's number by one."""
    (call,) = Query("q", "/api", "m", "a script", order=("--a:DESC",), paging=paging).calls(2025)
    assert call.path == f"/api/m//{first},--a:DESC"
    assert call.next_page.next_page.path == f"/api/m//{third},--a:DESC"


def test_an_own_file_adds_to_todays_profile(tmp_path: Path) -> None:
    """A file that extends a profile keeps what it does not say, and adds or replaces queries."""
    today, own = load_profile("today"), load_profile(written(tmp_path, OWN))
    assert own.name == "own"
    assert own.fund_paths == today.fund_paths
    assert [query.name for query in own.queries] == [*(q.name for q in today.queries), "mine"]
    replaced = load_profile(written(tmp_path, OWN.replace("mine", "organizations")))
    assert [query.name for query in replaced.queries] == [query.name for query in today.queries]
    assert replaced.queries[1].method == "getThings"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends = today", "line 1"),
        ('extends = "tomorrow"', "extends must be one of classic, today, not 'tomorrow'"),
        ('extends = "today"\nlisst = []', "unknown key 'lisst'"),
        ('extends = "today"\nlists = "/a"', "lists must be a list, not '/a'"),
        ('extends = "today"\nlists = ["a"]', "lists must be a path such as"),
        ('extends = "today"\nlists = ["//elsewhere/a"]', "lists must be a path such as"),
        ('extends = "today"\nfund_paths = []', "fund_paths must have at least one path"),
        ('extends = "today"\nfund_paths = ["/fund"]', "'/fund' must name the fund"),
        ('description = "d"', "known_by is missing"),
        (f"{OWN}colums = []", "query 1 'mine': unknown key 'colums'"),
        (f"{OWN}years = 'all'", "years must be one of 'each', 'span', 'none', not 'all'"),
        (f"{OWN}years = 'each'", "filters must name the year"),
        (f"{OWN}per = 'fund'", "filters must name the fund"),
        (f"{OWN}filters = ['y:{{year}}']", "{year} is unknown; with years = 'none'"),
        (f"{OWN}filters = ['y:{{year']", "has no partner"),
        (f"{OWN}filters = ['a:{{0.__class__}}']", "{0.__class__} is unknown"),
        (f"{OWN}columns = ['a/b']", "columns must be a column's name, not 'a/b'"),
        (f"{OWN}headers = {{Cookie = 'a'}}", "'Cookie' is not a profile's to set"),
        (
            f"{OWN}headers = {{X-HTTP-Method-Override = 'DELETE'}}",
            "'X-HTTP-Method-Override' is not a profile's to set",
        ),
        (f"{OWN}headers = {{A = 'a\\u000db'}}".replace("'", '"'), "must be printable ASCII"),
        (f"{OWN}paging = {{kind = 'offset', filter = 'o'}}", "paging: size is missing"),
        (f"{OWN}from_year = true", "from_year must be a whole number"),
        (f"{OWN}from_year = 204", "from_year must be within 1990-2100, not 204"),
        (f"{OWN}{OWN_QUERY}", "two are named 'mine'"),
        (OWN.replace('base = "/api"\n', ""), "query 1 'mine': base is missing"),
    ],
)
def test_errors_name_the_file_the_key_and_what_is_wrong(
    tmp_path: Path, text: str, message: str
) -> None:
    """An invalid profile is refused with its file, the key and what to write instead."""
    path = written(tmp_path, text)
    with pytest.raises(ProfileError) as raised:
        load_profile(path)
    assert str(raised.value).startswith(f"profile {path}: ")
    assert message in str(raised.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are one clear error each."""
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"a = '\xff'")
    wrong: list[tuple[str | Path, str]] = [
        ("todays", "profile todays: neither a file nor one of classic, today"),
        (tmp_path, "cannot be read"),
        (binary, "not UTF-8, at byte 5"),
    ]
    for given_, message in wrong:
        with pytest.raises(ProfileError, match=message):
            load_profile(given_)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
segments = st.text(ascii_letters + "_-.", min_size=1)
pagings = st.builds(
    Paging, st.sampled_from(["offset", "page"]), segments, st.integers(1, 5000),
    st.just("") | segments, st.integers(0, 1),
)  # fmt: skip
queries = st.builds(
    Query,
    name=texts, base=segments.map("/{}".format), method=segments, known_by=texts,
    columns=st.lists(segments | st.just("")).map(tuple),
    filters=st.lists(segments.map("{}:{{year}}".format), min_size=1).map(tuple),
    order=st.lists(segments.map("--{}:DESC".format)).map(tuple),
    headers=st.dictionaries(segments.map("X-{}".format), segments).map(
        lambda headers: tuple(headers.items())
    ),
    on_behalf_of=st.just("") | segments.map("/{}".format),
    years=st.just("each"), from_year=st.integers(1990, 2030),
    paging=st.none() | pagings,
    fills=st.lists(st.sampled_from(["lists", "programmes"])).map(tuple),
)  # fmt: skip
profiles = st.builds(
    Profile, texts, texts, texts,
    programme_paths=st.just(("/p/{programme_id}",)), fund_paths=st.just(("/f/{fund_code}",)),
    lists=st.lists(segments.map("/{}".format)).map(tuple),
    queries=st.lists(queries, max_size=4, unique_by=lambda query: query.name).map(tuple),
)  # fmt: skip


@given(profile=profiles)
def test_a_written_profile_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, profile: Profile
) -> None:
    """Whatever a profile holds, its TOML is read as an equal one."""
    path = tmp_path_factory.getbasetemp() / "written.toml"
    path.write_text(dump_profile(profile), encoding="utf-8")
    assert load_profile(path) == profile


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profiles_read_back_equal(tmp_path: Path, name: str) -> None:
    """A shipped profile survives writing."""
    profile = load_profile(name)
    assert load_profile(written(tmp_path, dump_profile(profile))) == profile
