"""Homes in network namespaces with addresses of their own, as on two machines."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.command import COMMAND
from tests.flows.nights import SITE
from tests.lake.turns import Place, check_that_turns_are_one_history
from tests.processes import PATIENCE, killed_after
from tests.services import S3

pytestmark = pytest.mark.lake
_ROOT = Path(__file__).parents[2]
_HUB = {"one": "10.213.1.1", "two": "10.213.2.1"}  # the hub's address as each home sees it
_START = datetime(2016, 4, 20, 3, 7)  # noqa: DTZ001 because every time here is naive UTC


class Network:
    """A hub with the site and the bucket, and two homes, each with a line to the hub alone."""

    def __init__(self, names: dict[str, str], hub: "subprocess.Popen[str]") -> None:
        self._names = names
        self._hub = hub
        ports = json.loads(self._answer())
        self.site, self.s3 = ports["site"], ports["s3"]

    def inside(self, name: str) -> list[str]:
        """Return the beginning of a command that runs in a namespace."""
        return ["ip", "netns", "exec", self._names[name]]

    def ask(self, line: str) -> list[str]:
        """Ask the hub."""
        assert self._hub.stdin is not None
        self._hub.stdin.write(f"{line}\n")
        self._hub.stdin.flush()
        found: list[str] = json.loads(self._answer())
        return found

    def _answer(self) -> str:
        assert self._hub.stdout is not None
        return self._hub.stdout.readline()


@pytest.fixture
def network() -> Iterator[Network]:
    """Build the namespaces, and remove them however the test ends."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    with ExitStack() as stack:
        names = {}
        for name in ("hub", *_HUB):
            try:
                names[name] = stack.enter_context(_namespace(f"mptf-{name}-{secrets.token_hex(4)}"))
            except subprocess.CalledProcessError as error:
                pytest.skip(f"network namespaces are not allowed here: {error.stderr}")
        for name, address in _HUB.items():
            line = ["dev", f"to-{name}"]
            _ip("-n", names["hub"], "link", "add", f"to-{name}", "type", "veth",
                "peer", "name", "to-hub", "netns", names[name])  # fmt: skip
            _ip("-n", names["hub"], "address", "add", f"{address}/24", *line)
            _ip("-n", names["hub"], "link", "set", *line, "up")
            _ip("-n", names[name], "address", "add", f"{address[:-1]}2/24", "dev", "to-hub")
            _ip("-n", names[name], "link", "set", "dev", "to-hub", "up")
        command = [sys.executable, "-m", "tests.lake.hub", *_HUB.values()]
        hub = subprocess.Popen(
            ["ip", "netns", "exec", names["hub"], *command], cwd=_ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        yield Network(names, stack.enter_context(killed_after(hub)))


@pytest.mark.timeout(1800)  # eleven processes, each of which has an end
def test_homes_on_two_addresses_take_turns_as_on_one_host(network: Network, tmp_path: Path) -> None:
    """Each reaches the site and the bucket under its own address, and not the other home."""
    made = "import httpx, sys; httpx.put(sys.argv[1], headers={'Authorization': 'AWS id:x'})"
    url = f"http://{_HUB['one']}:{network.s3}/shared"
    subprocess.run(
        [*network.inside("one"), sys.executable, "-c", made, url], check=True, timeout=PATIENCE
    )
    other = [*network.inside("one"), "ping", "-c", "1", "-W", "1", "10.213.2.2"]
    if shutil.which("ping"):
        assert subprocess.run(other, check=False, capture_output=True, timeout=PATIENCE).returncode

    def command(name: str, *arguments: str | Path) -> list[str]:
        home = str(tmp_path / name)
        where = network.inside("two" if name == "two" else "one")
        return [*where, *COMMAND, "--home", home, *map(str, arguments)]

    def environment(name: str) -> dict[str, str]:
        hub = _HUB[name]
        return {
            **os.environ, **S3(network.s3).environment,
            "AWS_ENDPOINT_URL": f"http://{hub}:{network.s3}",
            "MPTF_BASE_URL": f"http://{hub}:{network.site}", "MPTF_KNOWN_AS": SITE,
            "MPTF_CONTACT": "tests@example.org", "MPTF_SHORTEST_DELAY": "0.001",
            "MPTF_LONGEST_DELAY": "0.002", "MPTF_TURNSTILES": str(tmp_path / f"turns-{name}"),
            "MPTF_SITE_CLOCK": "true", "MPTF_PROCESSES": "0",
        }  # fmt: skip

    def move_to(time: datetime) -> None:
        network.ask(f"move {time.isoformat()}")

    place = Place(tmp_path, command, environment, move_to, lambda: network.ask("hosts"))
    check_that_turns_are_one_history(place, "s3://shared/archive", _START)


@contextmanager
def _namespace(name: str) -> Iterator[str]:
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "dev", "lo", "up")
        yield name
    finally:
        _ip("netns", "delete", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True, timeout=PATIENCE)
