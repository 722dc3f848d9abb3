"""The captures that a web archive holds of the stand-in, as a function of seed, URL and time.

Crawlers visit a URL at any time, under whatever spelling of it a link had. A capture holds
the site's answer at that moment, or for a few of them an error of the day.
"""

from base64 import b32encode
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from replica.books.dice import Dice
from replica.books.moments import DAY, moment, time_of
from replica.http import Answer, Request, Site
from replica.webarchive.surt import urlkey

Addresses = Callable[[datetime], Sequence[str]]

_BEGIN = moment(datetime(2009, 1, 1))  # noqa: DTZ001 because it is naive UTC
_HTTPS_CAME = moment(datetime(2016, 6, 1))  # noqa: DTZ001 because it is naive UTC
_REVISIT_LENGTH = 530
_ERRORS = (404, 500, 503, 503)  # as likely as they are often here
_KEPT = 512  # keys whose captures are remembered
_KEYS_KEPT = 1 << 16  # addresses whose key is remembered


class Row(NamedTuple):
    """One line of the index, its fields as printed."""

    urlkey: str
    timestamp: str
    original: str
    mimetype: str
    statuscode: str
    digest: str
    length: str


class Capture(NamedTuple):
    """One line of the index and the key to its bytes; `error` is 0 if the site answered."""

    row: Row
    address: str
    crawled: datetime
    error: int


class Crawl(NamedTuple):
    """One visit: its time, URL as spelled, error if any, and whether a copy is stored twice."""

    moment: int
    original: str
    error: int
    stores_again: bool

    @property
    def timestamp(self) -> str:
        """Return the moment in 14 digits."""
        return timestamp_of(time_of(self.moment))


