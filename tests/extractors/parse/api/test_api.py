"""Answers of the site's API: read as printed and whole, or refused by a rule."""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.api.columns import Column, explain_column, known_column
from extractors.parse.api.query import ApiQuery, query_of
from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedRow
from tests.extractors.parse.expectations import PAGES
from transforms.amounts import parse_machine_amount, parse_machine_rate
from transforms.observe import ReadBody, observe

REAL = Path(__file__).parents[4] / "../shared/real/api_organizations_2016_2025.json"
OPERATORS = Path(__file__).parents[4] / "docs/operators.md"
REAL_QUERY = (
    "getAnalyzeAllProjects/,implementing_agent_group_description,FUCOUNT,BUDGET,NET_FUNDED,"
    "EXPENDITURE,delivery_rate,/fromYear:2016,toYear:2025,--budget:DESC"
)
QUERY = "getAnalyzeAllProjects/,BUDGET,/fromYear:2016,toYear:2025"
WHOLE = (
    '{"data": [{"agency_code": "002100", "ORGANIZATION": "UNDP \\"\\u00e9\\ud83d\\ude00\\n", '
    '"BUDGET": -1.5e+3, "x": [true, false, null, -12.5E-4]}, {"BUDGET": ".88"}], "total": 2}'
)


def parsed(answer: str, context: str = QUERY) -> Page:
    return parse_page(answer.encode(), context)


def rows_of(*rows: Mapping[str, object], context: str = QUERY) -> list[PrintedRow]:
    return parsed(json.dumps({"data": rows}), context).rows


def rule_of(answer: str, context: str = QUERY) -> str:
    with pytest.raises(PageRefusedError) as caught:
        parsed(answer, context)
    assert caught.value.kind is PageKind.API_ANSWER
    return caught.value.rule


@pytest.fixture(scope="module")
def real() -> Page:
    if not REAL.is_file():
        pytest.skip("the real answer is not kept in the repository, and not beside it here")
    return parse_page(REAL.read_bytes(), REAL_QUERY)


def test_the_real_answer_is_read_in_full(real: Page) -> None:
    assert (real.kind, real.representation) == (PageKind.API_ANSWER, Representation.JSON)
    assert len(real.rows) == 238
    assert (real.findings, real.paging, real.coverage.unknown) == ([], [], 0)
    assert {(row.from_year, row.to_year, row.fiscal_year) for row in real.rows} == {
        ("2016", "2025", None)
    }


@pytest.mark.parametrize(
    ("measure", "total"),
    [
        ("approved_budget", "11735900572.45"),
        ("net_funded", "10345158685.91"),
        ("expenditure", "8977762279.64"),
    ],
)
def test_the_real_answer_s_amounts_sum_up_to_the_cent(real: Page, measure: str, total: str) -> None:
    amounts = [parse_machine_amount(row.measures[measure]) for row in real.rows]
    exact = sum((Decimal(row.measures[measure]) for row in real.rows), Decimal())
    assert sum(amounts) == exact.quantize(Decimal("0.01"), ROUND_HALF_EVEN) == Decimal(total)


def test_the_real_answer_s_rates_are_read_with_their_signs(real: Page) -> None:
    rates = [parse_machine_rate(row.measures["delivery_rate"]) for row in real.rows]
    assert (min(rates), max(rates)) == (Decimal("-444.30"), Decimal("490.77"))


def test_an_answer_that_contains_text_is_the_same_within_a_json_string_and_without() -> None:
    bare, within = parsed(WHOLE), parsed(json.dumps(WHOLE))
    assert bare == within
    assert len(bare.rows) == 2
    marked = parse_page(b"\xef\xbb\xbf" + WHOLE.encode(), QUERY)
    assert marked == bare


def test_without_a_query_json_is_no_page_of_the_gateway() -> None:
    with pytest.raises(PageRefusedError) as caught:
        parse_page(WHOLE.encode())
    assert caught.value.rule == "not_a_gateway_page"


@pytest.mark.parametrize("body", ["[]", '{"data": []}', '"{\\"data\\": []}"'])
def test_an_answer_without_rows_says_so_and_nothing_else(body: str) -> None:
    """A year before the first programme has one, and so has the page behind the last row."""
    page = parsed(body)
    assert page.rows == []
    assert [finding.kind for finding in page.findings] == ["empty_answer"]


