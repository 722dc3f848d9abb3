"""A fund's or programme's page of the site since 2022: a shell whose figures scripts fill in.

No HTML of such a page has been seen, so none of its classes or IDs is relied on. Of a fund's page
the text is known: `Status: Active`, then `Latest reports:` and `Fund established:` with nothing
behind them, and sentences with holes where scripts put names. Text alone is such a page if it has
the status with one of these labels; HTML may instead name its URL and the Office in its head.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractors.ids import Subject, fund_code_of, programme_id_of, subject_of
from extractors.page_kinds import PageKind, Representation
from extractors.parse.base.blocks import Block, Line, TableBlock, links_and_texts, without
from extractors.parse.html.markup import Markup
from extractors.parse.html.walk import parse_html
from extractors.parse.kinds.head import FURNITURE, NO_HEAD, Head, is_name, parse_head, split_title
from extractors.parse.kinds.views import add_tables
from extractors.parse.parts.contacts import is_contact_table, is_person, starts_contacts
from extractors.parse.parts.identity import LABELS
from extractors.parse.parts.narrative import FUND_PART, opens_part, parse_narrative, part_of
from extractors.parse.parts.subjects import two_subjects
from extractors.parse.tables.contributions import is_contribution_table
from extractors.parse.tables.coverage import coverage_of
from extractors.parse.tables.currency import currency_of
from extractors.parse.tables.lists import add_contribution_tables
from extractors.parse.tables.tables import parse_table, unknown_table
from extractors.records import Page, PrintedDocument, PrintedFinding, PrintedFund, PrintedProgramme

_TODAYS_LABELS = LABELS | {
    "status": r"(?:Project )?Status",
    "reports": r"Latest reports",
    "established": r"Fund established",
}
_LABEL = re.compile(
    "(?:" + "|".join(f"(?P<{name}>{text})" for name, text in _TODAYS_LABELS.items())
    + r")\s*\**\s*:"
)  # fmt: skip
# Labels that only a programme's page has.
_OF_PROGRAMME = frozenset({"programme_id", "fund_name", "participating_organization"})
_DATES = frozenset({"start_date", "end_date", "established"})
_LONGEST_VALUE = 100  # characters, of a value on the line below its label
# One of these is in every such page: most pages need no second look.
_SIGNS = ("canonical", "og:url", "drupal-settings-json", "Latest reports", "Fund established")
_CLASSIC = re.compile(
    r"(?:Project|Trust Fund|Joint Programme|Other Fund)s?\s+Factsheet\b|Portfolio of\b|"
    r"Tools\s+for\s*»",
    re.IGNORECASE,
)
_HTML = frozenset({Representation.HTML, Representation.NEW_HTML})
_TEXT = frozenset({Representation.TEXT, Representation.PIPED_TEXT})
_DOCUMENT = re.compile(r"/sites/default/files/documents/[0-9]{4}-[0-9]{2}/[^/?#]+\.pdf", re.I)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_DAY = re.compile(r"[0-9]{1,2} [^\W\d]+ [0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SENTENCE_ENDS = (".", "!", "?", "…")
# Where a script puts a name or number: `the efforts of .`, `US$ , of which`, `()`.
_HOLE = re.compile(r"\s[.,](?:\s|$)|\(\s*\)")
_SHORTEST_SENTENCE, _SHORTEST_PARAGRAPH = 5, 12  # words


class _Printed(NamedTuple):
    """The labels of a page, their values, and the blocks that these stand in."""

    labels: set[str]
    values: dict[str, str]
    fund_code: str | None
    places: set[int]


def parse_today(
    text: str, blocks: list[Block], representation: Representation, markup: Markup | None
) -> Page | None:
    """Parse a fund's or programme's page of the site since 2022; return None if it is none.

    Its subject is that of the labels or of its own URL. It may name neither: then the URL of the
    capture does.

    Args:
        text: the page as it came.
        blocks: its blocks, the menus' too.
        representation: its format.
        markup: its tree, if it is HTML.
    """
    if not any(sign in text for sign in _SIGNS) or any(map(_is_classic, blocks)):
        return None
    head = NO_HEAD
    if markup is not None and representation in _HTML:
        head = parse_head(markup.tree)
        blocks = parse_html(markup, without=FURNITURE).blocks
    elif representation in _TEXT:
        head = _head_of_text(blocks)
    else:
        return None
    printed = _printed(blocks)
    subject = _subject(printed, head)
    if subject is None:
        return None
    page = Page(
        PageKind.FUND_PAGE if subject == "fund" else PageKind.PROGRAMME_PAGE, representation
    )
    (_add_fund if subject == "fund" else _add_programme)(page, printed, head)
    _add_content(page, [block for at, block in enumerate(blocks) if at not in printed.places])
    known = len(printed.labels) + (head.name is not None) + (head.path is not None)
    page.coverage = coverage_of(page, [], labels=known)
    return page


def _is_classic(block: Block) -> bool:
    return isinstance(block, Line) and _CLASSIC.match(block.text) is not None


def _head_of_text(blocks: Sequence[Block]) -> Head:
    """Return the title that some text captures have as a line: `Sample Fund | MPTF Office`."""
    titles = (split_title(block.text) for block in blocks if isinstance(block, Line))
    names = list(dict.fromkeys(name for name, of_office in titles if of_office and name))
    if len(names) > 1:
        raise two_subjects("title", names)
    return Head(name=next(filter(is_name, names), None), of_office=True) if names else NO_HEAD


def _subject(printed: _Printed, head: Head) -> Subject | None:
    """Return the kind of subject of a page of today, or None if it is not shown to be one.

    Raises:
        PageRefusedError: it is two pages.
    """
    is_labelled = "status" in printed.values and not printed.labels.isdisjoint(
        {"reports", "established"}
    )
    by_label = is_labelled and (head.path is not None or not head.elsewhere)
    if head.is_error or not (by_label or head.of_office):
        return None
    if len(head.subjects) > 1:
        raise two_subjects("URL of its own", sorted(head.subjects))
    if head.path is not None:
        return subject_of(head.path)
    if "established" in printed.labels:
        return "fund"
    return "programme" if by_label and not _OF_PROGRAMME.isdisjoint(printed.labels) else None


def _printed(blocks: Sequence[Block]) -> _Printed:
    """Find every label with its value: behind it, in the next cell, or on the next line."""
    labels: set[str] = set()
    values: dict[str, str] = {}
    places: set[int] = set()
    fund_code = None
    waiting = ""  # the label that has no value yet
    for at, block in enumerate(blocks):
        if isinstance(block, TableBlock):  # its cells are no values of a label before it
            waiting = ""
        for href, text in links_and_texts([block]):
            if _LABEL.match(text):
                pairs = list(_labels_with_values(text))
            elif waiting and text and _may_be_value(waiting, block):
                pairs = [(waiting, text)]
            else:
                waiting = ""
                continue
            places.add(at)
            labels.update(label for label, _ in pairs)
            for label, value in pairs:
                if value:
                    values.setdefault(label, value)
            label, value = pairs[-1]
            if label == "fund_name" and value:
                fund_code = fund_code or fund_code_of(href or "")
            waiting = "" if value else label
    return _Printed(labels, values, fund_code, places)


def _labels_with_values(text: str) -> Iterator[tuple[str, str]]:
    """Yield the labels glued together in a text, each with what stands behind it."""
    found = list(_LABEL.finditer(text))
    ends = [label.start() for label in found[1:]]
    for label, end in zip(found, [*ends, len(text)], strict=True):
        yield label.lastgroup or "", text[label.end() : end].strip()


def _may_be_value(label: str, block: Block) -> bool:
    """Return whether a cell or line behind an empty label is its value, not what follows it."""
    if isinstance(block, TableBlock):
        return True
    is_short = len(block.text) <= _LONGEST_VALUE and not _is_prose(block)
    is_linked = block.href is not None and label != "fund_name"
    is_dated = label not in _DATES or _YEAR.search(block.text) is not None
    opens = block.after_gap or opens_part(block.text)
    return is_short and is_dated and not is_linked and not opens


def _add_fund(page: Page, printed: _Printed, head: Head) -> None:
    values = printed.values
    established = values.get("established")
    if established and not _DAY.fullmatch(established):
        page.findings.append(PrintedFinding("unread_text", "Fund established", established))
        established = None
    page.fund_code = fund_code_of(head.path or "")
    page.fund = PrintedFund(
        name=head.name,
        fund_type=None,
        start_date=values.get("start_date") or established,
        end_date=values.get("end_date"),
        where="page",
        text=_quoted(printed, head),
        status=values.get("status"),
    )


def _add_programme(page: Page, printed: _Printed, head: Head) -> None:
    """Add the programme to the page.

    Raises:
        PageRefusedError: the page prints another Project ID than its own URL has.
    """
    values = {name: text for name, text in printed.values.items() if name in LABELS}
    printed_id = values.pop("programme_id", "")
    is_id = re.fullmatch(r"[0-9]{1,8}", printed_id)
    of_url = programme_id_of(head.path or "")
    page.programme_id = printed_id.zfill(8) if is_id else of_url
    if of_url and page.programme_id != of_url:
        raise two_subjects("Project ID", [page.programme_id or "", of_url])
    if printed_id and not is_id:
        page.findings.append(PrintedFinding("unread_text", "Project ID", printed_id))
    page.programme = PrintedProgramme(
        title=head.name,
        fund_code=printed.fund_code,
        where="page",
        text=_quoted(printed, head),
        **values,
    )


def _quoted(printed: _Printed, head: Head) -> str:
    labelled = (f"{name}: {value}" for name, value in printed.values.items())
    return " | ".join([*([head.name] if head.name else []), *labelled])


def _add_content(page: Page, blocks: list[Block]) -> None:
    """Add the narrative, documents and tables, and a finding if there are no figures."""
    page.documents = list(_documents(blocks))
    told = [block for block in blocks if isinstance(block, Line) and _is_told(block)]
    page.passages = parse_narrative([*told])
    beside = without(blocks, told)
    tables = [
        block
        for block in blocks
        if isinstance(block, TableBlock)
        and not is_contact_table(block)
        and not any(href and _DOCUMENT.search(href) for href, _ in links_and_texts([block]))
    ]
    if page.kind is PageKind.PROGRAMME_PAGE:
        add_tables(page, tables)
        # Scripts fill a table in bit by bit: a row that is not in it may be shown all the same.
        page.tables = [table._replace(read_in_full=False) for table in page.tables]
        if page.tables:
            page.currency = page.currency or currency_of(beside, told)
    else:
        add_contribution_tables(page, tables)
        unread = [table for table in map(parse_table, tables) if not is_contribution_table(table)]
        page.findings += [
            unknown_table(table, f"table {number}") for number, table in enumerate(unread, start=1)
        ]
        page.contribution_tables = [
            table._replace(read_in_full=False) for table in page.contribution_tables
        ]
        if page.contributions:
            page.currency = currency_of(beside, told)
    if not page.figures and not page.contributions:
        subject = page.programme_id or page.fund_code or page.kind.value
        page.findings.append(
            PrintedFinding(
                "figures_filled_in_by_scripts", subject, "its figures come from the site's API"
            )
        )


def _documents(blocks: Sequence[Block]) -> Iterator[PrintedDocument]:
    """Yield the linked documents; the page prints no date of one."""
    for href, text in links_and_texts(blocks):
        if text and href and _DOCUMENT.search(href):
            yield PrintedDocument(text, href, None, "documents", text)


def _is_told(line: Line) -> bool:
    """Return whether a line is narrative, or a heading that tells what the narrative is about."""
    text = line.text
    if is_person(line) or starts_contacts(line, in_narrative=False) or _HOLE.search(text):
        return False
    is_heading = opens_part(text) and not FUND_PART.match(text) and part_of(text) is None
    return is_heading or _is_prose(line)


def _is_prose(line: Line) -> bool:
    """Return whether a line is a sentence or paragraph; menus, teasers and names are shorter."""
    words = len(line.text.split())
    ends = line.text.rstrip('"”’»)]').endswith(_SENTENCE_ENDS)
    if line.href:
        return ends and words >= _SHORTEST_PARAGRAPH and not _DOCUMENT.search(line.href)
    return words >= (_SHORTEST_SENTENCE if ends else _SHORTEST_PARAGRAPH)
