"""What lies beside saved pages and is none: hidden files, and the folders of "complete" pages.

A browser that saves a page as `page.html` puts its pictures, style sheets and frames into
`page_files`. A workbook that Excel saves as a web page has its sheets there: those are read.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

# As browsers and Windows name it in the languages of the UN and some others.
_FOLDER = re.compile(
    r"(?P<page>.+?)[_.-](?:files?|dateien|fichiers|archivos|arquivos|ficheiros|bestanden|filer"
    r"|tiedostot|pliki|soubory|dosyalar)",
    re.IGNORECASE,
)
_PAGES = (".html", ".htm", ".xhtml", ".shtml", ".xls", ".php", ".aspx")
_FRAME_NAMES = (".html", ".htm", ".xhtml")
_FRAMES = re.compile(rb"<frameset\b", re.IGNORECASE)
_HIDDEN = frozenset({"__MACOSX", "hts-cache"})  # of macOS, of HTTrack


def is_hidden(name: PurePosixPath) -> bool:
    """Return whether a file, or a folder that it is in, is hidden or a program's own."""
    return any((part.startswith(".") and part != "..") or part in _HIDDEN for part in name.parts)


class Companions:
    """The folders that belong to a page beside them, among some names.

    `read_head` returns the start of a page, to tell whether its frames are all that it shows.
    """

    def __init__(
        self, names: Iterable[PurePosixPath], read_head: Callable[[PurePosixPath], bytes]
    ) -> None:
        self._read_head = read_head
        self._pages = {
            (name.parent, name.stem.lower()): name
            for name in names
            if name.suffix.lower() in _PAGES
        }
        self._of_folder: dict[PurePosixPath, bool | None] = {}

    def belong(self, name: PurePosixPath) -> bool:
        """Return whether a file is a part of a saved page, and no page of its own."""
        for folder in name.parents:
            shows_frames = self._shows_frames(folder)
            if shows_frames is not None:
                is_frame = name.suffix.lower() in _FRAME_NAMES and name.stem.lower() != "tabstrip"
                return not (shows_frames and is_frame)
        return False

    def _shows_frames(self, folder: PurePosixPath) -> bool | None:
        """Return whether a page shows the frames in its folder; None if it is no page's folder."""
        if folder not in self._of_folder:
            found = _FOLDER.fullmatch(folder.name)
            page = self._pages.get((folder.parent, found["page"].lower())) if found else None
            shows = None if page is None else _FRAMES.search(self._read_head(page)) is not None
            self._of_folder[folder] = shows
        return self._of_folder[folder]
