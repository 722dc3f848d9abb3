"""The rows of an API's answer: facts of their own, and the parts about one programme each."""

from extractors.page_kinds import PageKind, Representation
from extractors.records import PARSER_VERSION, Coverage, Page, PrintedFinding
from transforms.answers import CORE_OF, answer_facts, is_whole, rows_set_aside
from transforms.batches import Rows
from transforms.parts import Part, parts_of
from transforms.schemas.observed import Body
from transforms.typed import Row
from transforms.validate import frame_schema

# The row of observed.body for a refused page; of other pages, what does not apply to their kind.
UNREAD: Row = dict.fromkeys(frame_schema(Body)) | {
    "parser_version": PARSER_VERSION,
    "representation": Representation.UNKNOWN.value,
    **Coverage()._asdict(),
}  # fmt: skip


def observe_answer(found: Rows, of_body: Row, page: Page, findings: list[PrintedFinding]) -> None:
    """Add the rows of an API's answer, each to the table that its columns tell."""
    facts = answer_facts(page)
    for table, row, printed in facts.rows:
        found.add(table, of_body | row, printed.where, printed.text)
    for table, printed, error in facts.rejected:
        found.quarantine(of_body, CORE_OF[table], printed, error)
    whole = is_whole(page)
    parts = parts_of(page, whole=whole)
    for part in parts.parts:
        row = {"programme_id": part.programme_id, "part_key": part.part_key}
        found.add("observed.part", of_body | row)
        _observe_part(found, of_body, part, parts.year)
    if parts.empty_key is not None:
        _observe_part(found, of_body, Part(None, parts.empty_key, None, []), parts.year)
    for core_table, printed, error in parts.rejected:
        found.quarantine(of_body, core_table, printed, error)
    found.add(
        "observed.answer",
        of_body
        | {
            "rows_printed": len(page.rows) + rows_set_aside(page),
            "rows_read": len(facts.rows) + sum(len(part.figures) for part in parts.parts),
            "read_in_full": whole and not facts.rejected and not parts.rejected,
            "empty_part_key": parts.empty_key,
        },
    )
    findings += facts.findings


def _observe_part(found: Rows, of_body: Row, part: Part, year: int | None) -> None:
    """Add what an answer says of one programme, unless an answer before it said the same.

    With a year, the part is a table of that year that was read in full.
    """
    if part.part_key in found.parts:
        return
    found.parts[part.part_key] = of_body["parse_key"]
    of_part: Row = {"parse_key": part.part_key}
    for row, printed in part.figures:
        found.add("observed.figure", of_part | row, printed.where, printed.text)
    if year is not None:
        table = {"by_year": year > 0, "fiscal_year": year or None, "read_in_full": True}
        for named in (True, False):
            found.add("observed.figure_table", of_part | table | {"by_organization": named})
    found.add(
        "observed.body",
        UNREAD
        | of_part
        | {
            "page_kind": PageKind.API_ANSWER.value,
            "representation": Representation.JSON.value,
            "subject": "programme",
            "programme_id": part.programme_id,
            "status": part.status,
            "content_digest": part.part_key,
        },
    )
