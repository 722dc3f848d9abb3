"""Contacts: the portfolio manager and the persons with access rights. Personal data."""

import re

from extractors.blocks import Block, Line
from extractors.records import PrintedContact

_KEY = re.compile(r"\b(?P<key>Telephone|E-?mail|Skype)\s*:\s*(?P<value>[^;]*)", re.IGNORECASE)
_FIELD = {"telephone": "telephone", "email": "email", "e-mail": "email", "skype": "skype"}
_OPENINGS = ("portfolio manager", "access rights", "questions about this")
FOOTER = re.compile(r"^Contact Us\b")


def starts_contacts(line: Line, *, in_narrative: bool) -> bool:
    """Whether the contacts begin at this line.

    In the narrative only a line that announces persons counts: prose may speak of managers.
    """
    text = line.text.lower()
    if text.rstrip(":") in {"contact", "contacts"}:
        return True
    return (not in_narrative or text.endswith(":")) and any(
        opening in text for opening in _OPENINGS
    )


def is_person(line: Line) -> bool:
    """Whether a line gives somebody's telephone or Skype: personal data wherever it stands."""
    return ":" in line.text and any(
        found["key"].lower() in {"telephone", "skype"} for found in _KEY.finditer(line.text)
    )


def read_contacts(blocks: list[Block]) -> list[PrintedContact]:
    """The persons in order: list items, and lines that give a telephone, an e-mail or Skype."""
    return [
        _person(block.text)
        for block in blocks
        if isinstance(block, Line) and (block.bullet or _KEY.search(block.text))
    ]


def _person(text: str) -> PrintedContact:
    values = {_FIELD[key.lower()]: value.strip() or None for key, value in _KEY.findall(text)}
    first = _KEY.search(text)
    lead = text[: first.start()] if first else text
    name, _, role = lead.strip(" ;,").partition(",")
    return PrintedContact(
        name=name.strip() or "(unnamed)",
        role=role.strip() or None,
        telephone=values.get("telephone"),
        email=values.get("email"),
        skype=values.get("skype"),
    )
