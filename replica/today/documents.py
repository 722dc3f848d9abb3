"""The paths of documents on today's site: `/sites/default/files/documents/<month>/<slug>.pdf`."""

import re
import unicodedata

from replica.books.moments import day_of
from replica.books.records import Records
from replica.books.shown import Document

DOCUMENT = re.compile(
    r"/sites/default/files/documents/[0-9]{4}-[0-9]{2}/[a-z0-9-]*?([0-9]{1,7})\.pdf"
)
_APART = re.compile(r"[^a-z0-9]+")
_MOST_LETTERS = 60


def document_path(document: Document, shown_from: int) -> str:
    """Return a document's path; its slug ends with its number, so no two are alike."""
    day = document.document_date or day_of(shown_from)
    plain = unicodedata.normalize("NFKD", document.title).encode("ascii", "ignore").decode()
    slug = _APART.sub("-", plain.lower())[:_MOST_LETTERS].strip("-")
    return f"/sites/default/files/documents/{day:%Y-%m}/{slug}-{document.number}.pdf"


def document_at(records: Records, path: str, now: int) -> Document | None:
    """Return the document that the site shows at a path; None if there is none."""
    found = DOCUMENT.fullmatch(path)
    return document_numbered(records, int(found[1]), now, path)[1] if found else None


def document_numbered(
    records: Records, number: int, now: int, path: str = ""
) -> tuple[str, Document | None]:
    """Return path and document of a number, if it is shown (and its path is the given one)."""
    outline = records.outline_of_document(number)
    for shown, document in records.books(outline).documents if outline else ():
        here = document_path(document, shown)
        if document.number == number and shown <= now and path in {"", here}:
            return here, document
    return "", None
