"""The base of every error that is expected: what a person is told, and whether a retry helps."""

from typing import ClassVar


class MptfError(Exception):
    """An expected error, whose text says what happened and what to do.

    A command that ends with one prints it as a single line, never as a traceback.

    Attributes:
        exit_code: how a command ends: 1 not done, 2 wrong usage.
        retry_helps: whether the same work may succeed if it is tried again later.
        hint: what to do, where every error of the class has the same answer.
    """

    exit_code: ClassVar[int] = 1
    retry_helps: ClassVar[bool] = False
    hint: ClassVar[str] = ""

    def __str__(self) -> str:
        """Return the message, followed by the hint."""
        return "; ".join(filter(None, (super().__str__(), self.hint)))


class UsageError(MptfError):
    """An option, setting or input that cannot be used as it was given."""

    exit_code = 2
