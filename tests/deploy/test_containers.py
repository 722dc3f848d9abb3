"""The files that run the project in containers: compose, and the pools of Docker and Kubernetes."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import prefect
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.flows.pages import ROOT
from tests.processes import PATIENCE

_DEPLOY = ROOT / "deploy"
_TEMPLATES = {
    kind: json.loads((_DEPLOY / f"{kind}-job-template.json").read_text())
    for kind in ("docker", "kubernetes")
}
_SHIPPED = "server/api/collections_data/views/aggregate-worker-metadata.json"
_METADATA = json.loads((Path(prefect.__file__).parent / _SHIPPED).read_text())
_OURS = {"docker": set[str](), "kubernetes": {"volume_claim"}}


def _prefects(kind: str) -> Any:
    """Return the base job template that Prefect has for a kind of pool."""
    return _METADATA[f"prefect-{kind}"][kind]["default_base_job_configuration"]


@pytest.mark.parametrize("kind", _TEMPLATES)
def test_a_template_says_only_what_the_worker_of_its_pool_knows(kind: str) -> None:
    """Every placeholder has a variable, every variable is used, and its default is valid."""
    template, prefects = _TEMPLATES[kind], _prefects(kind)
    assert set(template["job_configuration"]) <= set(prefects["job_configuration"])
    variables = template["variables"]["properties"]
    assert set(variables) - set(prefects["variables"]["properties"]) == _OURS[kind]
    used = re.findall(r"\{\{ (\w+) \}\}", json.dumps(template["job_configuration"]))
    assert set(used) == set(variables)
    Draft202012Validator.check_schema(template["variables"])
    defaults = {name: known["default"] for name, known in variables.items() if "default" in known}
    assert {"image", "env"} <= set(defaults)
    Draft202012Validator(template["variables"]).validate(defaults)


@pytest.mark.parametrize("kind", _TEMPLATES)
def test_our_deployments_fit_each_pool(kind: str) -> None:
    """Their job variables are valid, and a run stays where its container starts it."""
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert deployments
    validator = Draft202012Validator(_TEMPLATES[kind]["variables"])
    for deployment in deployments:
        validator.validate(deployment["work_pool"]["job_variables"])
    assert "working_dir" not in _TEMPLATES[kind]["variables"]["properties"]


def test_the_deployments_for_docker_are_the_others_with_the_image_that_is_built() -> None:
    """Same flows, schedules, limits and pool: one is edited, the other must follow."""
    plain, docker = (
        json.loads(json.dumps(yaml.safe_load((ROOT / name).read_text())))  # no part is shared
        for name in ("prefect.yaml", "prefect.docker.yaml")
    )
    validator = Draft202012Validator(_TEMPLATES["docker"]["variables"])
    assert docker["deployments"]
    for deployment in docker["deployments"]:
        variables = deployment["work_pool"]["job_variables"]
        validator.validate(variables)
        assert variables.pop("image") == "{{ built.image }}"
    for deployment in plain["deployments"]:
        del deployment["work_pool"]["job_variables"]["working_dir"]
    assert docker["deployments"] == plain["deployments"]
    assert docker["pull"] == plain["pull"]
    (build,), (push,) = docker["build"], docker["push"]
    steps = "prefect_docker.deployments.steps"
    assert [*build, *push] == [f"{steps}.build_docker_image", f"{steps}.push_docker_image"]
    dockerfile = build[f"{steps}.build_docker_image"]["dockerfile"]
    assert "--mount=type=secret" in (ROOT / dockerfile).read_text()
    assert all(step["build_backend"] == "buildx" for step in (*build.values(), *push.values()))


def test_a_job_of_kubernetes_has_the_home_and_few_rights() -> None:
    """What Prefect requires of a job is in it; the claim is mounted where the home is."""
    job = _TEMPLATES["kubernetes"]["job_configuration"]["job_manifest"]
    required = _prefects("kubernetes")["job_configuration"]["job_manifest"]
    assert (job["apiVersion"], job["kind"]) == (required["apiVersion"], required["kind"])
    assert job["metadata"] == required["metadata"]
    assert job["spec"]["backoffLimit"] == 0
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (wanted,) = required["spec"]["template"]["spec"]["containers"]
    assert set(wanted) <= set(container)
    (volume,), (mount,) = pod["volumes"], container["volumeMounts"]
    assert volume["name"] == mount["name"]
    env = _TEMPLATES["kubernetes"]["variables"]["properties"]["env"]["default"]
    assert mount["mountPath"] == env["MPTF_HOME"]
    user = re.findall(r"^USER (\d+)$", (_DEPLOY / "Dockerfile").read_text(), re.M)
    assert user == [str(pod["securityContext"]["runAsUser"])]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["fsGroup"] == int(user[0])


@pytest.mark.parametrize("broken", [None, "prefect", "python3"])
def test_a_worker_starts_in_its_container_when_the_set_up_has_succeeded(
    broken: str | None, tmp_path: Path
) -> None:
    services = yaml.safe_load((_DEPLOY / "compose.yaml").read_text())["services"]
    needed = services["worker"]["depends_on"]["setup"]["condition"]
    assert needed == "service_completed_successfully"
    said = tmp_path / "said"
    for name in ("prefect", "python3"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "$*" >> {said}\nexit {int(name == broken)}\n')
        program.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    command = shlex.split(services["setup"]["command"])
    done = subprocess.run(command, check=False, env={"PATH": path}, timeout=PATIENCE)
    assert (done.returncode == 0) is (broken is None)
    if broken is None:
        assert "-m flows.scheduled.alerts" in said.read_text().splitlines()
