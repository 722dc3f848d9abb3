"""The command line. Imports come late, so that --help answers at once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from flows.standin import replica

if TYPE_CHECKING:
    from flows.home import Home
    from flows.run import Run
    from flows.wanted import Source

NOT_DONE, DONE_IN_PART = 1, 3
_PROBLEMS_NAMED = 20


class _Time(click.ParamType[datetime]):
    name = "ISO"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        from extractors.warc import parse_time

        if isinstance(value, datetime):
            return value
        try:
            return parse_time(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2022-05-25T09:58:00Z", param, ctx)


class _FundCode(click.ParamType[str]):
    name = "CODE"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        from extractors.ids import NotAnIdError, parse_fund_code

        try:
            return parse_fund_code(value)
        except NotAnIdError as error:
            self.fail(str(error), param, ctx)


class _ProgrammeId(click.ParamType[str]):
    name = "ID"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        from extractors.ids import NotAnIdError, parse_programme_id

        try:
            return parse_programme_id(value)
        except NotAnIdError as error:
            self.fail(str(error), param, ctx)


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
@click.option("--captured-at", type=_Time(), help="When the pages were seen (UTC unless it says)")
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
    with _reported(folder) as home:
        from extractors.saved import Given, checked_url
        from flows.ingest import ingest as take
        from flows.run import open_run, utc_now

        given = Given(captured_at, checked_url(url) if url is not None else None)
        begun = monotonic()
        with open_run(home, "ingest", utc_now()) as run, _progress("ingest") as advance:
            take(run, paths, given, advance)
            _summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.option("--base-url", help="Where the site is asked  [MPTF_BASE_URL]")
@click.option("--fund", "funds", multiple=True, type=_FundCode(), help="Only these funds")
@click.option(
    "--programme", "programmes", multiple=True, type=_ProgrammeId(), help="Only these programmes"
)
@click.option("--limit", type=click.IntRange(1), help="At most so many programmes")
@click.option("--all", "everything", is_flag=True, help="Closed programmes too, due or not")
@click.option("--year-end", is_flag=True, help="Only programmes not seen since the last 30 April")
@click.option(
    "--resume/--fresh", default=True, show_default=True,
    help="Whether to go on with the work of a run that did not come to its end",
)  # fmt: skip
@click.option(
    "--polite/--flat-out", default=None,
    help="Whether to pace requests  [default: unless the site is on this machine]",
)  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(0), default=0, metavar="SECONDS",
    help="How long to wait for another run on this home to end",
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
    polite: bool | None,
    wait: float,
    verbose: bool,
) -> None:
    """One night's work: find the programmes and funds, fetch what may have changed, load it."""
    if year_end and (everything or funds or programmes):
        raise click.UsageError("--year-end chooses the programmes: give nothing else that does")
    with _reported(folder, base_url=base_url, polite=polite) as home:
        from flows.run import open_run, utc_now
        from flows.sync import sync as visit
        from flows.wanted import Wanted

        begun = monotonic()
        wanted = Wanted(
            funds, programmes, limit, everything=everything, year_end=year_end,
            fresh=not resume, base_url=base_url,
        )  # fmt: skip
        with (
            open_run(home, wanted.command, utc_now(), wait=wait) as run,
            _progress_of("sync") as progress,
        ):
            visit(run, wanted, progress=progress)
            _summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.argument("ids", nargs=-1, required=True, type=_ProgrammeId())
@click.option("--since", type=_Time(), help="Only captures from this time on (UTC)")
@click.option("--until", type=_Time(), help="Only captures up to this time (UTC)")
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
    until: datetime | None,
    source: "Source",
    base_url: str | None,
    *,
    dry_run: bool,
    verbose: bool,
) -> None:
    """The history of these programmes again; newer truth stays."""
    from flows.wanted import WantedPast

    try:
        wanted = WantedPast(tuple(dict.fromkeys(ids)), source, since, until, base_url)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with _reported(folder, **wanted.settings) as home:
        from flows.backfill import backfill as take
        from flows.backfill import dry_run as rehearse
        from flows.run import open_run, utc_now
        from flows.shown import shown

        if dry_run:
            for line in rehearse(home, wanted):
                click.echo(shown(line))
            return
        begun = monotonic()
        with (
            open_run(home, wanted.command, utc_now()) as run,
            _progress_of("backfill") as progress,
        ):
            take(run, wanted, progress=progress)
            _summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.argument("ids", nargs=-1, type=_ProgrammeId())
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
    with _reported(folder) as home:
        from flows.rebuild import rebuild_all, rebuild_programmes
        from flows.run import open_run, utc_now

        begun = monotonic()
        if ids:
            with open_run(home, "rebuild", utc_now()) as run:
                rebuild_programmes(run, list(dict.fromkeys(ids)), reread=reread)
                _summarise(run, monotonic() - begun, verbose=verbose)
        else:
            with rebuild_all(home, utc_now(), accept_loss=accept_loss, reread=reread) as run:
                _summarise(run, monotonic() - begun, verbose=verbose)


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
    with _reported(folder) as home:
        from flows.publish import publish as release
        from flows.run import utc_now

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
    type=_Time(),
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
    with _reported(folder) as home:
        from flows.queries import answer

        answer(home, query, form, as_of, release=release, out=sys.stdout)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.pass_obj
