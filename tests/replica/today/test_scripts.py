"""The scripts: run in a real engine, they make exactly the calls that the stand-in says."""

import json
import subprocess
from functools import cache

import pytest
from playwright._impl._driver import compute_driver_executable

from replica.books.moments import moment
from tests.processes import PATIENCE
from tests.replica.today.sites import NOW, SEEDS, get, rows_of, today

# What a browser gives a script, reduced to what records the URLs that it asks for.
_BROWSER = """
const asked = [];
const noted = url => { asked.push(url); const p = { then: () => p }; return p; };
global.window = global;
window.location = { pathname: "/" };
window.fetch = noted;
window.jQuery = Object.assign(() => ({ addClass() {} }), {
  fn: {}, extend: Object.assign, ajax: options => noted(options.url),
});
global.document = { addEventListener: (_, run) => run() };
global.XMLHttpRequest = class {
  open(_, url) { noted(url); } setRequestHeader() {} send() {}
};
const scripts = JSON.parse(require("fs").readFileSync(0));
const vm = require("vm");
const out = {};
for (const [path, text] of Object.entries(scripts)) {
  asked.length = 0; vm.runInThisContext("{" + text + "}"); out[path] = [...asked];
}
console.log(JSON.stringify(out));
"""


@cache
def asked_for(api_page_rows: int) -> dict[str, list[str]]:
    """The URLs that each script of any seed asks for when it runs, by seed and path."""
    files = {
        f"{seed} {path}": text
        for seed in SEEDS
        for path, text in today(seed, api_page_rows).today.scripts(moment(NOW)).files.items()
    }
    node, _ = compute_driver_executable()
    ran = subprocess.run(
        [node, "-e", _BROWSER],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    asked: dict[str, list[str]] = json.loads(ran.stdout)
    assert asked.keys() == files.keys()
    return asked


@pytest.mark.parametrize("api_page_rows", [0, 7])
def test_the_scripts_ask_for_the_calls_and_nothing_else(api_page_rows: int) -> None:
    """Whatever their style; so a script is also free of errors of syntax."""
    for seed in SEEDS:
        site = today(seed, api_page_rows).today
        asked = [
            url for key, urls in asked_for(api_page_rows).items()
            if key.startswith(f"{seed} ") for url in urls
        ]  # fmt: skip
        made = [call.path for calls in site.calls(NOW).values() for call in calls]
        assert sorted(asked) == sorted(made)
        assert len(made) > 8


@pytest.mark.parametrize("api_page_rows", [0, 7])
def test_every_call_of_a_script_is_answered_with_rows(api_page_rows: int) -> None:
    """All but the one that always fails; each method is called by some page."""
    for seed in SEEDS:
        world = today(seed, api_page_rows)
        called = set()
        for calls in world.today.calls(NOW).values():
            for call in calls:
                called.add(call.method.role)
                if call.method.role != "broken":
                    assert rows_of(get(world, call.path))
        assert called == world.today.names.methods.keys()


def test_a_script_shows_every_column_and_filter_of_its_methods() -> None:
    """By name, also that of the page of an answer where answers come in pages."""
    for seed in SEEDS:
        site = today(seed, 7).today
        text = "".join(site.scripts(moment(NOW)).files.values())
        for method in site.names.methods.values():
            assert method.name in text
            assert all(name in text for name in (*method.asked.values(), *method.filters.values()))
        assert f"{site.names.paging.first}:" in text


def test_pages_load_scripts_that_are_there() -> None:
    """The files named by the pages are all files that there are; folders and numbers differ."""
    numbers, names = set(), set()
    for seed in SEEDS:
        scripts = today(seed).today.scripts(moment(NOW))
        loaded = {path for paths in scripts.loaded.values() for path in paths}
        assert loaded == scripts.files.keys()
        for path in loaded:
            assert get(today(seed), path, headers={}).status == 200
        numbers.add(len(loaded))
        names |= loaded
    assert len(numbers) > 1
    assert len(names) > 2 * len(SEEDS)


def test_scripts_are_plain_and_minified_in_every_way_of_building() -> None:
    """Over the seeds: each way of sending, templates, joins, members, functions and sums."""
    texts = [
        text for seed in SEEDS for text in today(seed).today.scripts(moment(NOW)).files.values()
    ]
    lengths = [len(text.splitlines()) for text in texts]
    assert min(lengths) == 1
    assert max(lengths) > 30
    every = "\n".join(texts)
    for token in (
        "fetch(", ".ajax(", "XMLHttpRequest", "`${", ".join(", ".source", ".columns", "return ",
        "drupal-page-url", "/analytics/",
    ):  # fmt: skip
        assert token in every
