"""What every task of ours has in common."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from extractors.errors import MptfError

P = ParamSpec("P")
R = TypeVar("R")

# How long (seconds) another process may hold the home, or its file, before a run is a failure.
WAIT = 6 * 3600


def step(name: str, *, hours: float) -> Callable[[Callable[P, R]], Task[P, R]]:
    """A task that is tried three times, and whose result is nowhere but in the archive."""
    return task(
        name=name,
        retries=2,
        retry_delay_seconds=exponential_backoff(30),
        retry_jitter_factor=0.5,
        retry_condition_fn=_is_worth_another_try,
        timeout_seconds=hours * 3600,
        cache_policy=NO_CACHE,
        persist_result=False,
    )


def _is_worth_another_try(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    try:
        state.result()
    except MptfError as error:
        return error.retry_helps
    except Exception:
        return True
    return True
