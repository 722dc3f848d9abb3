"""What the cells of a workbook share: number formats, fonts, and texts in runs of several fonts."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from extractors.parse.base.cells import Look, Run, text_of
from extractors.parse.base.charset import DAMAGED
from extractors.parse.sheets.number_formats import BUILT_IN, GENERAL
from extractors.parse.sheets.xml_parts import attribute, children, each_element, local

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OFF = frozenset({"0", "false", "off"})
_HEIGHTS = {"superscript": 1, "subscript": -1}
_USUAL_SIZE = 11.0  # points


class Font(NamedTuple):
    """What a font says: its size in points, whether it is raised (1) or lowered (-1), or struck."""

    size: float | None = None
    height: int = 0
    struck: bool = False


class Style(NamedTuple):
    """The number format and the font of a cell."""

    code: str = GENERAL
    font: Font = Font()


class Styles(NamedTuple):
    """The styles of cells, in their order; a workbook may have none at all."""

    styles: Sequence[Style] = ()

    def of(self, printed: str) -> Style:
        """Return the style with a number as printed."""
        number = int(printed)
        return self.styles[number] if 0 <= number < len(self.styles) else Style()


class RichText(NamedTuple):
    """A text in runs, each with what its font says, if that is not the cell's."""

    runs: Sequence[tuple[str, Font | None]]

    def shown_in(self, font: Font) -> str:
        """Return the text that a cell of a font shows: no struck parts, no footnote marks."""
        return shown_runs(self.runs, font)


def read_strings(content: bytes) -> list[RichText]:
    """Return the texts that cells share, in their order."""
    return [rich_text(item) for _, item in each_element(content, {"si"})]


def read_styles(content: bytes) -> Styles:
    """Return the styles of cells."""
    codes = dict(BUILT_IN)
    fonts: list[Font] = []
    styles: list[Style] = []
    for name, element in each_element(content, {"numFmts", "fonts", "cellXfs"}):
        if name == "numFmts":
            for form in children(element, "numFmt"):
                codes[int(form.get("numFmtId", "0"))] = form.get("formatCode", GENERAL)
        elif name == "fonts":
            fonts = [_font(font) for font in children(element, "font")]
        else:
            for style in children(element, "xf"):
                font = int(style.get("fontId", "0"))
                code = codes.get(int(style.get("numFmtId", "0")), GENERAL)
                styles.append(Style(code, fonts[font] if 0 <= font < len(fonts) else Font()))
    return Styles(styles)


def rich_text(item: Element) -> RichText:
    """Return a text without its pronunciation."""
    return RichText(tuple(_runs(item)))


def shown_runs(runs: Sequence[tuple[str, Font | None]], around: Font) -> str:
    """Return what is seen of runs in a cell, whose font is that of runs that say nothing.

    That the whole cell is struck or raised is no matter here.
    """
    usual = around.size or _USUAL_SIZE
    return text_of(_looking(text, font or Font(), usual) for text, font in runs)


def _looking(text: str, font: Font, usual: float) -> Run:
    size = usual if font.size is None else font.size
    shown = not font.struck and size > 0
    return text, Look(shown, size=size, height=font.height, keeps_lines=True)


def unescaped(text: str) -> str:
    """Return a text without Excel's escapes: `_x000D_` is a carriage return."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character.isprintable() or character.isspace() else DAMAGED


def _runs(item: Element) -> Iterator[tuple[str, Font | None]]:
    for part in item:
        if local(part) == "t":
            yield unescaped(part.text or ""), None
        elif local(part) == "r":
            text = unescaped("".join(t.text or "" for t in children(part, "t")))
            yield text, next(map(_font, children(part, "rPr")), None)


def _font(properties: Element) -> Font:
    size = _value(properties, "sz")
    struck = any(child.get("val", "1") not in _OFF for child in children(properties, "strike"))
    height = _HEIGHTS.get(_value(properties, "vertAlign") or "", 0)
    return Font(None if size is None else float(size), height, struck)


def _value(properties: Element, name: str) -> str | None:
    return next((attribute(child, "val") for child in children(properties, name)), None)
