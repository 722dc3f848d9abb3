"""The commands that start and stop Prefect on this machine."""

from pathlib import Path

import click

from flows.cli.console import reported


@click.command()
@click.option("--host", help="Address at which the server listens  [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the server  [default: 4200]"
)  # fmt: skip
@click.pass_obj
def up(folder: Path | None, host: str | None, port: int | None) -> None:
    """Start Prefect's server and worker, with all deployments; safe to run again.

    They run in the background, until `mptf down` or the end of the machine. A second `mptf up`
    starts what has ended and deploys what has changed.
    """
    with reported(folder) as home:
        from flows.scheduled.up import bring_up

        _show(bring_up(home, host, port, _say))


@click.command()
@click.pass_obj
def down(folder: Path | None) -> None:
    """Stop what `mptf up` started; a run in hand is continued by the next one."""
    with reported(folder) as home:
        from flows.scheduled.up import bring_down

        _show(bring_down(home, _say))


def _say(step: str) -> None:
    click.echo(f"{step} ...", err=True)


def _show(lines: dict[str, str]) -> None:
    for name, text in lines.items():
        click.echo(f"{name:9} {text}")
