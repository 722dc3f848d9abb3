"""The calls that scripts make are found in their text."""

import pytest

from extractors.probe.scripts import ApiCall, Filter, find_calls, find_calls_in

SITE = "https://gateway.example"
URL = f"{SITE}/themes/custom/x/js/all.js"


def only(script: str) -> ApiCall:
    """Return the one call of a script."""
    (call,) = find_calls(script, URL)
    return call


def methods(script: str) -> list[str]:
    """Return the methods that a script calls, sorted."""
    return sorted(call.method for call in find_calls(script, URL))


ORGANIZATIONS = """
(function ($, Drupal, drupalSettings) {
  'use strict';
  var api = '/mptf_rest_api';
  var columns = ['', 'implementing_agent_group_description', 'FUCOUNT', 'BUDGET'];
  columns.push('NET_FUNDED', 'EXPENDITURE', 'delivery_rate', '');
  function load(method, cols, filters, page) {
    return $.ajax({
      url: [api, method, cols.join(','), filters].join('/'),
      headers: {
        'drupal-page-url': page,
        'Referer': 'https://mptf.undp.org' + page
      },
      success: function (answer) { draw(JSON.parse(answer).data); }
    });
  }
  Drupal.behaviors.analyzeAll = {
    attach: function (context) {
      load('getAnalyzeAllProjects', columns, 'fromYear:2016,toYear:2025,--budget:DESC',
           '/partners/organizations');
    }
  };
})(jQuery, Drupal, drupalSettings);
"""


def test_the_form_of_the_call_that_is_known_to_have_worked_comes_out_exactly() -> None:
    call = only(ORGANIZATIONS)
    assert call.template == (
        "/mptf_rest_api/getAnalyzeAllProjects/,implementing_agent_group_description,FUCOUNT,"
        "BUDGET,NET_FUNDED,EXPENDITURE,delivery_rate,/fromYear:2016,toYear:2025,--budget:DESC"
    )
    assert (call.base, call.method) == ("/mptf_rest_api", "getAnalyzeAllProjects")
    assert call.columns == (
        "implementing_agent_group_description",
        "FUCOUNT",
        "BUDGET",
        "NET_FUNDED",
        "EXPENDITURE",
        "delivery_rate",
    )
    assert call.filters == (
        Filter("fromYear", "2016"),
        Filter("toYear", "2025"),
        Filter("budget", "DESC", is_ordering=True),
    )
    assert call.headers == (
        ("drupal-page-url", "/partners/organizations"),
        ("Referer", "https://mptf.undp.org/partners/organizations"),
    )
    assert call.where == f"{URL}, 8:12"
    assert call.text.startswith("$.ajax({ url: [api, method")
    assert len(call.text) <= 200


@pytest.mark.parametrize(
    "script",
    [
        "fetch('/x_api/getA/P,Q/y:1')",
        "fetch(`/x_api/getA/P,Q/y:1`)",
        "fetch('/x_api' + '/getA' + '/' + 'P,Q' + \"/y:1\")",
        "const b = '/x_api/'; fetch(`${b}getA/${['P', 'Q'].join()}/y:${1}`)",
        "let u = '/x_api/getA/'; u += 'P,Q'; u += '/y:1'; fetch(u)",
        "let u = '/x_api/getA/'; u = u + 'P,Q'; u = u.concat('/y:', 1); fetch(u)",
        "var c = {api: {base: '/x_api'}, cols: ['P', 'Q']};"
        "fetch(c.api.base + '/getA/' + c['cols'].join(',') + '/y:1')",
        "const {api: {base: b}, m} = {api: {base: '/x_api'}, m: 'getA'};fetch(`${b}/${m}/P,Q/y:1`)",
        "fetch('/x_api/getA/' + Object.keys({P: 1, Q: 2}).join(',') + '/y:1')",
        "const f = {y: 1}; fetch('/x_api/getA/P,Q/' +"
        " Object.keys(f).map(k => k + ':' + f[k]).join(','))",
        "const f = {y: 1}; fetch('/x_api/getA/P,Q/' +"
        " Object.entries(f).map(([k, v]) => `${k}:${v}`).join(','))",
        "fetch('/x_api/' + encodeURIComponent('getA') + '/P,Q/y:1')",
        "fetch('/x_api/getA/' + 'p,q'.toUpperCase() + '/y:1')",
        "fetch('/x_api/{m}/P,Q/y:1'.replace('{m}', 'getA'))",
        "function u(m) { return '/x_api/' + m } fetch(u('getA') + '/P,Q/y:1')",
        "const u = m => `/x_api/${m}/P,Q`; fetch(u('getA') + '/y:1')",
        "window.B = '/x_api/'; fetch(window.B + 'getA/P,Q/y:1')",
        "!function(e,t){var n=t.b;e.get(n+'/getA/P,Q/y:1')}(jQuery,{b:'/x_api'})",
        "class A { constructor(b) { this.b = b } go(m) { fetch(`${this.b}/${m}/P,Q/y:1`) } }"
        "new A('/x_api').go('getA')",
        "class A { b = '/x_api'; u(m) { return this.b + m }"
        " go() { fetch(this.u('/getA/P,Q/y:1')) } }",
        "const o = {b: '/x_api', go() { fetch(this.b + '/getA/P,Q/y:1') }}",
        "var r = new XMLHttpRequest(); r.open('GET', '/x_api/getA/P,Q/y:1'); r.send()",
        "axios({method: 'get', url: '/x_api/getA/P,Q/y:1'})",
        "fetch(new URL('/x_api/getA/P,Q/y:1', location.origin))",
        f"fetch('{SITE}/x_api/getA/P,Q/y:1')",
        "fetch('\\x2fx_api\\u002fgetA\\/P,Q/y:1')",
        "show(); loadLater('/x_api/getA/P,Q/y:1')",
    ],
)
def test_every_way_to_build_a_url_gives_the_same_call(script: str) -> None:
    call = only(script)
    assert call.template == "/x_api/getA/P,Q/y:1"
    assert call.columns == ("P", "Q")
    assert call.filters == (Filter("y", "1"),)


