"""Damage pages by the hundred thousand: each is parsed or refused by a rule, in bounded time.

    .venv/bin/python -m tests.extractors.parse.fuzz --inputs 200000 --seed 1

The same seed gives the same inputs. An input that raises anything but a refusal is cut down as far
as it still does, and written to --save.
"""

import argparse
import hashlib
import io
import logging
import random
import re
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from xlsxwriter import Workbook

from extractors.page_kinds import PageRefusedError
from replica.pages.site import open_site
from tests.extractors.parse.expectations import parse, small_pages
from tests.extractors.parse.stand_in_pages import StandInPage, pages_of
from transforms.observe import ReadBody, observe

_ROOT = Path(__file__).parents[3]
_SECONDS_EACH, _SECONDS_A_BATCH = 10, 60
_BATCH = 200
_BYTES_OF_MEMORY = 3 << 30
_LARGEST_INPUT = 4_000_000
_A_DAY = datetime.fromisoformat("2010-01-01")
_TIMES = ("2011-03-07", "2016-04-20", "2024-11-05")
_TAG = re.compile(rb"<[^<>]{0,200}>")
_NAMES = (
    b"table", b"tr", b"td", b"th", b"tbody", b"thead", b"dl", b"dt", b"dd", b"p", b"li", b"ul",
    b"h1", b"h2", b"div", b"span", b"a", b"br", b"script", b"style", b"select", b"option", b"form",
    b"textarea", b"title", b"template", b"svg", b"math", b"frameset", b"noscript", b"caption",
    b"colgroup", b"iframe", b"plaintext", b"xmp", b"base", b"head", b"body", b"html",
)  # fmt: skip
_HUGE = (b"0", b"-1", b"1", b"65535", b"1000000", b"99999999999999999999", b"1e9", b"\xd9\xa3", b"")
_WORDS = (
    b"Project ID:", b"Project Factsheet", b"Key Figures", b"Latest Vouchers", b"Total", b"Year",
    b"Participating Organization", b"Expenditure", b"Trust Fund Factsheet", b"Portfolio of Funds",
    b"Funds with Administrative Agent", b"Recent Documents", b"All amounts in EUR", b"Sub-total",
    b"Start Date *:", b"Outcome 1:", b"Page 1 of 99999999999999999999", b"Showing 1 to 2 of 3",
    b"No data found", b"Email: a@b.cd", b"2013", b"(1,2", b"9" * 400, b"1,000", b"87.5%", b"|",
    b"\n", b"\r", b"\t", b"\x00", b"&nbsp;", b"&#0;", b"&#xD800;", b"&#99999999999;", b"&amp",
    b"&NotEqualTilde;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml", b"%", b"=1+1", b'"', b",",
    b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"urn:schemas-microsoft-com:office",
)  # fmt: skip


class TooSlowError(Exception):
    """An input took longer than the limit."""


class Fault(NamedTuple):
    """An input that broke the parser, and the error."""

    number: int
    error: str
    body: bytes


class Outcome:
    """Counts of parsed and refused inputs, and the faults."""

    def __init__(self) -> None:
        self.inputs = self.parsed = 0
        self.refused: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.slowest = self.largest = (0.0, -1, 0)  # seconds (or bytes), number, bytes

    def lines(self, seconds: float) -> Iterator[str]:
        """Yield the lines of the report."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        yield f"inputs {self.inputs:,}, pages parsed {self.parsed:,}, faults {len(self.faults):,}"
        yield f"refused by rule {self.refused.total():,}: {dict(self.refused.most_common())}"
        yield "slowest {:.3f} s: input {} of {:,} bytes".format(*self.slowest)
        yield f"largest {self.largest[2]:,} bytes: input {self.largest[1]}"
        yield f"peak memory {peak} MB; {self.inputs / max(seconds, 1e-9):.0f} inputs/s"


def corpus() -> list[bytes]:
    """Return pages of every kind and representation: small ones, samples and workbooks."""
    files = sorted((*small_pages(), *(_ROOT / "docs/samples").rglob("*")))
    kept = [path.read_bytes() for path in files if path.suffix in {".html", ".txt"}]
    return [*kept, *(page.body for page in stand_in_pages()), *map(workbook, range(4))]


def stand_in_pages() -> list[StandInPage]:
    """Return the stand-in's first page of each kind, representation, layout and charset."""
    site = open_site(7, 30)
    seen: Counter[tuple[str, ...]] = Counter()
    kept = []
    for time in _TIMES:
        now = datetime.fromisoformat(time)
        for page in pages_of(site, now, site.records.portfolio.outlines):
            key = (page.kind, page.representation, page.layout, page.charset)
            seen[key] += 1
            if seen[key] == 1:
                kept.append(page)
    return kept


