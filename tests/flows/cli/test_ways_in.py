"""Every way in that docs/ways-in.md shows leads to the same figures."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.pages import ROOT
from tests.flows.tables import ask
from tests.processes import PATIENCE

GUIDE = (ROOT / "docs" / "ways-in.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
NEWEST = Path("releases", "latest.duckdb")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    lines = "".join(blocks("sh")).splitlines()
    return [line for line in lines if line.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the home with a release of docs/samples, in which examples write files."""
    home = tmp_path_factory.mktemp("ways-in") / "home"
    shutil.copytree(published_home, home, symlinks=True)
    return home


@pytest.fixture(scope="module")
def spent(home: Path) -> dict[str, Decimal]:
    """What every fund spent in 2015."""
    query = "SELECT fund_code, expenditure_usd FROM mart.fund_year WHERE fiscal_year = 2015"
    found = {str(code or ""): amount for code, amount in ask(home / NEWEST, query)}
    assert len(found) == 3
    assert "" in found  # a programme's page need not link to its fund
    return found  # type: ignore[return-value]  # amounts are decimals, as the view has them


def run(home: Path, *command: str | Path, text: str | None = None) -> str:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    finished = subprocess.run(
        command,
        cwd=home,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def shows(said: str, spent: dict[str, Decimal]) -> bool:
    """Whether every fund and its amount is in it, however that is written out."""
    printed = re.findall(r"-?\d[\d,]*\.?\d*", said)
    numbers = {Decimal(number.replace(",", "")) for number in printed}
    return set(spent.values()) <= numbers and all(code in said for code in spent if code)


def test_duckdbs_command_line(home: Path, spent: dict[str, Decimal]) -> None:
    (command,) = commands("duckdb")
    assert shows(run(home, *shlex.split(command)), spent)


def test_every_python_example(home: Path, spent: dict[str, Decimal]) -> None:
    """DuckDB, pandas, polars, Parquet without DuckDB, CSV by pandas and polars, the workbook.

    And the package.

    One after the other in one process: what they import takes seconds.
    """
    examples = blocks("python")
    said = run(home, sys.executable, "-c", 'print("----")\n'.join(examples)).split("----\n")
    *figures, package = said
    assert len(figures) == 7
    for example, answer in zip(examples, figures, strict=False):
        assert shows(answer, spent), (example, answer)
    valid, fields = package.splitlines()
    assert valid == "True"
    assert "interim_share_pct" in fields


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_every_r_example(home: Path, spent: dict[str, Decimal]) -> None:
    examples = blocks("r")
    assert len(examples) == 2
    for example in examples:
        assert shows(run(home, "Rscript", "-", text=example), spent), example


def test_the_notebook_answers_its_questions(home: Path) -> None:
    """What its cells hold is what the release says."""
    cells = run(home, sys.executable, "-c", _CELLS, ROOT / "docs", NEWEST)
    answers = json.loads(cells)
    expected = {
        "to_quote": "FROM mart.expenditure_current WHERE programme_id = '00091001'",
        "by_basis": "SELECT DISTINCT fiscal_year, basis FROM mart.expenditure_current"
        " WHERE expenditure_usd IS NOT NULL",
        "off_by": "SELECT DISTINCT organization FROM mart.interim_vs_year_end",
        "restated": "FROM mart.restatement",
        "late": "FROM mart.missing_year_end",
    }
    found = {name: len(ask(home / NEWEST, query)) for name, query in expected.items()}
    assert {name: len(answers[name]) for name in expected} == found
    assert min(found["to_quote"], found["by_basis"], found["off_by"]) >= 1


_CELLS = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.argv = ["notebook.py", "--release", sys.argv[2]]
from notebook import app
_, defined = app.run()
frames = {name: value.rows() for name, value in defined.items() if hasattr(value, "rows")}
print(json.dumps(frames, default=str))
"""


@pytest.mark.proof
def test_the_notebook_runs_as_a_program_and_becomes_a_page(home: Path) -> None:
    """As the guide says, with the figures in the page."""
    (program,) = commands("python")
    run(home, sys.executable, ROOT / "docs" / "notebook.py", *shlex.split(program)[2:])
    (export,) = [line for line in commands("marimo") if "export" in line]
    command = shlex.split(export.replace("docs/notebook.py", str(ROOT / "docs" / "notebook.py")))
    run(home, *command)
    page = (home / "report.html").read_text(encoding="utf-8")
    (restated,) = ask(home / NEWEST, "SELECT programme_id FROM mart.restatement LIMIT 1")
    assert str(restated[0]) in page
