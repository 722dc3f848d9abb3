"""Settings shared by all tasks, and the wait for a home that another scheduled run is using."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import State, TaskRun
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists
from prefect.tasks import exponential_backoff

from extractors.errors import MptfError

P = ParamSpec("P")
R = TypeVar("R")

WAIT = 6 * 3600  # seconds to wait while another process uses the home, before a run fails
_TRIES = 3  # of a task
_LEASE_SECONDS = 60  # after a kill the home's slot is free again; Prefect takes no shorter lease


@contextmanager
def home_slot(identity: str) -> Iterator[None]:
    """Wait in Prefect until no other scheduled run uses the home, and keep others waiting.

    Two machines with one archive have one home, so their runs take turns here. The home's lock
    still excludes commands, which know no Prefect server.

    Raises:
        TimeoutError: another run has used the home for `WAIT` seconds.
    """
    name = f"mptf-home-{identity[:16]}"
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
    with concurrency(
        name,
        timeout_seconds=WAIT,
        lease_duration=_LEASE_SECONDS,
        strict=True,
        raise_on_lease_renewal_failure=False,  # a server that restarts ends no run
    ):
        yield


def step(name: str, *, hours: float | None) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Return a decorator for tasks that are tried three times and whose result is not stored.

    Without `hours` a task has no time limit: Prefect cannot end one that runs in a thread.

    The condition ends the tries, before Prefect's own number does: that would log a traceback.
    """
    return task(
        name=name,
        retries=_TRIES,
        retry_delay_seconds=exponential_backoff(30),
        retry_jitter_factor=0.5,
        retry_condition_fn=_retry_helps,
        timeout_seconds=None if hours is None else hours * 3600,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


def _retry_helps(_task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    if run.run_count >= _TRIES:
        return False
    try:
        state.result()
    except MptfError as error:
        return error.retry_helps
    except Exception:
        return True
    return True