def workbook(number: int) -> bytes:
    """Return a workbook with what the stand-in lacks: merged cells, formulas, dates, two sheets."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": _A_DAY})
        for name in ("Report", "Notes")[: 1 + number % 2]:
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 3, "Project ID: 00090001")
            sheet.write_row(1, 0, ("Participating Organization", "Year", "Transfers", "Refunds"))
            sheet.write_row(2, 0, ("FAO", 2013, 1e15 if number else 1000.5, -3))
            sheet.write_formula(3, 2, "=SUM(C3:C3)", value=1000.5)
            sheet.write_boolean(4, 0, True)
            sheet.write_datetime(4, 1, _A_DAY, book.add_format({"num_format": "d mmm"}))
            sheet.write_string(100 * number, 20, "far away")
    return out.getvalue()


# Each function takes a page, another page and the dice, and returns the damaged page.


def _flip(page: bytes, _: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(page)
    for _turn in range(dice.choice((1, 3, 30)) if page else 0):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    return bytes(damaged)


def _cut(page: bytes, _: bytes, dice: random.Random) -> bytes:
    first, last = _span(page, dice)
    return page[:first] + page[last:] if dice.random() < 0.6 else page[:first]


def _splice(page: bytes, other: bytes, dice: random.Random) -> bytes:
    return page[: dice.randrange(len(page) + 1)] + other[dice.randrange(len(other) + 1) :]


def _insert(page: bytes, _: bytes, dice: random.Random) -> bytes:
    for _turn in range(dice.choice((1, 1, 4))):
        at = dice.randrange(len(page) + 1)
        page = page[:at] + dice.choice(_WORDS) + page[at:]
    return page


def _unicode(page: bytes, _: bytes, dice: random.Random) -> bytes:
    points = [dice.choice((dice.randrange(0x250), dice.randrange(0x110000))) for _ in range(20)]
    at = dice.randrange(len(page) + 1)
    text = "".join(map(chr, points)).encode("utf-8", "surrogatepass")
    return page[:at] + text + page[at:]


def _repeat(page: bytes, _: bytes, dice: random.Random) -> bytes:
    first, last = _span(page, dice)
    part = page[first : min(last, first + 3_000)]
    return page[:first] + part * dice.choice((2, 5, 50)) + page[last:]


def _long_cell(page: bytes, _: bytes, dice: random.Random) -> bytes:
    tags = [found.end() for found in _TAG.finditer(page)] or [len(page)]
    at = dice.choice(tags)
    long = dice.choice(
        (b"9", b"a ", b"(", b"1,", b"* ", b"Outcome ", b": ", b"&nbsp;", b"\\|", b".")
    )
    return page[:at] + long * dice.choice((100, 5_000, 50_000)) + page[at:]


def _drop_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.01, 0.1, 0.5))
    return _TAG.sub(lambda found: b"" if dice.random() < share else found[0], page)


def _double_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.01, 0.1))
    return _TAG.sub(lambda found: found[0] * 2 if dice.random() < share else found[0], page)


def _shuffle_tags(page: bytes, _: bytes, dice: random.Random) -> bytes:
    tags = _TAG.findall(page)
    share = dice.choice((0.02, 0.3))
    return _TAG.sub(lambda found: dice.choice(tags) if dice.random() < share else found[0], page)


def _other_names(page: bytes, _: bytes, dice: random.Random) -> bytes:
    def renamed(found: re.Match[bytes]) -> bytes:
        if dice.random() > 0.04:
            return found[0]
        return re.sub(rb"[A-Za-z][A-Za-z0-9]*", dice.choice(_NAMES), found[0], count=1)

    return _TAG.sub(renamed, page)


def _spans(page: bytes, _: bytes, dice: random.Random) -> bytes:
    def spanned(found: re.Match[bytes]) -> bytes:
        if dice.random() > 0.1:
            return found[0]
        name, number = dice.choice((b"colspan", b"rowspan")), dice.choice(_HUGE)
        return found[0] + b' %s="%s"' % (name, number)

    return re.sub(rb"<t[dhDH]\b", spanned, page)


def _nest(page: bytes, _: bytes, dice: random.Random) -> bytes:
    at = dice.choice([found.start() for found in _TAG.finditer(page)] or [0])
    names = dice.choices(_NAMES, k=dice.choice((1, 3)))
    opened = b"".join(b"<%s>" % name for name in names)
    return page[:at] + opened * dice.choice((5, 200, 4_000)) + page[at:]


def _swap_lines(page: bytes, _: bytes, dice: random.Random) -> bytes:
    lines = page.split(b"\n")
    for _turn in range(dice.choice((1, 5))):
        first, second = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _other_charset(page: bytes, _: bytes, dice: random.Random) -> bytes:
    text = page.decode("utf-8", "replace")
    return text.encode(
        dice.choice(("utf-16", "utf-16-be", "cp1252", "latin-1", "utf-7")), "replace"
    )


_DAMAGE: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip, _cut, _splice, _insert, _unicode, _repeat, _long_cell, _drop_tags, _double_tags,
    _shuffle_tags, _other_names, _spans, _nest, _swap_lines, _other_charset,
)  # fmt: skip


def _span(page: bytes, dice: random.Random) -> tuple[int, int]:
    first = dice.randrange(len(page) + 1)
    return first, min(len(page), first + dice.choice((1, 20, 300, 5_000)))


def damaged(pages: list[bytes], seed: int, number: int) -> bytes:
    """Return one input: a page, damaged up to four times."""
    dice = random.Random(f"{seed} {number}")  # noqa: S311 because it must repeat
    page = dice.choice(pages)
    for _ in range(dice.choice((1, 1, 2, 4))):
        page = dice.choice(_DAMAGE)(page, dice.choice(pages), dice)
    return page[:_LARGEST_INPUT]


def understand(body: bytes) -> str | None:
    """Parse and observe one input; return the rule that refused it, or None."""
    one = parse(body)
    observe([one])
    return one.page.rule if isinstance(one.page, PageRefusedError) else None


def run(
    inputs: int, seed: int, *, first: int = 0, report: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Try `inputs` inputs from number `first` on; the transforms get them in batches."""
    pages = corpus()
    outcome = Outcome()
    before = signal.signal(signal.SIGALRM, _too_slow)
    begun = perf_counter()
    batch: dict[str, tuple[int, bytes, ReadBody]] = {}
    try:
        for number in range(first, first + inputs):
            body = damaged(pages, seed, number)
            one = _try(body, number, outcome)
            if one is not None:
                batch.setdefault(one.parse_key, (number, body, one))
            if len(batch) == _BATCH or number + 1 == first + inputs:
                _observe(batch, outcome)
                batch.clear()
            if (number + 1) % 10_000 == 0:
                report(next(outcome.lines(perf_counter() - begun)))
    finally:
        signal.signal(signal.SIGALRM, before)
    return outcome


