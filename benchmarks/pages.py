"""A page from bytes to typed, validated rows, and the two parts of it.

Pages are parsed in parts of 200, as a worker gets them, and validated in one batch, as the loader
does. They are the stand-in's factsheets, drawn before the clock starts. The peer is the spider's
parser, whose rows have no types. Run a part as `python -m benchmarks.pages PART PAGES`.
"""

import json
import sys
from collections.abc import Callable, Sequence
from time import perf_counter, process_time
from typing import Any

from scrapy.http import HtmlResponse

from benchmarks.peers.spider import GatewaySpider
from benchmarks.site import NOW
from benchmarks.table import Table
from extractors.parse.pages import parse_page
from flows.pipeline.parse import Body, parse_bodies
from replica.http import Request
from replica.pages.site import open_site
from transforms.batches import validated
from transforms.observe import ReadBody, typed

_PAGES = 1_000
_AT_ONCE = 200
_SEED = 1
_VARIANTS = {
    "ours": "bytes to typed rows",
    "parse": "of it: parse",
    "rows": "of it: rows, reconciled and validated",
    "scrapy": "Scrapy's selectors, untyped",
}


def pages(table: Table, divided_by: int) -> None:
    """Measure each part in a process of its own."""
    for name, variant in _VARIANTS.items():
        table.measure(
            "a page", variant,
            [sys.executable, "-m", "benchmarks.pages", name, str(_PAGES // divided_by)],
            size=1, unit="pages", peer=name == "scrapy",
        )  # fmt: skip


def _drawn(count: int) -> list[Body]:
    """Return the factsheets of the first programmes of a stand-in."""
    site = open_site(_SEED, 2 * count)
    found = []
    for path in site.addresses(NOW):
        if path.startswith("/project/") and path.count("/") == 2:
            answer = site.answer(Request("GET", path, "", {}), NOW)
            found.append(Body(f"{path.rpartition('/')[2]:0>64}", answer.body))
    return found[:count]


def _read(bodies: Sequence[Body]) -> list[ReadBody]:
    return [ReadBody(body.parse_key, parse_page(body.content)) for body in bodies]


def _scrape(bodies: Sequence[Body]) -> list[Any]:
    spider = GatewaySpider()
    return [
        next(iter(spider.parse_programme(HtmlResponse(_url(body), body=body.content))))
        for body in bodies
    ]


def _url(body: Body) -> str:
    return f"http://gateway.example/project/{body.parse_key[-8:]}"


def _run(name: str, count: int) -> dict[str, float]:
    bodies = _drawn(count)
    parts = [bodies[start : start + _AT_ONCE] for start in range(0, len(bodies), _AT_ONCE)]
    given: Sequence[Any] = [_read(part) for part in parts] if name == "rows" else parts
    variants: dict[str, Callable[[Sequence[Any]], Any]] = {
        "ours": lambda given: validated([parse_bodies(part) for part in given]),
        "parse": lambda given: [_read(part) for part in given],
        "rows": lambda given: validated([typed(part) for part in given]),
        "scrapy": lambda given: [_scrape(part) for part in given],
    }
    variants[name]([given[0][:1]])  # what is imported at the first page is a start's cost
    begun, cpu_begun = perf_counter(), process_time()
    variants[name](given)
    return {
        "count": len(bodies), "seconds": perf_counter() - begun,
        "cpu_seconds": process_time() - cpu_begun,
        "page_bytes": sum(len(body.content) for body in bodies) / len(bodies),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], int(sys.argv[2]))))
