"""From a request that was read to the bytes of its reply and the manner of sending them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, cast, get_args
from urllib.parse import unquote

from replica.encoding import accepts_gzip
from replica.http import Answer, ContentFault, Request, Site
from replica.server.control import PREFIX, answer_control
from replica.server.fault_answers import answer_of_fault, answer_of_redirected, page
from replica.server.faults import FaultKind
from replica.server.state import Moment, State
from replica.server.wire import BODILESS, compressed, head

Manner = Literal["whole", "reset", "drip", "never"]
_CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
_CONTENT_FAULTS = frozenset(get_args(ContentFault))


class Received(NamedTuple):
    """A request as read off a connection; `refused` is the status of one that was not readable."""

    method: str
    target: bytes  # path and query
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool
    refused: int = 0

    @property
    def conditional(self) -> bool:
        """Whether the client has a page and asks for a newer one."""
        return not _CONDITIONS.isdisjoint(self.headers)


class Reply(NamedTuple):
    """What to send and how; status 0 and no bytes where there is never an answer."""

    status: int
    head: bytes
    body: bytes
    keep_alive: bool
    fault: str = ""
    manner: Manner = "whole"
    logged: bool = True


def reply_to(received: Received, state: State, moment: Moment, site: Site) -> Reply:
    """The reply at that moment; where our own code fails it is 500, and the state knows."""
    try:
        return _reply_to(received, state, moment, site)
    except Exception as error:
        state.note_error(f"{received.method} {received.target.decode('latin-1')}", error)
        answer = page(500, "The stand-in itself failed")
        return _reply(received, answer, moment, fault="internal_error")


def _reply_to(received: Received, state: State, moment: Moment, site: Site) -> Reply:
    if received.refused:
        return _reply(received, page(received.refused, "This request cannot be read"), moment)
    target = received.target.decode("latin-1")
    path, _, query = target.partition("?")
    request = Request(received.method, unquote(path), query, received.headers)
    if request.path.startswith(PREFIX):
        reply = _reply(received, answer_control(state, request, received.body), moment)
        return reply._replace(logged=False)
    if redirected := answer_of_redirected(target):
        return _reply(received, redirected, moment)
    if received.method not in {"GET", "HEAD"}:
        return _reply(received, page(405, "This can only be read"), moment)
    hit = state.faults.draw(request.path, query, moment.now)
    if hit is None:
        return _reply(received, site.answer(request, moment.now), moment)
    if hit.kind == "timeout":
        return Reply(0, b"", b"", keep_alive=False, fault=hit.kind, manner="never")
    answer = answer_of_fault(hit, target, request.headers.get("host", ""), moment.now)
    answer = answer or _spoilt(site, request, moment.now, hit.kind)
    return _reply(received, answer, moment, hit.kind)


def _spoilt(site: Site, request: Request, now: datetime, kind: FaultKind) -> Answer:
    """The site's answer with a fault of content, or one whose delivery is to be faulty."""
    if kind in _CONTENT_FAULTS:
        return site.answer(request, now, cast("ContentFault", kind))
    # The other faults spoil a body, so a conditional request gets one as well.
    headers = {name: text for name, text in request.headers.items() if name not in _CONDITIONS}
    return site.answer(request._replace(headers=headers), now)


def _reply(received: Received, answer: Answer, moment: Moment, fault: str = "") -> Reply:
    if accepts_gzip(received.headers.get("accept-encoding", "")):
        answer = compressed(answer)
    if fault == "truncated":
        answer = answer._replace(body=answer.body[: len(answer.body) // 2])
    has_body = received.method != "HEAD" and answer.status not in BODILESS
    return Reply(
        status=answer.status,
        head=head(answer, moment.http_date, keep_alive=received.keep_alive),
        body=answer.body if has_body else b"",
        keep_alive=received.keep_alive,
        fault=fault,
        manner=cast("Manner", fault) if fault in ("reset", "drip") else "whole",
    )
