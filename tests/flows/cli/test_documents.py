"""Every command that the documents show runs; every rule and every column is in them."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import Result

from extractors.fetch.errors import FailureKind
from flows.settings import Settings
from tests.command import Mptf, run_mptf
from tests.flows.pages import ROOT
from tests.processes import PATIENCE, killed_after
from tests.stand_in import Replica
from warehouse.dictionary import as_markdown

TUTORIAL = ROOT / "docs" / "tutorial.md"
GUIDES = sorted(path for path in (ROOT / "docs").glob("*.md") if path != TUTORIAL)
DOCUMENTS = [ROOT / "README.md", *GUIDES]
OF_TODAY = {"probe.md"}  # their commands are of the site since 2022
SHOWN_AND_PRINTED = re.compile(
    r"^```sh\n(.*?)^```$(?:\n\n^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL
)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands_of(shown: str) -> list[list[str]]:
    lines = shown.splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("mptf ")]


def commands(document: Path) -> list[list[str]]:
    return commands_of("".join(BLOCK.findall(document.read_text())))


class Reader:
    """Someone who tries the commands of one document after the other, each of them once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.tried: set[tuple[str, ...]] = set()

    def tries(self, *command: str) -> Result | None:
        """Run a command, unless it was run before."""
        if command in self.tried:
            return None
        self.tried.add(command)
        return run_mptf(self.home, *command)


@pytest.fixture(scope="module")
def readers(samples_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    """A reader of each layout's documents, in a home with docs/samples."""
    folder = tmp_path_factory.mktemp("documents")
    return {
        layout: Reader(shutil.copytree(samples_home, folder / layout / "home"))
        for layout in ("classic", "today")
    }


@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if commands(document)],
    ids=lambda path: path.name,
)
def test_every_command_shown_runs(
    document: Path, readers: dict[str, Reader], monkeypatch: pytest.MonkeyPatch, replica: Replica
) -> None:
    """The site and the web archive are the stand-in's, which does not know every ID shown."""
    layout = "today" if document.name in OF_TODAY else "classic"
    reader = readers[layout]
    _, running = replica(programmes=6, layout=layout)
    for name in ("MPTF_BASE_URL", "MPTF_WAYBACK_URL"):
        monkeypatch.setenv(name, running.base_url)
    monkeypatch.setenv("MPTF_RETRY_SECONDS", "0.05")
    monkeypatch.setenv("MPTF_KEEP_PAGES", "0")  # which take a second: test_page.py
    monkeypatch.setenv("MPTF_FAIL_ABOVE", "1")  # for `status --check`, whatever share of IDs fails
    monkeypatch.chdir(ROOT)
    for shown in commands(document):
        command = [
            re.sub(r"^(data|/srv)/", f"{reader.home.parent}/", argument) for argument in shown
        ]
        if command[:2] == ["replica", "serve"]:
            assert_serves(command)
        elif command != ["up"] and (result := reader.tries(*command)):  # up: test_up.py
            judges = command[0] in {"sync", "backfill"} or "--check" in command
            allowed = {0, 3} if judges else {0}
            assert result.exit_code in allowed, (command, result.output)
            if command[0] == "sql":
                assert len(result.stdout.splitlines()) > 1, command


def test_the_tutorial_prints_what_it_says(
    mptf: Mptf, monkeypatch: pytest.MonkeyPatch, replica: Replica, tmp_path: Path
) -> None:
    """In homes of its own, from the first command to the last."""
    _, running = replica(programmes=12)
    monkeypatch.setenv("MPTF_BASE_URL", running.base_url)
    monkeypatch.setenv("MPTF_KEEP_PAGES", "0")
    monkeypatch.chdir(ROOT)
    text = TUTORIAL.read_text()
    compared = 0
    for shown, printed in SHOWN_AND_PRINTED.findall(text):
        for command in commands_of(shown.replace("data/", f"{tmp_path}/")):
            if command[:2] != ["replica", "serve"]:  # it is served already
                result = mptf(*command)
                is_in_part = command[-1] in {"tests/pages/amount_grouped_wrongly.html", "rebuild"}
                expected = 3 if is_in_part else 0
                assert result.exit_code == expected, (command, result.stderr)
        if printed:
            assert result.stdout.strip() == printed.strip(), command
            compared += 1
    assert compared == 6


