"""What the server says in the site's place: faulty answers, and where its redirects lead."""

from datetime import datetime, timedelta

from replica.http import Answer, http_date
from replica.server.bombs import bomb, stacked_bomb
from replica.server.faults import Hit

_ELSEWHERE, _AROUND = "/elsewhere", "/around"
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_RETRY_SECONDS = 2

_MAINTENANCE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Scheduled maintenance</title></head>
<body><h1>We will be back shortly</h1>
<p>The Gateway is being updated and its pages cannot be shown at the moment.</p>
<p>Thank you for your patience.</p></body></html>
"""
_LOGIN = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in</title></head>
<body><h1>Please sign in to continue</h1>
<form method="post" action="/user/login">
<p><label>User name <input name="name"></label></p>
<p><label>Password <input name="pass" type="password"></label></p>
<p><input type="submit" value="Sign in"></p></form></body></html>
"""


def page(status: int, title: str) -> Answer:
    """A short HTML page that says its title."""
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><h1>{title}</h1></html>\n"
    return Answer(status, _HTML, text.encode())


def answer_of_fault(hit: Hit, target: str, host: str, now: datetime) -> Answer | None:
    """The faulty answer, or None where the fault is one of content or of delivery.

    `target` is the path and query as asked, `host` the Host header.
    """
    match hit.kind:
        case "404":
            return page(404, "Page not found")
        case "429":
            return _try_later(page(429, "Too many requests"), hit.turn, now)
        case "500":
            return page(500, "The server met an error")
        case "503":
            return _try_later(page(503, "Service unavailable"), hit.turn, now)
        case "maintenance":
            return Answer(200, _HTML, _MAINTENANCE)
        case "login":
            return Answer(200, _HTML, _LOGIN)
        case "redirect_loop":
            return _redirect(f"{_AROUND}{target}")
        case "redirect_away":
            name, _, port = host.rpartition(":")
            other = "127.0.0.1" if name == "localhost" else "localhost"
            return _redirect(f"http://{other}:{port}{_ELSEWHERE}{target}")
        case "bomb":
            return Answer(200, (*_HTML, ("Content-Encoding", "gzip")), bomb())
        case "stacked_bomb":
            return Answer(200, (*_HTML, ("Content-Encoding", "gzip, gzip")), stacked_bomb())
    return None


def answer_of_redirected(target: str) -> Answer | None:
    """What stands where the redirects lead, or None where the address is the site's."""
    if target.startswith(f"{_AROUND}/"):
        return _redirect(target.removeprefix(_AROUND))
    if target.startswith(f"{_ELSEWHERE}/"):
        return page(200, "Elsewhere")
    return None


def _redirect(location: str) -> Answer:
    status, headers, body = page(302, "Moved")
    return Answer(status, (*headers, ("Location", location)), body)


def _try_later(answer: Answer, turn: int, now: datetime) -> Answer:
    """The answer with each form of Retry-After in rotation: seconds, a date, garbage, none."""
    later = now + timedelta(seconds=_RETRY_SECONDS)
    values = [str(_RETRY_SECONDS), http_date(later), "in a while"]
    headers = [("Retry-After", value) for value in values[turn % 4 : turn % 4 + 1]]
    return answer._replace(headers=(*answer.headers, *headers))
