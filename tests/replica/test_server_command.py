"""`mptf replica serve`, as a user starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.processes import PATIENCE, killed_after

COMMAND = [str(Path(sys.executable).with_name("mptf")), "replica", "serve", "--programmes", "5"]


@contextmanager
def served(*options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [*COMMAND, *options]
    with killed_after(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    ) as process:
        assert process.stdout
        yield process.stdout.readline().rstrip("\n"), process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_from_the_address_on_stdout_until_a_signal(number: signal.Signals) -> None:
    with served("--date", "2015-03-04", "--fault", "500=1@/x") as (base_url, process):
        assert (
            httpx.get(f"{base_url}/_replica/date", timeout=PATIENCE).text == "2015-03-04T00:00:00\n"
        )
        assert httpx.get(f"{base_url}/x", timeout=PATIENCE).status_code == 500
        assert httpx.get(f"{base_url}/robots.txt", timeout=PATIENCE).status_code == 200
        process.send_signal(number)
        rest, _ = process.communicate(timeout=PATIENCE)
        assert (process.returncode, rest) == (0, "")


def test_it_serves_todays_layout_with_the_rules_of_its_api() -> None:
    """Its robots.txt, its headers and the rows of an answer, as the options say."""
    path = "/mptf_rest_api/getAnalyzeAllProjects/,BUDGET,/fromYear:2004,toYear:2015"
    options = ("--layout", "today", "--api-page-rows", "2", "--robots-forbids-api", "--warm")
    with served(*options) as (base_url, _):
        assert "<script src=" in httpx.get(base_url, timeout=PATIENCE).text
        assert httpx.get(base_url + path, timeout=PATIENCE).status_code == 403
        assert (
            "Disallow: /mptf_rest_api/\n"
            in httpx.get(f"{base_url}/robots.txt", timeout=PATIENCE).text
        )
    with served(*options, "--no-api-headers") as (base_url, _):
        answered = json.loads(httpx.get(base_url + path, timeout=PATIENCE).json())
        assert len(answered["data"]) == 2


def test_the_truth_of_todays_layout_has_the_facts_of_its_api() -> None:
    command = [COMMAND[0], "replica", "truth", "--programmes", "3", "--date", "2020-01-01"]
    written = {
        layout: subprocess.run(
            [*command, "--layout", layout],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout.splitlines()
        for layout in ("classic", "today")
    }
    assert written["today"][: len(written["classic"])] == written["classic"]
    kinds = {json.loads(line)["kind"] for line in written["today"][len(written["classic"]) :]}
    assert kinds == {"figure", "document", "organization_year", "contribution"}


def test_a_port_in_use_is_one_line_and_exit_1() -> None:
    with served() as (base_url, _):
        port = base_url.rpartition(":")[2]
        second = subprocess.run(
            [*COMMAND, "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.splitlines()[-1] == f"mptf: port {port}: Address already in use"
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    "options",
    [("--fault", "nap=1"), ("--programmes", "0"), ("--programmes", "20001"), ("--date", "soon")],
)
def test_wrong_options_are_wrong_usage(options: tuple[str, str]) -> None:
    finished = subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert finished.returncode == 2
    assert options[1] in finished.stderr
