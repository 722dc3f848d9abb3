"""What a run tells whoever waits for it: how much of its work is done."""

from typing import Protocol


class Progress(Protocol):
    """A callback that is told how much of the known work is done, in pages or in bytes."""

    def __call__(self, done: int, of: int) -> None:
        """Show the progress; it must not raise."""


def no_progress(done: int, of: int) -> None:
    """Show nothing."""
