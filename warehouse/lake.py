"""Connections to a lake: Parquet files, and a catalogue of them in PostgreSQL or in a file.

The engine is DuckLake, an extension of DuckDB. The rows are in a folder or in object storage.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import duckdb

from extractors.errors import UsageError
from warehouse.connection import Connection, quoted
from warehouse.errors import WarehouseError

_POSTGRES = "ducklake:postgres:"
_EXTENSIONS = ("ducklake", "postgres_scanner", "httpfs")
# What PostgreSQL says of a refused connection, which has no password in it.
_REFUSED = re.compile(r"connection to server .*|FATAL: .*|could not translate host name .*")
_REJECTED = re.compile(r"ERROR: .*")  # a statement, behind all of its text
_OVERTAKEN = "ducklake_snapshot_pkey"
_PASSWORD = re.compile(r"(?<=password=)[^\s&]+|(?<=:)[^:@/]+(?=@)")
# PostgreSQL's client waits without an end for a server that accepts a connection and is silent.
_ENDS = {
    "connect_timeout": "10",  # seconds
    "keepalives_idle": "30",  # seconds
    "tcp_user_timeout": "60000",  # milliseconds
}
_URI = re.compile(r"postgres(?:ql)?://(?:[^@/]*@)?(.*)")  # as that client recognises it
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",  # these are the network's, or those of ~/.duckdb
    "autoload_known_extensions": "false",
    "secret_directory": "/dev/null",  # not those in ~/.duckdb, of which the user may know nothing
    "memory_limit": "500MB",
    "threads": "2",
}


class LakeError(WarehouseError):
    """The lake cannot be reached or written; the release itself is not affected."""

    hint = "the release itself is published, and the next `mptf publish` brings it to the lake"


class LakeUsageError(UsageError):
    """The lake's URL, or the place of its data, is none."""


class LakeExtensionError(LakeError):
    """DuckDB's extensions for a lake are not installed."""

    retry_helps = False


class Place(NamedTuple):
    """Where a lake is.

    Attributes:
        url: `ducklake:postgres:` and a connection string, or `ducklake:` and a file. It may hold a
            password, so it is never shown.
        data: the folder of its Parquet files, or `s3://bucket/prefix`.
    """

    url: str
    data: str


def place(url: str, data: str) -> Place:
    """Return where a lake is.

    Raises:
        LakeUsageError: there can be none.
    """
    kind, _, rest = url.partition(":")
    if kind != "ducklake" or not rest or (":" in rest and not url.startswith(_POSTGRES)):
        raise LakeUsageError(
            "a lake's URL is ducklake:postgres: and a connection string, or ducklake: and a file"
        )
    if not data or ("://" in data and not data.startswith("s3://")):
        raise LakeUsageError(f"a lake's data is in a folder or in s3://bucket/prefix, not {data!r}")
    return Place(url, data)


@contextmanager
def opened(at: Place, environment: Mapping[str, str]) -> Iterator[Connection]:
    """Open a lake for writing, as the database `lake`; create it if it is missing.

    Args:
        at: where it is.
        environment: variables that say how to reach object storage, as `AWS_ACCESS_KEY_ID`.

    Raises:
        LakeError: it cannot be reached, or a statement of the block failed.
        LakeExtensionError: the extra `lake` is not installed.
    """
    con = duckdb.connect(config=_CONFIG)
    try:
        for extension in _EXTENSIONS:
            con.execute(f"LOAD {quoted(str(_extension(extension)))}")
        con.execute("SET enable_progress_bar = false")
        # Another writer's snapshot in between would mix with ours: one of the two fails instead.
        con.execute("SET ducklake_max_retry_count = 0")
        if at.data.startswith("s3://"):
            _enter_object_storage(con, environment)
        _attach(con, at)
        yield con
    except duckdb.Error as error:
        raise LakeError(f"the lake: {_harmless(error, at, environment)}") from None
    finally:
        con.close()


def _extension(name: str) -> Path:
    """Return the file of an extension, from its package."""
    package = find_spec(f"duckdb_extension_{name}")
    for folder in (package and package.submodule_search_locations) or ():
        file = Path(folder, "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
        if file.exists():
            return file
    raise LakeExtensionError(
        f"DuckDB {duckdb.__version__} has no extension {name} here:"
        " install the project's extra `lake` (docs/operators.md)"
    )


def _enter_object_storage(con: Connection, environment: Mapping[str, str]) -> None:
    """Give DuckDB the credentials that the environment has, for this connection alone."""
    endpoint = urlsplit(environment.get("AWS_ENDPOINT_URL", ""))
    options = {
        "KEY_ID": environment.get("AWS_ACCESS_KEY_ID"),
        "SECRET": environment.get("AWS_SECRET_ACCESS_KEY"),
        "SESSION_TOKEN": environment.get("AWS_SESSION_TOKEN"),
        "REGION": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION"),
        "ENDPOINT": f"{endpoint.netloc}{endpoint.path}".rstrip("/"),
        "URL_STYLE": "path" if endpoint.netloc else "vhost",
        "USE_SSL": "false" if endpoint.scheme == "http" else "true",
    }
    given = ", ".join(f"{option} {quoted(value)}" for option, value in options.items() if value)
    con.execute(f"CREATE SECRET (TYPE s3, {given})")


def _attach(con: Connection, at: Place) -> None:
    url, data = at
    if url.startswith(_POSTGRES):
        url = _POSTGRES + _with_ends(url.removeprefix(_POSTGRES))
    else:
        file = Path(url.removeprefix("ducklake:")).absolute()
        file.parent.mkdir(parents=True, exist_ok=True)
        url = f"ducklake:{file}"
    if "://" not in data:
        data = str(Path(data).absolute())
    con.execute(f"ATTACH {quoted(url)} AS lake (DATA_PATH {quoted(data.rstrip('/') + '/')})")


def _with_ends(connection: str) -> str:
    """Return a connection string with ends to its waits; those that it has itself count."""
    uri = _URI.fullmatch(connection)
    missing = [f"{name}={value}" for name, value in _ENDS.items() if name not in connection]
    if uri is None or not missing:
        return " ".join([*missing, connection])
    return f"{connection}{'&' if '?' in uri[1] else '?'}{'&'.join(missing)}"


def _harmless(error: duckdb.Error, at: Place, environment: Mapping[str, str]) -> str:
    """Return what an error of the database says, in one line without secrets.

    An error of the catalogue repeats the connection string, and PostgreSQL's client parts of it.
    """
    text = str(error)
    if at.url.startswith(_POSTGRES) and at.url.removeprefix(_POSTGRES) in text:
        known = _REFUSED.search(text)
        if known is None:
            return "its catalogue cannot be opened with this URL"
        # Behind the @ of `user:pass@word@host`, the end of the password is taken for a host.
        if "@" in known[0]:
            return "an @ in the password of its URL must be written as %40"
        return known[0]
    if _OVERTAKEN in text:
        return "another process has published to it meanwhile"
    rejected = _REJECTED.search(text)
    line = rejected[0] if rejected else text.splitlines()[0]
    secrets = [environment.get(name) for name in _SECRETS] + _PASSWORD.findall(at.url)
    for secret in filter(None, secrets):
        line = line.replace(secret, "***")
    return line
