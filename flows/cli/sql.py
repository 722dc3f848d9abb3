"""The command `sql`: a query, a file of queries, or a prompt."""

import sys
from datetime import date
from pathlib import Path

import click

from flows.cli.console import TIME_OR_DAY, reading

_FORMATS = ["table", "csv", "json"]


@click.command()
@click.argument("query", required=False, metavar="[QUERY|-]")
@click.option(
    "-f", "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the statements from a file",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="How to print a result  [default: table]"
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the result to a file: .csv, .json, .parquet or .xlsx",
)  # fmt: skip
@click.option(
    "--as-of", type=TIME_OR_DAY,
    help="Answer as of this time, or the end of this day (UTC)  [default: now; in a release, its"
    " newest capture]",
)  # fmt: skip
@click.option(
    "--release", is_flag=True, help="Query the newest release instead of the working file"
)
@click.pass_obj
def sql(
    folder: Path | None,
    query: str | None,
    file: Path | None,
    form: str | None,
    output: Path | None,
    as_of: date | None,
    *,
    release: bool,
) -> None:
    """Run read-only SQL and print its whole result.

    QUERY is one or more statements; - reads them from stdin. Without it, on a terminal, mptf asks
    for them at a prompt.
    """
    if output and form:
        raise click.UsageError("-o chooses the format by its suffix: leave out --format")
    text = _text(query, file)
    if text is None and output:
        raise click.UsageError("-o needs a query")
    with reading(folder) as places:
        from extractors.times import last_second
        from flows.sql import Source

        source = Source(places, last_second(as_of) if as_of else None, release)
        if text is None:
            from flows.cli.prompt import converse

            converse(source, form or "table")
        elif output:
            from flows.sql_file import answer_to_file

            rows = answer_to_file(source, text, output)
            click.echo(f"{output}: {rows:,} row{'' if rows == 1 else 's'}", err=True)
        else:
            from flows.cli.paging import print_answer

            print_answer(source, text, form or "table")


def _text(query: str | None, file: Path | None) -> str | None:
    """Return the statements to run; None if a person is to be asked for them."""
    if query is not None and file is not None:
        raise click.UsageError("a query or --file, not both")
    if query is None and file is None and sys.stdin.isatty() and not sys.stdout.isatty():
        raise click.UsageError("Missing argument 'QUERY': the prompt needs a terminal")
    try:
        if file is not None:
            return file.read_text(encoding="utf-8")
        if query == "-" or (query is None and not sys.stdin.isatty()):
            query = sys.stdin.buffer.read().decode()
            if not query.strip():
                raise click.UsageError("Missing argument 'QUERY': stdin is empty")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"the query is not UTF-8, at byte {error.start}") from error
    return _not_of_the_prompt(query)


def _not_of_the_prompt(query: str | None) -> str | None:
    """Return a query; refuse `.tables` and the like, which only the prompt knows."""
    if query and query.lstrip().startswith("."):
        raise click.UsageError(
            "commands with a dot are for the prompt: run `mptf sql` without a query, on a terminal."
            " In SQL, meta.data_dictionary has every table and column"
        )
    return query
