"""A real Prefect server with a worker, as operators have them, spoken to over its HTTP API."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.flows.pages import ROOT
from tests.flows.syncs import PATIENCE, eventually

PREFECT = [sys.executable, "-m", "prefect"]
_OVER = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Server:
    """A server that has started, with our deployments on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            **os.environ, "PREFECT_HOME": str(folder), "PREFECT_API_URL": f"{self.url}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_PREFETCH_SECONDS": "1", "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE":
            "prefect.server.concurrency.lease_storage.filesystem",
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
        }  # fmt: skip
        self._api = httpx.Client(base_url=f"{self.url}/api", timeout=120)
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.first: subprocess.Popen[bytes]  # the worker that is there all the time

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(self._port)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        eventually(self._healthy, "server")

    def stop(self) -> None:
        """Stop it, as a machine that goes down does."""
        assert self._process is not None
        _end(self._process)

    def close(self) -> None:
        """Stop it for good, if it was started."""
        if self._process is not None:
            self.stop()
        self._api.close()

    def _healthy(self) -> bool | None:
        try:
            return self._api.get("/health").is_success or None
        except httpx.TransportError:
            return None

    def prefect(self, *arguments: str) -> None:
        """Run a command of Prefect's."""
        subprocess.run(
            [*PREFECT, "--no-prompt", *arguments], env=self.environment, cwd=ROOT, check=True,
            capture_output=True,
        )  # fmt: skip

    @contextmanager
    def worker(self, name: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker on our pool while the block runs."""
        command = [*PREFECT, "worker", "start", "--pool", "mptf", "--type", "process", *options]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--name", name], env=self.environment, cwd=self.folder,
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            _end(process)

    def ask(self, path: str, **body: Any) -> Any:
        """What the API answers to a POST."""
        answer = eventually(lambda: self._answer(path, body), "answer of the server")
        answer.raise_for_status()
        return answer.json()

    def _answer(self, path: str, body: Any) -> httpx.Response | None:
        """An answer, unless its database was busy: Prefect's own clients ask again then, too."""
        answer = self._api.post(path, json=body)
        return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

    def log(self, who: str) -> str:
        """What the server or a worker wrote."""
        return (self.folder / f"{who}.log").read_text()

    def deployments(self) -> dict[str, Any]:
        """Every deployment by the name that commands know it by."""
        flows = {flow["id"]: flow["name"] for flow in self.ask("/flows/filter")}
        return {
            f"{flows[found['flow_id']]}/{found['name']}": found
            for found in self.ask("/deployments/filter")
        }

    def begin(
        self,
        deployment: str,
        home: Path,
        *,
        scheduled: datetime | None = None,
        environment: dict[str, str] | None = None,
        **parameters: Any,
    ) -> str:
        """Have a deployment run on a home; the run's ID."""
        time_scheduled = (scheduled or datetime.now(UTC)).isoformat()
        created = self.ask(
            f"/deployments/{self.deployments()[deployment]['id']}/create_flow_run",
            parameters={"home": str(home), **parameters},
            state={"type": "SCHEDULED", "state_details": {"scheduled_time": time_scheduled}},
            job_variables={"env": environment or {}},
        )
        return str(created["id"])

    def run(self, run_id: str) -> Any:
        """A run as it is now."""
        answer = self._api.get(f"/flow_runs/{run_id}")
        answer.raise_for_status()
        return answer.json()

    def state(self, run_id: str) -> str:
        """The name of a run's state."""
        return str(self.run(run_id)["state"]["name"])

    def is_in(self, run_id: str, name: str) -> Any:
        """The run, once its state has a name."""
        return eventually(
            lambda: run if (run := self.run(run_id))["state"]["name"] == name else None,
            f"run in state {name}; it is {self.run(run_id)['state']}",
        )

    def ended(self, run_id: str) -> Any:
        """The run, once it is over."""
        return eventually(
            lambda: run if (run := self.run(run_id))["state"]["type"] in _OVER else None,
            "end of the run",
        )

    def artifacts(self, run_id: str) -> dict[str, Any]:
        """What a run left, by key."""
        chosen = {"flow_run_id": {"any_": [run_id]}}
        return {found["key"]: found for found in self.ask("/artifacts/filter", artifacts=chosen)}

    def tasks(self, run_id: str) -> list[Any]:
        """A run's task runs."""
        return list(self.ask("/task_runs/filter", flow_runs={"id": {"any_": [run_id]}}))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end; kill it if it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
