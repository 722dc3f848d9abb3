"""Parse pages in a process of its own, which is killed beyond a limit of CPU or memory."""

import json
import pickle
import resource
import subprocess
import sys

_PARSE = """
import json, pickle, resource, sys
from extractors.parse.pages import parse_page
from extractors.records import PageRefusedError
bodies, observed = pickle.load(sys.stdin.buffer)
if observed:
    from transforms.observe import ReadBody, observe
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
outcomes = []
for number, body in enumerate(bodies):
    try:
        page = parse_page(body)
        if observed:
            observe([ReadBody(f"{number:064}", page)])
        outcomes.append(f"parsed {page.kind} {len(page.figures)} {len(page.findings)}")
    except PageRefusedError as refusal:
        outcomes.append(f"{refusal.rule} | {refusal.message}")
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([outcomes, used // 1024]))
"""


def parse_apart(
    bodies: list[bytes], *, observed: bool = False, seconds: int = 20, memory: int | None = 1 << 30
) -> tuple[list[str], int]:
    """Return a line on each page, and the memory in MB that parsing them took.

    A line says `parsed <kind> <figures> <findings>` or `<rule> | <message>`. With `observed`, the
    transforms process the pages too. `seconds` of CPU and `memory` in bytes are the limits.
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    done = subprocess.run(
        [sys.executable, "-c", _PARSE], input=pickle.dumps((bodies, observed)),
        capture_output=True, preexec_fn=limit, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[-400:])
    outcomes, used = json.loads(done.stdout)
    assert len(outcomes) == len(bodies)
    return outcomes, used
