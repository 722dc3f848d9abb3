"""Run the benchmarks, each variant in a process of its own, and print one table in Markdown."""

import argparse
import sys

from benchmarks.by_many import by_many
from benchmarks.crawls import crawls
from benchmarks.ledger import ledger
from benchmarks.nights import nights
from benchmarks.pages import pages
from benchmarks.scale import main as print_model
from benchmarks.startup import startup
from benchmarks.store import store
from benchmarks.table import Table


def main() -> int:
    """Run the benchmarks and return 0 if every variant succeeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the largest sizes, too")
    parser.add_argument(
        "--divided-by", type=int, default=1, metavar="N",
        help="divide every size by N, to test that everything runs",
    )  # fmt: skip
    given = parser.parse_args()
    table = Table()
    startup(table)
    pages(table, given.divided_by)
    crawls(table, given.divided_by, full=given.full)
    nights(table, given.divided_by)
    store(table, given.divided_by)
    by_many(table, given.divided_by)
    ledger(table, given.divided_by, full=given.full)
    code = table.finish()
    print_model()
    return code


sys.exit(main())
