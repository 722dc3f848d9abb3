"""The image, built and run by podman on this machine's network: the services of compose.yaml."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.flows.nights import SITE
from tests.flows.pages import ROOT
from tests.processes import eventually, free_port
from tests.stand_in import Replica

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(shutil.which("podman") is None, reason="needs podman"),
]
_BASE, _VOLUME, _NAME = "docker.io/library/python:3.11-slim", "mptf-proof", "mptf-proof-{}"
_MOST_BYTES = 700_000_000
_LONGEST = 3600  # seconds to build an image where nothing is there yet
_CONTAINERS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "host"
"""
_SERVICES = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]


class Podman:
    """podman, with settings for machines without cgroups, systemd and bridges."""

    def __init__(self, folder: Path) -> None:
        settings = folder / "containers.conf"
        settings.write_text(_CONTAINERS)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(settings)}

    def __call__(self, *arguments: str, check: bool = True) -> str:
        """Run a command and return what it printed."""
        ran = subprocess.run(
            ["podman", *arguments], env=self.environment, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LONGEST,
        )  # fmt: skip
        assert ran.returncode == 0 or not check, ran.stdout
        return ran.stdout.strip()

    def start(self, service: str, **environment: str) -> str:
        """Start a service of compose.yaml; its container's name."""
        name, about = _NAME.format(service), _SERVICES[service]
        variables = {**about["environment"], **environment}
        options = [f"--env={key}={value}" for key, value in variables.items() if value is not None]
        self("run", "--detach", "--init", f"--name={name}", f"--volume={_VOLUME}:/data", *options,
             "mptf", *shlex.split(about["command"]))  # fmt: skip
        return name

    def healthy(self, service: str, port: int) -> bool | None:
        """Return whether a service's health check succeeds."""
        test = _SERVICES[service]["healthcheck"]["test"]
        here = test.replace(":4200/", f":{port}/").replace(":8080/", f":{port}/")
        name = _NAME.format(service)
        said = self("exec", name, "sh", "-c", f"{here} && echo healthy", check=False)
        return said == "healthy" or None


def _pip_options(folder: Path) -> str:
    """Return options that give the build this machine's certificates, where pip is told of some."""
    command = ["pip", "config", "list"]
    listed = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LONGEST)
    found = re.search(r"\bcert='(.+)'$", listed.stdout, re.M)
    if found is None:
        return ""
    configured = found[1]
    (folder / "pip.conf").write_text(f"[global]\ncert = {configured}\n")
    return f"--secret id=pip,src={folder}/pip.conf --volume {configured}:{configured}:ro"


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """podman, with the image built."""
    folder = tmp_path_factory.mktemp("podman")
    podman = Podman(folder)
    if not podman("images", "--quiet", _BASE) and shutil.which("debootstrap"):
        base = ROOT / "tests" / "deploy" / "base.sh"
        subprocess.run([base], env=podman.environment, check=True, timeout=_LONGEST)
    options = _pip_options(folder)
    subprocess.run(
        ["make", "image", "DOCKER=podman", f"IMAGE_OPTIONS={options}"],
        cwd=ROOT, env=podman.environment, check=True, capture_output=True, timeout=_LONGEST,
    )  # fmt: skip
    yield podman
    for service in _SERVICES:
        podman("rm", "--force", "--ignore", _NAME.format(service))
    podman("volume", "rm", "--force", _VOLUME)


def test_the_image_is_small_has_no_tools_and_its_user_has_no_rights(podman: Podman) -> None:
    size = int(podman("image", "inspect", "mptf", "--format", "{{.Size}}"))
    print(f"\nimage: {size / 1e6:,.0f} MB")
    assert size < _MOST_BYTES
    script = (
        "id -u; touch /data/x /prefect/x && echo writable;"
        " for tool in git make gcc cc ld curl; do command -v $tool; done;"
        " test -w /opt/mptf && echo rights; test -w /srv/mptf && echo rights;"
        " ls prefect*.yaml deploy/automations.yaml"
    )
    printed = podman("run", "--rm", "mptf", "sh", "-c", script).splitlines()
    assert printed == [
        "10001",
        "writable",
        "deploy/automations.yaml",
        "prefect.docker.yaml",
        "prefect.yaml",
    ]


def test_server_set_up_and_worker_run_a_night(podman: Podman, replica: Replica) -> None:
    """As compose.yaml starts them; the server shows its UI, and both end when they are asked to."""
    _, running = replica(programmes=24)
    port, worker_port = free_port(), free_port()
    api = {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    server = podman.start("server", PREFECT_SERVER_API_PORT=str(port))
    eventually(lambda: podman.healthy("server", port), "server")
    setup = podman.start("setup", MPTF_ALERT_URL="", **api)
    assert podman("wait", setup) == "0", podman("logs", setup)
    worker = podman.start(
        "worker", **api, PREFECT_WORKER_WEBSERVER_PORT=str(worker_port),
        MPTF_CONTACT="proof@example.org", MPTF_BASE_URL=running.base_url, MPTF_KNOWN_AS=SITE,
        MPTF_SHORTEST_DELAY="0", MPTF_SITE_CLOCK="true",
    )  # fmt: skip
    eventually(lambda: podman.healthy("worker", worker_port), "worker")
    ran = podman("exec", worker, "prefect", "deployment", "run", "nightly-sync/nightly", "--watch")
    assert "Flow run finished successfully" in ran
    assert "permission denied" not in podman("logs", server).lower()
    query = "SELECT count(*) AS captures FROM raw.capture"
    sql = ["mptf", "sql", query, "--release", "--format", "json"]
    answer: Any = json.loads(podman("run", "--rm", f"--volume={_VOLUME}:/data", "mptf", *sql))
    print(f"\ncaptures: {answer[0]['captures']}")
    assert answer[0]["captures"] > 0
    for name in (worker, server):
        assert "SIGKILL" not in podman("stop", "--time=60", name)
