"""Answers on stdout: streamed to programs, and on a terminal page by page."""

import sys
from shutil import get_terminal_size
from tempfile import SpooledTemporaryFile
from typing import TextIO, cast

import click

from flows.sql import Source, answer

_MOST_IN_MEMORY = 4 * 2**20  # characters


def print_answer(source: Source, text: str, form: str) -> int:
    """Print the whole result of each statement, and return the number of rows.

    On a terminal it is kept until the warehouse is closed: a person who reads page by page must
    not keep a nightly run waiting.
    """
    if not sys.stdout.isatty():
        return answer(source, text, form, sys.stdout)
    width, height = get_terminal_size()
    with SpooledTemporaryFile(_MOST_IN_MEMORY, "w+", encoding="utf-8") as kept:
        try:
            return answer(source, text, form, cast("TextIO", kept), width)
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
