"""Pages made to exhaust whoever reads them: refused with the reason, in bounded time and memory.

Each is read by a process of its own that is killed at 20 seconds of CPU or 1 GB of memory.
"""

import io
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable

import pytest
from xlsxwriter import Workbook

_READ = """
import resource, sys
from extractors.parse.pages import read_page
from extractors.records import PageRefusedError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
body = sys.stdin.buffer.read()
try:
    page = read_page(body)
    print("read", page.kind, len(page.figures), len(page.findings))
except PageRefusedError as refusal:
    print(refusal.rule, "|", refusal.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
_SECONDS, _BYTES = 20, 1 << 30
_HEAD = b"<p>Project ID: 00067193</p><h2>Key Figures</h2>"


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


def outcome(body: bytes) -> tuple[str, int]:
    """What became of the page, in one line, and the memory that it took (MB, with its bytes)."""
    done = subprocess.run(
        [sys.executable, "-c", _READ], input=body, capture_output=True, preexec_fn=_limit,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[-400:])
    told, memory = done.stdout.decode().strip().split("\n")
    return told, int(memory)


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
        (_HEAD + b"<table><tr>" + b"<td>1" * 19_000, "table_too_large"),
        (_HEAD + b"<table>" + b"<tr><td>1" * 30_000, "table_too_large"),
        (_HEAD + cells("<tr><td rowspan=1000000000>FAO<td>2013<td>1"), "table_too_large"),
        (_HEAD + cells("<tr><td colspan=1000000000>FAO<td>2013<td>1"), "table_too_large"),
        (_HEAD + b"<html>\x00</html>", "not_text"),
        (b"Project ID: 00067193\n" + b"| 1 | 2 |\n" * 30_000, "table_too_large"),
        (b"Project ID: 00067193\n" + b"|" * 15_000_000, "table_too_large"),
        (b"Project ID: 00067193\n" + b"a\n" * 7_000_000, "page_too_large"),
        (b"Organization,Year,Expenditure\n" + b"FAO,2013,1\n" * 30_000, "spreadsheet_too_large"),
        ((b"Organization,Year" + b",Expenditure" * 1_000 + b"\n") * 2, "spreadsheet_too_large"),
    ],
    ids=[
        "200,000 nested tags", "nested tables", "nested inline", "a cell of 30 MB",
        "a million columns", "19,000 columns", "30,000 rows", "rowspan=1e9", "colspan=1e9", "NUL",
        "piped rows", "pipes", "lines", "CSV rows", "CSV columns",
    ],
)  # fmt: skip
def test_a_hostile_page_is_refused_with_the_reason(body: bytes, rule: str) -> None:
    told, memory = outcome(body)
    assert told.startswith(f"{rule} | "), told
    assert memory < 200


@pytest.mark.parametrize(
    "body",
    [
        _HEAD + b"&amp;" * 1_000_000,
        _HEAD + b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>" + b"&b;" * 100_000,
        _HEAD + b"&#xD800;&#0;&#x110000;&#99999999999;" * 20_000,
        "Project ID: 00067193\n\ud800\udfff".encode("utf-8", "surrogatepass"),
        _HEAD + "\u202e\u200b\ufeff\u0301".encode() * 100_000,
        _HEAD + b"<table>" + cells("<tr><td rowspan=65534>FAO<td>2013<td>1") * 100,
        _HEAD + cells("<tr><td>FAO<td>2013<td>" + "9" * 400_000),
        _HEAD + b"<a href='" + b"x" * 2_000_000 + b"'>x</a>",
        _HEAD + b"<td " + b"a=1 " * 300_000 + b">",
        _HEAD + b"Outcome " * 300_000,
        _HEAD + b"Showing 1 to " * 100_000,
        _HEAD + b"- " * 500_000,
    ],
    ids=[
        "escapes", "entities declared", "surrogates and NUL by number", "surrogates encoded",
        "marks", "hanging spans", "a figure of 400,000 digits", "a link of 2 MB", "attributes",
        "outcomes", "paging", "dashes",
    ],
)  # fmt: skip
def test_a_page_that_is_odd_and_no_more_is_read_in_bounded_time_and_memory(body: bytes) -> None:
    told, memory = outcome(body)
    assert told.startswith(("read ", "programme_id_", "not_text", "table_too_large")), told
    assert memory < 200


def workbook() -> bytes:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Project ID:", "00067193"])
        sheet.write_row(1, 0, ["Organization", "Year", "Expenditure"])
        sheet.write_row(2, 0, ["FAO", 2013, 80])
    return out.getvalue()


def with_sheet(change: Callable[[bytes], bytes], name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook one member of which is another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as sound,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for member in sound.infolist():
            content = sound.read(member)
            changed.writestr(
                member.filename, change(content) if member.filename == name else content
            )
    return out.getvalue()


def bomb() -> bytes:
    """A sheet that unpacks to 1 GB, in a member that says that it is small."""
    zeros = b"<row/>" * 20_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(zeros) for _ in range(9_000)) + packer.flush()
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


def entities(sheet: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return sheet.replace(b"?>", b"?>" + declared, 1).replace(b"<v>80</v>", b"<v>&b;</v>")


SOUND = workbook()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (honest_bomb(), "spreadsheet_too_large"),
        (bomb(), "spreadsheet_"),
        (with_sheet(far_cell), "spreadsheet_"),
        (with_sheet(entities), "spreadsheet_damaged"),
        (with_sheet(lambda sheet: sheet[: len(sheet) // 2]), "spreadsheet_damaged"),
        (with_sheet(lambda _: b""), "spreadsheet_damaged"),
        (with_sheet(lambda text: text.replace(b"Expenditure", b"_x0000_&#0;"),
                    "xl/sharedStrings.xml"), "spreadsheet_damaged"),
        (SOUND[:-200], "spreadsheet_damaged"),
        (SOUND[: len(SOUND) // 2], "spreadsheet_damaged"),
        (SOUND.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml"), "spreadsheet_"),
        (b"PK\x03\x04[Content_Types].xml", "spreadsheet_damaged"),
    ],
    ids=[
        "bomb", "bomb that lies of its size", "XFD1048576", "entities", "cut sheet", "empty sheet",
        "NUL in a string", "no directory", "half", "missing sheet", "nothing",
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused_with_the_reason(body: bytes, rule: str) -> None:
    told, memory = outcome(body)
    assert told.startswith(rule), told
    assert memory < 200


def test_a_sound_workbook_is_read() -> None:
    assert outcome(SOUND)[0] == "read figures_excel 1 0"


@pytest.mark.parametrize("escaped", [b"_x0000_", b"_xD800_", b"_x0007_"])
def test_what_a_workbook_escapes_stays_as_it_is_written(escaped: bytes) -> None:
    """Neither NUL nor half a character gets into a text by way of Excel's escapes."""
    from extractors.parse.pages import read_page

    body = with_sheet(lambda text: text.replace(b"FAO", escaped), "xl/sharedStrings.xml")
    (figure,) = read_page(body).figures
    assert figure.organization is not None
    assert figure.organization.isprintable()
    figure.organization.encode()