def test_a_cut_at_any_byte_is_never_read_as_a_whole_answer() -> None:
    for whole in (WHOLE.encode(), json.dumps(WHOLE).encode(), WHOLE.encode("utf-8-sig")):
        assert len(parse_page(whole, QUERY).rows) == 2
        rules = {outcome_of(whole[:size]) for size in range(1, len(whole))}
        assert rules <= {"api_cut_short", "api_not_json"}
        if not whole.startswith(b"\xef"):  # a torn byte order mark says nothing
            assert rules == {"api_cut_short"}


ROWS: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.dictionaries(
        st.sampled_from(["BUDGET", "project_id", "agency_code", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just([]),
    ),
    max_size=4,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "error", "total", "x"]), inner | ROWS)
    ),
    max_leaves=20,
)


def outcome_of(body: bytes) -> Page | str:
    """Return the page, or the rule that refuses it."""
    try:
        return parse_page(body, QUERY)
    except PageRefusedError as refusal:
        return refusal.rule


@settings(max_examples=150)
@given(value=VALUES, twice=st.booleans())
def test_any_json_is_read_or_refused_by_a_rule_that_operators_can_look_up(
    value: object, twice: bool
) -> None:
    text = json.dumps(value)
    outcome = outcome_of((json.dumps(text) if twice else text).encode())
    assert isinstance(outcome, Page) or f"`{outcome}`" in OPERATORS.read_text(encoding="utf-8")


