"""The command line. Imports are inside the commands, so that --help is fast."""

import sys
from datetime import datetime
from pathlib import Path
from time import monotonic

import click

from flows.cli.console import (
    FUND_CODE,
    PROGRAMME_ID,
    TIME,
    echo_json,
    json_option,
    progress_of,
    progress_of_captures,
    reported,
    summarized,
    verbose_option,
    wants_json,
)
from flows.cli.forget import forget
from flows.cli.history import backfill, read, rebuild
from flows.cli.inspection import quarantine, status, verify
from flows.cli.probe import probe
from flows.cli.sql import sql
from flows.cli.stand_in import replica
from flows.cli.up import down, up


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
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), help="Folder  [default: releases]"
)
@click.option(
    "--lake", metavar="URL",
    help="Publish to this lake, too: ducklake:postgres:... or ducklake:FILE  [MPTF_LAKE]",
)  # fmt: skip
@click.option(
    "--data", "lake_data", metavar="DIR|URL",
    help="Where the lake's rows are: a folder or s3://bucket/prefix  [MPTF_LAKE_DATA]",
)  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="Maximum wait for a run on this home to finish",
)  # fmt: skip
@json_option
@click.pass_obj
def publish(
    folder: Path | None, to: Path | None, lake: str | None, lake_data: str | None, wait: float
) -> None:
    """Publish a release for analysts: DuckDB, Parquet, CSV and Excel, without private data."""
    with reported(folder, lake=lake, lake_data=lake_data) as home:
        from extractors.times import utc_now
        from flows.lake import lake_of, share
        from flows.publish import publish as publish_release

        started, now, place = monotonic(), utc_now(), lake_of(home)
        release = publish_release(home, now, now.date(), to=to, wait=wait)
        shared = share(home, place, now, folder=to, wait=wait) if place else []
        seconds = monotonic() - started
        if wants_json():
            echo_json({**release._asdict(), "seconds": round(seconds, 1)})
        else:
            click.echo(release.file)
        for name, written in shared:
            click.echo(
                f"{name} is in the lake: {written.tables} tables changed, {written.removed} rows"
                f" removed and {written.added} added", err=True,
            )  # fmt: skip
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


main.add_command(backfill)
main.add_command(forget)
main.add_command(probe)
main.add_command(quarantine)
main.add_command(read)
main.add_command(rebuild)
main.add_command(replica)
main.add_command(status)
main.add_command(verify)
main.add_command(up)
main.add_command(down)
main.add_command(sql)
