"""Let Chromium judge: every page of the stand-in and of tests/pages, then pages drawn at random.

    .venv/bin/python -m tests.extractors.parse.oracle --pages 5000 --seed 1

The same seed draws the same pages. A page with a figure that is wrong, lost or set
aside without need is written to --save.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter

from tests.extractors.parse.oracle.proof import Found, judge_drawn, judge_real
from tests.flows.browser import opened_page


def main() -> int:
    """Print what was shown, loaded, set aside, wrong and lost; return 1 if any is at fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, default=None)
    options = parser.parse_args()
    begun = perf_counter()
    with opened_page() as browser:
        real = judge_real(browser)
        _report("pages of the stand-in and of tests/pages", real, None)
        drawn = judge_drawn(browser, options.pages, options.seed, first=options.first)
    _report("pages drawn at random", drawn, options.save)
    print(f"{perf_counter() - begun:.0f} s")
    return int(bool(real.faults or drawn.faults))


def _report(what: str, found: Found, folder: Path | None) -> None:
    print(f"{what}: " + ", ".join(f"{name} {count:,}" for name, count in found.counts.items()))
    for fault in found.faults:
        print(f"  {fault.page}: wrong {fault.wrong[:3]}, lost {fault.lost[:3]}, "
              f"needless {fault.needless[:3]}")  # fmt: skip
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{fault.page.split()[0]}.html").write_text(fault.text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
