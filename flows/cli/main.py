"""The command line. Imports are inside the commands, so that --help is fast."""

import sys
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from flows.cli.console import (
    FUND_CODE,
    PROGRAMME_ID,
    TIME,
    TIME_OR_DAY,
    echo_json,
    json_option,
    progress_of,
    progress_of_bytes,
    progress_of_captures,
    reported,
    summarized,
    verbose_option,
    wants_json,
)
from flows.cli.forget import forget
from flows.cli.inspection import quarantine, status, verify
from flows.cli.probe import probe
from flows.cli.sql import sql
from flows.cli.stand_in import replica
from flows.cli.up import down, up

if TYPE_CHECKING:
    from flows.crawl.selection import Source


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that holds the archive, the warehouse and the releases  [MPTF_HOME]",
)
@click.version_option(package_name="mptf-warehouse")
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """Archive UN pooled-fund pages and load every vintage of their figures into DuckDB."""
    ctx.obj = home


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--captured-at",
    type=TIME,
    help="Capture time of the pages (UTC unless it has an offset); of a day, its first second",
)
@click.option("--url", help="URL that the pages came from")
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="Maximum wait for another run on this home to finish",
)  # fmt: skip
@json_option
@verbose_option
@click.pass_obj
def ingest(
    folder: Path | None,
    paths: tuple[Path, ...],
    captured_at: datetime | None,
    url: str | None,
    *,
    wait: float,
    verbose: bool,
) -> None:
    """Load saved pages: files, folders, zips, WARCs.

    Pages are HTML, text, CSV, .xls, .xlsx and MHTML. Their URL and capture time are those of the
    options, of the WARC record, or of a file beside the page (page.html.json, with `url` and
    `captured_at`); else what the saved page says of itself, its clock, or the file's time.
    """
    with reported(folder) as home:
        from extractors.archive.capture_time import check_time_option
        from extractors.archive.inputs import CaptureOverrides, checked_url
        from flows.ingest import ingest as load_saved
        from flows.pipeline.run import open_run, utc_now

        if captured_at is not None:
            check_time_option(captured_at, utc_now())
        overrides = CaptureOverrides(captured_at, checked_url(url) if url is not None else None)
        opened = open_run(home, "ingest", utc_now(), wait=wait)
        with (
            summarized(opened, verbose=verbose) as run,
            progress_of_captures("ingest") as progress,
        ):
            load_saved(run, paths, overrides, progress)


