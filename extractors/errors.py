"""The base of all expected errors: message, exit code, and whether a retry helps."""

from typing import ClassVar


class MptfError(Exception):
    """An expected error, whose text says what happened and what to do.

    A command that fails with one prints it on a single line, never as a traceback.

    Attributes:
        exit_code: exit code of the command: 1 not done, 2 wrong usage.
        retry_helps: whether the same work may succeed later.
        hint: what to do, if that is the same for all errors of the class.
    """

    exit_code: ClassVar[int] = 1
    retry_helps: ClassVar[bool] = False
    hint: ClassVar[str] = ""

    def __str__(self) -> str:
        """Return the message, followed by the hint."""
        return "; ".join(filter(None, (super().__str__(), self.hint)))


class UsageError(MptfError):
    """An invalid option, setting or input."""

    exit_code = 2