def _try(body: bytes, number: int, outcome: Outcome) -> ReadBody | None:
    """Parse one input; return None if the parser broke."""
    begun = perf_counter()
    one = None
    signal.alarm(_SECONDS_EACH)
    try:
        one = parse(body)
    except Exception as error:
        outcome.faults.append(Fault(number, _named(error), body))
    finally:
        signal.alarm(0)
    outcome.inputs += 1
    outcome.slowest = max(outcome.slowest, (perf_counter() - begun, number, len(body)))
    outcome.largest = max(outcome.largest, (float(len(body)), number, len(body)))
    if one is not None:
        outcome.parsed += not isinstance(one.page, PageRefusedError)
        outcome.refused.update([one.page.rule] if isinstance(one.page, PageRefusedError) else [])
    return one


def _observe(batch: dict[str, tuple[int, bytes, ReadBody]], outcome: Outcome) -> None:
    """Observe a batch; if that breaks, observe each input by itself to find the one at fault."""
    signal.alarm(_SECONDS_A_BATCH)
    try:
        observe(one for _, _, one in batch.values())
    except Exception as error:
        signal.alarm(0)
        alone = [(number, body, _error_of(one)) for number, body, one in batch.values()]
        broken = [Fault(number, error, body) for number, body, error in alone if error]
        together = Fault(-1, f"only together: {_named(error)}", b"")
        outcome.faults += broken or [together]
    finally:
        signal.alarm(0)