def test_every_statement_shown_at_the_prompt_runs(samples_home: Path) -> None:
    """Those of all documents; a statement may go on for several lines."""
    text = "".join(document.read_text() for document in DOCUMENTS).replace("\n  ... ", " ")
    statements = re.findall(r"^mptf> (SELECT .*;)$", text, re.MULTILINE)
    assert len(statements) >= 2
    for statement in statements:
        result = run_mptf(samples_home, "sql", statement)
        assert result.exit_code == 0, (statement, result.stderr)
    dictionary = as_markdown()
    for command in re.findall(r"^mptf> (\..*)$", text, re.MULTILINE):
        name = command.partition(" ")[2]
        assert command == ".tables" or f"## {name}\n" in dictionary, command


def assert_serves(command: list[str]) -> None:
    """The stand-in answers, and an interrupt ends it."""
    program = Path(sys.executable).with_name("mptf")
    with killed_after(
        subprocess.Popen([program, *command], stdout=subprocess.PIPE, text=True)
    ) as server:
        assert server.stdout
        address = server.stdout.readline().strip()
        answer = httpx.get(f"{address}/portfolio/donor", follow_redirects=True, timeout=PATIENCE)
        assert answer.status_code == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0


def test_the_fixture_is_used_as_the_guide_to_the_stand_in_shows(replica: Replica) -> None:
    text = (ROOT / "docs" / "stand-in.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names: dict[str, Callable[[Replica], None]] = {}
    exec(example, names)  # noqa: S102 because it is our own guide's
    names["test_a_night"](replica)


def anchors(document: Path) -> set[str]:
    """Return the names of a document's headings in links, as GitHub makes them."""
    text = CODE.sub("", document.read_text())
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_between_the_documents_leads_somewhere() -> None:
    """To a file, and to a heading in it where one is named."""
    followed, broken = 0, []
    for document in (*DOCUMENTS, TUTORIAL):
        for link in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", document.read_text())):
            name, _, anchor = link.partition("#")
            if "://" in link:
                continue
            target = (document.parent / name) if name else document
            followed += 1
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append((document.name, link))
    assert followed > 100
    assert broken == []


def test_the_readme_and_the_guides_show_commands() -> None:
    counts = {document.name: len(commands(document)) for document in DOCUMENTS}
    assert counts["README.md"] >= 5
    assert counts["analysts.md"] >= 5
    assert counts["operators.md"] >= 5


def test_the_data_dictionary_is_what_the_schemas_say() -> None:
    """`make docs` writes it again. What analysts query comes first."""
    text = (ROOT / "docs" / "data-dictionary.md").read_text()
    assert text == as_markdown()
    schemas = dict.fromkeys(re.findall(r"^## (\w+)\.", text, re.MULTILINE))
    assert list(schemas) == ["mart", "core", "raw", "observed", "meta", "vintage"]


def test_every_setting_and_every_failure_is_explained_to_operators() -> None:
    told = (ROOT / "docs" / "operators.md").read_text()
    for name, setting in Settings.model_fields.items():
        assert f"| `{name}` |" in told
        assert str(setting.description) in told
    assert {kind for kind in FailureKind if f"`{kind}`" not in told} == set()


def test_every_rule_and_every_kind_of_finding_is_explained_to_operators() -> None:
    told = (ROOT / "docs" / "operators.md").read_text()
    code = "".join(
        path.read_text()
        for room in ("extractors", "transforms", "flows")
        for path in (ROOT / room).rglob("*.py")
    )
    names = set(
        re.findall(
            r"(?:RejectedError|PageRefusedError|PrintedFinding|column_finding)"
            r"\((?:(?:grid, )?at,)?\s*\"([a-z_]+)\"",
            code,
        )
    )
    assert len(names) > 15
    assert {"unknown_heading", "repeated_heading"} <= names
    assert {name for name in names if f"`{name}`" not in told} == set()
