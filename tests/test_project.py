"""What the project says of itself holds: version, licence, citation, dependencies."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROOMS = ("flows", "extractors", "transforms", "warehouse", "webpage", "replica")


def test_the_citation_is_of_this_version_and_licence() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["version"] == PROJECT["version"]
    assert cited["license"] == PROJECT["license"] == "Apache-2.0"
    assert cited["title"] == PROJECT["name"]
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_changelog_keeps_its_form() -> None:
    told = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (.+)$", told, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", one) for one in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", told, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    lines = text.partition("dependencies = [\n")[2].partition("\n]")[0].splitlines()
    assert len(lines) == len(PROJECT["dependencies"])
    assert [line for line in lines if not re.search(r",\s+# \S+ \S+", line)] == []


def test_every_package_that_is_imported_is_declared() -> None:
    """Or comes with one that is: pydantic with its settings, markupsafe with jinja2."""
    declared = {re.match(r"[\w-]+", name)[0].lower() for name in PROJECT["dependencies"]}  # type: ignore[index]  # every name begins with letters
    owners = packages_distributions()
    imported = {
        module
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for module in _modules(node)
    }
    others = imported - set(ROOMS) - sys.stdlib_module_names - {"__future__"}
    assert len(others) > 10
    undeclared = {
        module for module in others
        if not {name.lower().replace("_", "-") for name in owners[module]} & declared
    }  # fmt: skip
    assert undeclared <= {"pydantic", "markupsafe"}


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
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "1\n"


def test_asking_the_warehouse_imports_neither_polars_nor_pandera() -> None:
    """A query needs no frames, and must not pay for their import."""
    script = "import sys, warehouse.query; print({'polars', 'pandera'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
