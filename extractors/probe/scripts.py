"""The calls of an API that a site's scripts make, found in their text.

Nothing is executed. A call is a URL with an API's segment in it, wherever a script builds one; a
request that sends it (`fetch`, jQuery's `ajax`, `XMLHttpRequest`, axios) adds its headers.
"""

import json
import sys
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extractors.probe.evaluate import Evaluator
from extractors.probe.headers import HeaderFinder, Request, called_by, method_name
from extractors.probe.javascript import (
    Call,
    Node,
    Scope,
    Script,
    name_of,
    parse_script,
)
from extractors.probe.links import Linker
from extractors.probe.program import Program
from extractors.probe.scan import Scanner
from extractors.probe.urls import ApiUrl, Filter, api_url
from extractors.probe.values import (
    Alternatives,
    Record,
    Text,
)

__all__ = ["ApiCall", "ApiCalls", "Filter", "find_calls", "find_calls_in"]

MOST_CALLS = 2_000
_LONGEST_EXCERPT = 200  # characters
_MOST_BYTES = 16 * 2**20  # of all the scripts
_REQUESTS = frozenset(
    {"fetch", "ajax", "get", "post", "put", "patch", "delete", "getJSON", "load", "request",
     "axios", "json", "Request", "sendBeacon", "EventSource", "$http", "http"}
)  # fmt: skip
_URL_OPTIONS = ("url", "uri", "endpoint", "path")


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of an API as a script builds it; in texts, `{name}` is known only when it runs.

    `template` is its URL, `where` the URL, line and column of the script, `text` the beginning of
    the source there.
    """

    base: str
    method: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    headers: tuple[tuple[str, str], ...]
    template: str
    where: str
    text: str


class ApiCalls(list[ApiCall]):
    """Calls in the order of the scripts; `truncated` if a limit may have hidden others."""

    truncated: bool = False


def find_calls(script: str, url: str) -> ApiCalls:
    """Return the calls that one script makes."""
    return find_calls_in({url: script})


def find_calls_in(scripts: Mapping[str, str], settings: Sequence[str] = ()) -> ApiCalls:
    """Return the calls of a page's scripts, each of which may use what another defines.

    Args:
        scripts: the scripts by URL, in the order of the page.
        settings: JSON that the page holds for its scripts, which know it as `drupalSettings`.
    """
    program = Program()
    parsed = list(_parsed(program, scripts, settings))
    scanners = [Scanner(program, script) for script in parsed]
    for scanner in scanners:
        scanner.scan()
    for scanner in scanners:
        Linker(program, scanner.script, scanner.found).link()
    return _Finder(program).find()


def _parsed(
    program: Program, scripts: Mapping[str, str], settings: Sequence[str]
) -> Iterator[Script]:
    """Yield the scripts that can be parsed, and the settings as a script."""
    size = 0
    sources = [(url, source) for url, source in scripts.items()]
    sources += [("drupalSettings", made) for text in settings if (made := _settings(text))]
    for index, (url, source) in enumerate(sources):
        size += len(source)
        if size > _MOST_BYTES:
            program.is_cut = True
            return
        script, is_cut = parse_script(source, url, index)
        program.is_cut |= is_cut
        if script is not None:
            yield script


def _settings(text: str) -> str:
    """Return a script that defines the page's settings, if they are a JSON object."""
    try:
        is_object = isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return ""
    return f"drupalSettings = {text}; Drupal.settings = drupalSettings;" if is_object else ""