@pytest.mark.parametrize(
    "script",
    [
        "fetch('/x_api/getA/P', {headers: {'page-url': '/p', Accept: kind}})",
        "fetch('/x_api/getA/P', {headers: new Headers({'page-url': '/p', Accept: kind})})",
        "const h = new Headers(); h.append('page-url', '/p'); h.append('Accept', kind);"
        "fetch('/x_api/getA/P', {headers: h})",
        "const o = {headers: {'page-url': '/p'}}; o.headers.Accept = kind;"
        "fetch('/x_api/getA/P', o)",
        "$.ajax({url: '/x_api/getA/P', headers: {'page-url': '/p', Accept: kind}})",
        "$.ajax('/x_api/getA/P', {headers: {...{'page-url': '/p'}, Accept: kind}})",
        "$.ajax({url: '/x_api/getA/P', beforeSend: function (r) {"
        "r.setRequestHeader('page-url', '/p'); r.setRequestHeader('Accept', kind)}})",
        "var r = new XMLHttpRequest(); r.open('GET', '/x_api/getA/P', true);"
        "r.setRequestHeader('page-url', '/p'); r.setRequestHeader('Accept', kind); r.send()",
        "axios.get('/x_api/getA/P', {headers: {'page-url': '/p', Accept: kind}})",
    ],
)
def test_every_way_to_set_headers_gives_the_same_headers(script: str) -> None:
    assert only(script).headers == (("page-url", "/p"), ("Accept", "{kind}"))


def test_a_method_name_looked_up_in_an_object_is_found() -> None:
    script = "const M = {a: 'getA', b: 'getB'}; fetch('/x_api/' + M[kind] + '/P')"
    assert methods(script) == ["getA", "getB"]


def test_both_branches_of_a_condition_are_found() -> None:
    assert methods("fetch('/x_api/' + (all ? 'getA' : 'getB') + '/P')") == ["getA", "getB"]


def test_columns_stay_with_the_method_of_their_branch() -> None:
    script = """
    if (all) { m = 'getA'; c = 'P' } else { m = 'getB'; c = 'Q' }
    fetch('/x_api/' + m + '/' + c)
    """
    calls = find_calls(script, URL)
    assert sorted((call.method, call.columns) for call in calls) == [
        ("getA", ("P",)),
        ("getB", ("Q",)),
    ]


def test_columns_and_headers_stay_with_the_method_of_their_call() -> None:
    script = """
    function load(m, c, page) { fetch(`/x_api/${m}/${c}`, {headers: {page: page}}) }
    load('getA', 'P', '/a'); load('getB', 'Q', '/b');
    """
    calls = find_calls(script, URL)
    assert sorted((call.method, call.columns, call.headers) for call in calls) == [
        ("getA", ("P",), (("page", "/a"),)),
        ("getB", ("Q",), (("page", "/b"),)),
    ]


