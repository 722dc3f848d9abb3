"""Tests of the project's own statements: version, licence, citation, dependencies."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from tests.processes import PATIENCE

ROOT = Path(__file__).parents[1]
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = CONFIGURATION["project"]
_LATER = {"compression"}  # of the standard library, from Python 3.14 on
ROOMS = ("flows", "extractors", "transforms", "warehouse", "webpage", "replica")


def test_the_citation_names_this_version_and_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"] == "Apache-2.0"
    assert citation["title"] == PROJECT["name"]
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_changelog_keeps_its_form() -> None:
    """Every entry is one bullet of one line under a heading of Keep a Changelog."""
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", one) for one in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    entries = text.partition("\n### ")[2].splitlines()
    assert [line for line in entries if line.startswith(" ")] == []
    assert all(line.endswith(".") for line in entries if line.startswith("- "))


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = text.partition("dependencies = [\n")[2].partition("\n]")[0].splitlines()
    assert len(lines) == len(PROJECT["dependencies"])
    assert [line for line in lines if not re.search(r",\s+# \S+ \S+", line)] == []


def test_every_package_that_is_imported_is_declared() -> None:
    """Only pydantic (with pydantic-settings) and markupsafe (with jinja2) come with another."""
    declared = _names(PROJECT["dependencies"])
    assert _undeclared(ROOMS, declared) <= {"pydantic", "markupsafe"}


def test_users_install_none_of_our_tools() -> None:
    declared = _names(PROJECT["dependencies"])
    groups = CONFIGURATION["dependency-groups"]
    tools = _names(name for group in groups.values() for name in group if isinstance(name, str))
    assert declared.isdisjoint(tools)
    locked = _locked("requirements.lock")
    assert set(locked).isdisjoint(tools)
    assert declared <= set(locked)


def test_the_development_lock_has_the_versions_that_run() -> None:
    tested = _locked("requirements-dev.lock")
    assert [
        item for item in _locked("requirements.lock").items() if item not in tested.items()
    ] == []


def _locked(name: str) -> dict[str, list[str]]:
    """Return the pinned versions of each package; more than one where Python versions differ."""
    locked: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.M):
        locked.setdefault(package, []).append(version)
    return locked


def _names(requirements: Iterable[str]) -> set[str]:
    return {_normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}


def _normal(name: str) -> str:
    """Return a package's name as locks have it: `backports.zstd` is `backports-zstd`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _undeclared(rooms: Iterable[str], declared: set[str]) -> set[str]:
    owners = packages_distributions()
    imported = {
        module
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for module in _modules(node)
    }
    return {
        module
        for module in imported - set(ROOMS) - sys.stdlib_module_names - _LATER
        if not set(map(_normal, owners[module])) & declared
    }


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name.partition(".")[0] for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [(node.module or "").partition(".")[0]]
    return []


def test_pandas_works_in_a_process_that_has_imported_the_warehouse() -> None:
    """Where pandas is installed, importing it and DuckDB's `.df()` succeed."""
    script = (
        "import transforms.observe, warehouse.query\n"
        "import pandas, duckdb\n"
        "print(duckdb.sql('SELECT 1 AS one').df()['one'].sum())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert ran.stdout == "1\n"


@pytest.mark.parametrize(
    "modules",
    ["warehouse.query", "flows.pipeline.pool, warehouse.workbook, webpage.programmes"],
    ids=["a query", "a process that writes a release's files"],
)
def test_what_needs_no_data_frames_imports_neither_polars_nor_pandera(modules: str) -> None:
    script = f"import sys, {modules}; print({{'polars', 'pandera'}} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert ran.stdout == "set()\n"


def test_make_clean_leaves_the_default_home() -> None:
    """`data` holds the archive of whoever runs nights in a checkout: nothing else has its bytes."""
    said = subprocess.run(
        ["make", "--dry-run", "clean"], cwd=ROOT, check=True, capture_output=True, text=True,
        timeout=PATIENCE,
    ).stdout  # fmt: skip
    removed = {Path(word) for word in said.split()}
    assert Path("data/demo") in removed
    assert removed.isdisjoint({Path("data"), Path()})


def test_no_test_waits_without_an_end() -> None:
    """For a process, a thread, an answer: what hangs fails, and says where; no wait is for load."""
    found = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node).splitlines()[0]}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path.name != "mutants.py"  # a program, which runs tests that have a limit each
        for node in ast.walk(ast.parse(path.read_text()))
        if _waits_for_ever(node)
    ]
    assert found == []


def _waits_for_ever(node: ast.AST) -> bool:
    if isinstance(node, ast.With):  # whose end waits for the process: see killed_after
        return any(_called(item.context_expr) == "subprocess.Popen" for item in node.items)
    called = _called(node)
    if not isinstance(node, ast.Call) or any(one.arg == "timeout" for one in node.keywords):
        return False
    module, _, function = called.rpartition(".")
    if module in {"subprocess", "httpx"}:  # which waits for five seconds alone
        return function in {"run", "check_output", "check_call", "get", "post", "request", "Client"}
    waits = function == "communicate" or (function in {"wait", "join", "result"} and not node.args)
    return waits and not module.startswith(("throttle", "limiter"))  # whose clocks are fakes


def _called(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""
