"""The two Prefect processes of a home on this machine: where they are, and what they are given."""

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from extractors.errors import MptfError
from flows.pipeline.home import Home
from flows.scheduled.daemon import Daemon, Started
from flows.scheduled.registry import POOL, WORKER

_HOST, _PORT = "127.0.0.1", 4200
_PREFECT = (sys.executable, "-m", "prefect")
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 because it is only compared


class MachineError(MptfError):
    """The server cannot be where it was asked for; the message says what to do."""


class Machine:
    """A home's Prefect server and worker, their folder and their logs."""

    def __init__(self, home: Home) -> None:
        self._home = home.folder.resolve()
        self.folder = self._home / "prefect"
        logs = self._home / "logs"
        self.server, self.worker = (
            Daemon(name, self.folder / f"{name}.json", logs / f"prefect-{name}.log")
            for name in ("server", "worker")
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folders, and keep out other `mptf up` and `mptf down` while the block runs.

        Raises:
            MachineError: there is another one.
        """
        for folder in (self.folder, self.server.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)  # Prefect's database holds the secrets of its blocks
        with (self.folder / "up.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise MachineError(
                    "another `mptf up` or `mptf down` is at work on this home: try again later"
                ) from error
            yield

    def start_server(self, host: str | None, port: int | None) -> Started:
        """Start the server unless it runs, by default where it ran last.

        Raises:
            MachineError: it runs elsewhere, or the port is taken.
        """
        last = self.server.last()
        last_host, last_port = last.about.rsplit(" ", 1) if last else (_HOST, _PORT)
        wanted = f"{host or last_host} {port or last_port}"
        running = self.server.running()
        if running is None:
            _check_port(wanted)
            command = (*_PREFECT, "server", "start")
            return self.server.start(command, self.environment(wanted), wanted)
        if running.about != wanted:
            raise MachineError(
                f"this home's server runs at {url(running)}: `mptf down` stops it, and `mptf up`"
                " starts it elsewhere"
            )
        return running

    def start_worker(self, server: Started) -> Started:
        """Start the worker unless it runs."""
        command = (
            *_PREFECT, "worker", "start", "--pool", POOL, "--type", "process", "--name", WORKER,
            # What is in the queue for shares is for other machines: a run of `read` on this one
            # reads beside them, and takes back what they have not begun.
            "--work-queue", "default",
        )  # fmt: skip
        return self.worker.running() or self.worker.start(
            command, self.environment(server.about), self.settings_digest()
        )

    def environment(self, address: str) -> dict[str, str]:
        """Return the environment of Prefect's processes for a server's host and port."""
        host, port = address.rsplit(" ", 1)
        inherited = {name: text for name, text in os.environ.items() if name != "PREFECT_PROFILE"}
        return {
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            # Who holds a deployment's one place is remembered through a restart.
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE":
                "prefect.server.concurrency.lease_storage.filesystem",
            **inherited,
            "PREFECT_HOME": str(self.folder),
            "PREFECT_SERVER_API_HOST": host,
            "PREFECT_SERVER_API_PORT": port,
            "PREFECT_API_URL": f"{_url(address)}/api",
            "MPTF_HOME": str(self._home),
        }  # fmt: skip

    def settings_digest(self) -> str:
        """Return a digest of what a worker's runs take from its folder and its environment."""
        ours = ("MPTF_", "AWS_")  # the latter for an archive in a bucket
        variables = {name: text for name, text in os.environ.items() if name.startswith(ours)}
        known = [str(Path.cwd()), *sorted(variables.items())]
        return sha256(repr(known).encode()).hexdigest()


def url(server: Started) -> str:
    """Return the URL of a server, for this machine."""
    return _url(server.about)


def _url(address: str) -> str:
    host, port = address.rsplit(" ", 1)
    reached = _EVERY_ADDRESS.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _check_port(address: str) -> None:
    host, port = address.rsplit(" ", 1)
    try:
        family, kind, *_, where = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise MachineError(
            f"Prefect's server cannot listen at {_url(address)} ({error.strerror}): stop the"
            " program that does, or choose another port with --port"
        ) from error
