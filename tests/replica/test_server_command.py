"""`mptf replica serve`, as a user starts it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

COMMAND = [str(Path(sys.executable).with_name("mptf")), "replica", "serve", "--programmes", "5"]


@contextmanager
def served(*options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    with subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().rstrip("\n"), process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_from_the_address_on_stdout_until_a_signal(number: signal.Signals) -> None:
    with served("--date", "2015-03-04", "--fault", "500=1@/x") as (base_url, process):
        assert httpx.get(f"{base_url}/_replica/date").text == "2015-03-04T00:00:00\n"
        assert httpx.get(f"{base_url}/x").status_code == 500
        assert httpx.get(f"{base_url}/robots.txt").status_code == 200
        process.send_signal(number)
        rest, _ = process.communicate(timeout=5)
        assert (process.returncode, rest) == (0, "")


def test_a_port_in_use_is_one_line_and_exit_1() -> None:
    with served() as (base_url, _):
        port = base_url.rpartition(":")[2]
        second = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, check=False
        )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.splitlines()[-1] == f"mptf: port {port}: Address already in use"
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    "options",
    [("--fault", "nap=1"), ("--programmes", "0"), ("--programmes", "20001"), ("--date", "soon")],
)
def test_wrong_options_are_wrong_usage(options: tuple[str, str]) -> None:
    finished = subprocess.run([*COMMAND, *options], capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert options[1] in finished.stderr
