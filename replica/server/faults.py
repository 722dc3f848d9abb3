"""The choice of faults: rules such as `503=0.02` or `reset=1@/factsheet/*`, and chance.

Chance is a hash of the seed, the kind, the URL and the kind's scope, so the same requests get
the same faults in whatever order they come, and a higher rate keeps the faults of a lower one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import Literal, NamedTuple, cast, get_args

from replica.http import ContentFault

# Drawn anew for each request of an address, so that a retry can succeed.
RequestFault = Literal["429", "503", "500", "timeout", "reset", "drip", "truncated"]
# Drawn once per address and site date.
DayFault = Literal[
    "403", "404", "bomb", "stacked_bomb", "redirect_loop", "redirect_away", "maintenance", "login"
]
FaultKind = RequestFault | DayFault | ContentFault

KINDS: tuple[FaultKind, ...] = (
    *get_args(RequestFault), *get_args(DayFault), *get_args(ContentFault),
)  # fmt: skip
_PER_REQUEST = frozenset(get_args(RequestFault))
_FOR_EVER = frozenset({"lying_validator"})
# Only a rule with a pattern applies to these.
_SPARED = frozenset({"/robots.txt"})


_PROGRAMME = re.compile(r"/(?:factsheet/)?project/")
_API = re.compile(r"/mptf_rest_api/")
# Faults of content apply only to the pages that can have them.
_PAGES: dict[FaultKind, re.Pattern[str]] = {
    "other_programme": _PROGRAMME,
    "no_tables": re.compile(r"/(?:factsheet/)?(?:project|fund)/"),
    "lying_validator": re.compile(r"/(?:factsheet/)?project/|/mptf_rest_api/"),
    "short_list": re.compile(r"/portfolio/|/(?:factsheet/)?fund/|/mptf_rest_api/"),
    "bad_filter": _API,
    "cut_json": _API,
    "renamed_column": _API,
    "repeated_key": _API,
}


class FaultRuleError(ValueError):
    """A text that is not a fault rule; the message quotes it and lists the kinds. Do not retry."""


class Rule(NamedTuple):
    """A kind of fault, its rate from 0 to 1, and the paths to which it applies (None: all)."""

    kind: FaultKind
    rate: float
    pattern: str | None


class Hit(NamedTuple):
    """The fault of one request; `turn` grows by one with each request of the URL."""

    kind: FaultKind
    turn: int


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse `KIND=RATE` or `KIND=RATE@PATTERN`; the kind `all` means each kind.

    Raises:
        FaultRuleError: if the kind is unknown or the rate is not a number from 0 to 1.
    """
    kind, equals, rest = text.partition("=")
    rate_text, at, pattern = rest.partition("@")
    try:
        rate = float(rate_text)
    except ValueError:
        rate = -1
    if not equals or kind not in (*KINDS, "all") or not 0 <= rate <= 1 or (at and not pattern):
        raise FaultRuleError(
            f"{text!r} is no fault such as 503=0.02 or reset=1@/factsheet/* (a rate from 0 to 1);"
            f" the kinds are all, {', '.join(KINDS)}"
        )
    kinds = KINDS if kind == "all" else (cast("FaultKind", kind),)
    return tuple(Rule(each, rate, pattern or None) for each in kinds)


class Faults:
    """The faults of one server; the first rule that hits a request wins."""

    def __init__(self, texts: Iterable[str] = (), seed: int = 0) -> None:
        self.texts = tuple(texts)
        self._rules = [rule for text in self.texts for rule in parse_rules(text)]
        self._seed = seed
        self._date: date | None = None
        self._asked: Counter[str] = Counter()

    def draw(self, path: str, query: str, now: datetime) -> Hit | None:
        """Return the fault of this request, if any.

        It counts the requests of each URL (path and query) since the site's date changed.
        """
        if not self._rules:
            return None
        today = now.date()
        if today != self._date:
            self._date = today
            self._asked.clear()
        address = f"{path}?{query}" if query else path
        nth = self._asked[address]
        self._asked[address] += 1
        for kind, rate, pattern in self._rules:
            if path in _SPARED if pattern is None else not fnmatchcase(path, pattern):
                continue
            if kind in _PAGES and not _PAGES[kind].match(path):
                continue
            scope = "" if kind in _FOR_EVER else str(today)
            if kind in _PER_REQUEST:
                scope += f" {nth}"
            if self._chance(kind, address, scope) < rate * 2**64:
                return Hit(kind, nth + self._chance("turn", address, ""))
        return None

    def _chance(self, *what: str) -> int:
        """Return one of 2**64 numbers, always the same for the same words."""
        words = "\n".join((str(self._seed), *what)).encode()
        return int.from_bytes(blake2b(words, digest_size=8).digest(), "big")
