"""`mptf forget`: captures out of all that is derived."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.console import (
    echo_json,
    json_option,
    reported,
    summarized,
    verbose_option,
    wants_json,
)

if TYPE_CHECKING:
    from extractors.ledger import ForgetAction
    from flows.pipeline.home import Home
    from warehouse.forgetting import KnownCapture


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="CAPTURE|FILE|RUN...")
@click.option("--restore", is_flag=True, help="Let forgotten captures count again")
@click.option(
    "--erase", is_flag=True,
    help="Remove the bytes from the archive too, with all captures of the same bytes",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Erase without asking")
@click.option("--dry-run", is_flag=True, help="List the captures concerned; change nothing")
@json_option
@verbose_option
@click.pass_obj
def forget(
    folder: Path | None,
    targets: tuple[str, ...],
    *,
    restore: bool,
    erase: bool,
    yes: bool,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Take mistaken captures out of all that is derived, or let them count again.

    A target is a capture_id or run_id as in raw.capture, a file that was loaded (its path, or the
    SHA-256 of its page), or a file of the archive. The captures concerned are listed on stdout.

    A forgotten capture stays in the archive, and loading its file again restores nothing.
    """
    if restore and erase:
        raise click.UsageError("give --restore or --erase, not both")
    if erase and not (yes or dry_run or sys.stdin.isatty()):
        raise click.UsageError("--erase cannot be undone: look at --dry-run, then give --yes")
    with reported(folder) as home:
        from flows.forget import check_any_capture, finish_erasing, forgettable
        from flows.forget import forget as forget_captures
        from flows.pipeline.run import open_run, utc_now

        action: ForgetAction = "restore" if restore else "erase" if erase else "forget"
        if dry_run:
            _show(action, forgettable(home, targets, action))
            return
        confirm = _confirming(home, erases=erase, asks=not yes)
        check_any_capture(home)
        if erase and not yes:
            confirm(forgettable(home, targets, action))  # no run to record if this is declined
        result: dict[str, object] = {}
        opened = open_run(home, f"forget {action}", utc_now())
        with summarized(opened, verbose=verbose, result=result) as run:
            result |= _for_json(forget_captures(run, targets, action, confirm))
        if erase and finish_erasing(home, utc_now()):
            click.echo("the warehouse was built anew, without what was erased", err=True)


def _confirming(
    home: "Home", *, erases: bool, asks: bool
) -> Callable[[Sequence["KnownCapture"]], None]:
    """Return a function that lists captures and has a person confirm an erasure, once for each."""
    listed: list[Sequence[KnownCapture]] = []

    def confirm(captures: Sequence["KnownCapture"]) -> None:
        if captures in listed:
            return
        listed.append(captures)
        _list(captures)
        if erases and captures:
            _name_releases(home)
            if asks:
                click.confirm("Erase these captures for good?", abort=True, err=True)

    return confirm


def _show(action: "ForgetAction", concerned: Sequence["KnownCapture"]) -> None:
    """Print which captures an action would concern."""
    _list(concerned)
    if wants_json():
        echo_json({"command": f"forget {action}", **_for_json(concerned)})


def _list(captures: Sequence["KnownCapture"]) -> None:
    from flows.terminal import shown

    for capture in captures if not wants_json() else ():
        where = shown(capture.url) if capture.url else "(erased)"
        click.echo(f"{capture.capture_id}  {capture.captured_at or '-'}  {where}")
    if not captures:
        click.echo("nothing to do", err=True)


def _for_json(captures: Sequence["KnownCapture"]) -> dict[str, object]:
    fields = ("capture_id", "captured_at", "url")
    return {"concerned": [{name: getattr(one, name) for name in fields} for one in captures]}


def _name_releases(home: "Home") -> None:
    from flows.releases import releases

    if names := [release.name for release in releases(home.releases)]:
        click.echo(
            "published before, and not changed (they hold no contacts, but texts of the pages):"
            f" {', '.join(names)}",
            err=True,
        )
