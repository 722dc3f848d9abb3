"""The command line. Imports come late, so that --help answers at once."""

import sys
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from flows.cli.console import (
    FUND_CODE,
    NOT_DONE,
    PROGRAMME_ID,
    TIME,
    TIME_OR_DAY,
    progress_of,
    progress_of_captures,
    reported,
    summarise,
)
from flows.cli.stand_in import replica

if TYPE_CHECKING:
    from flows.crawl.selection import Source


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of all state  [MPTF_HOME]",
)
@click.version_option(package_name="mptf-warehouse")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """UN pooled-fund money, vintage by vintage, in one DuckDB file."""
    ctx.obj = home


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--captured-at", type=TIME, help="When the pages were seen (UTC unless it says)")
@click.option("--url", help="The address that the pages came from")
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def ingest(
    folder: Path | None,
    paths: tuple[Path, ...],
    captured_at: datetime | None,
    url: str | None,
    verbose: bool,
) -> None:
    """Take saved captures in: files, folders, zips, WARCs."""
    with reported(folder) as home:
        from extractors.archive.inputs import CaptureOverrides, checked_url
        from flows.ingest import ingest as take
        from flows.pipeline.run import open_run, utc_now

        given = CaptureOverrides(captured_at, checked_url(url) if url is not None else None)
        begun = monotonic()
        with open_run(home, "ingest", utc_now()) as run, progress_of_captures("ingest") as advance:
            take(run, paths, given, advance)
            summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.option("--base-url", help="Where the site is asked  [MPTF_BASE_URL]")
@click.option("--fund", "funds", multiple=True, type=FUND_CODE, help="Only these funds")
@click.option(
    "--programme", "programmes", multiple=True, type=PROGRAMME_ID, help="Only these programmes"
)
@click.option("--limit", type=click.IntRange(1), help="At most so many programmes")
@click.option("--all", "everything", is_flag=True, help="Closed programmes too, due or not")
@click.option("--year-end", is_flag=True, help="Only programmes not seen since the last 30 April")
@click.option(
    "--resume/--fresh", default=True, show_default=True,
    help="Whether to go on with the work of a run that did not come to its end",
)  # fmt: skip
@click.option(
    "--pace", type=click.FloatRange(0), metavar="SECONDS",
    help="Minimum time between requests; 0 only for a site on this machine  [MPTF_SHORTEST_DELAY]",
)  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="How long to wait for another run on this home, or a reader of its file, to end",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def sync(
    folder: Path | None,
    base_url: str | None,
    funds: tuple[str, ...],
    programmes: tuple[str, ...],
    limit: int | None,
    *,
    everything: bool,
    year_end: bool,
    resume: bool,
    pace: float | None,
    wait: float,
    verbose: bool,
) -> None:
    """One night's work: find the programmes and funds, fetch what may have changed, load it."""
    from flows.crawl.selection import Selection

    try:
        wanted = Selection(
            funds, programmes, limit, everything=everything, year_end=year_end,
            fresh=not resume, base_url=base_url,
        )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with reported(folder, base_url=base_url, shortest_delay=pace) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.sync import sync as visit

        begun = monotonic()
        with (
            open_run(home, wanted.command, utc_now(), wait=wait) as run,
            progress_of("sync") as progress,
        ):
            visit(run, wanted, progress=progress)
            summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.argument("ids", nargs=-1, required=True, type=PROGRAMME_ID)
@click.option("--since", type=TIME, help="Only captures from this time on (UTC)")
@click.option(
    "--until", type=TIME_OR_DAY, help="Only captures up to this time, or the end of this day (UTC)"
)
@click.option(
    "--source", type=click.Choice(["archive", "wayback", "gateway"]), default="archive",
    show_default=True,
    help="The archive here (offline), a web archive, or the site as it is now",
)  # fmt: skip
@click.option("--base-url", help="Where the site, or the web archive, is asked")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and how long it takes")
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def backfill(
    folder: Path | None,
    ids: tuple[str, ...],
    since: datetime | None,
    until: date | None,
    source: "Source",
    base_url: str | None,
    *,
    dry_run: bool,
    verbose: bool,
) -> None:
    """The history of these programmes again; newer truth stays."""
    from flows.crawl.selection import BackfillSelection

    try:
        wanted = BackfillSelection(ids, source, since, until, base_url)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with reported(folder, **wanted.settings) as home:
        from flows.backfill import backfill as take
        from flows.backfill import dry_run as rehearse
        from flows.pipeline.run import open_run, utc_now
        from flows.terminal import shown

        if dry_run:
            for line in rehearse(home, wanted):
                click.echo(shown(line))
            return
        begun = monotonic()
        with (
            open_run(home, wanted.command, utc_now()) as run,
            progress_of("backfill") as progress,
        ):
            take(run, wanted, progress=progress)
            summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.argument("ids", nargs=-1, type=PROGRAMME_ID)
