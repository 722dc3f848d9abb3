"""A real Prefect server with a worker, as operators have them, spoken to over its HTTP API."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State

from flows.pipeline.home import Home
from flows.scheduled.machine import Machine
from flows.settings import Settings
from replica.server.serving import Running
from tests.command import COMMAND
from tests.flows.nights import SITE
from tests.flows.pages import ROOT
from tests.processes import PATIENCE, eventually, free_port

PREFECT = [sys.executable, "-m", "prefect"]
_OVER = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def site(running: Running, **more: str) -> dict[str, str]:
    """Variables with which a run visits a stand-in."""
    return {
        "MPTF_BASE_URL": running.base_url, "MPTF_KNOWN_AS": SITE, "MPTF_PROCESSES": "0",
        "MPTF_VISIT_BATCH": "5", "MPTF_PUBLISH": "false", "MPTF_SITE_CLOCK": "true", **more,
    }  # fmt: skip


def slowly(running: Running, **more: str) -> dict[str, str]:
    """The same at a pace: so many requests take a while."""
    return site(running, MPTF_SHORTEST_DELAY="0.05", MPTF_TARGET_CONCURRENCY="16", **more)


def use(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """Set variables in this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def run_here(flow: Callable[..., Any], **parameters: Any) -> State[Any]:
    """Run a flow in this process and return the state it ends in."""
    ended: State[Any] = flow(**parameters, return_state=True)
    return ended


class Server:
    """What `mptf up` starts: a server with our deployments on it, and a worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": f"{self.url}/api", "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_PREFETCH_SECONDS": "1",
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
            "MPTF_CONTACT": "you@example.org",
        }  # fmt: skip
        self._api = httpx.Client(base_url=f"{self.url}/api", timeout=PATIENCE)
        self._machine = Machine(Home(Settings(home=folder)))

    def up(self, **more: str) -> str:
        """Start what does not run; what the command prints."""
        command = [*COMMAND, "--home", str(self.folder), "up", "--port", str(self.port)]
        done = subprocess.run(
            command, env={**self.environment, **more}, cwd=ROOT, check=False, capture_output=True,
            text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        """Stop the server alone."""
        self._machine.server.stop()

    def signal_worker(self, number: int) -> int:
        """Send the worker a signal; its process."""
        worker = self._machine.worker.running()
        assert worker is not None
        os.kill(worker.pid, number)
        return worker.pid

    def stop_worker(self) -> None:
        """Stop the worker alone."""
        self._machine.worker.stop()

    def close(self) -> None:
        """Stop what was started."""
        self.stop_worker()
        self._machine.server.stop()
        self._api.close()

    def prefect(self, *arguments: str) -> None:
        """Run a command of Prefect's."""
        subprocess.run(
            [*PREFECT, "--no-prompt", *arguments], env=self.environment, cwd=ROOT, check=True,
            capture_output=True, timeout=PATIENCE,
        )  # fmt: skip

    @contextmanager
    def worker(
        self, name: str, *options: str, **environment: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A worker on our pool while the block runs."""
        command = [*PREFECT, "worker", "start", "--pool", "mptf", "--type", "process", *options]
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--name", name], env={**self.environment, **environment},
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            _end(process)

    def ask(self, path: str, **body: Any) -> Any:
        """What the API answers to a POST."""
        return self._answer("POST", path, body).json()

    def put(self, path: str, **body: Any) -> None:
        """Put something to the API."""
        self._answer("PUT", path, body)

    def _answer(self, method: str, path: str, body: Any) -> httpx.Response:
        answer = eventually(lambda: self._answer_now(method, path, body), "answer of the server")
        return answer.raise_for_status()

    def _answer_now(self, method: str, path: str, body: Any) -> httpx.Response | None:
        """An answer, unless its database was busy: Prefect's own clients ask again then, too."""
        answer = self._api.request(method, path, json=body)
        return None if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else answer

    def log(self, who: str) -> str:
        """What the server or a worker wrote."""
        return (self.folder / "logs" / f"{who}.log").read_text()

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
        home: Path | None,
        *,
        scheduled: datetime | None = None,
        environment: dict[str, str] | None = None,
        **parameters: Any,
    ) -> str:
        """Have a deployment run on a home (None: its worker's); the run's ID."""
        time_scheduled = (scheduled or datetime.now(UTC)).isoformat()
        created = self.ask(
            f"/deployments/{self.deployments()[deployment]['id']}/create_flow_run",
            parameters={"home": str(home) if home else None, **parameters},
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

    def is_in(self, run_id: str, name: str, within: float = PATIENCE) -> Any:
        """The run, once its state has a name."""
        return eventually(
            lambda: run if (run := self.run(run_id))["state"]["name"] == name else None,
            f"run in state {name}; it is {self.run(run_id)['state']}",
            within,
        )

    def runs(self, flow: str) -> dict[str, str]:
        """The runs of a flow, and the state that each is in."""
        found = self.ask("/flow_runs/filter", flows={"name": {"any_": [flow]}})
        return {run["id"]: run["state"]["name"] for run in found}

    def heartbeats(self, run_id: str) -> int:
        """How many heartbeats of a run the server has."""
        chosen = {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{run_id}"]},
        }
        return int(self.ask("/events/filter", filter=chosen)["total"])

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

    def lines(self, run_id: str) -> list[str]:
        """The log of a run that has ended, line by line."""
        chosen = {"flow_run_id": {"any_": [run_id]}}

        def whole() -> list[str] | None:
            found = self.ask("/logs/filter", logs=chosen, sort="TIMESTAMP_ASC")
            ends = [
                entry["name"] == "prefect.flow_runs" and "Finished in state" in entry["message"]
                for entry in found
            ]
            return [entry["message"] for entry in found] if any(ends) else None

        return eventually(whole, "log of the run")

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
