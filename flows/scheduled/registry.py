"""What a Prefect server must know of us, pool and deployments; and what it knows of its runs."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import WorkerStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.workers.process import ProcessWorker

from extractors.errors import MptfError

POOL = WORKER = "mptf"


class RegistryError(MptfError):
    """A command of Prefect's fails; the message has what it said."""


def ensure_pool(client: SyncPrefectClient) -> None:
    """Create the work pool, unless there is one of its name."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(
            WorkPoolCreate(name=POOL, type=ProcessWorker.type, base_job_template=template)
        )


def ensure_deployments(
    client: SyncPrefectClient, file: Path, environment: Mapping[str, str], stamp: Path
) -> bool:
    """Deploy a prefect.yaml, unless the server has it already; return whether it was deployed.

    `prefect deploy` resumes what an operator has paused, so this is paused again.

    Args:
        client: a client of the server.
        file: the prefect.yaml.
        environment: the environment of Prefect's command, which deploys.
        stamp: the file that tells later calls what was deployed.

    Raises:
        RegistryError: Prefect refuses a deployment.
    """
    wanted = _digest(file)
    before, deployed = client.read_deployments(), _stamped(stamp)
    if deployed["file"] == wanted and set(deployed["ids"]) <= {str(d.id) for d in before}:
        return False
    try:
        _prefect(environment, "deploy", "--all", "--prefect-file", str(file))
    finally:  # some may be deployed before one is refused
        for deployment in before:
            if deployment.paused:
                client.pause_deployment(deployment.id)
    ids = sorted(str(deployment.id) for deployment in client.read_deployments())
    stamp.write_text(json.dumps({"file": wanted, "ids": ids}))
    return True


def _digest(file: Path) -> str:
    """Return a digest of all that deployments are made of: a prefect.yaml, and the flows' code."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(each.read_bytes() for each in [file, *code])).hexdigest()


def _stamped(stamp: Path) -> dict[str, Any]:
    """Return what was deployed last; nothing if that is not known, or was cut short by a kill."""
    try:
        known = json.loads(stamp.read_text())
        return {"file": known["file"], "ids": list(known["ids"])}
    except (OSError, ValueError, TypeError, KeyError):
        return {"file": None, "ids": []}


def _prefect(environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 because every part of it is ours
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]
        raise RegistryError(f"`prefect {' '.join(arguments)}` fails: {said}")


def worker_reports(client: SyncPrefectClient, since: float) -> bool:
    """Return whether our worker is online and has reported since a time (seconds since 1970)."""
    after = datetime.fromtimestamp(since, UTC)
    return any(
        worker.name == WORKER
        and worker.status is WorkerStatus.ONLINE
        and worker.last_heartbeat_time is not None
        and worker.last_heartbeat_time >= after
        for worker in client.read_workers_for_work_pool(POOL)
    )


def has_schedules(client: SyncPrefectClient) -> bool:
    """Return whether any deployment has a schedule that is not paused."""
    return any(
        schedule.active
        for deployment in client.read_deployments()
        if not deployment.paused
        for schedule in deployment.schedules
    )


def next_run(client: SyncPrefectClient) -> str | None:
    """Return the deployment and time of the next scheduled run, in words."""
    scheduled = FlowRunFilterState(name=FlowRunFilterStateName(any_=["Scheduled"]))
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=scheduled),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=1,
    )  # fmt: skip
    for run in runs:
        if run.deployment_id and run.expected_start_time:
            deployment = client.read_deployment(run.deployment_id)
            flow = client.read_flow(run.flow_id)
            return f"{flow.name}/{deployment.name} at {run.expected_start_time:%F %H:%M} UTC"
    return None