@settings(max_examples=150)
@given(rows=ROWS.filter(any), share=st.floats(0, 1, exclude_max=True), twice=st.booleans())
def test_every_row_is_read_or_set_aside_and_a_part_of_an_answer_never_is(
    rows: list[dict[str, object]], share: float, twice: bool
) -> None:
    text = json.dumps({"data": [{"BUDGET": "1"}, *rows]})
    body = (json.dumps(text) if twice else text).encode()
    page = parse_page(body, QUERY)
    set_aside = [one for one in page.findings if one.kind == "row_set_aside"]
    assert len(page.rows) + len(set_aside) == len(rows) + 1
    assert len(observe([ReadBody("0" * 64, page)]).frames["observed.body"]) == 1
    assert outcome_of(body[: int(share * len(body))]) in {"api_cut_short", "empty_body"}


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("<html><body>Error</body></html>", "api_error_page"),
        (json.dumps("<p>Error</p>"), "api_error_page"),
        ("Internal Server Error", "api_not_json"),
        ('{"data": [}', "api_not_json"),
        ('{"data": []} {"data": []}', "api_not_json"),
        ("null", "api_null"),
        ('"null"', "api_null"),
        ('""', "api_null"),
        ('{"data": null}', "api_null"),
        ('{"data": [], "total": 3}', "api_empty"),
        ('{"error": "no such method"}', "api_error"),
        ('{"error": true, "data": [{"BUDGET": "1"}]}', "api_error"),
        ('{"success": false, "data": [{"BUDGET": "1"}]}', "api_error"),
        ('{"status": "error", "data": [{"BUDGET": "1"}]}', "api_error"),
        ('{"status": 500, "data": [{"BUDGET": "1"}]}', "api_error"),
        ('{"message": "Not found"}', "api_error"),
        ('[["BUDGET"], ["1"]]', "api_rows_as_lists"),
        ('{"rows": [{"BUDGET": "1"}]}', "api_unknown_shape"),
        ('{"data": {"BUDGET": "1"}}', "api_unknown_shape"),
        ('{"data": [{"BUDGET": "1"}], "data": [{"BUDGET": "2"}]}', "api_unknown_shape"),
        ("12", "api_unknown_shape"),
        ("true", "api_unknown_shape"),
        (json.dumps(json.dumps(json.dumps([{"BUDGET": "1"}]))), "api_unknown_shape"),
        ('[{"budget_year_flag": "Y"}]', "api_no_known_column"),
        ("[null]", "api_no_known_column"),
        ("[" * 100_000, "nested_too_deep"),
        ('[{"BUDGET": ' + "[" * 60 + "]" * 60 + "}]", "nested_too_deep"),
        (json.dumps([{f"column {n}": 1 for n in range(1_001)}]), "table_too_large"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_own_rule(answer: str, rule: str) -> None:
    assert rule_of(answer) == rule


def test_an_answer_of_too_many_rows_is_refused() -> None:
    assert rule_of(f"[{'0,' * 100_000}0]") == "table_too_large"


def test_an_error_that_says_that_there_is_none_is_no_error() -> None:
    page = parsed('{"error": null, "success": true, "status": 200, "data": [{"BUDGET": "1"}]}')
    assert [row.measures for row in page.rows] == [{"approved_budget": "1"}]
    assert page.findings == []


@pytest.mark.parametrize("total", ["3", 3])
def test_a_total_above_the_number_of_rows_tells_that_more_follow(total: object) -> None:
    page = parsed(json.dumps({"data": [{"BUDGET": "1"}], "total": total}))
    assert [(paging.what, paging.whole) for paging in page.paging] == [("rows", "3")]
    assert parsed(json.dumps({"data": [{"BUDGET": "1"}], "total": 1})).paging == []


@pytest.mark.parametrize(
    "number", ["2333254635.430", "0.1", "1e3", "-133700.960", "9007199254740993.01", "NaN"]
)
def test_a_number_is_kept_as_it_is_printed(number: str) -> None:
    (row,) = parsed(f'[{{"BUDGET": {number}}}]').rows
    assert row.measures == {"approved_budget": number}


def test_null_and_an_empty_text_are_absent_and_zero_is_not() -> None:
    rows = rows_of({"BUDGET": None, "EXPENDITURE": ""}, {"BUDGET": 0, "EXPENDITURE": ".000"})
    assert [row.measures for row in rows] == [{}, {"approved_budget": "0", "expenditure": ".000"}]


@pytest.mark.parametrize(
    ("printed", "programme_id"), [("67193", "00067193"), (67193, "00067193"), ("00067193",) * 2]
)
def test_zeros_are_put_back_before_a_programme_id(printed: object, programme_id: str) -> None:
    (row,) = rows_of({"PROJECT_ID": printed, "BUDGET": "1"})
    assert row.programme_id == programme_id


@pytest.mark.parametrize("printed", ["0", "MPTF-1", "000067193", 67193.5, "6 7193", "-67193"])
def test_a_row_of_no_programme_id_is_set_aside(printed: object) -> None:
    page = parsed(json.dumps([{"PROJECT_ID": printed, "BUDGET": "1"}, {"BUDGET": "2"}]))
    assert [row.where for row in page.rows] == ["row 2"]
    assert [(one.kind, one.subject) for one in page.findings] == [("row_set_aside", "row 1")]


def test_escapes_that_no_page_can_have_are_damaged_characters() -> None:
    page = parsed('[{"ORGANIZATION": "F\\u0000A\\ud800O", "BUDGET": "1"}]')
    assert page.rows[0].organization == "F\ufffdA\ufffdO"
    assert [one.kind for one in page.findings] == ["damaged_characters"]


def test_personal_data_of_unknown_columns_is_repeated_nowhere() -> None:
    row = {"BUDGET": "1", "MANAGER_NAME": "Leak", "note": "to leak@example.org", "x": "kept"}
    page = parsed(json.dumps([row]))
    assert "kept" in str(page)
    assert "leak" not in str(page).lower()
    assert [one.kind for one in page.findings] == ["unknown_column"] * 3


@pytest.mark.parametrize(
    "beside",
    [
        {"units": "thousands"}, {"currency": "EUR"}, {"scale": 1000}, {"amounts_in": "millions"},
        {"meta": {"unit": "thousands"}}, {"currency": [{"name": "euro"}]},
        {"note": "All amounts in thousands of US$"},
    ],
)  # fmt: skip
def test_amounts_in_another_unit_are_not_loaded(beside: dict[str, object]) -> None:
    assert rule_of(json.dumps({"data": [{"BUDGET": "1"}], **beside})) == "api_unknown_unit"


def test_an_answer_that_says_that_it_is_a_part_is_one() -> None:
    rows = [{"BUDGET": "1"}]
    assert parsed(json.dumps({"data": rows, "currency": "USD", "has_more": False})).paging == []
    assert len(parsed(json.dumps({"data": rows, "has_more": True})).paging) == 1


def test_an_unknown_column_is_one_finding_with_up_to_three_values() -> None:
    page = parsed(json.dumps([{"BUDGET": "1", "window": str(n // 2)} for n in range(10)]))
    (finding,) = page.findings
    assert finding == ("unknown_column", "getAnalyzeAllProjects", "window: 0, 1, 2")
    assert (page.coverage.known, page.coverage.unknown) == (1, 1)
    assert page.coverage.layout == "api_answer in json: BUDGET, window"


def test_of_columns_that_mean_the_same_only_the_exact_one_counts() -> None:
    both = {"ORGANIZATION": "FAO", "organization_short": "F", "BUDGET": "1"}
    (row,) = rows_of(both)
    assert row.organization == "FAO"
    (row,) = rows_of({"organization_short": "F", "agency_name": "FAO", "BUDGET": "1"})
    assert row.organization is None
    (finding,) = parsed(json.dumps([both])).findings
    assert finding.kind == "repeated_column"
    assert {"ORGANIZATION", "organization_short"} <= set(
        finding.detail.replace(":", ",").split(", ")
    )


def test_two_answers_have_two_digests() -> None:
    answers = [parsed(f'[{{"BUDGET": "{n}"}}]') for n in (1, 2)]
    read = [ReadBody(str(n) * 64, page) for n, page in enumerate(answers)]
    digests = observe(read).frames["observed.body"]["content_digest"]
    assert digests.n_unique() == 2


def test_the_real_query_is_understood() -> None:
    assert query_of(REAL_QUERY) == ApiQuery(
        "getAnalyzeAllProjects",
        (
            "implementing_agent_group_description", "FUCOUNT", "BUDGET", "NET_FUNDED",
            "EXPENDITURE", "delivery_rate",
        ),
        (("fromYear", "2016"), ("toYear", "2025")),
        (("budget", "DESC"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("context", "filters"),
    [
        ("getX/,A,/", ()),
        ("getX", ()),
        ("/getX/,A,/fundCode:PB000,toYear:2020/", (("fundCode", "PB000"), ("toYear", "2020"))),
        ("getX/,A,/name:a%2Cb%3Ac%2Fd", (("name", "a,b:c/d"),)),
        ("getX/,A,/fundCode%3APB000%2CtoYear%3A2020", (("fundCode", "PB000"), ("toYear", "2020"))),
        (
            "getX/,A,/fromYear:2016?page=2&q=a%20b",
            (("fromYear", "2016"), ("page", "2"), ("q", "a b")),
        ),
    ],
)
def test_filters_keep_their_order_and_are_decoded(
    context: str, filters: tuple[tuple[str, str], ...]
) -> None:
    query = query_of(context)
    assert (query.method, query.filters) == ("getX", filters)


@pytest.mark.parametrize(
    ("filters", "years"),
    [
        ("fromYear:2016,toYear:2025", ("2016", "2025")),
        ("from_year:2016", ("2016", None)),
        ("yearFrom:2016,yearTo:2025", ("2016", "2025")),
        ("startYear:2016,endYear:2025", ("2016", "2025")),
        ("year:2016", ("2016", "2016")),
        ("fiscal_year:2016,--budget:DESC", ("2016", "2016")),
        ("fundCode:PB000,--year:DESC", (None, None)),
        ("fromYear:,toYear:", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_row_has_the_years_that_are_asked_for(
    filters: str, years: tuple[str | None, str | None]
) -> None:
    (row,) = rows_of({"BUDGET": "1"}, context=f"getX/,BUDGET,/{filters}")
    assert (row.from_year, row.to_year) == years


@pytest.mark.parametrize(
    "filters",
    [
        "year:2016,fromYear:2017", "yearType:fiscal", "years:2015;2016,year:2015", "year!:2015",
        "-year:2015",
    ],
)  # fmt: skip
def test_years_that_are_not_understood_refuse_the_answer(filters: str) -> None:
    assert rule_of('[{"BUDGET": "1"}]', f"getX/,BUDGET,/{filters}") == "api_query_years"


@pytest.mark.parametrize("filters", ["2015", "fundCode=PB000", "year:2015,--country:MLI"])
def test_a_filter_of_another_form_refuses_the_answer(filters: str) -> None:
    """Rows of one year, of one fund or of one country would else count as those of all."""
    assert rule_of('[{"BUDGET": "1"}]', f"getX/,BUDGET,/{filters}") == "api_query_filter"


def test_a_row_in_another_unit_is_set_aside() -> None:
    """A column may be called a unit's, or hold a text that is one."""
    others: tuple[dict[str, object], ...] = (
        {"CURRENCY_CODE": "EUR"}, {"unit": "USD thousands"}, {"AMOUNT_UNIT": "K"}, {"scale": 1000},
        {"curr": {"code": "CHF"}}, {"remark": "thousands"}, {"remark": "US$ millions"},
    )  # fmt: skip
    plain: tuple[dict[str, object], ...] = (
        {"CURRENCY_CODE": "USD"}, {"CURRENCY_CODE": ""}, {"unit": "US dollars"}, {"scale": 1},
        {"business_unit": "UNDP1"}, {"remark": "3 million people"}, {"curr": {"code": "USD"}},
    )  # fmt: skip
    page = parsed(json.dumps([{"BUDGET": "1", **one} for one in (*others, *plain)]))
    assert len(page.rows) == len(plain)
    set_aside = [one.subject for one in page.findings if one.kind == "row_set_aside"]
    assert set_aside == [f"row {number}" for number, _ in enumerate(others, start=1)]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("ORGANIZATION", "organization"),
        ("FUCOUNT", "fund_count"),
        ("FUNDS_COUNT", "fund_count"),
        ("implementing_agent_group_description", "organization_group"),
        ("implementing_group_code", "organization_group_code"),
        ("FUND_CODE", "fund_code"),
        ("FUND_NAME", "fund_name"),
        ("FUND_DESCR", "fund_name"),
        ("PROJECT_ID", "programme_id"),
        ("projectId", "programme_id"),
        ("ProjectTitle", "programme_title"),
        ("PROJECT_DESCR", "programme_title"),
        ("PROJECT_STATUS", "status"),
        ("STATUS_CODE", "status"),
        ("DONOR_NAME", "contributor"),
        ("DONOR_CODE", "contributor_code"),
        ("TOTAL_BUDGET_USD", "approved_budget"),
        ("netFundedAmount", "net_funded"),
        ("deliveryRatePercent", "delivery_rate"),
        ("PROJECT_START_DATE", "start_date"),
        ("fiscalYear", "year"),
        ("Countries", "country"),
    ],
)
def test_a_column_is_known_by_its_name_or_by_its_words(name: str, column: Column) -> None:
    assert known_column(name) == column


@pytest.mark.parametrize(
    "name",
    [
        "budget_year_flag", "budget_year", "BUDGET_CODE", "BUDGET_NAME", "BUDGET_2015",
        "expenditure_status", "expenditure_percent", "delivery_amount", "fund_count_flag",
        "start_year", "total_funds", "total", "amount", "name", "code", "id", "type", "", "_", "$",
        "budget" * 100,
    ],
)  # fmt: skip
def test_a_column_that_only_looks_like_another_stays_unknown(name: str) -> None:
    assert explain_column(name) == (None, "unknown")


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("BUDGET", "exact"),
        ("project_id", "as programme_id"),
        ("PROJECT_DESCR", "without DESCR"),
        ("TOTAL_BUDGET_USD", "without TOTAL, USD"),
    ],
)
def test_a_column_s_explanation_says_how_its_name_was_understood(name: str, how: str) -> None:
    assert explain_column(name)[1] == how


def test_each_column_is_known_by_its_own_name() -> None:
    columns = get_args(Column)
    assert len(columns) == 27
    assert [column for column in columns if explain_column(column) != (column, "exact")] == []


def test_every_answer_among_the_small_pages_stands_beside_its_query() -> None:
    queries = (PAGES / "api_queries.toml").read_text(encoding="utf-8")
    names = [path.name for path in PAGES.glob("*.api.json")]
    assert len(names) >= 8
    assert [name for name in names if f'"{name}"' not in queries] == []
