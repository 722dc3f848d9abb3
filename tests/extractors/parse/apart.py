"""Parse pages in processes of their own, which are killed beyond a limit of CPU or memory.

One interpreter starts, and is forked for each call before it has read anything.
"""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tests.processes import killed_after

_PARSE = """
import json, os, pickle, resource, sys
from extractors.parse.pages import parse_page
from extractors.page_kinds import PageRefusedError
while os.read(0, 1):
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps([[f"killed: {os.waitstatus_to_exitcode(status)}"], 0]), flush=True)
        continue
    bodies, context, observed, seconds, memory = pickle.load(sys.stdin.buffer)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if observed:
        from transforms.observe import ReadBody, observe
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = []
    for number, body in enumerate(bodies):
        try:
            page = parse_page(body, context)
            if observed:
                observe([ReadBody(f"{number:064}", page)])
            size = len(page.figures) + len(page.rows)
            outcomes.append(f"parsed {page.kind} {size} {len(page.findings)}")
        except PageRefusedError as refusal:
            outcomes.append(f"{refusal.rule} | {refusal.message}")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([outcomes, used // 1024]), flush=True)
    os._exit(0)
"""


class ParseApart(Protocol):
    """Parses pages in a process of its own."""

    def __call__(
        self,
        bodies: list[bytes],
        *,
        context: str = "",
        observed: bool = False,
        seconds: int = 20,
        memory: int | None = 1 << 30,
    ) -> tuple[list[str], int]:
        """Return a line on each page, and the memory in MB that parsing them took.

        A line says `parsed <kind> <figures or rows> <findings>` or `<rule> | <message>`. With a
        `context`, they are answers of the API. With `observed`, the transforms process them too.
        `seconds` of CPU and `memory` in bytes are the limits.
        """
        ...


@contextmanager
def parser_apart() -> Iterator[ParseApart]:
    """Start the interpreter whose forks parse."""
    command = [sys.executable, "-c", _PARSE]
    with killed_after(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as process:
        assert process.stdin
        assert process.stdout
        to, of = process.stdin, process.stdout

        def parse(
            bodies: list[bytes],
            *,
            context: str = "",
            observed: bool = False,
            seconds: int = 20,
            memory: int | None = 1 << 30,
        ) -> tuple[list[str], int]:
            to.write(b"." + pickle.dumps((bodies, context, observed, seconds, memory)))
            to.flush()
            outcomes, used = json.loads(of.readline())
            assert len(outcomes) == len(bodies), outcomes
            assert not outcomes[0].startswith("killed"), outcomes
            return outcomes, used

        yield parse
