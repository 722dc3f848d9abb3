"""Start and stop all of Prefect that one machine needs."""

from collections.abc import Callable
from time import monotonic, sleep

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.crawl.site import checked_site
from flows.deploy_files import deploy_folder
from flows.pipeline.home import Home
from flows.scheduled.alerts import checked_alert_url, set_up_alerts
from flows.scheduled.daemon import Daemon, DaemonError, Started
from flows.scheduled.homes import claimed
from flows.scheduled.machine import Machine, url
from flows.scheduled.registry import (
    POOL,
    ensure_deployments,
    ensure_pool,
    has_schedules,
    next_run,
    worker_reports,
)

_PATIENCE = 600  # seconds: a bound for what hangs, which no busy machine reaches
_POLL_SECONDS = 0.5
_DOES_NOT_RUN = "does not run"

Say = Callable[[str], None]


def bring_up(home: Home, host: str | None, port: int | None, say: Say) -> dict[str, str]:
    """Start what does not run yet, and return in words what runs where.

    The server is given the work pool, the deployments and the automations that it lacks, and the
    URL that alerts are sent to.

    Args:
        home: the home of the runs.
        host: the address at which the server listens. Default: the last one, or loopback.
        port: its port. Default: the last one, or 4200.
        say: receives what takes a while.

    Raises:
        SettingsError: the site is remote, and no contact is set; or alerts cannot be sent to a URL.
        MachineError: the port is taken, or the server runs at another one.
        DaemonError: a process ended, or did not answer in time.
        RegistryError: Prefect refuses a deployment.
        WrongHomeError: the server's runs are for another home.
    """
    checked_site(home.settings)
    checked_alert_url(home.settings.alert_url)
    machine = Machine(home)
    with machine.alone():
        for daemon in (machine.server, machine.worker):
            daemon.bound_log()
        server = machine.start_server(host, port)
        with (
            temporary_settings({PREFECT_API_URL: f"{url(server)}/api"}),
            get_client(sync_client=True) as client,
        ):
            say(f"waiting for Prefect's server at {url(server)}")
            _wait(machine.server, lambda: client.api_healthcheck() is None)
            say("comparing what the server knows with what it should know")
            _register(client, machine, server)
            identity = claimed(client, POOL, home)
            alerts = set_up_alerts(home.settings.alert_url)
            worker = machine.start_worker(server)
            say("waiting for the worker")
            _wait(machine.worker, lambda: worker_reports(client, worker.since))
            if has_schedules(client):
                _wait(machine.server, lambda: next_run(client) is not None)
            told = {"home": f"{identity[:8]}; runs in any other are refused", "alerts": alerts}
            return _what_runs(machine, server, worker, told, next_run(client))


def _register(client: SyncPrefectClient, machine: Machine, server: Started) -> None:
    files, environment = deploy_folder(), machine.environment(server.about)
    ensure_pool(client)
    ensure_deployments(
        client, files / "prefect.yaml", environment, machine.folder / "deployed.json"
    )


def bring_down(home: Home, say: Say) -> dict[str, str]:
    """Stop the worker and the server, and return in words what was stopped.

    Raises:
        DaemonError: one of them does not stop.
    """
    machine = Machine(home)
    daemons = (machine.worker, machine.server)
    if not machine.folder.is_dir():
        return dict.fromkeys((daemon.name for daemon in daemons), _DOES_NOT_RUN)
    with machine.alone():
        return {daemon.name: _stopped(daemon, say) for daemon in daemons}


def _stopped(daemon: Daemon, say: Say) -> str:
    if daemon.running():
        say(f"waiting until the {daemon.name} has stopped")
    was = daemon.stop()
    return f"stopped (process {was.pid})" if was else _DOES_NOT_RUN


def _wait(daemon: Daemon, done: Callable[[], bool]) -> None:
    until = monotonic() + _PATIENCE
    while True:
        if daemon.running() is None:
            raise DaemonError(f"the {daemon.name} has ended ({daemon.log}): {daemon.last_lines()}")
        if done():
            return
        if monotonic() > until:
            raise DaemonError(
                f"the {daemon.name} has not answered for {_PATIENCE} seconds: {daemon.log} may say"
                " why; `mptf down` stops it"
            )
        sleep(_POLL_SECONDS)


def _what_runs(
    machine: Machine, server: Started, worker: Started, told: dict[str, str], coming: str | None
) -> dict[str, str]:
    same = worker.about == machine.settings_digest()
    differs = "; its settings are older: `mptf down`, then `mptf up` renews them"
    return {
        "server": f"{url(server)} (process {server.pid})",
        "worker": f"process {worker.pid}{'' if same else differs}",
        "logs": f"{machine.server.log}, {machine.worker.log.name}",
        **told,
        "next run": coming or "none: every schedule is paused",
    }