@click.option(
    "--accept-loss", is_flag=True, help="Rebuild all from an archive that lacks something"
)
@click.option(
    "--reread", is_flag=True, help="Read every page again, those too that this parser has read"
)
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def rebuild(
    folder: Path | None, ids: tuple[str, ...], accept_loss: bool, reread: bool, verbose: bool
) -> None:
    """Build the warehouse again from the archive, offline: all of it, or some programmes.

    Pages that this version of the parser read are not read again, unless --reread.
    """
    with reported(folder) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.rebuild import rebuild_all, rebuild_programmes

        begun = monotonic()
        if ids:
            with open_run(home, "rebuild", utc_now()) as run:
                rebuild_programmes(run, ids, reread=reread)
                summarise(run, monotonic() - begun, verbose=verbose)
        else:
            with rebuild_all(home, utc_now(), accept_loss=accept_loss, reread=reread) as run:
                summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder  [default: releases]"
)
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="How long to wait for a run on this home to end",
)  # fmt: skip
@click.pass_obj
def publish(folder: Path | None, to: Path | None, wait: float) -> None:
    """A release for analysts: DuckDB, Parquet, CSV and Excel, without what is private."""
    with reported(folder) as home:
        from flows.pipeline.run import utc_now
        from flows.publish import publish as release

        begun = monotonic()
        now = utc_now()
        made = release(home, now, now.date(), to=to, wait=wait)
        click.echo(made.file)
        for name in made.removed:
            click.echo(f"removed {name}, which is not kept any longer", err=True)
        new = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in made.changes.items())
        said = f"; since the last one: {new}" if new else ""
        click.echo(f"rows {made.rows}{said}; seconds {monotonic() - begun:.1f}", err=True)


@main.command()
@click.argument("query")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option(
    "--as-of",
    type=TIME,
    help="The moment (UTC) of mart.expenditure_as_of and mart.missing_year_end",
)
@click.option("--release", is_flag=True, help="Ask the newest release, not the working file")
@click.pass_obj
def sql(
    folder: Path | None,
    query: str,
    form: str,
    as_of: datetime | None,
    release: bool,
) -> None:
    """Answer a read-only query with its whole result."""
    with reported(folder) as home:
        from flows.queries import answer

        answer(home, query, form, as_of, release=release, out=sys.stdout)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.pass_obj
def status(folder: Path | None, as_json: bool) -> None:
    """Last runs, coverage, quarantine, open checks, years without a year-end figure."""
    with reported(folder) as home:
        from flows.queries import report_status

        report_status(home, as_json=as_json, out=sys.stdout)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.pass_obj
def verify(folder: Path | None, as_json: bool) -> None:
    """Archive against ledger against warehouse; every mismatch by name."""
    with reported(folder) as home:
        import json

        from flows.pipeline.run import utc_now
        from flows.terminal import shown
        from flows.verify import verify as find_problems

        begun = monotonic()
        problems = list(map(shown, find_problems(home, utc_now())))
        if as_json:
            click.echo(json.dumps({"ok": not problems, "problems": problems}, indent=1))
        else:
            for problem in problems:
                click.echo(problem)
        word = f"{len(problems)} mismatches" if problems else "all is well"
        click.echo(f"verify: {word}, {monotonic() - begun:.1f} seconds", err=True)
        if problems:
            sys.exit(NOT_DONE)


@main.group()
def quarantine() -> None:
    """What was set aside and why."""


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array")
@click.pass_obj
def list_quarantine(folder: Path | None, as_json: bool) -> None:
    """Everything in quarantine: rule, where it stood, the text as printed."""
    with reported(folder) as home:
        from flows.queries import report_quarantine

        report_quarantine(home, as_json=as_json, out=sys.stdout)


@quarantine.command("retry")
@click.argument("ids", nargs=-1)
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def retry_quarantine(folder: Path | None, ids: tuple[str, ...], verbose: bool) -> None:
    """Read again what is in quarantine, all of it or some, after a fix."""
    with reported(folder) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.rebuild import retry

        begun = monotonic()
        with open_run(home, "quarantine retry", utc_now()) as run:
            retry(run, ids)
            summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.pass_obj
def demo(folder: Path | None) -> None:
    """Visit a stand-in site on three nights; end with interim beside year-end."""
    with reported(folder) as home:
        from flows.demo import demonstrate

        demonstrate(home.below("demo"), sys.stdout, sys.stderr)


main.add_command(replica)
