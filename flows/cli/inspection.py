"""The commands that look at a home: `mptf status`, `verify` and `quarantine`."""

import sys
from pathlib import Path
from time import monotonic

import click

from extractors.errors import MptfError
from flows.cli.console import NOT_DONE, json_option, reading, reported, summarized, verbose_option


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.option(
    "--check", is_flag=True,
    help="Print one line and exit with 0 (fine), 3 (needs a look) or 1 (failed or overdue)",
)  # fmt: skip
@click.pass_obj
def status(folder: Path | None, *, as_json: bool, check: bool) -> None:
    """Show whether anything needs a person, the last runs, and what the warehouse covers."""
    with reading(folder) as home:
        from extractors.times import utc_now
        from flows.standing.status import (
            failed_standing,
            for_home,
            standing_lines,
            standing_of,
            write_standing,
        )
        from flows.terminal import shown, shown_on
        from warehouse.errors import DatabaseError

        now = utc_now()
        try:
            standing = standing_of(home, now, () if check and not as_json else None)
        except (MptfError, DatabaseError) as error:
            if not check:
                raise
            standing = failed_standing(error)
        if folder is not None:
            standing = for_home(standing, folder)
        if as_json:
            write_standing(standing, now, shown_on(sys.stdout))
        elif check:
            click.echo(shown(standing.line))
        else:
            click.echo("\n".join(standing_lines(standing, home, now)))
        if check:
            sys.exit(standing.verdict.exit_code)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.pass_obj
def verify(folder: Path | None, as_json: bool) -> None:
    """Compare archive, ledger and warehouse, and print every mismatch."""
    with reported(folder) as home:
        import json

        from flows.pipeline.run import utc_now
        from flows.rebuilding.verify import verify as find_problems
        from flows.terminal import counted, shown

        started = monotonic()
        problems = list(map(shown, find_problems(home, utc_now())))
        if as_json:
            click.echo(json.dumps({"ok": not problems, "problems": problems}, indent=1))
        else:
            for problem in problems:
                click.echo(problem)
        found = counted(len(problems), "mismatch", "mismatches")
        word = found if problems else "all is well"
        files = counted(len(home.archive.files()), "archive file")
        took = monotonic() - started
        click.echo(f"verify: {word} in {files}, {took:.1f} seconds", err=True)
        if problems:
            sys.exit(NOT_DONE)


@click.group()
def quarantine() -> None:
    """Inspect or retry quarantined pages and rows."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array")
@click.pass_obj
def list_quarantine(folder: Path | None, as_json: bool) -> None:
    """List everything in quarantine: the rule, its place on the page, the printed text."""
    with reading(folder) as home:
        from flows.queries import report_quarantine

        report_quarantine(home, as_json=as_json, out=sys.stdout)


@quarantine.command("retry")
@click.argument("ids", nargs=-1)
@json_option
@verbose_option
@click.pass_obj
def retry_quarantine(folder: Path | None, ids: tuple[str, ...], verbose: bool) -> None:
    """Parse quarantined pages again after a fix: all of them, or some."""
    with reported(folder) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.rebuilding.reparse import retry

        opened = open_run(home, "quarantine retry", utc_now())
        with summarized(opened, verbose=verbose) as run:
            retry(run, ids)
