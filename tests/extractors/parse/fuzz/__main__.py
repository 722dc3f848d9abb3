"""Damage pages by the hundred thousand: each is parsed or refused by a rule, in bounded time.

    .venv/bin/python -m tests.extractors.parse.fuzz --inputs 200000 --seed 1

The same seed gives the same inputs. An input that raises anything but a refusal, takes over 5
seconds of CPU or makes the process larger than 500 MB is a fault; it is written to --save, cut down
as far as it still breaks the parser.
"""

import argparse
import hashlib
import logging
import resource
import sys
from collections import Counter
from pathlib import Path

from tests.extractors.parse.fuzz.runs import Fault, minimal, run

_BYTES_OF_MEMORY = 3 << 30
_LIMITS = ("TooSlow", "TooMuchMemory")


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
    outcome = run(
        options.inputs,
        options.seed,
        first=options.first,
        report=lambda line: print(line, flush=True),
    )
    print(*outcome.lines(), sep="\n", flush=True)
    _report(outcome.faults, options.save)
    return 1 if outcome.faults else 0


def _report(faults: list[Fault], folder: Path) -> None:
    """Print each faulty place once, with its count and the fewest bytes that lead there."""
    places = Counter(fault.error.split(": ")[0] for fault in faults)
    for place, count in places.most_common():
        fault = min(
            (f for f in faults if f.error.split(": ")[0] == place), key=lambda f: len(f.given.body)
        )
        body, context = fault.given if place.startswith(_LIMITS) else minimal(fault.given)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{hashlib.sha256(body).hexdigest()[:12]}.page"
        path.write_bytes(body)
        print(f"{count:>6} x {fault.error}\n         input {fault.number}, {path}, "
              f"query {context!r}: {body[:300]!r}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
