"""No key or password is in anything that commands print, store, publish or fail with."""

from pathlib import Path

import pytest
from click.testing import Result

from extractors.objects import open_store
from tests.command import Mptf
from tests.flows.nights import SITE
from tests.flows.pages import factsheet, save
from tests.flows.tables import holders
from tests.processes import free_port
from tests.services import S3, Postgres
from tests.stand_in import Replica

pytestmark = pytest.mark.lake
MARK = "Xyzzy"
KEYS = {
    "AWS_ACCESS_KEY_ID": f"{MARK}KEYID", "AWS_SECRET_ACCESS_KEY": f"{MARK}/secret+key=",
    "AWS_SESSION_TOKEN": f"{MARK}token", "MPTF_ALERT_URL": f"https://hooks.example/{MARK}",
}  # fmt: skip
COMMANDS = (
    ("status", "--json"), ("status", "--check"), ("verify", "--json"), ("quarantine", "list"),
    ("rebuild", "-v"), ("backfill", "67193", "-v"), ("publish", "--json"),
    ("sql", "FROM duckdb_secrets()"), ("sql", "--release", "FROM duckdb_secrets()"),
    ("sql", "SELECT name, value FROM duckdb_settings()"), ("sql", "SELECT getenv('PGPASSWORD')"),
    ("sql", "--release", "FROM duckdb_databases()"),
)  # fmt: skip


def test_no_secret_is_in_anything_that_a_run_writes_or_says(
    mptf: Mptf, home: Path, tmp_path: Path, s3: S3, postgres: Postgres, replica: Replica,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """With the archive in a bucket and a lake on PostgreSQL, as they work and as they fail."""
    bucket, database = s3.bucket(), postgres.database()
    _, running = replica(programmes=4)
    variables = s3.environment | KEYS | {
        "MPTF_ARCHIVE": f"s3://{bucket}/mptf", "MPTF_LAKE_DATA": f"s3://{bucket}/lake",
        "MPTF_LAKE": f"ducklake:postgres:{postgres.url(database)}", "MPTF_KNOWN_AS": SITE,
        "MPTF_BASE_URL": running.base_url, "MPTF_SHORTEST_DELAY": "0", "MPTF_KEEP_PAGES": "1",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    page = save(tmp_path, "a.txt", factsheet("67193", figures={("FAO", 2014): "x1"}))
    told = [mptf("ingest", page, "--captured-at", "2016-06-01", "-v"), mptf("sync", "-v")]
    assert [one.exit_code for one in told] == [3, 0], told[-1].stderr
    told += [mptf(*command) for command in COMMANDS]
    told += _failures(mptf, page, monkeypatch)
    secrets = (MARK, postgres.password)
    for result in told:
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert [secret for secret in secrets if secret in result.output] == [], result.output
    assert [path for secret in secrets for path in holders(home, secret.encode())] == []
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    stored = open_store(f"s3://{bucket}")
    objects = stored.objects()
    (tmp_path / "bucket").mkdir()
    for one in objects:
        stored.fetch(one.name, tmp_path / "bucket" / one.name.replace("/", "-"))
    assert {one.name.partition("/")[0] for one in objects} == {"mptf", "lake"}
    assert [path for secret in secrets for path in holders(tmp_path, secret.encode())] == []
    assert [secret for secret in secrets if secret in postgres.dump(database)] == []


def _failures(mptf: Mptf, page: Path, monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """What commands say where a server is away, a key is wrong, or a setting is none."""
    nobody = f"127.0.0.1:{free_port()}"
    wrong = (
        ("MPTF_LAKE", f"ducklake:postgres:postgresql://mptf:{MARK}@{nobody}/x", ("publish",)),
        ("MPTF_LAKE", f"ducklake:postgres:host=127.0.0.1 password='{MARK}", ("publish",)),
        ("MPTF_LAKE", f"postgres://mptf:{MARK}@{nobody}/x", ("publish",)),
        ("AWS_ENDPOINT_URL", f"http://{MARK}:{MARK}@{nobody}", ("ingest", page)),
        ("AWS_ENDPOINT_URL", f"http://{nobody}", ("ingest", page, "-v")),
        ("AWS_SECRET_ACCESS_KEY", f"{MARK}\n", ("ingest", page)),
        ("MPTF_ALERT_URL", f"xyz://{MARK}", ("up",)),
        ("MPTF_LEASE_SECONDS", "no", ("status",)),
    )
    told = []
    for name, value, command in wrong:
        with monkeypatch.context() as patched:
            patched.setenv(name, value)
            told.append(mptf(*command))
            assert told[-1].exit_code != 0, (name, told[-1].output)
    return told
