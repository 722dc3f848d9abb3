"""Why a printed value cannot be taken."""

from extractors.errors import MptfError


class RejectedError(MptfError, ValueError):
    """A printed value breaks a rule; its record goes to quarantine whole. Do not retry.

    Attributes:
        rule: one word of snake_case, as listed in docs/operators.md.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
