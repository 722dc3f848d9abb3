"""The control URLs under /_replica/: the site's date, the faults, the log."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from replica.http import EARLIEST, LATEST, Answer, Request
from replica.server.faults import FaultRuleError
from replica.server.state import LogEntry, State

PREFIX = "/_replica/"


def answer_control(state: State, request: Request, body: bytes) -> Answer:
    """Answer a control request; invalid input gets 400 with one line."""
    try:
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "date":
                return _text(state.moment.now.isoformat())
            case "POST", "date":
                state.move_to(_parse_time(request.parameters.get("to", "")))
                return _text(state.moment.now.isoformat())
            case "GET", "faults":
                return _json(state.faults.texts)
            case "POST", "faults":
                state.set_faults(_parse_texts(body))
                return _json(state.faults.texts)
            case "GET", "log":
                since = _parse_number(request.parameters.get("since", "0"))
                lines = [_log_line(entry) for entry in state.log.entries(since)]
                return _answer(200, "application/x-ndjson", "".join(lines))
            case "DELETE", "log":
                state.log.clear()
                return Answer(204, (), b"")
            case method, ("date" | "faults" | "log"):
                return _text(f"{request.path} does not take {method}", 405)
    except (_BadInputError, FaultRuleError) as error:
        return _text(str(error), 400)
    return _text(f"no control address {request.path}: there are date, faults and log", 404)


class _BadInputError(ValueError):
    """Invalid input of a control URL; the message is the one line of the answer."""


def _parse_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise _BadInputError(f"to={text!r} is no date or time such as 2016-04-20T12:00") from None
    if not EARLIEST <= moment <= LATEST:
        raise _BadInputError(f"to={text!r} is not between {EARLIEST:%Y} and {LATEST:%Y}")
    return moment


def _parse_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _BadInputError(f"since={text!r} is no number of a request such as 17")
    return int(text)


def _parse_texts(body: bytes) -> list[str]:
    try:
        texts = json.loads(body)
    except (ValueError, RecursionError):  # bytes that are not UTF-8 included
        texts = None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _BadInputError('the body is no JSON list of faults such as ["503=0.02", "404=1@/x"]')
    return texts


def _log_line(entry: LogEntry) -> str:
    return json.dumps({**entry._asdict(), "now": entry.now.isoformat()}) + "\n"


def _text(line: str, status: int = 200) -> Answer:
    return _answer(status, "text/plain; charset=utf-8", line + "\n")


def _json(value: Any) -> Answer:
    return _answer(200, "application/json", json.dumps(value) + "\n")


def _answer(status: int, content_type: str, text: str) -> Answer:
    return Answer(status, (("Content-Type", content_type),), text.encode())
