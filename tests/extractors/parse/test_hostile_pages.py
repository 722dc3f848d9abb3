"""Pages made to exhaust the parser are refused with a reason, in bounded time and memory.

Each is parsed by a process of its own that is killed at 20 seconds of CPU or 1 GB of memory.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from time import process_time

import pytest
from xlsxwriter import Workbook

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from tests.extractors.parse.apart import ParseApart, parser_apart

_HEAD = b"<p>Project ID: 00067193</p><h2>Key Figures</h2>"
_MOST_MB = 200
_MANY_BOLD = "".join(f"<b class={number}>" for number in range(1_000))
# A parser opens formatting again in each block until it is closed: 20 KB would take gigabytes.
_LEFT_OPEN = {
    "open bold": _MANY_BOLD,
    "open font in each paragraph": _MANY_BOLD.replace("<b", "<p><FONT"),
    "open bold, ends in attributes": "".join(f"<b class='{n}></b>'>" for n in range(1_000)),
    "open bold, ends in comments": "".join(f"<b class={n}><!--</b>-->" for n in range(1_000)),
    "open bold behind an empty comment": f"<!-->{_MANY_BOLD}",
}
# Each of 99 figures has its row's text and its organization's name.
_WIDE = "".join(
    [
        "<table><tr><td>Organization", *(f"<td>Expenditure {year}" for year in range(1950, 2049)),
        *(f"<tr><td>{name}{'x' * 40_000}{'<td>1' * 99}" for name in "ABCDE"), "</table>",
    ]
).encode()  # fmt: skip
# A cell over 20 columns, in each of which another reaches down to it.
_OVERLAID = "<tr><td>1" + "<td rowspan=2>1" * 19 + "<tr><td colspan=20>" + "x" * 9_000
# Text that is written out unescaped may hold any number of beginnings.
_NEVER_CLOSED = ("<script>", "<!--", "<svg>", "<xmp><!--", "<style><script>")


@pytest.fixture(scope="module")
def parse_apart() -> Iterator[ParseApart]:
    with parser_apart() as parse:
        yield parse


def cells(text: str) -> bytes:
    return f"<table><tr><td>Organization<td>Year<td>Expenditure{text}</table>".encode()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (_HEAD + b"<div>" * 200_000, "nested_too_deep"),
        (_HEAD + b"<table><tr><td>" * 200_000, "page_too_large"),
        (_HEAD + b"<b><i>" * 100_000, "nested_too_deep"),
        (_HEAD + b"<table><tr><td>" + b"9" * 30_000_000, "page_too_large"),
        (_HEAD + b"<table><tr>" + b"<td>1" * 1_000_000, "page_too_large"),
        (_HEAD + b"<div></x>" * 200_000, "nested_too_deep"),
        (_HEAD + b"<table><tr><td>" * 70_000, "nested_too_deep"),
        (_HEAD + b"<ul><li>" * 100_000, "nested_too_deep"),
        (_HEAD + b"<a><div></a>" * 70_000, "nested_too_deep"),
        (_HEAD + b"<table><tr>" + b"<td>1" * 401 + b"</table>", "table_too_large"),
        (_HEAD + b"<table>" + b"<tr><td>1" * 20_001 + b"</table>", "table_too_large"),
        (_HEAD + cells("<tr>" + "<td colspan=1000 rowspan=2>1" * 400 + "<tr><td>1" * 9_000),
         "table_too_large"),
        (_HEAD + cells("<tr>" + "<td rowspan=0>1" * 399 + "<tr><td>1" * 19_000), "table_too_large"),
        (_HEAD + b"<table><tr><td>" * 60 + b"1" + b"</table>" * 60, "nested_too_deep"),
        (_HEAD + b"<table><tr><td>" * 400, "nested_too_deep"),
        (_HEAD + b"<style>td:has(b):nth-child(2){display:none}</style>" + b"<p>x" * 100_000,
         "style_too_costly"),
        (_HEAD + b"<style>" + b"p i{display:none}" * 9_000 + b"</style>" + b"<p>x" * 4_000,
         "style_too_costly"),
        (_HEAD + b"<style>" + b":is(" * 3_000 + b")" * 3_000 + b"{display:none}</style>",
         "style_too_costly"),
        (_HEAD + b"<style>" + b"a,b{& &,&{" * 20 + b"display:none" + b"}}" * 20 + b"</style>",
         "style_too_costly"),
        (_HEAD + cells("<tr><td rowspan=3000>" + "FAO " * 9_000 + "<td>1<td>1" * 3_000),
         "table_too_large"),
        (_HEAD + cells("<td>" + f"<tr><td colspan=4>{'FAO ' * 9_000}<tr><td>1<td>1<td>1" * 150),
         "table_too_large"),
        (_HEAD + cells("<td>1" * 17 + _OVERLAID * 100), "table_too_large"),
        (_HEAD + _WIDE, "table_too_large"),
        (_HEAD + b"<html>" + b"\x00" * 9 + b"</html>", "not_text"),
        (b"Project ID: 00067193\n" + b"| 1 | 2 |\n" * 30_000, "table_too_large"),
        (b"Project ID: 00067193\n" + b"|" * 15_000_000, "table_too_large"),
        (b"Project ID: 00067193\n" + b"a\n" * 7_000_000, "page_too_large"),
        (b"Organization,Year,Expenditure\n" + b"FAO,2013,1\n" * 30_000, "spreadsheet_too_large"),
        ((b"Organization,Year" + b",Expenditure" * 1_000 + b"\n") * 2, "spreadsheet_too_large"),
        (b"Organization,Year,Expenditure\n" + (b"FAO,2013,1" + b"," * 390 + b"\n") * 19_000,
         "spreadsheet_too_large"),
        *(
            (_HEAD + f"<p>{opened}{'<p>x' * 1_000}".encode(), "page_too_large")
            for opened in _LEFT_OPEN.values()
        ),
    ],
    ids=[
        "200,000 nested tags", "nested tables", "nested inline", "a cell of 30 MB",
        "a million columns", "stray ends", "70,000 tables", "nested lists", "nested links",
        "401 columns", "20,001 rows", "spans of a million places", "columns over all rows",
        "60 tables in each other", "400 tables never closed", "selectors of siblings",
        "9,000 selectors", "nested selectors",
        "nested rules", "a name over 3,000 rows", "names over 4 columns",
        "names over each other", "long names of a hundred years",
        "NUL", "piped rows", "pipes", "lines", "CSV rows", "CSV columns", "CSV cells",
        *_LEFT_OPEN,
    ],
)  # fmt: skip
def test_a_hostile_page_is_refused_with_the_reason(
    body: bytes, rule: str, parse_apart: ParseApart
) -> None:
    (outcome,), memory = parse_apart([body])
    assert outcome.startswith(f"{rule} | "), outcome
    assert memory < _MOST_MB


@pytest.mark.parametrize(
    "body",
    [
        _HEAD + b"&amp;" * 1_000_000,
        _HEAD + b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>" + b"&b;" * 100_000,
        _HEAD + b"&#xD800;&#0;&#x110000;&#99999999999;" * 20_000,
        "Project Factsheet\nProject ID: 00067193\n\ud800\udfff".encode("utf-8", "surrogatepass"),
        _HEAD + "\u202e\u200b\ufeff\u0301".encode() * 100_000,
        _HEAD + b"<table>" + cells("<tr><td rowspan=65534>FAO<td>2013<td>1") * 100,
        _HEAD + cells("<tr><td rowspan=1000000000>FAO<td>2013<td>1"),
        _HEAD + cells("<tr><td colspan=1000000000>FAO<td>2013<td>1"),
        _HEAD + b"<table>" + cells("<tr><td colspan=1000>FAO<td>2013<td>1") * 9_000,
        _HEAD + b"<style>" + b"i div div div div{display:none}" * 50 + b"</style>" + b"<div>" * 400,
        _HEAD + b"<style>@media x{" * 400,
        _HEAD + b"<style media='(min-width:.px)'>@media (max-width:1.2.3em){p{display:none}}",
        _HEAD + cells("<tr><td>" + "<i style='font-size:9px'>1</i>" * 9_000),
        _HEAD + cells("<tr><td>FAO<td>2013<td>" + "9" * 400_000),
        _HEAD + b"<a href='" + b"x" * 2_000_000 + b"'>x</a>",
        _HEAD + b"<td " + b"a=1 " * 300_000 + b">",
        _HEAD + b"Outcome " * 300_000,
        _HEAD + b"Showing 1 to " * 100_000,
        _HEAD + b"- " * 500_000,
        _HEAD + b"<p>Wells<br>" * 15_000 + b"<ul>" + b"<li>Well" * 9_000,
        _HEAD + b"<p><b>x</b>" * 2_000,
        _HEAD + b"<p><a href='/x?a=1&b=2'><i>x</i></a>" * 2_000,
        _HEAD + b"<p><b title='a > b'>x</b>" * 2_000,
        _HEAD + b"<table><tr><td>" + b"<span hidden>" * 2_000 + b"<i hidden>x</i>" * 2_000,
        *(
            f"Project Factsheet\nProject ID:00090059Description:X\n\nContacts\n{'a' * length}\n"
            f"{'b.' * length}@\n".encode()
            for length in (20_000, 40_000)
        ),
        *(
            _HEAD + b"<plaintext>" + f"{opened:<40}".encode() * (18_000 // opened.count("<"))
            for opened in _NEVER_CLOSED
        ),
    ],
    ids=[
        "escapes", "entities declared", "surrogates and NUL by number", "surrogates encoded",
        "marks", "hanging spans", "rowspan=1e9", "colspan=1e9", "columns without cells",
        "selectors of ancestors", "nested media", "widths that are no numbers",
        "marks in a cell", "a figure of 400,000 digits",
        "a link of 2 MB", "attributes",
        "outcomes", "paging", "dashes", "a long flat page", "closed bold", "closed bold in links",
        "closed bold with attributes", "hidden parts", "20,000 letters of an e-mail address",
        "40,000 letters of an e-mail address", *_NEVER_CLOSED,
    ],
)  # fmt: skip
def test_a_page_that_is_only_odd_is_parsed_in_bounded_time_and_memory(
    body: bytes, parse_apart: ParseApart
) -> None:
    (outcome,), memory = parse_apart([body])
    print(outcome)
    assert outcome.startswith("parsed "), outcome
    assert memory < _MOST_MB


def workbook() -> bytes:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Project ID:", "00067193"])
        sheet.write_row(1, 0, ["Organization", "Year", "Expenditure"])
        sheet.write_row(2, 0, ["FAO", 2013, 80])
    return out.getvalue()


def with_sheet(
    change: Callable[[bytes], bytes],
    name: str = "xl/worksheets/sheet1.xml",
    body: bytes | None = None,
) -> bytes:
    """A workbook one member of which is another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body or workbook())) as sound,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as changed,
    ):
        for member in sound.infolist():
            content = sound.read(member)
            changed.writestr(
                member.filename, change(content) if member.filename == name else content
            )
    return out.getvalue()


