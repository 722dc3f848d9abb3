"""The wheel, installed where nothing of the checkout can be found."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from trove_classifiers import classifiers

from tests.deploy.wheel import Environment, build_wheel, metadata
from tests.flows.pages import ROOT, SAMPLES
from tests.processes import PATIENCE
from tests.test_project import PROJECT, ROOMS


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published."""
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and the tests' libraries."""
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.borrow_libraries()
    environment.pip("--no-deps", "--no-index", "--ignore-installed", wheel)
    return environment


def test_the_wheel_has_every_file_of_its_packages_and_no_other(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *ROOMS, "deploy", "prefect*.yaml",
         "requirements.lock"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE,
    ).stdout.split()  # fmt: skip
    expected = {name if name.split("/")[0] in ROOMS else f"flows/files/{name}" for name in tracked}
    with zipfile.ZipFile(wheel) as files:
        names = {name for name in files.namelist() if ".dist-info/" not in name}
    assert names == expected


def test_an_index_of_packages_would_take_the_wheel(wheel: Path) -> None:
    """Name, version, summary, licence, Python, classifiers and readme are as indexes want them."""
    found = metadata(wheel)
    assert found["Name"] == PROJECT["name"]
    assert found["Version"] == PROJECT["version"]
    assert "\n" not in found["Summary"]
    assert found["License-Expression"] == "Apache-2.0"
    assert found["Requires-Python"] == PROJECT["requires-python"]
    assert found["Description-Content-Type"] == "text/markdown"
    assert found.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    assert found["Keywords"]
    assert found.get_all("Project-URL")
    chosen = found.get_all("Classifier") or []
    assert chosen
    assert set(chosen) <= set(classifiers)
    assert found.get_all("Provides-Extra") == ["lake"]


def test_commands_of_the_wheel_work_without_the_checkout(installed: Environment) -> None:
    """It finds its SQL, tables and deploy files within itself."""
    version = installed.run("mptf", "--version")
    assert version == f"mptf, version {PROJECT['version']}\n"
    written = installed.run("mptf", "deploy-files", "site").splitlines()
    assert {"site/prefect.yaml", "site/deploy/compose.yaml"} <= set(written)
    installed.run("mptf", "ingest", SAMPLES / "2015-11-20" / "00091001.html")
    (installed.folder / "mptf.toml").write_text("keep_pages = 0  # a page takes seconds\n")
    assert (installed.folder / installed.run("mptf", "publish").strip()).exists()
    where = installed.run("python", "-c", "import flows, webpage; print(flows.__file__)")
    assert not where.startswith(str(ROOT))


@pytest.mark.proof
def test_pip_installs_the_wheel_and_what_it_needs(wheel: Path, tmp_path: Path) -> None:
    """With the versions of the day, not those of the lock, the demo runs; no test tool comes."""
    environment = Environment(tmp_path)
    environment.run("python", "-m", "ensurepip")
    environment.pip(wheel)
    environment.run("python", "-m", "pip", "check")
    got = environment.run("python", "-m", "pip", "list", "--format", "freeze").lower()
    assert [tool for tool in ("pytest", "scrapy", "playwright", "vl-convert") if tool in got] == []
    assert "mart.interim_vs_year_end" in environment.run("mptf", "demo")
    assert (environment.folder / "data/demo/releases/latest/page/index.html").exists()
