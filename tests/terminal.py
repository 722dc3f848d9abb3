"""A command on a pseudo-terminal, with somebody who reads and types."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from select import select
from types import TracebackType
from typing import Self

from tests.command import COMMAND
from tests.processes import eventually

_LONGEST_WAIT = 60  # seconds without a sign of life
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal:
    """A command on a terminal of a size; use it in a `with` block, which waits for its end.

    Attributes:
        text: all that it has shown, without control sequences.
        exit_code: how it ended, after the block.
    """

    def __init__(
        self, *arguments: str | Path, width: int = 80, environment: Mapping[str, str] | None = None
    ) -> None:
        self._parent, child = os.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LEADER, *COMMAND, *map(str, arguments)],
            stdin=child, stdout=child, stderr=child, start_new_session=True,
            env={**_PLAIN, "PAGER": "cat", **_without_size(environment or {})},
        )  # fmt: skip
        os.close(child)
        self._raw = b""
        self._read_to = 0
        self.exit_code = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        while self._read():
            pass
        try:
            self.exit_code = self._process.wait(_LONGEST_WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"it does not end; it shows {self.text[-500:]!r}") from None
        finally:
            os.close(self._parent)

    @property
    def text(self) -> str:
        """Return what was shown, without control sequences."""
        return _CONTROL.sub("", self._raw.decode(errors="replace"))

    def sees(self, text: str) -> None:
        """Wait until a text is shown, behind all that was waited for."""
        while (at := self.text.find(text, self._read_to)) < 0:
            assert self._read(), f"{text!r} is not in {self.text[self._read_to :]!r}"
        self._read_to = at + len(text)

    def types(self, keys: str) -> None:
        """Type some keys.

        Wait for a prompt before control characters: until it is there, the terminal itself takes
        Ctrl-C and Ctrl-D, and nobody reads them.
        """
        os.write(self._parent, keys.encode())

    def types_until_it_sees(self, keys: str, text: str) -> None:
        """Type keys again and again until a text is shown: Ctrl-C may come before it is heeded.

        Ever later, because the command may be slow to heed the first.
        """
        for seconds in (1, 2, 4, 8, 16, 32, _LONGEST_WAIT):
            self.types(keys)
            while self._read(seconds):
                if text in self.text[self._read_to :]:
                    self.sees(text)
                    return
        raise AssertionError(f"{text!r} is not in {self.text[self._read_to :]!r}")

    def opens(self, file: Path) -> None:
        """Wait until the command has a file open."""
        descriptors = Path("/proc", str(self._process.pid), "fd")

        def is_open() -> bool | None:
            assert self._process.poll() is None, self.text
            return any(_is(file, each) for each in descriptors.iterdir()) or None

        eventually(is_open, f"open {file}")

    def _read(self, seconds: float = _LONGEST_WAIT) -> bool:
        ready, _, _ = select([self._parent], [], [], seconds)
        if not ready:
            return False
        try:
            read = os.read(self._parent, 65536)
        except OSError:  # how Linux says that nobody writes any more
            return False
        self._raw += read
        return bool(read)


def _is(file: Path, descriptor: Path) -> bool:
    try:
        return descriptor.samefile(file)
    except OSError:  # it was closed meanwhile, or is none of a file
        return False


# Makes the terminal that of its process, so that Ctrl-C interrupts it, and becomes the command.
_LEADER = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


def _without_size(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which the terminal itself says how large it is."""
    sizes = {"COLUMNS", "LINES"}
    return {name: value for name, value in environment.items() if name not in sizes}


_PLAIN = {**_without_size(os.environ), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
