"""Contacts: the portfolio manager and the persons with access rights. Personal data."""

import re

from extractors.parse.blocks import Block, Line, TableBlock
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
_FIELD = {
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
    """Whether a line is of the page's foot, below everything that is the programme's or fund's."""
    return text[:1] == "C" and _FOOTER.match(text) is not None


def may_be_contacts(text: str) -> bool:
    """Whether a line of the narrative could start the contacts, end them or name a person."""
    return ":" in text or "@" in text or len(text) <= _LONGEST_HEADING or text.startswith("Contact")


def starts_contacts(line: Line, *, in_narrative: bool) -> bool:
    """Whether the contacts begin at this line.

    In the narrative, and among documents, only a line that announces persons counts: prose and
    titles may speak of managers.
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
    """Whether a line gives a telephone, an e-mail or Skype: personal data wherever it stands."""
    if "@" in line.text and _ADDRESS.search(line.text):
        return True
    return ":" in line.text and any(
        not found["key"].lower().endswith("mail") for found in _KEY.finditer(line.text)
    )


def is_contact_table(table: TableBlock) -> bool:
    """Whether a table lists persons: telephones, e-mails or Skype names under such headings."""
    return any(
        cell.text.lower().rstrip(": ") in _FIELD for row in table.rows[:2] for cell in row
    ) or (table.may_hold("@") and any("@" in cell.text for row in table.rows for cell in row))


def read_contacts(blocks: list[Block]) -> list[PrintedContact]:
    """The persons in order: list items, lines that give a telephone or the like, table rows."""
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
    """A row each, by the headings; without headings, the row's texts as one line."""
    heads = [cell.text.lower().rstrip(": ") for cell in table.rows[0]]
    fields = [_FIELD.get(head, head) for head in heads]
    if "name" not in fields:
        return [_person(", ".join(cell.text for cell in row if cell.text)) for row in table.rows]
    persons = []
    for row in table.rows[1:]:
        values = dict(zip(fields, (cell.text or None for cell in row), strict=False))
        persons.append(
            PrintedContact(
                name=values.get("name") or "(unnamed)",
                role=values.get("role"),
                telephone=values.get("telephone"),
                email=values.get("email"),
                skype=values.get("skype"),
            )
        )
    return persons


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
