"""Processes with homes of their own share one bucket: kills, overlaps, nights without it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.objects import open_store
from replica.server.serving import Running
from tests.command import COMMAND
from tests.flows.pages import SAMPLES
from tests.flows.syncs import flat_out
from tests.flows.tables import dump
from tests.lake.proxy import Proxy, proxy_to
from tests.lake.turns import Place, check_that_turns_are_one_history, run_to_its_end
from tests.processes import PATIENCE, eventually, killed_after
from tests.services import S3, use
from tests.stand_in import Replica

pytestmark = pytest.mark.lake


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return an empty bucket's prefix, which this process can reach."""
    use(monkeypatch, s3)
    return f"s3://{s3.bucket()}/archive"


@pytest.fixture
def proxy(s3: S3) -> Iterator[Proxy]:
    with proxy_to(int(s3.endpoint.rpartition(":")[2])) as proxy:
        yield proxy


def _mptf(home: Path, *arguments: str | Path) -> list[str]:
    return [*COMMAND, "--home", str(home), *map(str, arguments)]


def _sites(running: Running) -> dict[str, dict[str, str]]:
    """The environments of two homes, whose requests the stand-in tells apart by their host."""
    port = running.base_url.rpartition(":")[2]
    return {
        name: flat_out(running, MPTF_BASE_URL=f"http://{host}:{port}")
        for name, host in (("one", "127.0.0.1"), ("two", "localhost"))
    }


@pytest.mark.timeout(1800)  # eleven processes, each of which has an end
def test_nights_that_alternate_and_overlap_are_one_history(
    replica: Replica, bucket: str, tmp_path: Path
) -> None:
    _, running = replica(programmes=12, seed=5)
    sites = _sites(running)

    def command(name: str, *arguments: str | Path) -> list[str]:
        return _mptf(tmp_path / name, *arguments)

    def hosts() -> list[str]:
        found = [entry.host for entry in running.log()]
        running.clear_log()
        return found

    place = Place(tmp_path, command, sites.__getitem__, running.move_to, hosts)
    check_that_turns_are_one_history(place, bucket, running.now)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.7, 0.999, 1.0])
def test_a_push_that_is_killed_leaves_nothing_half_and_is_finished_by_the_next_run(
    s3: S3, proxy: Proxy, bucket: str, tmp_path: Path, share: float
) -> None:
    home = tmp_path / "home"
    environment = {**os.environ, **s3.environment, "MPTF_ARCHIVE": bucket}
    command = _mptf(home, "ingest", SAMPLES)
    pushing = subprocess.Popen(
        command, env={**environment, "AWS_ENDPOINT_URL": proxy.endpoint}, stderr=subprocess.PIPE
    )
    with killed_after(pushing):
        proxy.cut_upload(share, lambda: pushing.send_signal(signal.SIGKILL))
        _, errors = pushing.communicate(timeout=PATIENCE)
    assert pushing.returncode == -signal.SIGKILL, errors
    (file,) = (home / "archive").glob("*.warc.gz")
    store = open_store(bucket)
    assert [one.size for one in store.objects() if one.name == file.name] in (
        [], [file.stat().st_size],
    )  # fmt: skip
    run_to_its_end(command, environment)
    assert store.read(file.name) == file.read_bytes()
    run_to_its_end(_mptf(home, "verify"), environment)
    run_to_its_end(_mptf(tmp_path / "undisturbed", "ingest", SAMPLES), dict(os.environ))
    undisturbed = dump(tmp_path / "undisturbed" / "warehouse.duckdb")
    assert dump(home / "warehouse.duckdb") == undisturbed


@pytest.mark.parametrize("answered", [0, 1, 2, 3, 5, 8])
def test_a_bucket_that_goes_away_at_any_request_costs_no_page(
    s3: S3, proxy: Proxy, bucket: str, tmp_path: Path, answered: int
) -> None:
    """The night goes on, and says so; the next one pushes what waits."""
    home, other = tmp_path / "home", tmp_path / "other"
    environment = {**os.environ, **s3.environment, "MPTF_ARCHIVE": bucket}
    days = sorted(SAMPLES.iterdir())
    run_to_its_end(_mptf(other, "ingest", days[0]), environment)

    def go_away(request: int) -> None:
        proxy.away = request > answered

    proxy.before_each_request(go_away)
    behind_proxy = {**environment, "AWS_ENDPOINT_URL": proxy.endpoint}
    told = run_to_its_end(_mptf(home, "ingest", days[1]), behind_proxy, frozenset({0, 3}))
    assert proxy.requests > answered or "could not be reached" not in told
    if answered == 0:
        assert "the archive's bucket could not be reached" in told
    run_to_its_end(_mptf(home, "ingest", days[0]), environment)
    run_to_its_end(_mptf(home, "verify"), environment)
    run_to_its_end(_mptf(other, "ingest", days[0]), environment)
    together = dump(other / "warehouse.duckdb")
    assert dump(home / "warehouse.duckdb") == together
    assert len(together["core.expenditure_snapshot"]) > 1
    names = {path.name for path in (home / "archive").glob("*.warc.gz")}
    assert names <= set(open_store(bucket).names())


def test_another_home_goes_on_when_the_one_with_the_lease_is_killed(
    replica: Replica, bucket: str, tmp_path: Path
) -> None:
    """It waits until the lease has ended; what the killed one archived is added later."""
    _, running = replica(programmes=200, seed=7)
    sites = _sites(running)
    more = {"MPTF_ARCHIVE": bucket, "MPTF_LEASE_SECONDS": "10"}
    command = [_mptf(tmp_path / name, "sync", "--all", "--wait", "200") for name in sites]
    with killed_after(
        subprocess.Popen(command[0], env={**sites["one"], **more}, stderr=subprocess.DEVNULL)
    ) as first:
        eventually(
            lambda: len(running.log()) >= 20 or first.poll() is not None or None, "20 requests"
        )
        assert first.poll() is None
        first.send_signal(signal.SIGKILL)
        first.wait(PATIENCE)
        asked = len(running.log())
        run_to_its_end(command[1], {**sites["two"], **more})
        hosts = [one.host.partition(":")[0] for one in running.log()]
        assert set(hosts[:asked]) == {"127.0.0.1"}
        assert set(hosts[asked:]) == {"localhost"}
    run_to_its_end(command[0], {**sites["one"], **more})
    run_to_its_end(command[1], {**sites["two"], **more})
    tables = [dump(tmp_path / name / "warehouse.duckdb") for name in sites]
    assert tables[0] == tables[1]
    run_to_its_end(_mptf(tmp_path / "one", "verify"), {**sites["one"], **more})
