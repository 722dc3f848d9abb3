"""A number in a cell to the text that Excel shows, by the cell's number format.

A format that scales its number, adds text or digits to it, or shows a part of a date hides what the
number is. Such a cell is doubtful: it is never loaded, and never guessed.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

GENERAL = "General"
# The formats that a workbook names by number only; all others stand in its styles.
BUILT_IN: dict[int, str] = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);("$"#,##0.00)',
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)", 39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);(#,##0.00)", 41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    # Dates in the manner of the machine's language.
    **dict.fromkeys([*range(27, 37), *range(50, 59)], "yyyy-mm-dd"),
}  # fmt: skip
_LONGEST = 255  # characters of a format, by Excel's own limit
_TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"|\\.)|(?P<blank>_.)|(?P<fill>\*.)|\[(?P<brackets>[^\]]*)\]"""
    r"|(?P<general>(?i:General))|(?P<date>AM/PM|A/P|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+)"
    r"|(?P<exponent>E[+-])|(?P<digits>[#0?]+(?:,+[#0?]+)*)|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"[<>=]")
_ELAPSED = re.compile(r"[hms]+", re.IGNORECASE)
_CURRENCY = re.compile(r"\$(?P<sign>[^-]*)")
_BLANK_BETWEEN_THOUSANDS = re.compile(
    r"(?<=[#0])(?:\\?[ \u00a0\u202f]|\"[ \u00a0\u202f]\")(?=[#0])"
)
_FEWEST_WITH_ZERO, _MOST_SECTIONS = 3, 4
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MOST_DIGITS = 15  # that Excel stores
_LAST_DAY = 2_958_465  # 31 December 9999, in days since the end of 1899
_LEAP_DAY_THAT_WAS_NOT = 60  # 29 February 1900, which Excel counts


class DoubtfulFormatError(ValueError):
    """A number format that hides what the number of its cell is."""


class _Section(NamedTuple):
    """One of a format's sections: its tokens, each as its kind and text, and any condition."""

    tokens: tuple[tuple[str, str], ...]
    conditional: bool


def shown_number(value: Decimal, code: str, *, since_1904: bool = False) -> str:
    """Return a number as Excel shows it, without separators between thousands.

    Raises:
        DoubtfulFormatError: the format scales the number, adds text with digits to it, rounds it to
            an exponent or a fraction, shows a part of a date that is neither year nor month, or
            nothing at all.
    """
    sections = _sections(code[: _LONGEST + 1])
    if len(code) > _LONGEST or any(section.conditional for section in sections):
        raise DoubtfulFormatError(code)
    negative = value < 0 and len(sections) > 1
    at = 1 if negative else 2 if value == 0 and len(sections) >= _FEWEST_WITH_ZERO else 0
    tokens = sections[at].tokens
    if value and not tokens:
        raise DoubtfulFormatError(code)
    if any(kind == "date" for kind, _ in tokens):
        if any(kind == "elapsed" or (kind == "other" and text.isalpha()) for kind, text in tokens):
            raise DoubtfulFormatError(code)
        return _date(value, "".join(text.lower() for kind, text in tokens if kind == "date"),
                     since_1904=since_1904)  # fmt: skip
    return _formatted(abs(value) if negative else value, tokens, code)


def shown_text(text: str, code: str) -> str:
    """Return a text as Excel shows it: in a format's place for text, if there is one.

    Raises:
        DoubtfulFormatError: the format adds text to it, or hides it.
    """
    if "@" not in code and ";;;" not in code:
        return text
    sections = _sections(code[:_LONGEST])
    if len(sections) < _MOST_SECTIONS and "@" not in code.rpartition(";")[2]:
        return text
    tokens = sections[-1].tokens
    adds = any(kind == "literal" and literal.strip() for kind, literal in tokens)
    if adds or ("other", "@") not in tokens:
        raise DoubtfulFormatError(code)
    return text


