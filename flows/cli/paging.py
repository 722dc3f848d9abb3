"""Answers on stdout: streamed to programs, and on a terminal page by page."""

import sys
from shutil import get_terminal_size
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import NamedTuple, TextIO, cast

import click

from flows.sql import Source, answer

_MOST_IN_MEMORY = 4 * 2**20  # characters


class Printed(NamedTuple):
    """What was printed: the number of rows, and the seconds until all of them were known."""

    rows: int
    seconds: float


def print_answer(source: Source, text: str, form: str) -> Printed:
    """Print the whole result of each statement.

    On a terminal it is kept until the warehouse is closed: a person who reads page by page must
    not keep a nightly run waiting.
    """
    started = monotonic()
    if not sys.stdout.isatty():
        return Printed(answer(source, text, form, sys.stdout), monotonic() - started)
    width, height = get_terminal_size()
    with SpooledTemporaryFile(_MOST_IN_MEMORY, "w+", encoding="utf-8") as kept:
        try:
            rows = answer(source, text, form, cast("TextIO", kept), width)
            return Printed(rows, monotonic() - started)
        finally:  # of several statements, those before an error have their results
            _show(cast("TextIO", kept), height)


def _show(kept: TextIO, height: int) -> None:
    kept.seek(0)
    lines = sum(1 for _ in kept)
    kept.seek(0)
    if lines < height:
        sys.stdout.writelines(kept)
        sys.stdout.flush()
    else:
        click.echo_via_pager(kept)
