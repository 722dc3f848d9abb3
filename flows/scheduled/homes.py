"""The home that the runs of a work pool are for: the first run's, until an operator says otherwise.

Two workers of one pool may stand on two machines, each with a home of its own. Their runs would
split the history in two, so a pool's runs have one home, and a run in another is refused. Prefect
remembers which in a variable of the server. It is no parameter of the deployments, because who
deploys may not see the home (a pool of containers), and `prefect deploy` resets parameters.
"""

import re
import socket
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import VariableCreate
from prefect.exceptions import ObjectAlreadyExists

from extractors import times
from extractors.errors import MptfError
from flows.pipeline.home import Home

_TOLD = {"home", "host", "folder", "since"}


class WrongHomeError(MptfError):
    """The work pool's runs are for another home; the message names both, and what to do."""


def identity_for_this_run(home: Home, asked: Path | None) -> str:
    """Return a home's identity, if the run under way may use the home.

    A run of no deployment may use any.

    Args:
        home: the home that the run would use.
        asked: the folder that the run was given as its home; None for the worker's.

    Raises:
        WrongHomeError: the pool's runs are for another home.
    """
    if runtime.deployment.id is None:
        return home.identity()
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(runtime.flow_run.id)))
        return claimed(client, run.work_pool_name or "none", home, asked)


def claimed(client: SyncPrefectClient, pool: str, home: Home, asked: Path | None = None) -> str:
    """Make a home the one that a pool's runs are for, and return its identity.

    Raises:
        WrongHomeError: they are for another home.
    """
    folder, identity = str(home.folder.resolve()), home.identity()
    name = _variable(pool)
    if asked is not None and _value(client, name).get("folder") != folder:
        name = f"{name}-{sha256(str(asked).encode()).hexdigest()[:16]}"
    ours = {"home": identity, "host": socket.gethostname(), "folder": folder}
    ours["since"] = f"{times.utc_now():%F %T}"
    with suppress(ObjectAlreadyExists):
        client.create_variable(VariableCreate(name=name, value=ours))
    theirs = _value(client, name) or ours
    if theirs["home"] != identity:
        raise WrongHomeError(
            f"this worker has {_shown(ours)}, but work pool {pool!r} is for {_shown(theirs)}, since"
            f" {theirs['since']} UTC: stop this worker, or give both homes one archive in a bucket"
            f" (docs/schedule.md); if the home has moved, `prefect variable unset {name}`"
        )
    return identity


def _variable(pool: str) -> str:
    """Return the name of the variable that tells which home a pool is for."""
    return "mptf-home-" + re.sub("[^a-z0-9]+", "-", pool.lower())


def _value(client: SyncPrefectClient, name: str) -> dict[str, Any]:
    """Return what a variable tells of a home; nothing if there is none.

    Raises:
        WrongHomeError: somebody else wrote it, so it names no home.
    """
    known = client.read_variable_by_name(name)
    value = {} if known is None else known.value
    if isinstance(value, dict) and (known is None or value.keys() >= _TOLD):
        return value
    raise WrongHomeError(
        f"the variable {name} does not name a home as runs do: `prefect variable unset {name}`,"
        " and the next run notes its own"
    )


def _shown(value: dict[str, Any]) -> str:
    return f"home {value['home'][:8]} ({value['host']}:{value['folder']})"