def _error_of(one: ReadBody) -> str | None:
    signal.alarm(_SECONDS_EACH)
    try:
        observe([one])
    except Exception as error:
        return _named(error)
    finally:
        signal.alarm(0)
    return None


def _too_slow(*_: object) -> None:
    raise TooSlowError(f"more than {_SECONDS_EACH} s")


def _named(error: BaseException) -> str:
    """Return the exception with our innermost line that raised it, which identifies a fault."""
    where, at = "", error.__traceback__
    while at is not None:
        path = Path(at.tb_frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and path != Path(__file__):
            where = f"{path.relative_to(_ROOT)}:{at.tb_lineno}"
        at = at.tb_next
    return f"{type(error).__name__} at {where}: {error}"[:300]


def minimal(body: bytes, *, seconds: float = 20) -> bytes:
    """Cut an input down, part by part, as long as it breaks the parser at the same place."""
    wanted = _place_of_fault(body)
    deadline = perf_counter() + seconds
    size = len(body) // 2
    while size and perf_counter() < deadline:
        at, shorter = 0, False
        while at < len(body) and perf_counter() < deadline:
            tried = body[:at] + body[at + size :]
            if _place_of_fault(tried) == wanted:
                body, shorter = tried, True
            else:
                at += size
        size = size if shorter and size == 1 else size // 2
    return body


def _place_of_fault(body: bytes) -> str | None:
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(_SECONDS_EACH)
    try:
        understand(body)
    except Exception as error:
        return _named(error).split(": ")[0]
    finally:
        signal.alarm(0)
    return None


def _report(faults: list[Fault], folder: Path) -> None:
    """Print each faulty place once, with its count and the fewest bytes that lead there."""
    places = Counter(fault.error.split(": ")[0] for fault in faults)
    for place, count in places.most_common():
        fault = min(
            (f for f in faults if f.error.split(": ")[0] == place), key=lambda f: len(f.body)
        )
        body = fault.body if place.startswith("TooSlow") else minimal(fault.body)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{hashlib.sha256(body).hexdigest()[:12]}.page"
        path.write_bytes(body)
        print(f"{count:>6} x {fault.error}\n         input {fault.number}, {path}: {body[:300]!r}")


def main() -> int:
    """Run and report; return 1 if there were faults."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--save", type=Path, default=Path("data/fuzz"), help="where faults go")
    options = parser.parse_args()
    logging.disable()  # bs4 logs every charset that does not fit
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES_OF_MEMORY, _BYTES_OF_MEMORY))
    begun = perf_counter()
    outcome = run(
        options.inputs,
        options.seed,
        first=options.first,
        report=lambda line: print(line, flush=True),
    )
    seconds = perf_counter() - begun
    _report(outcome.faults, options.save)
    print(*outcome.lines(seconds), sep="\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
