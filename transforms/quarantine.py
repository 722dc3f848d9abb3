"""Printed values that break a rule, and the rows and pages in quarantine because of them."""

import hashlib
from typing import NamedTuple

from extractors.errors import MptfError


class RejectedError(MptfError, ValueError):
    """A printed value that breaks a rule; its record goes to quarantine whole. Do not retry.

    Attributes:
        rule: one word of snake_case, as listed in docs/operators.md.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Quarantined(NamedTuple):
    """A row or a page that cannot be loaded; `table_name` is raw.capture for a whole page."""

    parse_key: str
    table_name: str
    stood_at: str
    row_text: str
    rule: str
    message: str

    def quarantine_id(self) -> str:
        """Return an identifier derived from the row and the rule, equal in every parse."""
        key = "\n".join(self[:5])
        return hashlib.sha256(key.encode()).hexdigest()[:32]
