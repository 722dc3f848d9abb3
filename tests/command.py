"""The command line, run in the tests' own process."""

import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from flows.cli.main import main

Mptf = Callable[..., Result]
# The command as a process of its own, for claims about processes: signals, kills, terminals.
COMMAND = [sys.executable, "-c", "from flows.cli.main import main; main()"]


def run_mptf(home: Path, *arguments: str | Path) -> Result:
    """Run a command on a home and return its exit code, output and errors."""
    return CliRunner().invoke(main, ["--home", str(home), *map(str, arguments)])