def bomb() -> bytes:
    """A sheet that unpacks to 1 GB, in a member that says that it is small."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # Behind a full flush nothing refers back, so the piece can be repeated.
    piece = packer.compress(b"<row/>" * 20_000) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * 9_000 + packer.flush()
    body = with_sheet(lambda _: b"@" * 64)
    with zipfile.ZipFile(io.BytesIO(body)) as whole:
        member = whole.getinfo("xl/worksheets/sheet1.xml")
    start = member.header_offset + 30 + len(member.filename)
    return body[:start] + packed + body[start + member.compress_size :]


def honest_bomb() -> bytes:
    return with_sheet(lambda _: b"<row/>" * 30_000_000)


def far_cell(sheet: bytes) -> bytes:
    return sheet.replace(b"<sheetData>", b'<sheetData><row r="1048576"><c r="XFD1048576" t="str">'
                         b"<v>x</v></c></row>")  # fmt: skip


def far_cells(sheet: bytes) -> bytes:
    """A cell in the last column of each of 2,000 rows, which has 399 blanks before it."""
    row = b'<row r="%d"><c r="OJ%d" t="str"><v>x</v></c></row>'
    rows = b"".join(row % (number, number) for number in range(10, 2_010))
    return sheet.replace(b"</sheetData>", rows + b"</sheetData>")


def entities(sheet: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return sheet.replace(b"?>", b"?>" + declared, 1).replace(b"<v>80</v>", b"<v>&b;</v>")


def shared_string() -> bytes:
    """A text of 100 KB that 30,000 cells share: 46 KB take gigabytes where each has it whole."""
    row = b'<row r="%d">' + b'<c t="s"><v>0</v></c>' * 100 + b"</row>"
    cells = b"".join(row % number for number in range(10, 310))
    body = with_sheet(lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"))
    text = b"Project ID:" + b"x" * 100_000
    return with_sheet(
        lambda strings: strings.replace(b"Project ID:", text), "xl/sharedStrings.xml", body
    )


SOUND = workbook()


@pytest.mark.parametrize(
    ("make", "rule"),  # made when they are wanted: every process of the tests collects them all
    [
        (honest_bomb, "spreadsheet_too_large"),
        (bomb, "spreadsheet_"),
        (shared_string, "spreadsheet_too_large"),
        (lambda: with_sheet(far_cell), "spreadsheet_"),
        (lambda: with_sheet(far_cells), "spreadsheet_too_large"),
        (lambda: with_sheet(entities), "spreadsheet_damaged"),
        (lambda: with_sheet(lambda sheet: sheet[: len(sheet) // 2]), "spreadsheet_damaged"),
        (lambda: with_sheet(lambda _: b""), "spreadsheet_damaged"),
        (lambda: with_sheet(lambda text: text.replace(b"Expenditure", b"_x0000_&#0;"),
                            "xl/sharedStrings.xml"), "spreadsheet_damaged"),
        (lambda: SOUND[:-200], "spreadsheet_damaged"),
        (lambda: SOUND[: len(SOUND) // 2], "spreadsheet_damaged"),
        (lambda: SOUND.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"),
         "spreadsheet_"),
        (lambda: b"PK\x03\x04[Content_Types].xml", "spreadsheet_damaged"),
    ],
    ids=[
        "bomb", "bomb that lies of its size", "a text that cells share", "XFD1048576",
        "blank cells", "entities", "cut sheet", "empty sheet", "NUL in a string", "no directory",
        "half", "missing sheet", "nothing",
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_with_the_reason(
    make: Callable[[], bytes], rule: str, parse_apart: ParseApart
) -> None:
    (outcome,), memory = parse_apart([make()])
    assert outcome.startswith(rule), outcome
    assert memory < _MOST_MB


def test_a_sound_workbook_is_parsed(parse_apart: ParseApart) -> None:
    assert parse_apart([SOUND])[0] == ["parsed figures_excel 1 0"]


@pytest.mark.parametrize("escaped", [b"_x0000_", b"_xD800_", b"_x0007_"])
def test_a_workbook_s_escapes_give_no_control_characters(escaped: bytes) -> None:
    """Neither NUL nor half a character gets into a text by way of Excel's escapes."""
    body = with_sheet(lambda text: text.replace(b"FAO", escaped), "xl/sharedStrings.xml")
    (figure,) = parse_page(body).figures
    assert figure.organization is not None
    assert figure.organization.isprintable()
    figure.organization.encode()


@pytest.mark.parametrize(
    "body", [b"<p>" + b"href=" * 50_000, b"<meta " * 150_000 + b"\xff"], ids=["links", "charsets"]
)
def test_beginnings_of_a_link_or_a_charset_take_linear_time(body: bytes) -> None:
    """A step for each pair of them would take half a minute."""
    begun = process_time()
    with pytest.raises(PageRefusedError):
        parse_page(body)
    assert process_time() - begun < 10
