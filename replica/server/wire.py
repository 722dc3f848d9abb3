"""Answers as bytes: the head, the encoding that the client accepts, times in HTTP form."""

from http import HTTPStatus

from replica.encoding import gzipped
from replica.http import Answer

_STATUS_LINES = {each.value: f"HTTP/1.1 {each.value} {each.phrase}" for each in HTTPStatus}
BODILESS = frozenset({204, 304})
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/xhtml+xml")
_LEAST_COMPRESSED = 513


def compressed(answer: Answer) -> Answer:
    """The answer in gzip, where it is a longer text and not yet encoded."""
    if len(answer.body) < _LEAST_COMPRESSED:
        return answer
    is_text = False
    for name, value in answer.headers:
        match name.lower():
            case "content-encoding":
                return answer
            case "content-type":
                is_text = value.lower().startswith(_TEXT_TYPES)
    if not is_text:
        return answer
    headers = (*answer.headers, ("Content-Encoding", "gzip"))
    return Answer(answer.status, headers, gzipped(answer.body))


def head(answer: Answer, date: str, *, keep_alive: bool) -> bytes:
    """The status line and the headers, down to the blank line."""
    status, headers, body = answer
    lines = [
        _STATUS_LINES.get(status) or f"HTTP/1.1 {status} ",
        f"Date: {date}",
        "Server: replica",
        "Vary: Accept-Encoding",
        "Connection: keep-alive" if keep_alive else "Connection: close",
        *[f"{name}: {value}" for name, value in headers],
    ]
    if status not in BODILESS:
        lines.append(f"Content-Length: {len(body)}")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1")
