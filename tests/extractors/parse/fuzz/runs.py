"""Parse and observe damaged pages, and find those that are at fault."""

import random
import resource
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import NamedTuple

from extractors.page_kinds import PageRefusedError
from tests.extractors.parse.expectations import parse
from tests.extractors.parse.fuzz.corpus import Input, corpus
from tests.extractors.parse.fuzz.damage import DAMAGE, WORDS
from tests.extractors.parse.fuzz.forms import FORM_DAMAGE
from transforms.observe import ReadBody, observe

_ROOT = Path(__file__).parents[4]
_SECONDS_EACH, _SECONDS_A_BATCH = 5, 60  # of CPU
MEGABYTES = 500  # of the whole process, which starts with about 200
_BATCH = 200
_REPORTED = 1_000
_LARGEST_INPUT = 4_000_000
# Half of all inputs are pages and texts, as most of what is archived is.
_SHARES = {"markup": 50, "api": 20, "workbook": 12, "csv": 10, "mhtml": 8}
# Other damage leaves little of a zip file or of JSON to parse.
_SHARES_OF_FORM = {"api": 0.85, "workbook": 0.97, "csv": 0.6}
_SHARE_OF_CONTEXTS = 0.1


class TooSlowError(Exception):
    """An input took longer than the limit."""


class Fault(NamedTuple):
    """An input that broke the parser, and the error."""

    number: int
    error: str
    given: Input


class Outcome:
    """Counts of parsed and refused inputs, and the faults."""

    def __init__(self, most_megabytes: int = MEGABYTES) -> None:
        self.most_megabytes = most_megabytes
        self.inputs = self.parsed = 0
        self.forms: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.slowest = self.largest = (0.0, -1, 0)  # seconds (or bytes), number, bytes
        self.begun = process_time()

    def progress(self) -> str:
        """Return how far the run is, in one line."""
        seconds = process_time() - self.begun
        return (
            f"inputs {self.inputs:,}, pages parsed {self.parsed:,}, faults {len(self.faults):,}, "
            f"slowest {self.slowest[0]:.2f} s, peak memory {peak_megabytes()} MB, "
            f"{seconds / max(1, self.inputs) * 1_000:.1f} s of CPU per 1,000"
        )

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report."""
        yield self.progress()
        yield f"by form: {dict(self.forms.most_common())}"
        yield f"refused by rule {self.refused.total():,}: {dict(self.refused.most_common())}"
        yield "slowest {:.3f} s of CPU: input {} of {:,} bytes".format(*self.slowest)
        yield f"largest {self.largest[2]:,} bytes: input {self.largest[1]}"


def peak_megabytes() -> int:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def damaged(pages: dict[str, list[Input]], seed: int, number: int) -> tuple[str, Input]:
    """Return one input with its form: a page, damaged up to four times; some queries, too."""
    dice = random.Random(f"{seed} {number}")  # noqa: S311 because it must repeat
    form = dice.choices([*_SHARES], [*_SHARES.values()])[0]
    page, other = dice.choice(pages[form]), dice.choice(pages[dice.choice((form, "markup"))])
    body, context = page
    for _ in range(dice.choice((1, 1, 2, 4))):
        own = dice.random() < _SHARES_OF_FORM.get(form, 0)
        damage = FORM_DAMAGE[form] if own else dice.choice(DAMAGE)
        body = damage(body, other.body, dice)
    if context and dice.random() < _SHARE_OF_CONTEXTS:
        at = dice.randrange(len(context) + 1)
        more = (b",page:2", b",year:2015", b"/", b"%", b"--x", *WORDS)
        context = context[:at] + dice.choice(more).decode("utf-8", "replace") + context[at:]
    return form, Input(body[:_LARGEST_INPUT], context)


def understand(given: Input) -> str | None:
    """Parse and observe one input; return the rule that refused it, or None."""
    one = parse(*given)
    observe([one])
    return one.page.rule if isinstance(one.page, PageRefusedError) else None


def run(
    inputs: int,
    seed: int,
    *,
    first: int = 0,
    most_megabytes: int = MEGABYTES,
    report: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Try `inputs` inputs from number `first` on; the transforms get them in batches."""
    pages = corpus()
    outcome = Outcome(most_megabytes)
    batch: dict[str, tuple[int, Input, ReadBody]] = {}
    for number in range(first, first + inputs):
        known = len(outcome.faults)
        form, given = damaged(pages, seed, number)
        outcome.forms[form] += 1
        one = _try(given, number, outcome)
        if one is not None:
            batch.setdefault(one.parse_key, (number, given, one))
        if len(batch) == _BATCH or number + 1 == first + inputs:
            _observe(batch, outcome)
            batch.clear()
        for fault in outcome.faults[known:]:
            report(f"input {fault.number}: {fault.error}")
        if outcome.inputs % _REPORTED == 0:
            report(outcome.progress())
    return outcome