def iso_date(serial: Decimal, *, since_1904: bool = False) -> dt.date:
    """Return the day of a serial number.

    Raises:
        DoubtfulFormatError: Excel shows no date for it.
    """
    days = int(serial) if serial >= 0 else -1
    if not 0 <= days <= _LAST_DAY or (days == _LEAP_DAY_THAT_WAS_NOT and not since_1904):
        raise DoubtfulFormatError("a date before or after those of Excel")
    if since_1904:
        return dt.date(1904, 1, 1) + dt.timedelta(min(days, _LAST_DAY - 1_462))
    return dt.date(1899, 12, 30 if days > _LEAP_DAY_THAT_WAS_NOT else 31) + dt.timedelta(days)


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[_Section, ...]:
    """Cut a number format into its sections, and these into tokens."""
    sections: list[list[tuple[str, str]]] = [[]]
    conditional = [False]
    for found in _TOKEN.finditer(_BLANK_BETWEEN_THOUSANDS.sub("", code) or GENERAL):
        kind, text = found.lastgroup or "", found[found.lastgroup or 0]
        if text == ";" and kind == "other":
            sections.append([])
            conditional.append(False)
        elif kind == "literal":
            sections[-1].append((kind, text[1:].removesuffix('"') if text[0] == '"' else text[1:]))
        elif kind == "brackets":
            conditional[-1] |= _CONDITION.match(text) is not None
            if currency := _CURRENCY.match(text):
                sections[-1].append(("literal", currency["sign"]))
            elif _ELAPSED.fullmatch(text):
                sections[-1].append(("elapsed", text))
        elif kind == "blank":
            sections[-1].append(("literal", " "))
        elif kind != "fill":
            sections[-1].append((kind, text))
    return tuple(map(_Section, map(tuple, sections), conditional))


def _formatted(value: Decimal, tokens: tuple[tuple[str, str], ...], code: str) -> str:
    """Format a number by a section of a format: `0.00`, `(#,##0)`, `0" USD"`."""
    before, whole, decimals, behind = "", "", "", ""
    point = general = False
    percent = 0
    for at, (kind, text) in enumerate(tokens):
        if kind == "digits" and not point and not whole and not behind:
            whole = text
        elif kind == "digits" and point and not decimals and not behind:
            decimals = text
        elif kind == "general" and not whole and not point:
            whole, general = "0", True
        elif (kind, text) == ("other", ".") and not point and not behind:
            point = True
        elif kind == "digits" and set(text) == {"?"}:  # blanks behind the dash of a zero
            continue
        elif (kind, text) == ("other", "%"):
            percent += 1
            before, behind = (before, behind + "%") if whole else (before + "%", behind)
        elif kind in {"literal", "other"} and _adds_no_number(kind, text, tokens, at):
            shown = "" if text == "@" else text
            before, behind = (before, behind + shown) if whole or point else (before + shown, "")
        else:
            raise DoubtfulFormatError(code)
    value = value.scaleb(2 * percent)
    digits = _general(value) if general else _digits(value, whole, decimals, point=point)
    if not (whole or point):
        digits = "" if ("other", "@") not in tokens else _general(value)
    sign = "-" if digits.startswith("-") else ""
    if "(" in before and ")" in behind:
        before = "(" + before.replace("(", "")
    return " ".join(f"{sign}{before}{digits.removeprefix('-')}{behind}".split())


def _adds_no_number(kind: str, text: str, tokens: tuple[tuple[str, str], ...], at: int) -> bool:
    """Return whether a part of a format shows no digit, and scales nothing.

    A comma behind the digits divides by a thousand, a slash makes a fraction.
    """
    if any(map(str.isdigit, text)):
        return False
    return kind == "literal" or text not in {",", "/", "."} or not any(
        known == "digits" for known, _ in (*tokens[:at], *tokens[at + 1 :])
    )  # fmt: skip


def _general(value: Decimal) -> str:
    """Return a number as the format `General` shows it, but without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(value: Decimal, whole: str, decimals: str, *, point: bool) -> str:
    """Round a number to the decimals of its format, and fill it up with zeros."""
    if value.adjusted() > _MOST_DIGITS:
        return _general(value)
    rounded = value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP) + 0
    printed_whole, _, part = f"{abs(rounded):f}".partition(".")
    zeros = whole.count("0")
    printed_whole = ("" if printed_whole == "0" else printed_whole).zfill(zeros)
    while part and decimals[len(part) - 1] != "0" and part.endswith("0"):
        part = part[:-1]
    sign = "-" if rounded < 0 else ""
    return f"{sign}{printed_whole}{'.' if point and part else ''}{part}"


def _date(serial: Decimal, letters: str, *, since_1904: bool) -> str:
    """Return a date in full, its year, or its month and year, as far as the format shows it."""
    day = iso_date(serial, since_1904=since_1904)
    shows_month = "m" in re.sub(r"h+m+|m+s+", "", letters)
    if "y" in letters and "d" in letters and shows_month:
        return day.isoformat()
    if "y" in letters and "d" not in letters:
        year = f"{day.year}" if "yyy" in letters else f"{day.year % 100:02d}"
        return f"{_MONTHS[day.month - 1]} {day.year}" if shows_month else year
    raise DoubtfulFormatError(letters)
