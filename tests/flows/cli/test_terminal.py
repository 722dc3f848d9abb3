"""Nothing that pages, files or queries say steers the terminal or the log that it is shown on."""

import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.pipeline.outcome import DONE, INCOMPLETE, Outcome
from flows.pipeline.report import Report
from flows.scheduled.reporting import in_short, markdown_of
from flows.terminal import shown
from tests.command import COMMAND, Mptf
from tests.flows.pages import factsheet, save
from tests.processes import PATIENCE, killed_after
from warehouse.changes import Change
from warehouse.connection import sql_names
from warehouse.runs import Counts

# Sets the title, clears the screen, turns letters round, by either kind of control sequence.
STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
WRITTEN = "".join(f"&#{ord(sign)};" if sign < " " else sign for sign in STEERING)


@pytest.fixture
def hostile(tmp_path: Path, mptf: Mptf) -> Path:
    """Pages whose titles, figures, statuses and names of files would steer a terminal."""
    folder = tmp_path / "pages"
    page = factsheet(figures={("FAO", 2015): f"7{WRITTEN}", (f"UNDP{WRITTEN}", 2015): "7"})
    page = page.replace("Reef Watch 0", f"Reef {WRITTEN} 0").replace("On Going", f"Odd{WRITTEN}")
    rows = [
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.strip('| ').split(' | '))}</tr>"
        if line.startswith("|") else f"</table><p>{line}</p><table>"
        for line in page.splitlines()
    ]  # fmt: skip
    save(folder, f"a{STEERING}\n.html", f"<html><table>{''.join(rows)}</table></html>")
    save(folder, f"b{STEERING}.html", f"<html>Shop {WRITTEN}</html>")
    save(folder, f"c{STEERING}\nmptf: all is well.html", "x")
    save(folder, f"c{STEERING}\nmptf: all is well.html.json", "{")
    return folder


def on_a_terminal(*command: str, kind: str = "dumb") -> str:
    """What a command writes where it is shown to somebody."""
    parent, child = pty.openpty()
    with killed_after(
        subprocess.Popen(
            [*COMMAND, *command], stdout=child, stderr=child, env={**os.environ, "TERM": kind}
        )
    ) as run:
        os.close(child)
        written = b"".join(read_all(parent))
        assert run.wait(PATIENCE) in {0, 1, 3}
    os.close(parent)
    return written.decode()


def read_all(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return


def test_nothing_that_was_taken_in_steers_the_terminal(
    hostile: Path, home: Path, mptf: Mptf
) -> None:
    """What programs read, JSON and CSV that are piped, is what the page printed all the same."""
    query = "SELECT title, status FROM core.programme"
    taken = on_a_terminal(
        "--home", str(home), "ingest", str(hostile), "--captured-at", "2016-01-01"
    )
    written = {
        "ingest": taken,
        "csv": on_a_terminal("--home", str(home), "sql", query, "--format", "csv"),
        "table": mptf("sql", query).output,
        "list": mptf("quarantine", "list").output,
        "wrong": mptf("sql", f"SELEC '{STEERING}'").output,
    }
    for command, text in written.items():
        assert not {"\x07", "\x9b", "\u202e"} & set(text), command
        assert "\x1b]" not in text, command  # progress bars write others, which are ours
        assert "\x1b[2J" not in text, command
    assert "\\u001b]0;owned" in written["list"]
    assert "\\u009b31m" in written["table"]
    assert "\nmptf: all is well" not in taken.replace("\r", "")
    for_programs = json.loads(mptf("sql", query, "--format", "json").stdout)[0]["title"]
    assert STEERING in for_programs
    assert for_programs in mptf("sql", query, "--format", "csv").stdout


def test_nothing_of_a_page_is_markup_in_the_records_of_a_run() -> None:
    text = f"[x](http://example.org) <script>alert(1)</script> | `a`\n# b {STEERING}"
    change = Change("new programmes", ["title"], [(text,)], 1)
    counts = Counts(1, 1, 0, 0, 0, 0)
    told = markdown_of(
        "nightly-sync", Report(Outcome(INCOMPLETE, text), counts, 1.0, [text], [], [change], {})
    )
    assert "<script" not in told
    assert "](" not in told
    assert "\n# b" not in told
    assert told.replace("\n", "").isprintable()
    assert shown(STEERING).isprintable()


def test_a_run_of_one_is_named_in_the_singular() -> None:
    """Each kind of change has its own."""
    kinds = [name.partition("/")[2].replace("_", " ") for name in sql_names("changes")]
    assert kinds
    changes = [Change(kind, [], [], 1) for kind in kinds]
    name = in_short(Report(Outcome(DONE), Counts(1, 1), 1.0, [], [], changes, {}))
    assert name.startswith("1 capture, 1 loaded, 1 ")
    assert not set(kinds) & {words.removeprefix("1 ") for words in name.split(", ")}


def test_the_bar_ends_before_the_summary_begins(home: Path, tmp_path: Path) -> None:
    """On a terminal it is erased; a terminal that cannot erase shows none."""
    page = str(save(tmp_path, "p.html", factsheet()))
    ingest = ("--home", str(home), "ingest", page, "--captured-at", "2016-01-01")
    bar, _, summary = on_a_terminal(*ingest, kind="xterm").rpartition("\x1b[2K")
    assert "ingest: captures 1" in bar
    assert "\x1b[?25h" in bar  # the cursor is shown again
    assert summary.startswith("captures 1, loaded 1, ")
    assert on_a_terminal(*ingest).startswith("captures 1, loaded 0, unchanged 1, ")