def status(folder: Path | None, as_json: bool) -> None:
    """Last runs, coverage, quarantine, open checks, years without a year-end figure."""
    with _reported(folder) as home:
        from flows.queries import report_status

        report_status(home, as_json=as_json, out=sys.stdout)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object")
@click.pass_obj
def verify(folder: Path | None, as_json: bool) -> None:
    """Archive against ledger against warehouse; every mismatch by name."""
    with _reported(folder) as home:
        import json

        from flows.run import utc_now
        from flows.shown import shown
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
    with _reported(folder) as home:
        from flows.queries import report_quarantine

        report_quarantine(home, as_json=as_json, out=sys.stdout)


@quarantine.command("retry")
@click.argument("ids", nargs=-1)
@click.option("-v", "--verbose", is_flag=True, help="Name every problem")
@click.pass_obj
def retry_quarantine(folder: Path | None, ids: tuple[str, ...], verbose: bool) -> None:
    """Read again what is in quarantine, all of it or some, after a fix."""
    with _reported(folder) as home:
        from flows.rebuild import retry
        from flows.run import open_run, utc_now

        begun = monotonic()
        with open_run(home, "quarantine retry", utc_now()) as run:
            retry(run, ids)
            _summarise(run, monotonic() - begun, verbose=verbose)


@main.command()
@click.pass_obj
def demo(folder: Path | None) -> None:
    """Take sample pages of three dates in, and show interim beside year-end."""
    with _reported(folder) as home:
        from flows.demo import demonstrate

        demonstrate(home.below("demo"), sys.stdout, sys.stderr)


main.add_command(replica)


@contextmanager
def _reported(folder: Path | None, **options: Any) -> Iterator["Home"]:
    """The home with the options that were given, and every expected error as one line."""
    from extractors.failures import BadBaseError, SiteClosedError, WebArchiveError
    from extractors.saved import UnusableError
    from flows.home import Home, HomeBusyError
    from flows.processes import HelperLostError
    from flows.rebuild import ArchiveIncompleteError
    from flows.run import InterruptedRunError
    from flows.settings import SettingsError, settings
    from warehouse.errors import DatabaseError, WarehouseError

    try:
        yield Home(settings(folder, **options))
    except (SettingsError, UnusableError, BadBaseError) as error:
        raise click.UsageError(str(error)) from error
    except (
        WarehouseError, HomeBusyError, ArchiveIncompleteError, WebArchiveError, HelperLostError,
    ) as error:  # fmt: skip
        _fail(str(error))
    except SiteClosedError as error:
        _fail(f"{error}; so nothing was asked: try again later")
    except DatabaseError as error:
        _fail(f"the warehouse: {str(error).splitlines()[0]}; what is in the archive is safe")
    except InterruptedRunError:
        _fail("stopped as asked, after the batch in hand: run the same command again to go on")
    except KeyboardInterrupt:
        _fail("stopped at once: run the same command again to go on")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as `| head` does
        sys.exit(NOT_DONE)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))


def _fail(message: str) -> None:
    from flows.shown import shown

    click.echo(f"mptf: {shown(message)}", err=True)
    sys.exit(NOT_DONE)


@contextmanager
def _progress(what: str) -> Iterator[Any]:
    """A counter on a terminal, nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f} captures"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.advance(task, count)


@contextmanager
def _progress_of(what: str) -> Iterator[Any]:
    """A bar with rate and time left on a terminal, nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda done, of: None  # noqa: ARG005 because nobody looks
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what), BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f} pages"),
        TextColumn("{task.fields[rate]:.1f}/s"), TimeRemainingColumn(elapsed_when_finished=True),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1, rate=0.0)

        def show(done: int, of: int) -> None:
            rate = bar.tasks[0].speed or 0.0  # unknown at the beginning
            bar.update(task, completed=done, total=max(of, 1), rate=rate)

        yield show


def _summarise(run: "Run", seconds: float, *, verbose: bool) -> None:
    """The last lines: what was set aside or failed, the counts, and the exit code."""
    from flows.report import note_lines, problem_lines, summary_line

    problems = problem_lines(run)
    named = problems if verbose else problems[:_PROBLEMS_NAMED]
    for line in [*note_lines(run), *named]:
        click.echo(line, err=True)
    if len(named) < len(problems):
        click.echo(f"... and {len(problems) - len(named)} more (-v names all)", err=True)
    if run.set_aside():
        click.echo("`mptf quarantine list` shows what was set aside, and why", err=True)
    click.echo(summary_line(run.counts(), seconds), err=True)
    if problems:
        click.get_current_context().call_on_close(lambda: sys.exit(DONE_IN_PART))
