"""The prompt of `mptf sql`: each entry is answered, with the warehouse open only meanwhile."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from extractors.errors import MptfError, UsageError
from extractors.times import iso_time_or_day, last_second
from flows.cli.paging import print_answer
from flows.sql import Source, opened
from flows.terminal import shown, shown_help
from warehouse.connection import quoted, sql
from warehouse.errors import QueryError
from warehouse.query import is_whole

_HELP = """\
Statements end with a semicolon; Enter goes to the next line until then. Tab completes names.
Ctrl-C stops a query, Ctrl-D leaves. Each entry opens the warehouse anew: what SET or CREATE TEMP
makes lasts for the statements on the same entry.

  .tables         the tables and views
  .schema NAME    the columns of one, with their meaning
  .as-of [TIME]   answer as of a time, or the end of a day (UTC); without one, as in the beginning
  .help           this text
  .quit           leave
"""
_LEAVING = {".quit", ".exit", "quit", "exit"}
_HELPING = {".help", "help"}
_WORD = re.compile(r"[\w.]+")


class _Talk(NamedTuple):
    """A conversation: what is queried, how results are printed, and the source it began with."""

    source: Source
    form: str
    first: Source


def converse(source: Source, form: str) -> None:
    """Answer the statements that a person types, until Ctrl-D or `.quit`.

    The warehouse is open only while a statement runs, so nobody who writes to it waits for a
    person.
    """
    session: PromptSession[str] = PromptSession(
        "mptf> ",
        multiline=Condition(lambda: not _is_entry(get_app().current_buffer.text)),
        prompt_continuation="  ... ",
        completer=_completer(source),
        complete_while_typing=False,
        history=_history(),
    )
    click.echo(
        "Read-only SQL, with a semicolon at its end; .help says more, .quit leaves", err=True
    )
    talk = _Talk(source, form, source)
    while True:
        try:
            entry = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if entry.rstrip(";") in _LEAVING:
            return
        talk = _answered(talk, entry)


def _is_entry(text: str) -> bool:
    """Return whether Enter ends the entry, rather than its line."""
    word = text.strip().rstrip(";")
    return word.startswith(".") or word in {"", *_LEAVING, *_HELPING} or is_whole(text)


def _answered(talk: _Talk, entry: str) -> _Talk:
    """Answer one entry, and return the conversation after it."""
    try:
        return _answer(talk, entry)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except QueryError as error:
        click.echo(shown_help(str(error)), err=True)
    except MptfError as error:
        click.echo(shown(str(error)), err=True)
    return talk


def _answer(talk: _Talk, entry: str) -> _Talk:
    command, _, name = entry.rstrip(";").strip().partition(" ")
    name = name.strip()
    if command in _HELPING:
        click.echo(_HELP, nl=False)
    elif command == ".tables":
        print_answer(talk.source, sql("prompt/tables"), "table")
    elif command == ".schema":
        _show_columns(talk, name)
    elif command == ".as-of":
        return talk._replace(source=_as_of(talk, name))
    elif command.startswith("."):
        raise UsageError(f"{command} is none of the prompt's commands: .help lists them")
    elif entry:
        rows, seconds = print_answer(talk.source, entry, talk.form)
        click.echo(f"{rows:,} row{'' if rows == 1 else 's'}, {seconds:.2f} seconds", err=True)
    return talk


def _show_columns(talk: _Talk, name: str) -> None:
    if not name:
        raise UsageError(".schema needs the name of a table: .tables lists them")
    query = f"SET VARIABLE name = {quoted(name)};\n{sql('prompt/columns')}"
    if not print_answer(talk.source, query, "table").rows:
        raise UsageError(f"there is no table {name}: .tables lists them")


def _as_of(talk: _Talk, text: str) -> Source:
    if not text:
        return talk.first
    try:
        return talk.source._replace(as_of=last_second(iso_time_or_day(text)))
    except ValueError as error:
        raise UsageError(f"{text!r} is neither a day such as 2016-04-30 nor a time") from error


def _completer(source: Source) -> WordCompleter:
    """Return a completer of tables, columns and the words of SQL, with what they mean."""
    meanings: dict[str, str] = {}
    with opened(source) as con:
        for name in ("prompt/tables", "prompt/words"):
            for word, meaning in con.execute(sql(name)).fetchall():
                meanings[word] = shown((meaning or "").partition(". ")[0])
    commands = dict.fromkeys((".tables", ".schema", ".as-of", ".help", ".quit"), "")
    meanings |= commands
    return WordCompleter(
        list(meanings), ignore_case=True, meta_dict=meanings, match_middle=True, pattern=_WORD
    )


def _history() -> History:
    """Return the history in the user's own file, or in memory if there can be no such file."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    folder = (given if given.is_absolute() else Path.home() / ".local" / "state") / "mptf"
    file = folder / "sql_history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        file.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(file)