@main.command()
@click.option("--base-url", help="URL of the site  [MPTF_BASE_URL]")
@click.option(
    "--profile", metavar="NAME|FILE",
    help="What to request: auto, classic, today or a TOML file  [MPTF_PROFILE]",
)  # fmt: skip
@click.option("--fund", "funds", multiple=True, type=FUND_CODE, help="Only these funds")
@click.option(
    "--programme", "programmes", multiple=True, type=PROGRAMME_ID, help="Only these programmes"
)
@click.option("--limit", type=click.IntRange(1), help="At most this many programmes")
@click.option("--all", "everything", is_flag=True, help="Every programme, whether due or not")
@click.option(
    "--year-end", is_flag=True, help="Only programmes not captured since the last 30 April"
)
@click.option(
    "--resume/--fresh", default=True, show_default=True,
    help="Continue an unfinished run, or start over",
)  # fmt: skip
@click.option(
    "--pace", type=click.FloatRange(0), metavar="SECONDS",
    help="Minimum time between requests; 0 only for a site on this machine  [MPTF_SHORTEST_DELAY]",
)  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="Maximum wait for another run on this home, or a reader of its file, to finish",
)  # fmt: skip
@json_option
@verbose_option
@click.pass_obj
def sync(
    folder: Path | None,
    base_url: str | None,
    profile: str | None,
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
    """Find the programmes and funds, fetch the pages that may have changed, and load them."""
    from flows.crawl.selection import Selection

    try:
        selection = Selection(
            funds, programmes, limit, everything=everything, year_end=year_end,
            fresh=not resume, base_url=base_url,
        )  # fmt: skip
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with reported(folder, base_url=base_url, profile=profile, shortest_delay=pace) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.sync import sync as fetch_site

        opened = open_run(home, selection.command, utc_now(), wait=wait)
        with summarized(opened, verbose=verbose) as run, progress_of("sync") as progress:
            fetch_site(run, selection, progress=progress)


@main.command()
@click.argument("ids", nargs=-1, type=PROGRAMME_ID)
@click.option(
    "--fund", "funds", multiple=True, type=FUND_CODE,
    help="A fund: its own pages, and its programmes",
)  # fmt: skip
@click.option(
    "--since", type=TIME, help="Only captures at or after this time, or the start of this day (UTC)"
)
@click.option(
    "--until", type=TIME_OR_DAY, help="Only captures up to this time, or the end of this day (UTC)"
)
@click.option(
    "--source", type=click.Choice(["archive", "wayback", "gateway"]), default="archive",
    show_default=True,
    help="The local archive (offline), a web archive, or the site as it is now",
)  # fmt: skip
@click.option("--base-url", help="URL of the site or of the web archive")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print what would be fetched and how long it takes; write nothing",
)
@json_option
@verbose_option
@click.pass_obj
def backfill(
    folder: Path | None,
    ids: tuple[str, ...],
    funds: tuple[str, ...],
    since: datetime | None,
    until: date | None,
    source: "Source",
    base_url: str | None,
    *,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Load the history of some programmes and funds; newer figures stay current."""
    from flows.crawl.selection import BackfillSelection

    try:
        selection = BackfillSelection(ids, source, since, until, base_url, funds)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with reported(folder, **selection.settings) as home:
        from flows.backfill import backfill as load_history
        from flows.backfill import dry_run as describe
        from flows.pipeline.run import open_run, utc_now
        from flows.terminal import shown

        if dry_run:
            estimate = describe(home, selection)
            if wants_json():
                echo_json({"command": selection.command, **estimate.for_json})
                return
            for line in estimate.lines:
                click.echo(shown(line))
            return
        opened = open_run(home, selection.command, utc_now())
        with summarized(opened, verbose=verbose) as run, progress_of("backfill") as progress:
            load_history(run, selection, progress=progress)


@main.command()
@click.argument("ids", nargs=-1, type=PROGRAMME_ID)
@click.option("--accept-loss", is_flag=True, help="Rebuild even if the archive is incomplete")
@click.option(
    "--reread", is_flag=True, help="Parse every page again, even those parsed by this version"
)
@click.option(
    "--resume/--fresh", default=True, show_default=True,
    help="Continue a rebuild that was cut short, or start over",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print what it takes; write nothing")
@json_option
@verbose_option
@click.pass_obj
def rebuild(
    folder: Path | None,
    ids: tuple[str, ...],
    *,
    accept_loss: bool,
    reread: bool,
    resume: bool,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Rebuild the warehouse from the archive, offline: all of it, or some programmes.

    Pages parsed by this version of the parser are not parsed again, unless --reread is given. All
    of it goes to a new file, which replaces the old one at the end.
    """
    if dry_run and ids:
        raise click.UsageError("--dry-run is for a rebuild of everything")
    with reported(folder) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.rebuild import expected_rebuild, rebuild_all
        from flows.reparse import rebuild_programmes

        if dry_run:
            expected = expected_rebuild(home, reread=reread, fresh=not resume)
            if wants_json():
                echo_json({"command": "rebuild", **expected._asdict()})
            else:
                click.echo(expected)
        elif ids:
            with summarized(open_run(home, "rebuild", utc_now()), verbose=verbose) as run:
                rebuild_programmes(run, ids, reread=reread)
        else:
            with ExitStack() as until_built:
                opened = rebuild_all(
                    home, utc_now(), accept_loss=accept_loss, reread=reread, fresh=not resume,
                    tell=lambda expected: click.echo(f"rebuild: {expected}", err=True),
                    progress=until_built.enter_context(progress_of_bytes("rebuild")),
                )  # fmt: skip
                with summarized(opened, verbose=verbose):
                    until_built.close()


@main.command()
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder  [default: releases]"
)
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="Maximum wait for a run on this home to finish",
)  # fmt: skip
@json_option
@click.pass_obj
def publish(folder: Path | None, to: Path | None, wait: float) -> None:
    """Publish a release for analysts: DuckDB, Parquet, CSV and Excel, without private data."""
    with reported(folder) as home:
        from flows.pipeline.run import utc_now
        from flows.publish import publish as publish_release

        started, now = monotonic(), utc_now()
        release = publish_release(home, now, now.date(), to=to, wait=wait)
        seconds = monotonic() - started
        if wants_json():
            echo_json({**release._asdict(), "seconds": round(seconds, 1)})
        else:
            click.echo(release.file)
        for name in release.removed:
            click.echo(f"removed {name}, which is too old to keep", err=True)
        changes = ", ".join(
            f"{k.replace('_', ' ')} {count}" for k, count in release.changes.items()
        )
        since = f"; since the last release: {changes}" if changes else ""
        click.echo(f"rows {release.rows}{since}; seconds {seconds:.1f}", err=True)


@main.command()
@click.pass_obj
def demo(folder: Path | None) -> None:
    """Run three nightly syncs of a stand-in site; compare interim and year-end figures."""
    with reported(folder) as home:
        from flows.demo import demonstrate

        demonstrate(home.below("demo"), sys.stdout, sys.stderr)


@main.command("deploy-files")
@click.argument("to", default=".", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--force", is_flag=True, help="Replace files that have been changed")
@click.pass_obj
def deploy_files(folder: Path | None, to: Path, force: bool) -> None:
    """Write prefect.yaml and deploy/ (systemd, containers, automations) to a folder; print them."""
    with reported(folder):
        from flows.deploy_files import write_deploy_files

        for written in write_deploy_files(to, force=force):
            click.echo(written)


main.add_command(forget)
main.add_command(probe)
main.add_command(quarantine)
main.add_command(replica)
main.add_command(status)
main.add_command(verify)
main.add_command(up)
main.add_command(down)
main.add_command(sql)
