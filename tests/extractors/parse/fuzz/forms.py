"""Damage to what a form is made of: values of JSON, parts of a workbook, cells of CSV files."""

import io
import json
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from tests.extractors.parse.fuzz.damage import HUGE, WORDS

_NAMES = (
    "data", "BUDGET", "budget", "EXPENDITURE", "agency_code", "fiscal_year", "FUND_CODE", "total",
    "projectId", "error", "status", "currency", "unit", "", "NET_FUNDED", "a" * 3_000,
    "delivery_rate",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, "", [], {}, "text", 0, -1, 1e300, "1,000", "-.05", "2015", "US$ 000", [[]],
    [None],
)  # fmt: skip
# As JSON, which no value of Python gives.
_RAW = (
    "9" * 400, "-" + "9" * 40_000, "1e999999999", "1e-999999999", "-0", "NaN", "-Infinity",
    "0." + "3" * 500,
    r'"\ud800"', r'"\u0000"', '"' + "\\" * 6 + '"', "[" * 40 + "]" * 40, "[" * 5_000 + "]" * 5_000,
    '{"a":' * 60 + "1" + "}" * 60, '"' + "9" * 20_000 + '"', "01", "'a'", "undefined", "",
)  # fmt: skip
_MOST_PLACES = 20_000
_LONGEST_TEXT = 4_000_000
_HOLE = "\ue000"  # stands where raw JSON goes
_REFERENCE = re.compile(rb'\br="[A-Z]{0,3}[0-9]*"')
_VALUE = re.compile(rb"<v>[^<]*</v>")
_ATTRIBUTE = re.compile(
    rb'\b(?:s|t|r:id|count|uniqueCount|ref|state|sheetId|numFmtId|formatCode)="[^"]*"'
)
_CELL = re.compile(rb"[^,;\t\r\n]+")


class _Object(list[tuple[str, Any]]):
    """A JSON object as pairs, so that a key can stand in it twice."""


def json_damage(page: bytes, other: bytes, dice: random.Random) -> bytes:
    """Change an API answer: swap types, double or rename keys, nest, cut or repeat rows."""
    try:
        value = json.loads(page, object_pairs_hook=_Object)
        is_text = isinstance(value, str)
        value = json.loads(value, object_pairs_hook=_Object) if is_text else value
    except (ValueError, RecursionError):
        return page
    raw: list[str] = []
    for _ in range(dice.choice((1, 1, 3, 20))):
        places = _places(value)
        if 0 < len(places) < _MOST_PLACES:
            _change(*dice.choice(places), raw, dice)
    try:
        text = _text(value)
    except RecursionError:  # nested by damage before
        return page
    for one in raw:
        text = text.replace(json.dumps(_HOLE), one, 1)
    for _ in range(dice.choice((0, 2)) if dice.random() < 0.2 else is_text):
        text = json.dumps(text)
    return text.encode()


def _places(value: Any) -> list[tuple[list[Any], int]]:
    """Return the places of a value within a list or an object: all, or the first of too many."""
    found: list[tuple[list[Any], int]] = []
    waiting = [value]
    while waiting and len(found) < _MOST_PLACES:  # repeated rows multiply
        within = waiting.pop()
        if isinstance(within, list):
            found += [(within, at) for at in range(len(within))]
            waiting += [one[1] for one in within] if isinstance(within, _Object) else within
    return found


def _change(within: list[Any], at: int, raw: list[str], dice: random.Random) -> None:
    """Change one value, one key, or the list around it."""
    if at >= len(within):
        return  # gone by an earlier change
    how = dice.randrange(6)
    if how == 0:
        del within[at : at + dice.choice((1, 1, 10, 1_000))]
    elif how == 1:
        within[at:at] = within[at : at + 3] * dice.choice((1, 1, 30))
    elif isinstance(within, _Object):
        key, value = within[at]
        if how in {2, 3}:
            key = dice.choice((*_NAMES, key.upper(), f" {key}", dice.choice(within)[0]))
        else:
            value = _other(value, raw, dice)
        within[at] = key, value
    else:
        within[at] = _other(within[at], raw, dice)


def _other(value: Any, raw: list[str], dice: random.Random) -> Any:
    how = dice.randrange(5)
    if how == 0:
        raw.append(dice.choice(_RAW))
        return _HOLE
    if how == 1:
        return [value]
    if how == 2:
        return _Object([("value", value)])
    if how == 3:
        return dice.choice(WORDS).decode("utf-8", "replace")
    return dice.choice(_VALUES)


def _text(value: Any) -> str:
    """Return a value as JSON, keys in it as often as they stand; repeated rows make it too long."""
    pieces: list[str] = []
    characters = 0
    for piece in _pieces(value):
        pieces.append(piece)
        characters += len(piece)
        if characters > _LONGEST_TEXT:
            break
    return "".join(pieces)


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        opening, closing = "{}" if isinstance(value, _Object) else "[]"
        for at, one in enumerate(value):
            yield "," if at else opening
            if isinstance(value, _Object):
                yield f"{json.dumps(one[0])}:"
            yield from _pieces(one[1] if isinstance(value, _Object) else one)
        yield closing if value else opening + closing
    else:
        yield json.dumps(value)