class _Finder:
    """The search for calls in a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.evaluator = Evaluator(program)
        self.is_cut = program.is_cut
        self.found: dict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[_Place, ApiCall]] = {}
        self.seeds = sorted(program.seeds)
        self.sent: list[tuple[int, int, int]] = []  # script, begin and end of requests' URLs
        self.headers = HeaderFinder(program, self.evaluator)

    def find(self) -> ApiCalls:
        """Return every call, without the parts of others."""
        if not self.seeds:
            return self._calls()
        texts = sorted(self.program.texts, key=_outermost_first)
        for is_likely in (True, False):  # those that name an API come first, if not all can
            for call in self.program.calls:
                if self._names_api(call.node, call.scope) is is_likely:
                    self._search_request(call)
            self._search_texts([text for text in texts if self._names_api(*text) is is_likely])
        return self._calls()

    def _names_api(self, node: Node, scope: Scope) -> bool:
        """Return whether a string within an expression names an API."""
        place = bisect_left(self.seeds, (scope.script.order, node.start_byte))
        end = (scope.script.order, node.end_byte)
        return place < len(self.seeds) and self.seeds[place] < end

    def _search_texts(self, texts: Sequence[tuple[Node, Scope]]) -> None:
        end = (-1, -1)  # of the last text: the script and byte
        for node, scope in texts:
            is_inner = (scope.script.order, node.end_byte) <= end or self._is_sent(node, scope)
            if not (is_inner and node.id in self.evaluator.used):
                values = self.evaluator.value_of(node, scope)
                self._note(values, node, scope, None)
                end = max(end, (scope.script.order, node.end_byte))

    def _is_sent(self, node: Node, scope: Scope) -> bool:
        """Return whether an expression stands in the URL of a request that was found."""
        order = scope.script.order
        place = bisect_right(self.sent, (order, node.start_byte, sys.maxsize)) - 1
        return place >= 0 and self.sent[place][0] == order and node.end_byte <= self.sent[place][2]

    def _calls(self) -> ApiCalls:
        calls = ApiCalls(self._kept())
        calls.truncated = self.is_cut or len(calls) > MOST_CALLS
        calls.truncated |= self.evaluator.is_exhausted or self.evaluator.lost_text
        del calls[MOST_CALLS:]
        return calls

    def _kept(self) -> list[ApiCall]:
        """Return the calls in order, without those that are a part of another's URL."""
        everything = "\n".join({call.template for _, call in self.found.values()})
        sent = {call.template for place, call in self.found.values() if place.is_request}
        whole: list[tuple[_Place, ApiCall]] = []
        for place, call in self.found.values():
            is_used = place.node in self.evaluator.used and not place.is_request
            is_part = everything.count(call.template) > 1 or call.template in sent
            if not (is_used and is_part):
                whole.append((place, call))
        return [call for _, call in sorted(whole, key=lambda each: each[0].order)]

    # Requests

    def _search_request(self, call: Call) -> None:
        called = called_by(call.node)
        name = _last_name(called) if called else ""
        is_open = name == "open" and len(call.arguments) > 1
        has_options = any(argument.type == "object" for argument in call.arguments)
        if not (name in _REQUESTS or is_open or has_options) or not call.arguments:
            return
        target = call.arguments[1] if is_open else call.arguments[0]
        values = self.evaluator.value_of(target, call.scope)
        options = [values]
        if not is_open:
            options += [self.evaluator.value_of(node, call.scope) for node in call.arguments[1:3]]
        records = [value for value, _ in values.each if isinstance(value, Record)]
        if records and (name in _REQUESTS or has_options):
            values = self._url_option(values, call)
        elif name not in _REQUESTS and not is_open:
            return
        if self._note(values, call.node, call.scope, Request(call, called, options)):
            insort(self.sent, (call.scope.script.order, target.start_byte, target.end_byte))

    def _url_option(self, values: Alternatives, call: Call) -> Alternatives:
        for name in _URL_OPTIONS:
            found = self.evaluator.properties(values, name, call.node, call.scope)
            if found.has_known:
                return found
        return values

    def _note(
        self, values: Alternatives, node: Node, scope: Scope, request: Request | None
    ) -> bool:
        """Add the calls among the values of an expression; return whether there are any."""
        any_found = False
        script = scope.script
        for value, choices in values.each:
            if not isinstance(value, Text):
                continue
            url = api_url(value.pieces, script.url, is_request=request is not None)
            if url is None:
                continue
            any_found = True
            self.is_cut |= values.is_cut
            headers = self.headers.headers(request, choices) if request else ()
            call = _api_call(url, headers, script, node)
            place = _Place((script.order, node.start_byte), node.id, request is not None)
            self.found.setdefault((call.template, call.where, headers), (place, call))
        return any_found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a call was found."""

    order: tuple[int, int]
    node: int
    is_request: bool


def _last_name(called: Node) -> str:
    return method_name(called) or (name_of(called) if called.type == "identifier" else "")


def _outermost_first(text: tuple[Node, Scope]) -> tuple[int, int, int]:
    node, scope = text
    return scope.script.order, node.start_byte, -node.end_byte


def _api_call(
    url: ApiUrl, headers: tuple[tuple[str, str], ...], script: Script, node: Node
) -> ApiCall:
    return ApiCall(
        base=url.base,
        method=url.method,
        columns=url.columns,
        filters=url.filters,
        headers=headers,
        template=url.template,
        where=script.where(node),
        text=script.excerpt(node, _LONGEST_EXCERPT),
    )
