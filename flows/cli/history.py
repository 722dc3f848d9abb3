"""The commands that load what is already archived: `backfill`, `read` and `rebuild`."""

from contextlib import ExitStack
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
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
    reported,
    summarized,
    verbose_option,
    wants_json,
)

if TYPE_CHECKING:
    from flows.crawl.selection import Source


@click.command()
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


@click.command()
@click.option(
    "--share", default="1/1", metavar="K/N", show_default=True,
    help="Read only this share of the archive's files, as another machine reads another",
)  # fmt: skip
@click.option("--to", metavar="DIR|URL", help="Where the parts go (default: parts in the home)")
@json_option
@click.pass_obj
def read(folder: Path | None, share: str, to: str | None) -> None:
    """Read the archive's files to parts, which every later rebuild takes instead of reading.

    Files that have their part are skipped, so the same command continues after a kill. It needs no
    lock of the home, only the archive, and can run on several machines at once. Parts hold what
    pages say, contacts too: keep them as private as the archive.
    """
    with reported(folder) as home:
        from flows.rebuilding.read import read_share, share_of

        with progress_of_bytes("read") as progress:
            report = read_share(home, share_of(share), to, progress)
        if wants_json():
            echo_json({"command": "read", **asdict(report)})
        else:
            click.echo(report)


@click.command()
@click.argument("ids", nargs=-1, type=PROGRAMME_ID)
@click.option("--accept-loss", is_flag=True, help="Rebuild even if the archive is incomplete")
@click.option(
    "--reread", is_flag=True, help="Parse every page again, even those parsed by this version"
)
@click.option(
    "--resume/--fresh", default=True, show_default=True,
    help="Continue a rebuild that was cut short, or start over",
)  # fmt: skip
@click.option(
    "--parts", metavar="DIR|URL",
    help="Where `mptf read` wrote its parts (default: those of the home)",
)  # fmt: skip
@click.option(
    "--shards", type=click.IntRange(1, 10_000), metavar="N",
    help="Derive the tables in N shards (default: one per core, if the archive is big)",
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
    parts: str | None,
    shards: int | None,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Rebuild the warehouse from the archive, offline: all of it, or some programmes.

    Pages parsed by this version of the parser are not parsed again, unless --reread is given, nor
    are archive files that `mptf read` has read. All of it goes to a new file, which replaces the
    old one at the end.
    """
    if ids and (dry_run or parts or shards):
        raise click.UsageError("--dry-run, --parts and --shards are for a rebuild of everything")
    with reported(folder) as home:
        from flows.pipeline.run import open_run, utc_now
        from flows.rebuilding.rebuild import expected_rebuild, rebuild_all
        from flows.rebuilding.reparse import rebuild_programmes

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
                    parts=parts, shards=shards,
                    tell=lambda expected: click.echo(f"rebuild: {expected}", err=True),
                    progress=until_built.enter_context(progress_of_bytes("rebuild")),
                )  # fmt: skip
                with summarized(opened, verbose=verbose):
                    until_built.close()
