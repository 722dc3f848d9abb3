"""Calls of scripts become queries of any year, fund or programme; whatever they are made of."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.probe.findings.filters import Role, role_of
from extractors.probe.findings.questions import CannotAsk, Question, question_of, ranked
from extractors.probe.scripts import ApiCall, find_calls
from extractors.probe.urls import Filter
from extractors.profiles.profile import Paging

SITE = "https://mptf.example"
PATH = re.compile(r"/[\w.~%/&+,:@!=-]*", re.ASCII)


def questions(script: str, page: str = "/") -> list[Question]:
    found = [question_of(call, SITE + page) for call in find_calls(script, f"{SITE}/a.js")]
    return [one for one in found if isinstance(one, Question)]


def question(script: str, page: str = "/") -> Question:
    (found,) = questions(script, page)
    return found


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("year", "year"), ("fiscal_year", "year"), ("reportingYear", "year"),
        ("fromYear", "from"), ("year_from", "from"), ("minYear", "from"), ("startYear", "from"),
        ("toYear", "to"), ("endYear", "to"), ("year_to", "to"), ("maxYear", "to"),
        ("fund", "fund"), ("fundCode", "fund"), ("trust_fund_id", "fund"),
        ("project", "programme"), ("programmeId", "programme"), ("projectNumber", "programme"),
        ("offset", "offset"), ("startRow", "offset"), ("page", "page"), ("pageNo", "page"),
        ("limit", "size"), ("perPage", "size"), ("rows", "size"), ("maxRows", "size"),
        ("yearOfTheDragon", ""), ("fundType", ""), ("projectCountry", ""), ("colour", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_filter_s_name_tells_what_it_does(name: str, role: Role) -> None:
    assert role_of(name) == role


def test_a_year_becomes_any_year_and_a_fund_any_fund() -> None:
    found = question(
        "fetch('/api/getX/A,B/fundCode:MDG00,fromYear:2010,toYear:2015')", "/fund/mdg00"
    )
    assert found.query.filters == (
        "fundCode:{fund_code}", "fromYear:{from_year}", "toYear:{to_year}",
    )  # fmt: skip
    assert (found.query.per, found.query.years, found.query.from_year) == ("fund", "each", 2004)
    assert (found.year, found.subjects) == (2015, ("MDG00",))
    call = found.query.calls(2024, ["PB000"])[0]
    assert call.path == "/api/getX/A,B/fundCode:PB000,fromYear:2024,toYear:2024"
    assert call.headers(SITE)["drupal-page-url"] == "/fund/pb000"


@pytest.mark.parametrize(
    ("value", "asked"), [("67193", "67193"), ("00067193", "00067193"), ("' + id + '", "00067193")]
)
def test_a_programme_is_asked_for_as_the_script_writes_its_id(value: str, asked: str) -> None:
    found = question(f"fetch('/api/getX/A/project:{value}')")
    assert found.query.per == "programme"
    assert found.query.calls(2024, ["00067193"])[0].path == f"/api/getX/A/project:{asked}"


@pytest.mark.parametrize(
    ("filters", "paging"),
    [
        ("offset:0,limit:50", Paging("offset", "offset", 50, "limit")),
        ("page:1,rows:50", Paging("page", "page", 50, "rows", first=1)),
        ("page:0", Paging("page", "page", 1)),
        ("offset:' + at + ',limit:' + most + '", Paging("offset", "offset", 100, "limit")),
        ("limit:10", None),
    ],
)
def test_pages_of_rows_are_asked_for_from_the_first(filters: str, paging: Paging | None) -> None:
    """A limit alone would cut the answer, so it is left out."""
    query = question(f"fetch('/api/getX/A/{filters}')").query
    assert (query.paging, query.filters) == (paging, ())


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("settings.root + '/rest_api/getX/A/year:2020'", "/rest_api/getX/A/year:2024"),
        ("'https://mptf.example/rest_api/getX/A/year:2020'", "/rest_api/getX/A/year:2024"),
        ("'rest_api/getX/,A,B,/--A:DESC'", "/partners/rest_api/getX/,A,B,/--A:DESC"),
        ("'/api/v1/getX/A/kind:a b,year:2020?_format=json'", "/api/v1/getX/A/kind:a%20b,year:2024"),
        ("'/api/v1/getX/A/kind:a%20b'", "/api/v1/getX/A/kind:a%20b"),
        ("'/api/getX/' + columns + '/' + filters", "/api/getX//"),
    ],
)  # fmt: skip
def test_a_url_is_asked_for_as_the_script_builds_it(url: str, path: str) -> None:
    """Relative to the page, with commas where they were, and without a query string."""
    found = question(f"fetch({url})", "/partners/organizations")
    assert found.query.calls(2024)[0].path == path


def test_what_answers_most_is_asked_first() -> None:
    """Of one method: what is not narrowed, wholly known, and has most columns."""
    script = """
      fetch('/api/getX/A,B/fund:MDG00'); fetch('/api/getX/A/'); fetch('/api/getY/A/');
      fetch('/api/getX/A,B/kind:' + kind); fetch('/api/getX/A,B/');
    """
    first, second = ranked(questions(script))
    assert [(one.query.columns, one.query.per) for one in first] == [
        (("A", "B"), "site"), (("A",), "site"), (("A", "B"), "fund"),
    ]  # fmt: skip
    assert [one.query.method for one in second] == ["getY"]


@st.composite
def calls(draw: st.DrawFn) -> ApiCall:
    text = st.text(max_size=12) | st.sampled_from(
        ["{x}", "fromYear", "fund", "page", "2015", "MDG00", "..", "%2e", "{{", "}}", "a/b", "?"]
    )
    texts: st.SearchStrategy[Sequence[str]] = st.lists(text, max_size=3)
    filters = st.builds(Filter, text, text, st.booleans())
    return ApiCall(
        base=draw(st.sampled_from(["/api", "{x}/api", "//other/api", "api"]) | text),
        method=draw(text),
        columns=tuple(draw(texts)),
        filters=tuple(draw(st.lists(filters, max_size=3))),
        headers=tuple(draw(st.lists(st.tuples(text, text), max_size=2))),
        template=draw(text),
        where="a.js, 1:1",
        text="",
    )


@given(calls(), st.sampled_from([f"{SITE}/", f"{SITE}/fund/mdg00", f"{SITE}/é{{x}}/,"]))
def test_any_call_is_a_question_of_this_site_or_cannot_be_asked(call: ApiCall, page: str) -> None:
    """A path stays on the site and under the API, and has nothing open in it."""
    found = question_of(call, page)
    if isinstance(found, CannotAsk):
        assert found.reason
        return
    asked = found.query.calls(2024, ["MDG00" if found.query.per == "fund" else "00067193"])[0]
    assert PATH.fullmatch(asked.path)
    assert "/../" not in asked.path
    assert not asked.path.startswith("//")
    for name, value in asked.headers(SITE).items():
        assert f"{name}{value}".isascii()
        assert f"{name}{value}".isprintable()
