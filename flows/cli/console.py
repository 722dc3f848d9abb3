"""What the commands share: option types, one-line errors, progress bars and the summary."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from extractors.errors import MptfError, UsageError
from extractors.ids import NotAnIdError, parse_fund_code, parse_programme_id

if TYPE_CHECKING:
    from flows.pipeline.home import Home
    from flows.pipeline.run import Run
    from flows.places import Places

NOT_DONE, DONE_IN_PART = 1, 3
_EXIT_CODE = "flows.cli.console.exit_code"  # a key of the command's context
_JSON = "flows.cli.console.json"  # another
_MOST_PROBLEMS = 20  # that are listed without -v


class _Time(click.ParamType[datetime]):
    """A time (naive UTC)."""

    name = "ISO"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Parse a time."""
        from extractors.times import iso_time

        try:
            return value if isinstance(value, datetime) else iso_time(value)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2022-05-25T09:58:00Z", param, ctx)


class _TimeOrDay(click.ParamType[date]):
    """A time (naive UTC), or a whole day."""

    name = "ISO"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Parse a time or a day."""
        from extractors.times import iso_time_or_day

        try:
            return value if isinstance(value, date) else iso_time_or_day(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither a day such as 2022-05-25 nor a time such as"
                " 2022-05-25T09:58:00Z", param, ctx,
            )  # fmt: skip


class _Identifier(click.ParamType[str]):
    """A programme ID or fund code."""

    def __init__(self, name: str, parse: Callable[[str], str]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Parse an identifier."""
        try:
            return self._parse(value)
        except NotAnIdError as error:
            self.fail(str(error), param, ctx)


def _remember_json(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    ctx.meta[_JSON] = wanted


# Of a command that writes: the result as JSON on stdout, after its end, whatever it is.
json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_remember_json,
    help="Print the result as one JSON object",
)  # fmt: skip
verbose_option = click.option("-v", "--verbose", is_flag=True, help="List every problem")
TIME, TIME_OR_DAY = _Time(), _TimeOrDay()
FUND_CODE = _Identifier("CODE", parse_fund_code)
PROGRAMME_ID = _Identifier("ID", parse_programme_id)


@contextmanager
def reported(folder: Path | None, **options: Any) -> Iterator["Home"]:
    """Open the home with the given options; report expected errors as `errors_reported` does."""
    with errors_reported():
        from flows.pipeline.home import Home
        from flows.settings import settings

        yield Home(settings(folder, **options))


@contextmanager
def reading(folder: Path | None) -> Iterator["Places"]:
    """Open the home of a command that reads its tables alone, which imports a third less."""
    with errors_reported():
        from flows.places import Places
        from flows.settings import settings

        yield Places(settings(folder))


@contextmanager
def errors_reported() -> Iterator[None]:
    """Report expected errors as one line and an exit code; a wrong query with DuckDB's own help.

    Exit code 3 is only for commands that finish: an error after the summary still means 1.
    """
    from flows.terminal import shown_help
    from warehouse.errors import DatabaseError, QueryError

    try:
        yield
    except QueryError as error:
        click.echo(f"mptf: {shown_help(str(error))}", err=True)
        sys.exit(NOT_DONE)
    except UsageError as error:
        raise click.UsageError(str(error)) from error
    except MptfError as error:
        _fail(str(error))
    except DatabaseError as error:
        _fail(f"the warehouse: {str(error).splitlines()[0]}; the archive is not affected")
    except KeyboardInterrupt:
        _fail("stopped at once: run the same command again to continue", "interrupted")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has exited, as `| head` does
        sys.exit(NOT_DONE)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    if exit_code := click.get_current_context().meta.get(_EXIT_CODE):
        sys.exit(exit_code)


def _fail(message: str, outcome: str = "failed") -> NoReturn:
    from flows.terminal import shown

    click.echo(f"mptf: {shown(message)}", err=True)
    if wants_json():
        echo_json({"outcome": outcome, "error": message})
    sys.exit(NOT_DONE)


def _has_bars() -> bool:
    """Return whether stderr is a terminal that can erase a bar before the summary begins."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}


@contextmanager
def progress_of_captures(what: str) -> Iterator[Any]:
    """Show a counter on a terminal, nothing when piped."""
    if not _has_bars():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(), TextColumn("{task.description}: captures {task.completed:.0f}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.advance(task, count)


@contextmanager
def progress_of(what: str) -> Iterator[Any]:
    """Show a bar with rate and time left on a terminal, nothing when piped."""
    if not _has_bars():
        yield lambda done, of: None  # noqa: ARG005 because the caller passes both
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what), BarColumn(), TextColumn("pages {task.completed:.0f} of {task.total:.0f}"),
        TextColumn("{task.fields[rate]:.1f}/s"), TimeRemainingColumn(elapsed_when_finished=True),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1, rate=0.0)

        def show(done: int, of: int) -> None:
            rate = bar.tasks[0].speed or 0.0  # unknown at the beginning
            bar.update(task, completed=done, total=max(of, 1), rate=rate)

        yield show


@contextmanager
def progress_of_bytes(what: str) -> Iterator[Any]:
    """Show a bar with the time left on a terminal, nothing when piped."""
    if not _has_bars():
        yield lambda done, of: None  # noqa: ARG005 because the caller passes both
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what), BarColumn(), DownloadColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1)
        yield lambda done, of: bar.update(task, completed=done, total=max(of, 1))


@contextmanager
def summarized(
    opened: AbstractContextManager["Run"],
    *,
    verbose: bool,
    result: Mapping[str, object] = MappingProxyType({}),
) -> Iterator["Run"]:
    """Open a run; when the block ends, print its summary and remember its exit code.

    With --json its record follows on stdout, with what the block put into `result`.
    """
    from flows.pipeline.report import record_of

    started = monotonic()
    with opened as run:
        yield run
        seconds = monotonic() - started
        _summarize(run, seconds, verbose=verbose)
    if wants_json():
        echo_json({**record_of(run, seconds), **result})


def echo_json(found: dict[str, Any]) -> None:
    """Print a command's result as one JSON object."""
    import json

    click.echo(json.dumps(found, indent=1, default=str))


def wants_json() -> bool:
    """Return whether the command was given --json."""
    return bool(click.get_current_context().meta.get(_JSON))


def _summarize(run: "Run", seconds: float, *, verbose: bool) -> None:
    from flows.pipeline.report import note_lines, problem_lines, summary_line
    from flows.terminal import shown

    problems, outcome = problem_lines(run), run.outcome()
    named = problems if verbose else problems[:_MOST_PROBLEMS]
    for line in [*note_lines(run), *named]:
        click.echo(line, err=True)
    if len(named) < len(problems):
        click.echo(f"... and {len(problems) - len(named)} more (-v lists all)", err=True)
    if run.quarantined():
        click.echo("`mptf quarantine list` shows what was quarantined, and why", err=True)
    click.echo(summary_line(run.counts(), seconds), err=True)
    if outcome.ending.exit_code == NOT_DONE:
        click.echo(f"mptf: {shown(outcome.reason)}; run the same command again later", err=True)
    click.get_current_context().meta[_EXIT_CODE] = outcome.ending.exit_code
