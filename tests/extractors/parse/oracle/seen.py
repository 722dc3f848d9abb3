"""The tables of a page as a real Chromium shows them: places on the screen, and texts seen."""

import re
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Page

_SCRIPT = Path(__file__).with_name("tables.js").read_text(encoding="utf-8")
_SMALLER = 0.95
_A_LINE = 0.7  # of a line's height: a text that begins so far below another is on another line
_NOT_SEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]"
)
# One or two, with a comma or a blank between them; the second may be a sign that is not seen.
_MARK = re.compile(r"[(\[]?[0-9a-z*†‡§ivx]{1,3}(?:(?:, ?| )[0-9a-z]?)?[)\]]?", re.IGNORECASE)


class Place(NamedTuple):
    """A cell's place on the screen."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def across(self) -> float:
        """Return the middle between left and right."""
        return (self.left + self.right) / 2

    @property
    def down(self) -> float:
        """Return the middle between top and bottom."""
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        """Return the distance between left and right."""
        return self.right - self.left

    def overlaps(self, other: "Place") -> bool:
        """Return whether two cells lie over each other by more than a border."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > 1
            and min(self.bottom, other.bottom) - max(self.top, other.top) > 1
        )


class SeenCell(NamedTuple):
    """A cell with the text in it, without what is raised, small or linked behind that."""

    place: Place
    text: str
    is_heading: bool


class SeenTable(NamedTuple):
    """A table: its cells that take a place, and the top and bottom of its rows."""

    cells: list[SeenCell]
    rows: list[tuple[float, float]]


def seen_tables(page: Page, text: str) -> list[SeenTable]:
    """Return the tables of an HTML page, in order, as the browser shows them."""
    page.set_content(text, wait_until="domcontentloaded")
    return [
        SeenTable(
            list(map(_cell, table["cells"])), [(top, bottom) for top, bottom in table["rows"]]
        )
        for table in page.evaluate(_SCRIPT)
    ]


def _cell(printed: dict[str, Any]) -> SeenCell:
    place = Place(printed["left"], printed["right"], printed["top"], printed["bottom"])
    return SeenCell(place, _text(printed["runs"], printed["inner"]), printed["is_heading"])


def _text(runs: list[dict[str, Any]], inner: str) -> str:
    """Return the text of a cell in lines.

    Chromium's own `innerText`, unless some of its text is raised, smaller or a link behind other
    text, or cannot be seen though it has its place.
    """
    filled = [run for run in runs if _folded(run["text"])]
    if not filled:
        return ""
    largest = max(filled, key=lambda run: float(run["size"]))
    looks = [_look(run, largest) for run in runs]
    everything = "".join(_folded(run["text"]).replace(" ", "") for run in runs)
    if set(looks) == {"main"} and everything == _folded(inner).replace(" ", ""):
        return "\n".join(filter(None, map(_folded, inner.splitlines())))
    lines: list[str] = [""]
    bottom = runs[0]["bottom"]
    for run, look in zip(runs, looks, strict=True):
        if look == "mark":
            lines[-1] += " "
            continue
        if run["top"] > bottom - (1 - _A_LINE) * (run["bottom"] - run["top"]):
            lines.append("")
        bottom = max(bottom, run["bottom"])
        lines[-1] += f"^{run['text']}" if look == "other" else run["text"]
    return "\n".join(filter(None, map(_folded, lines)))


def _look(run: dict[str, Any], main: dict[str, Any]) -> Literal["main", "mark", "other"]:
    """Tell text of a cell from the mark of a footnote beside it, and from other odd text."""
    text = _folded(run["text"])
    if run is main or not text or run["box"] != main["box"]:
        return "main"  # a cell of an inner table marks none beside it
    on_its_line = run["top"] < main["bottom"] - 1 and run["bottom"] > main["top"] + 1
    is_raised = (
        on_its_line
        and abs(run["bottom"] - main["bottom"]) > 1
        and abs(run["top"] - main["top"]) > 1
    )
    is_linked = run["link"] not in {"", main["link"]}
    if is_raised or is_linked or run["size"] < _SMALLER * main["size"]:
        return "mark" if _MARK.fullmatch(text) else "other"
    return "main"


def _folded(text: str) -> str:
    return " ".join(_NOT_SEEN.sub("", text).split())
