"""What a page loads and links to is found, whatever else is in it."""

from hypothesis import given
from hypothesis import strategies as st

from extractors.probe.pages import page_scripts
from extractors.probe.scripts import find_calls_in

URL = "https://gateway.example/partners/organizations"
PAGE = b"""<!doctype html><html><head>
<script src="/core/misc/drupal.js?v=10"></script>
<script src="../themes/custom/x/js/analyze-all-data.js"></script>
<script src="//gateway.example/a.js#top"></script>
<script src="https://gateway.example:443/b.js"></script>
<script src="https://tags.example/t.js"></script>
<script src="http://gateway.example:8080/c.js"></script>
<script src="https://gateway.example@evil.example/d.js"></script>
<script src="javascript:alert(1)"></script><script src="data:text/javascript,1"></script>
<script src="http://[/"></script><script src="/core/misc/drupal.js?v=10"></script>
<script type="application/json" data-drupal-selector="drupal-settings-json">
{"x":{"api":"\\/x_api\\/"}}</script>
<script type="application/ld+json">{"name": 1}</script>
<script>fetch(drupalSettings.x.api + 'getA/P')</script>
</head><body>
<a href="/fund/ab100">A</a> <a href="/fund/ab100?tab=1#top">A</a> <a href="/project/00123456">P</a>
<a href="/fund/">none</a> <a href="/project/x1">none</a>
<a href="https://else.example/fund/AB1">other</a>
<a href="javascript:void(0)">x</a> <a href="/project/7">P</a>
"""


def test_scripts_of_the_host_are_absolute_and_others_stand_apart() -> None:
    page = page_scripts(PAGE, URL)
    assert page.scripts == (
        "https://gateway.example/core/misc/drupal.js?v=10",
        "https://gateway.example/themes/custom/x/js/analyze-all-data.js",
        "https://gateway.example/a.js#top",
        "https://gateway.example:443/b.js",
    )
    assert page.foreign_scripts == (
        "https://tags.example/t.js",
        "http://gateway.example:8080/c.js",
        "https://gateway.example@evil.example/d.js",
    )


def test_links_to_funds_and_projects_of_the_host_are_found_once() -> None:
    page = page_scripts(PAGE, URL)
    assert page.funds == ("https://gateway.example/fund/ab100",)
    assert page.projects == (
        "https://gateway.example/project/00123456",
        "https://gateway.example/project/7",
    )


def test_the_settings_and_scripts_within_a_page_tell_its_calls() -> None:
    page = page_scripts(PAGE, URL)
    (inline,) = page.inline
    (call,) = find_calls_in({URL: inline}, page.settings)
    assert call.template == "/x_api/getA/P"


def test_very_long_urls_are_left_out() -> None:
    body = b"<script src='/" + b"x" * 5000 + b".js'></script><script src='/y.js'></script>"
    assert page_scripts(body, URL).scripts == ("https://gateway.example/y.js",)


def test_too_many_links_are_cut_and_said_to_be() -> None:
    body = "".join(f"<a href='/project/{number}'>" for number in range(10_001)).encode()
    page = page_scripts(body, URL)
    assert len(page.projects) == 10_000
    assert page.truncated


@given(st.binary(max_size=300), st.sampled_from([URL, "", "http://[", "file:///x"]))
def test_any_bytes_are_a_page(body: bytes, url: str) -> None:
    wrapped = b"<script src='" + body + b"'></script><a href='" + body + b"'>" + body
    assert not page_scripts(wrapped, url).truncated