def _try(given: Input, number: int, outcome: Outcome) -> ReadBody | None:
    """Parse one input; return None if the parser broke."""
    before = peak_megabytes()
    begun = process_time()
    one = None
    try:
        with _limited(_SECONDS_EACH):
            one = parse(*given)
    except Exception as error:
        outcome.faults.append(Fault(number, _named(error), given))
    size = len(given.body)
    outcome.inputs += 1
    outcome.slowest = max(outcome.slowest, (process_time() - begun, number, size))
    outcome.largest = max(outcome.largest, (float(size), number, size))
    if before <= outcome.most_megabytes < peak_megabytes():
        outcome.faults.append(Fault(number, f"TooMuchMemory: {peak_megabytes()} MB", given))
    if one is not None:
        outcome.parsed += not isinstance(one.page, PageRefusedError)
        outcome.refused.update([one.page.rule] if isinstance(one.page, PageRefusedError) else [])
    return one


def _observe(batch: dict[str, tuple[int, Input, ReadBody]], outcome: Outcome) -> None:
    """Observe a batch; if that breaks, observe each input by itself to find the one at fault."""
    before = peak_megabytes()
    error = _error_of([one for _, _, one in batch.values()], _SECONDS_A_BATCH)
    if error:
        alone = (
            (number, _error_of([one], _SECONDS_EACH), given)
            for number, given, one in batch.values()
        )
        broken = [Fault(number, own, given) for number, own, given in alone if own]
        outcome.faults += broken or [Fault(-1, f"only together: {error}", Input(b""))]
    if before <= outcome.most_megabytes < peak_megabytes():
        largest = max(batch.values(), key=lambda one: len(one[1].body))
        text = f"TooMuchMemory: {peak_megabytes()} MB for a batch"
        outcome.faults.append(Fault(largest[0], text, largest[1]))


def _error_of(bodies: list[ReadBody], seconds: int) -> str | None:
    try:
        with _limited(seconds):
            observe(bodies)
    except Exception as error:
        return _named(error)
    return None


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """Raise TooSlowError in what takes more seconds of CPU."""
    before = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_slow(*_: object) -> None:
    raise TooSlowError(f"more than {_SECONDS_EACH} s of CPU")


def _named(error: BaseException) -> str:
    """Return the exception with our innermost line that raised it, which identifies a fault."""
    where, at = "", error.__traceback__
    while at is not None:
        path = Path(at.tb_frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and path != Path(__file__):
            where = f"{path.relative_to(_ROOT)}:{at.tb_lineno}"
        at = at.tb_next
    return f"{type(error).__name__} at {where}: {error}"[:300]


def minimal(given: Input, *, seconds: float = 20) -> Input:
    """Cut an input down, part by part, as long as it breaks the parser at the same place."""
    wanted = _place_of_fault(given)
    deadline = process_time() + seconds
    body = given.body
    size = len(body) // 2
    while size and process_time() < deadline:
        at, shorter = 0, False
        while at < len(body) and process_time() < deadline:
            tried = body[:at] + body[at + size :]
            if _place_of_fault(given._replace(body=tried)) == wanted:
                body, shorter = tried, True
            else:
                at += size
        size = size if shorter and size == 1 else size // 2
    return given._replace(body=body)


def _place_of_fault(given: Input) -> str | None:
    try:
        with _limited(_SECONDS_EACH):
            understand(given)
    except Exception as error:
        return _named(error).split(": ")[0]
    return None