class Captures:
    """All captures of one site.

    `addresses` gives the sorted addresses (path and query) of all pages that were public by a time;
    an address stays in it when its page goes. The keys that are `excluded` have no captures.
    """

    def __init__(
        self, site: Site, addresses: Addresses, seed: int, host: str, excluded: frozenset[str]
    ) -> None:
        self._site = site
        self._addresses = addresses
        self._seed = seed
        self._host = host
        self._excluded = excluded
        self._key_of = lru_cache(maxsize=_KEYS_KEPT)(lambda address: urlkey(host + address))
        # One date at a time: keys of the whole site, made anew when time moves.
        self._index = lru_cache(maxsize=1)(self._make_index)
        self._captures = lru_cache(maxsize=_KEPT)(self._make_captures)

    def keys(self, start: str, end: str, now: datetime) -> Sequence[str]:
        """Return the sorted keys of public URLs, from `start` to before `end`."""
        keys = self._index(now)[0]
        return keys[bisect_left(keys, start) : bisect_left(keys, end)]

    def timestamps(self, key: str, now: datetime) -> Iterator[str]:
        """Yield the times of visits to a key, page or no page, without rendering."""
        for address in self._index(now)[1].get(key, ()):
            for crawl in self._crawls(address, moment(now)):
                yield crawl.timestamp

    def of(self, key: str, now: datetime) -> tuple[Capture, ...]:
        """Return the captures of one key up to `now` by time, no two of the same second."""
        return self._captures(key, self._index(now)[1].get(key, ()), moment(now))

    def answer(self, capture: Capture) -> Answer:
        """Return a capture's content: the answer that the crawler got."""
        if capture.error:
            return _error_of_the_day(capture.error)
        return self._answer_of_site(capture.address, capture.crawled)

    def _make_index(self, now: datetime) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        by_key: dict[str, tuple[str, ...]] = {}
        for address in self._addresses(now):
            key = self._key_of(address)
            if key not in self._excluded:
                by_key[key] = (*by_key.get(key, ()), address)
        return sorted(by_key), by_key

    def _make_captures(self, key: str, addresses: tuple[str, ...], now: int) -> tuple[Capture, ...]:
        crawls: dict[int, tuple[Crawl, str]] = {}
        for address in addresses:
            for crawl in self._crawls(address, now):
                crawls.setdefault(crawl.moment, (crawl, address))
        captures: list[Capture] = []
        known: set[str] = set()
        linked: set[str] = set()
        for at in sorted(crawls):
            crawl, address = crawls[at]
            crawled = time_of(at)
            answer = self._answer_of_site(address, crawled)
            if address not in linked and answer.status != HTTPStatus.OK:
                continue  # nothing links to a page before it is there
            linked.add(address)
            if crawl.error:
                answer = _error_of_the_day(crawl.error)
            row = _row(key, crawl, answer)
            if row.statuscode == "200":
                if row.digest in known and not crawl.stores_again:
                    row = row._replace(
                        mimetype="warc/revisit", statuscode="-", length=str(_REVISIT_LENGTH)
                    )
                known.add(row.digest)
            captures.append(Capture(row, address, crawled, crawl.error))
        return tuple(captures)

    def _answer_of_site(self, address: str, at: datetime) -> Answer:
        path, _, query = address.partition("?")
        return self._site.answer(Request("GET", unquote(path), query, {"host": self._host}), at)

    def _crawls(self, address: str, now: int) -> Iterator[Crawl]:
        """Yield the visits up to `now`: none, or about fifteen, some within a minute or a day."""
        dice = Dice(self._seed, "crawls", address)
        if dice.chance(0.04):
            return
        pace = dice.magnitude(1.3, 5)
        at = _BEGIN + int(dice.roll() * pace * 400 * DAY)
        while at <= now:
            yield self._crawl(at, address, dice)
            if dice.chance(0.12):
                later = at + (dice.whole(1, 59) if dice.chance(0.5) else dice.whole(60, DAY))
                if later <= now:
                    yield self._crawl(later, address, dice)
            at += int(pace * dice.magnitude(45 * DAY, 1300 * DAY))

    def _crawl(self, at: int, address: str, dice: Dice) -> Crawl:
        scheme = "https" if dice.chance(0.02 if at < _HTTPS_CAME else 0.7) else "http"
        host = self._host.upper() if dice.chance(0.03) else self._host
        if dice.chance(0.08):
            host = f"www.{host}"
        if scheme == "http" and dice.chance(0.15):
            host = f"{host}:80"
        slash = "/" if dice.chance(0.1) and "?" not in address and address != "/" else ""
        return Crawl(
            moment=at,
            original=f"{scheme}://{host}{address}{slash}",
            error=dice.pick(_ERRORS) if dice.chance(0.03) else 0,
            stores_again=dice.chance(0.25),
        )


def timestamp_of(time: datetime) -> str:
    """Format a time in the 14 digits of web archives."""
    return f"{time:%Y%m%d%H%M%S}"


def _row(key: str, crawl: Crawl, answer: Answer) -> Row:
    mimetype = header(answer, "content-type").partition(";")[0].strip().lower()
    return Row(
        urlkey=key,
        timestamp=crawl.timestamp,
        original=crawl.original,
        mimetype=mimetype.replace(" ", "") or "unk",
        statuscode=str(answer.status),
        digest=b32encode(sha1(answer.body, usedforsecurity=False).digest()).decode(),
        # A record's length in files that nobody outside sees; pages compress to about a quarter.
        length=str(_REVISIT_LENGTH + len(answer.body) // 4),
    )


def header(answer: Answer, name: str) -> str:
    """Return a header's first value, or an empty text. `name` is in lower case."""
    return next((text for each, text in answer.headers if each.lower() == name), "")


def _error_of_the_day(status: int) -> Answer:
    name = HTTPStatus(status).phrase
    body = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n'
        f"<html><head>\n<title>{status} {name}</title>\n</head><body>\n<h1>{name}</h1>\n"
        "<p>The server is not able to show this page.</p>\n</body></html>\n"
    )
    return Answer(status, (("Content-Type", "text/html; charset=iso-8859-1"),), body.encode())
