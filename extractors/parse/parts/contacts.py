"""Contacts: the portfolio manager and the persons with access rights. Personal data."""

import re
from collections.abc import Mapping

from extractors.parse.base.blocks import Block, Line, TableBlock, filled_texts, texts_in
from extractors.records import PrintedContact

_KEY = re.compile(
    r"\b(?P<key>Telephone|Tel|Phone|Mobile|Cell|Fax|E-?mail|Mail|Skype)\.?\s*:"
    r"\s*(?P<value>[^;]*)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.\w+")
_ANNOUNCED = re.compile(
    r"^(?P<role>(?:[\w ]{0,30}Portfolio Manager|(?:The )?persons with [\w ]{0,30}access rights)"
    r"[^:]*)"
    r":\s*(?P<names>.*)$",
    re.IGNORECASE,
)
_FIELDS = {
    "telephone": "telephone",
    "tel": "telephone",
    "phone": "telephone",
    "mobile": "telephone",
    "cell": "telephone",
    "fax": "telephone",
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "skype": "skype",
}
_HEADINGS = frozenset(
    f"{of}{contact}{person}"
    for of in ("", "project ", "programme ")
    for contact in ("contact", "contacts")
    for person in ("", " person", " persons")
)
_LONGEST_HEADING = 40  # characters
_OPENINGS = ("portfolio manager", "access rights", "questions about this")
_FOOTER = re.compile(r"Contact Us\b")


def is_footer(text: str) -> bool:
    """Return whether a line opens the page's footer, below everything about its subject."""
    return _FOOTER.match(text) is not None


def starts_contacts(line: Line, *, in_narrative: bool) -> bool:
    """Return whether the contacts begin at this line.

    In the narrative and among documents only a line that announces persons counts, since prose and
    titles may mention managers.
    """
    text = line.text
    if ":" in text and _ANNOUNCED.match(text):
        return True
    if len(text) <= _LONGEST_HEADING and text.lower().removesuffix(":") in _HEADINGS:
        return True
    if in_narrative and not text.endswith(":"):
        return False
    return any(opening in text.lower() for opening in _OPENINGS)


def is_person(line: Line) -> bool:
    """Return whether a line has a telephone, e-mail or Skype: personal data wherever it stands."""
    if "@" in line.text and _ADDRESS.search(line.text):
        return True
    return ":" in line.text and any(
        not found["key"].lower().endswith("mail") for found in _KEY.finditer(line.text)
    )


def is_contact_table(table: TableBlock) -> bool:
    """Return whether a table has a heading such as telephone, or an e-mail in some cell."""
    heads = (_bare(cell.text) for row in table.rows[:2] for cell in row)
    is_headed = any(head in _FIELDS for head in heads)
    return is_headed or any("@" in text for text in texts_in(table))


def parse_contacts(blocks: list[Block]) -> list[PrintedContact]:
    """Return the persons in list items, table rows, and lines with a telephone or the like."""
    persons: list[PrintedContact] = []
    for block in blocks:
        if isinstance(block, TableBlock):
            persons += _table_persons(block)
        elif found := _ANNOUNCED.match(block.text):
            if found["names"]:
                persons.append(_person(f"{found['names']}, {found['role']}"))
        elif block.bullet or is_person(block):
            persons.append(_person(block.text))
    return persons


def _table_persons(table: TableBlock) -> list[PrintedContact]:
    """Return one person per row; without a heading for names, parse each row as one line."""
    heads = [_bare(cell.text) for cell in table.rows[0]]
    fields = [_FIELDS.get(head, head) for head in heads]
    if "name" not in fields:
        return [_person(", ".join(filled_texts(row))) for row in table.rows]
    rows = (
        dict(zip(fields, (cell.text or None for cell in row), strict=False))
        for row in table.rows[1:]
    )
    return [_contact(values.get("name"), values.get("role"), values) for values in rows]


def _bare(text: str) -> str:
    return text.lower().rstrip(": ")


def _person(text: str) -> PrintedContact:
    values = {_FIELDS[key.lower()]: value.strip() or None for key, value in _KEY.findall(text)}
    first = _KEY.search(text)
    lead = text[: first.start()] if first else text
    name, _, role = lead.strip(" ;,").partition(",")
    return _contact(name.strip(), role.strip() or None, values)


def _contact(
    name: str | None, role: str | None, values: Mapping[str, str | None]
) -> PrintedContact:
    keys = ("telephone", "email", "skype")
    return PrintedContact(name or "(unnamed)", role, *map(values.get, keys))
