"""The wheel, built from this checkout, and environments that have it and not the checkout."""

import os
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from tests.flows.pages import ROOT
from tests.processes import PATIENCE


def build_wheel(folder: Path) -> Path:
    """Build the wheel into a folder."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run(
        [*build, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def metadata(wheel: Path) -> Message:
    """Return what an index of packages would show."""
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(files.read(name))


class Environment:
    """A virtual environment, whose commands are run in an empty folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "elsewhere"
        self.folder.mkdir()
        self._bin = folder / "venv" / "bin"
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")],
            check=True,
            timeout=PATIENCE,
        )

    def borrow_libraries(self) -> None:
        """Let it import the libraries of the tests' own environment, pip among them."""
        (packages,) = self._bin.parent.glob("lib/python3.*/site-packages")
        borrowed = [path for path in sys.path if path.endswith("site-packages")]
        (packages / "borrowed.pth").write_text("\n".join(borrowed))

    def pip(self, *arguments: str | Path) -> None:
        """Install something."""
        self.run("python", "-m", "pip", "install", "--quiet", *arguments)

    def run(self, command: str, *arguments: str | Path) -> str:
        """Run one of its commands and return its output."""
        outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        ran = subprocess.run(
            [str(self._bin / command), *map(str, arguments)],
            cwd=self.folder, env=outside, check=False, capture_output=True, text=True,
            timeout=PATIENCE,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout
