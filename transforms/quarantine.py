"""What is set aside: a row or a page that breaks a rule, whole, with all that a steward needs."""

import hashlib
from typing import NamedTuple


class Quarantined(NamedTuple):
    """One thing that cannot be loaded. `table_name` is raw.capture where it is a whole page."""

    body_sha256: str
    table_name: str
    stood_at: str
    row_text: str
    rule: str
    message: str

    def quarantine_id(self) -> str:
        """Derived from what was set aside and why, so that it is the same at every reading."""
        key = "\n".join(self[:5])
        return hashlib.sha256(key.encode()).hexdigest()[:32]
