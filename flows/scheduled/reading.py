"""The archive read to parts, in shares, by whatever workers the pool has."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any, cast
from uuid import UUID

from prefect import Task, flow, runtime, unmapped
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, WorkerStatus
from prefect.deployments import run_deployment
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from extractors.errors import MptfError
from flows.pipeline.home import Home
from flows.pipeline.stopping import InterruptedRunError
from flows.rebuilding.read import ReadReport, read_share, share_of
from flows.scheduled.homes import identity_for_this_run
from flows.scheduled.parameters import ShareText
from flows.scheduled.reporting import Progress, ended
from flows.scheduled.sharing import ShareFailedError, Shares
from flows.scheduled.tasks import step
from flows.settings import settings
from flows.terminal import counted
from warehouse.derive import Share

_DEPLOYMENT = "read-share/share"
_SHARES = 4  # for each reader, so that one with less to do, or a faster one, reads more of them
_TRIES = 3  # of a share, each by a run of its own
_POLL_SECONDS = 2.0
_LONGEST = 25 * 3600  # seconds of a share: more than its task may take

Count = Annotated[int, Field(ge=1, le=10_000)] | None


@dataclass(frozen=True)
class Order:
    """What each run for a share is given besides the share."""

    parameters: dict[str, Any]
    job_variables: dict[str, Any] | None


@flow(name="read-share", persist_result=False)
def read_one_share(
    share: ShareText, to: str | None = None, home: Path | None = None
) -> State[None]:
    """Read one share (K/N) of the archive's files to parts; those that have theirs are skipped."""

    def work() -> State[None]:
        identity_for_this_run(Home(settings(home)), home)
        return Completed(message=str(read(home, share_of(share), to)))

    return ended(work)


@flow(name="read-archive", persist_result=False)
def read_archive(
    readers: Count = None,
    shares: Count = None,
    to: str | None = None,
    home: Path | None = None,
) -> State[None]:
    """Read the archive to parts, which a rebuild takes, in shares on all workers of the pool.

    `readers` is how many shares are read at once, by default one for each worker; this run reads
    as one of them. Each other share is a run of the deployment read-share/share.
    """

    def work() -> State[None]:
        identity_for_this_run(Home(settings(home)), home)
        at_once = readers or workers_online()
        number = shares or (1 if at_once == 1 else _SHARES * at_once)
        return _read_in_shares(home, to, at_once, number)

    return ended(work)


def _read_in_shares(folder: Path | None, to: str | None, readers: int, number: int) -> State[None]:
    every = [Share(one, number) for one in range(1, number + 1)]
    shares = Shares(every, call_off)
    order = Order(
        {"to": to, "home": str(folder) if folder else None},
        runtime.flow_run.job_variables,
    )
    with sending(every, shares, order, readers - 1) if readers > 1 else nullcontext():
        while not shares.over():
            if (share := shares.take()) is not None:
                _read_here(shares, share, folder, to)
            else:
                sleep(_POLL_SECONDS)
    failures = [f"share {share}: {why}" for share, why in sorted(shares.failures.items())]
    for line in failures:
        get_run_logger().warning(line)
    if failures:
        return Failed(
            message=f"{len(failures)} of {counted(number, 'share')} failed; run it again to read"
            f" what is missing; {failures[0]}"
        )
    return Completed(message=f"{counted(number, 'share')} read")


@contextmanager
def sending(every: list[Share], shares: Shares, order: Order, at_once: int) -> Iterator[None]:
    """Send shares out, so many at once, while the block runs."""
    runner: ThreadPoolTaskRunner[Any]
    with ThreadPoolTaskRunner(max_workers=at_once) as runner:
        try:
            named = read_elsewhere.with_options(task_run_name="share {share} elsewhere")
            elsewhere = cast("Task[Any, Any]", named)  # `map` has overloads that mypy mixes up
            parameters = {"share": every, "shares": unmapped(shares), "order": unmapped(order)}
            futures: Iterable[PrefectFuture[Any]] = runner.map(elsewhere, parameters)
            yield
            for future in futures:
                future.wait()
        finally:
            shares.close()


def _read_here(shares: Shares, share: Share, folder: Path | None, to: str | None) -> None:
    try:
        read.with_options(task_run_name=f"share {share} here")(folder, share, to)
    except InterruptedRunError:
        raise
    except MptfError as error:
        shares.failed(share, str(error))
    else:
        shares.done(share)


@step("read", hours=24)
def read(folder: Path | None, share: Share, to: str | None) -> ReadReport:
    """Read the files of one share in this process and its workers."""
    report = read_share(Home(settings(folder)), share, to, Progress("read", "bytes"))
    get_run_logger().info("%s", report)
    return report


@step("read elsewhere", hours=None)
def read_elsewhere(share: Share, shares: Shares, order: Order) -> None:
    """Have a share read by a run of its own, on any worker, unless the dealing run takes it.

    A run that fails, or whose worker was killed, is followed by another.
    """
    try:
        for tries_left in reversed(range(_TRIES)):
            run_id = shares.send(share, lambda: _begin(share, order))
            state = _end_of(run_id, lambda: shares.is_sent(share)) if run_id else None
            if state is None:
                return
            get_run_logger().info("share %s: %s: %s", share, state.name, state.message)
            if state.is_completed():
                shares.done(share)
                return
            why = f"{state.name}: {state.message}"
            shares.give_back(share, None if tries_left else why)
        raise ShareFailedError(why)
    finally:
        shares.give_back(share)  # if Prefect did not answer; somebody else reads it


def _begin(share: Share, order: Order) -> UUID:
    begun: FlowRun = run_deployment(  # type: ignore[assignment]  # a coroutine only where it is awaited
        _DEPLOYMENT,
        parameters={"share": str(share), **order.parameters},
        job_variables=order.job_variables,
        timeout=0,
    )
    return begun.id


def _end_of(run_id: UUID, is_sent: Callable[[], bool]) -> State[Any] | None:
    """Wait for a run's end and return its state; None if its share was taken back.

    Raises:
        ShareFailedError: it does not end, as one whose machine was gone before it had a heartbeat.
    """
    until = monotonic() + _LONGEST
    while is_sent():
        if monotonic() > until:
            raise ShareFailedError(f"the run {run_id} does not end")
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run_id).state
        if state is not None and state.is_final():
            return state
        sleep(_POLL_SECONDS)
    return None


def call_off(run_id: UUID) -> bool:
    """Cancel a run that has not begun; return whether it will not begin any more."""
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(run_id).state
        if state is None or not (state.is_scheduled() or state.is_pending()):
            return False
        called_off: State[Any] = Cancelled(
            message="read by the run that dealt it out, which was idle"
        )
        return client.set_flow_run_state(run_id, called_off).status.value == "ACCEPT"


def workers_online() -> int:
    """Return how many workers the pool of the run under way has; 1 where it has no pool."""
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(runtime.flow_run.id)))
        if run.work_pool_name is None:
            return 1
        workers = client.read_workers_for_work_pool(run.work_pool_name)
    return max(1, sum(worker.status is WorkerStatus.ONLINE for worker in workers))
