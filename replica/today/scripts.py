"""The site's scripts: files in which its calls of the API are built, among other code."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from replica.books.dice import Dice
from replica.today.builders import BUILDERS, Builder
from replica.today.calls import PAGE_KINDS, Call
from replica.today.distractors import write_distractors
from replica.today.names import Names
from replica.today.pen import Pen


class Scripts(NamedTuple):
    """The text of each file by its path, and the paths that each kind of page loads."""

    files: Mapping[str, str]
    loaded: Mapping[str, Sequence[str]]


def write_scripts(seed: int, names: Names, calls: Mapping[str, Sequence[Call]]) -> Scripts:
    """Write all calls into one file, or those of each kind of page into a file of the theme."""
    dice = Dice(seed, "scripts")
    in_one_file, minified = dice.chance(0.35), dice.chance(0.5)
    common = Pen(Dice(seed, "script", "common"), minified=minified)
    write_distractors(common, 4)
    if in_one_file:
        everything = [call for kind in PAGE_KINDS for call in calls.get(kind, ())]
        _write_calls(common, everything)
        path, text = _aggregated(common.script())
        return Scripts({path: text}, dict.fromkeys(PAGE_KINDS, (path,)))
    path, text = _aggregated(common.script())
    files, loaded = {path: text}, {}
    for kind, name in zip(PAGE_KINDS, names.scripts, strict=True):
        pen = Pen(Dice(seed, "script", kind), minified=dice.chance(0.4))
        write_distractors(pen, pen.dice.whole(0, 2))
        _write_calls(pen, calls.get(kind, ()))
        here = f"/themes/custom/{names.theme}/js/{name}.js"
        files[here] = pen.script()
        loaded[kind] = (path, here)
    return Scripts(files, loaded)


def _aggregated(text: str) -> tuple[str, str]:
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"/sites/default/files/js/js_{digest}.js", text


def _write_calls(pen: Pen, calls: Sequence[Call]) -> None:
    """Write the calls one way or two, inside a function of the site or at the file's own level."""
    if not calls:
        return
    opening, closing = pen.dice.pick(_FRAMES)
    pen.write(opening)
    send = pen.dice.pick((_by_fetch, _by_ajax, _by_request))
    fill = pen.name("fill in")
    pen.write(f"function {fill}(answer) {{ return JSON.parse(answer); }}")
    builders = pen.dice.some(BUILDERS, 2)
    for number, call in enumerate(calls):
        builder: Builder = pen.dice.pick(builders)
        send(pen, builder(pen, call, number), fill, number)
    pen.write(closing)


_FRAMES = (
    ("(function () {", "})();"),
    ("document.addEventListener('DOMContentLoaded', function () {", "});"),
    ("(function (jq, site) {", "})(window.jQuery, window.Drupal);"),
)


def _by_fetch(pen: Pen, url: str, fill: str, _: int) -> None:
    pen.write(
        f"window.fetch({url}, {{\n"
        f"  headers: {{ {pen.text('drupal-page-url')}: window.location.pathname }}\n"
        f"}}).then(function (r) {{ return r.json(); }}).then({fill});"
    )


def _by_ajax(pen: Pen, url: str, fill: str, _: int) -> None:
    pen.write(
        "window.jQuery.ajax({\n"
        f"  url: {url},\n"
        f"  type: {pen.text('GET')},\n"
        f"  headers: {{ {pen.text('drupal-page-url')}: window.location.pathname }},\n"
        f"  success: function (data) {{ {fill}(data); }}\n}});"
    )


def _by_request(pen: Pen, url: str, fill: str, number: int) -> None:
    name = pen.name(f"request {number}")
    pen.write(
        f"var {name} = new XMLHttpRequest();\n"
        f"{name}.open({pen.text('GET')}, {url}, true);\n"
        f"{name}.setRequestHeader({pen.text('drupal-page-url')}, window.location.pathname);\n"
        f"{name}.onload = function () {{ {fill}({name}.responseText); }};\n"
        f"{name}.send();"
    )