def workbook_damage(page: bytes, other: bytes, dice: random.Random) -> bytes:
    """Change the parts of a workbook: cut, drop, double, swap or damage them within."""
    try:
        with zipfile.ZipFile(io.BytesIO(page)) as archive:
            parts = [(member.filename, archive.read(member)) for member in archive.infolist()]
    except Exception:
        return page
    for _ in range(dice.choice((1, 1, 3)) if parts else 0):
        at = dice.randrange(len(parts))
        name, content = parts[at]
        how = dice.randrange(8)
        if how == 0:
            parts[at] = name, content[: dice.randrange(len(content) + 1)]
        elif how == 1:
            parts.insert(
                dice.randrange(len(parts)), (dice.choice((name, f"/{name}", name.upper())), content)
            )
        elif how == 2:
            parts[at] = dice.choice((f"x{name}", "xl/vbaProject.bin", f"../{name}", "a/")), content
        elif how == 3:
            parts[at] = name, dice.choice(parts)[1]
        else:
            parts[at] = name, _xml_damage(content, dice)
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as archive:
        warnings.simplefilter("ignore")  # that names stand there twice
        for name, content in parts:
            undated = zipfile.ZipInfo(name)  # the same seed gives the same bytes at any time
            archive.writestr(undated, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return out.getvalue()


def _xml_damage(content: bytes, dice: random.Random) -> bytes:
    """Change references, values or attributes in a part, or put a row there a thousand times."""
    references = (b'r="A1"', b'r="XFD1048576"', b'r="99999999"', b'r="0"', b'r=""', b'r="A-1"', b"")
    values = (b"1e999", b"-1", b"9" * 400, b"nan", b"", b"99999999", b"2958466", b"1.5", b"TRUE")
    how = dice.randrange(4)
    share = dice.choice((0.02, 0.3, 1))
    if how == 0:
        return _REFERENCE.sub(
            lambda found: dice.choice(references) if dice.random() < share else found[0], content
        )
    if how == 1:
        return _VALUE.sub(
            lambda found: b"<v>%s</v>" % dice.choice(values) if dice.random() < share else found[0],
            content,
        )
    if how == 2:
        huge = [b'"%s"' % number for number in HUGE]
        return _ATTRIBUTE.sub(
            lambda found: (
                found[0].partition(b"=")[0] + b"=" + dice.choice(huge)
                if dice.random() < share
                else found[0]
            ),
            content,
        )
    rows = re.findall(
        rb"<(?:row|si|xf|mergeCell|sheet)\b.*?/(?:row|si|xf|mergeCell)?>", content, re.DOTALL
    )
    row = dice.choice(rows) if rows else b"<row/>"
    return content.replace(row, row * dice.choice((2, 1_000, 30_000)), 1)[:3_000_000]


def csv_damage(page: bytes, other: bytes, dice: random.Random) -> bytes:
    """Change cells and lines of a CSV file: quotes, NULs, delimiters, formulas, line ends."""
    how = dice.randrange(4)
    if how == 0:
        old, new = (
            dice.choice((b",", b";", b"\t")),
            dice.choice((b",", b";", b"\t", b"|", b",,", b"")),
        )
        return page.replace(old, new)
    if how == 1:
        return page.replace(b"\r\n", b"\n").replace(
            b"\n", dice.choice((b"\r", b"\r\n", b"\n\n", b"\x0b", b"\n,"))
        )
    if how == 2:
        return (
            dice.choice(
                (b"sep=;\n", b"\xef\xbb\xbf", b"\xff\xfe", b"sep=\x00\n", b'"', b"," * 500 + b"\n")
            )
            + page
        )
    share = dice.choice((0.01, 0.1, 0.5))
    return _CELL.sub(
        lambda found: _cell(found[0], dice) if dice.random() < share else found[0], page
    )


def _cell(cell: bytes, dice: random.Random) -> bytes:
    return dice.choice((
        b'"%s"' % cell, b'"%s' % cell, b'%s"' % cell, b'""%s""' % cell, b"%s\x00" % cell, b"\x00",
        b'="%s"' % cell, b"=1+%s" % cell, b"'%s" % cell, b'"%s\n%s"' % (cell, cell), b"",
        cell * 300,
        b'"%s,%s"' % (cell, cell), b"%s,%s" % (cell, cell), dice.choice(WORDS),
    ))  # fmt: skip


FORM_DAMAGE: dict[str, Callable[[bytes, bytes, random.Random], bytes]] = {
    "api": json_damage, "workbook": workbook_damage, "csv": csv_damage
}  # fmt: skip