def test_every_element_that_a_loop_visits_is_a_method() -> None:
    assert methods("['getA', 'getB'].forEach(m => $.get('/x_api/' + m + '/P'))") == ["getA", "getB"]


def test_what_is_known_only_at_run_time_is_a_hole_with_the_name_of_the_expression() -> None:
    call = only("fetch('/x_api/getA/P/fund:' + fundCode + ',y:' + d.getYear() + ',z:{0}')")
    assert call.filters == (
        Filter("fund", "{fundCode}"),
        Filter("y", "{d.getYear()}"),
        Filter("z", "{{0}}"),
    )


def test_a_separator_in_the_name_of_a_hole_separates_nothing() -> None:
    call = only("fetch('/x_api/getA/' + pick('/', a ? ',' : ':') + '/y:1')")
    assert call.columns == ("{pick('/', a ? ',' : ':')}",)
    assert call.filters == (Filter("y", "1"),)


def test_a_sum_of_numbers_is_a_hole() -> None:
    assert only("fetch('/x_api/getA/P/y:' + (year + 1))").filters == (Filter("y", "{year + 1}"),)


def test_constants_and_functions_of_one_script_are_known_in_another() -> None:
    scripts = {
        f"{SITE}/a.js": "window.API = '/x_api'; const COLUMNS = ['P', 'Q'];",
        f"{SITE}/b.js": "load('getA', COLUMNS.join(','))",
        f"{SITE}/c.js": "function load(m, c) { fetch(API + '/' + m + '/' + c) }",
    }
    (call,) = find_calls_in(scripts)
    assert call.template == "/x_api/getA/P,Q"
    assert call.where.startswith(f"{SITE}/c.js, 1:")


def test_a_module_knows_what_it_imports() -> None:
    scripts = {
        "a.js": "export const base = '/x_api'",
        "b.js": "import {base as b} from './a.js'; fetch(b + '/getA/P')",
        "c.js": "import * as settings from './a.js'; fetch(settings.base + '/getB/P')",
    }
    assert [call.template for call in find_calls_in(scripts)] == ["/x_api/getA/P", "/x_api/getB/P"]


@pytest.mark.parametrize("name", ["drupalSettings", "Drupal.settings", "window.drupalSettings"])
def test_the_settings_of_the_page_are_constants(name: str) -> None:
    script = {URL: f"fetch({name}.gateway.base + 'getA/' + {name}.gateway['columns'].join(','))"}
    settings = [r'{"gateway": {"base": "\/x_api\/", "columns": ["P", "Q"]}}', "no JSON", "[1]"]
    (call,) = find_calls_in(script, settings)
    assert call.template == "/x_api/getA/P,Q"


def test_settings_that_scripts_merge_are_constants() -> None:
    script = """
    jQuery.extend(Drupal.settings, {other: {}, gateway: {base: '/x_api'}});
    jQuery.extend(Drupal.settings, {more: 1});
    fetch(Drupal.settings.gateway.base + '/getA/P')
    """
    assert only(script).template == "/x_api/getA/P"


def test_a_base_that_is_not_known_is_a_hole() -> None:
    call = only("fetch(settings.path.baseUrl + 'x_api/getA/P')")
    assert (call.base, call.method) == ("{settings.path.baseUrl}x_api", "getA")


def test_a_version_belongs_to_the_base() -> None:
    call = only("fetch('/api/v2.1/funds/P,Q?limit=10&page=' + page)")
    assert (call.base, call.method, call.columns) == ("/api/v2.1", "funds", ("P", "Q"))
    assert call.filters == (Filter("limit", "10"), Filter("page", "{page}"))


def test_another_host_stays_in_the_base() -> None:
    assert only("fetch('https://else.example/jsonapi/node')").base == "https://else.example/jsonapi"


def test_a_part_of_a_url_is_no_call_of_its_own() -> None:
    script = "var base = '/x_api/getA/'; function go() { fetch(base + columns) }"
    assert only(script).template == "/x_api/getA/{columns}"


@pytest.mark.parametrize(
    "script",
    [
        "fetch('/api')",
        "fetch('/forest/trees/P')",
        "load('/libraries/api/main.js')",
        "console.log('see /x_api/getA for more')",
        "e.innerHTML = '<a href=\"/x_api/getA/P\">'",
        "// fetch('/x_api/getA/P')",
        "fetch('/sites/default/files/x.pdf')",
        "",
    ],
)
def test_what_is_no_url_of_an_api_is_no_call(script: str) -> None:
    assert find_calls(script, URL) == []
    assert not find_calls(script, URL).truncated
