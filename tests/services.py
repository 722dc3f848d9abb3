"""Services for tests: a PostgreSQL server of their own, and moto's server, which stands in for S3.

Both are reached over loopback, on a port that was free, and end with the tests that use them.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from tests.processes import PATIENCE, free_port, killed_after

_BYTES = re.compile(r"\\\\x((?:[0-9a-f]{2})+)")  # as pg_dump writes them
_S3 = Path(__file__).with_name("s3_server.py")


class Postgres:
    """A PostgreSQL server that asks for a password."""

    host = "127.0.0.1"
    user = "mptf"

    def __init__(self, programs: Path, port: int, password: str) -> None:
        self.port = port
        self.password = password
        self._programs = programs

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which every client of PostgreSQL finds the server and may enter."""
        return {
            "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }  # fmt: skip

    def url(self, database: str, scheme: str = "postgresql") -> str:
        """The URL of a database, with the password in it."""
        return f"{scheme}://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def database(self) -> str:
        """Create an empty database, and return its name."""
        name = f"test_{secrets.token_hex(8)}"
        self._run("createdb", name)
        return name

    def dump(self, database: str) -> str:
        """Everything in a database, as SQL, with the text of columns of bytes."""
        return _BYTES.sub(
            lambda found: bytes.fromhex(found[1]).decode(errors="replace"),
            self._run("pg_dump", database),
        )

    def query(self, database: str, query: str) -> list[str]:
        """The lines of a query's answer, without a heading."""
        return self._run("psql", "--tuples-only", "--no-align", "-c", query, database).splitlines()

    @contextmanager
    def session(self, database: str) -> Iterator["Session"]:
        """A connection of psql's, which ends with the block."""
        command = [str(self._programs / "psql"), "--quiet", "--tuples-only", "--no-align", database]
        process = subprocess.Popen(
            command, env={**os.environ, **self.environment}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with killed_after(process):
            yield Session(process)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._programs / program, *arguments], env={**os.environ, **self.environment},
            check=True, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.stdout


class Session:
    """Statements to PostgreSQL, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, statements: str, answer: str) -> None:
        """Run statements, until an answer is printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{statements}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline().strip() == answer


class S3:
    """A server that stands in for S3."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which every client of S3 finds the server and may enter."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id-of-the-tests",
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-tests",
        }  # fmt: skip

    def bucket(self) -> str:
        """Create an empty bucket, and return its name."""
        name = f"test-{secrets.token_hex(8)}"
        httpx.put(f"{self.endpoint}/{name}", timeout=PATIENCE).raise_for_status()
        return name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL server for this session's tests."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's programs are not installed (Debian: postgresql)")
    with TemporaryDirectory(prefix="mptf-postgres-") as folder:
        data = Path(folder) / "data"
        password = secrets.token_hex(8)
        _initialise(programs, data, password)
        with _serving(programs, data) as port:
            yield Postgres(programs, port, password)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """Start a server that stands in for S3 for this session's tests."""
    command = [sys.executable, "-P", str(_S3)]
    with killed_after(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield S3(int(process.stdout.readline()))
        process.stdin.close()
        _end(process)


def use(monkeypatch: pytest.MonkeyPatch, *services: Postgres | S3) -> None:
    """Let this process, and those that it starts, reach services."""
    for service in services:
        for name, value in service.environment.items():
            monkeypatch.setenv(name, value)


def _programs() -> Path | None:
    """The folder of the newest PostgreSQL, if there is one."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    found_by_debian = Path("/usr/lib/postgresql").glob("*/bin")
    return max(found_by_debian, key=lambda folder: int(folder.parent.name), default=None)


def _initialise(programs: Path, data: Path, password: str) -> None:
    data.mkdir()
    secret = data.with_name("password")
    secret.write_text(password)
    if owner := _owner():
        for path in (data.parent, data, secret):
            shutil.chown(path, owner, owner)
    subprocess.run(
        [
            programs / "initdb", "--pgdata", data, "--username", Postgres.user, "--pwfile", secret,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync",
        ],
        check=True, capture_output=True, timeout=PATIENCE, user=_owner(), group=_owner(),
    )  # fmt: skip


@contextmanager
def _serving(programs: Path, data: Path) -> Iterator[int]:
    """Serve while the block runs; another port is tried where one has been taken since."""
    for _ in range(5):
        port = free_port()
        options = {
            "port": port, "listen_addresses": Postgres.host, "unix_socket_directories": "",
            "fsync": "off", "max_connections": 200,
        }  # fmt: skip
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (data.parent / "log").open("ab") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *settings], stdout=log, stderr=log,
                user=_owner(), group=_owner(),
            )  # fmt: skip
        try:
            if _is_ready(process, data / "postmaster.pid"):
                yield port
                return
        finally:
            _end(process, signal.SIGINT)  # on SIGTERM it waits for its clients
    raise AssertionError((data.parent / "log").read_text())


def _is_ready(process: subprocess.Popen[bytes], state: Path) -> bool:
    """Wait until a server says that it is ready; False if it has ended instead."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if state.exists() and state.read_text().split()[-1:] == ["ready"]:
            return True
        time.sleep(0.05)
    return False


def _owner() -> str | None:
    """The user that a server runs as where this process is root's, as which it refuses to."""
    return "postgres" if os.geteuid() == 0 else None


def _end(process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM) -> None:
    process.send_signal(how)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)
