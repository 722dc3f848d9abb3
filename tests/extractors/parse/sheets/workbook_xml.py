"""Workbooks written as XML by hand, so that a test has the oddity that it wants."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
Cell = str | int | float | None


def text(value: str) -> str:
    """A cell with a text."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(value: float | str, style: int = 0) -> str:
    """A cell with a number."""
    return f'<c s="{style}"><v>{value}</v></c>'


def row(*cells: Cell, attributes: str = "") -> str:
    """A row; cells are XML if they begin with `<`, and none of them has a reference."""
    return f"<row {attributes}>{''.join(map(_cell, cells))}</row>"


def _cell(cell: Cell) -> str:
    if cell is None:
        return "<c/>"
    if isinstance(cell, str):
        return cell if cell.startswith("<") else text(cell)
    return number(cell)


def sheet(
    rows: Iterable[str], before: str = "", behind: str = "", namespace: str = TRANSITIONAL
) -> str:
    """A sheet's part."""
    return (
        f'<worksheet xmlns="{namespace}">{before}<sheetData>{"".join(rows)}</sheetData>{behind}'
        "</worksheet>"
    )


def styles(*codes: str) -> str:
    """Styles: number 0 is General, and each number format has the next one."""
    forms = "".join(
        f"<numFmt numFmtId='{200 + n}' formatCode={quoteattr(code)}/>"
        for n, code in enumerate(codes)
    )
    used = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(codes)))
    return (
        f'<styleSheet xmlns="{TRANSITIONAL}"><numFmts>{forms}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    )


def workbook(
    sheets: Mapping[str, str],
    *,
    of_styles: str | None = None,
    strings: str | None = None,
    states: Mapping[str, str] | None = None,
    properties: str = "",
    folder: str = "xl/",
    rename: Callable[[str], str] = str,
    namespace: str = TRANSITIONAL,
) -> bytes:
    """A workbook of these sheets' parts by their names."""
    states = states or {}
    declared = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="s{n}" state="{states.get(name, "visible")}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    related = {f"s{n}": ("worksheet", f"sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    parts = {f"{folder}sheet{n}.xml": part for n, part in enumerate(sheets.values(), start=1)}
    for kind, part in (("styles", of_styles), ("sharedStrings", strings)):
        if part is not None:
            related[kind] = kind, f"{kind}.xml"
            parts[f"{folder}{kind}.xml"] = part
    parts[f"{folder}workbook.xml"] = (
        f'<workbook xmlns="{namespace}" xmlns:r="{_RELATIONSHIPS}">{properties}'
        f"<sheets>{declared}</sheets></workbook>"
    )
    parts[f"{folder}_rels/workbook.xml.rels"] = _rels(related)
    parts["_rels/.rels"] = _rels({"r1": ("officeDocument", f"{folder}workbook.xml")})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(rename(name)), content)
    return out.getvalue()


def _rels(related: Mapping[str, tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="{key}" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in related.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{found}</Relationships>'
