"""The build and push steps of prefect.docker.yaml, by prefect-docker, with a program for Docker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.pages import ROOT
from tests.processes import PATIENCE

pytestmark = pytest.mark.lake
_STEPS = ["prefect-docker==0.7.4", "python-on-whales==0.81.0"]
_IMAGE = "registry.example.org:5000/un/mptf"
_DOCKER = """#!/bin/sh
echo "$*" >> "$SAID"
case "$*" in
  "buildx inspect"*) echo 'Name: default';;
  "buildx ls"*) echo '{"Name": "default", "Driver": "docker", "Nodes": []}';;
  *"image inspect"*) echo '[{"Id": "sha256:abc"}]';;
  "buildx build"*)
    while [ "$1" != --iidfile ]; do shift; done
    printf sha256:abc > "$2";;
esac
"""
_DEPLOY = """
import asyncio, json, yaml
from prefect.deployments.steps.core import run_steps
from prefect.utilities.templating import apply_values

async def outputs(file):
    return await run_steps(file["push"], await run_steps(file["build"], {}))

file = yaml.safe_load(open("prefect.docker.yaml"))
found = asyncio.run(outputs(file))
print(json.dumps(apply_values(file["deployments"], found)))
"""


def test_the_image_is_built_and_pushed_once_and_every_deployment_gets_it(tmp_path: Path) -> None:
    """With the project's Dockerfile, by BuildKit, under a tag of its own."""
    installed, said = tmp_path / "installed", tmp_path / "said"
    docker = tmp_path / "docker"
    docker.write_text(_DOCKER)
    docker.chmod(0o755)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*pip, str(installed), *_STEPS], check=True, timeout=PATIENCE)
    deployed = subprocess.run(
        [sys.executable, "-c", _DEPLOY], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
        timeout=PATIENCE,
        env={
            **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "SAID": str(said),
            "PYTHONPATH": str(installed), "PREFECT_HOME": str(tmp_path), "MPTF_IMAGE": _IMAGE,
        },
    )  # fmt: skip
    deployments = json.loads(deployed.stdout.splitlines()[-1])
    (image,) = {each["work_pool"]["job_variables"]["image"] for each in deployments}
    assert image.startswith(f"{_IMAGE}:20")
    asked = said.read_text().splitlines()
    (build,) = (line for line in asked if line.startswith("buildx build"))
    (push,) = (line for line in asked if "push" in line)
    assert f"--file {ROOT / 'deploy' / 'Dockerfile'} --tag {image} " in build
    assert build.endswith(f" {ROOT}")
    assert push.endswith(image)
