"""Writing pages to the archive and reading them, beside one plain gzip file."""

import gzip
import tempfile
from datetime import datetime
from pathlib import Path
from time import perf_counter

from benchmarks.components.factsheets import factsheet
from extractors.archive.reader import Archive, ArchivedRecord
from extractors.archive.writer import ArchiveWriter
from extractors.captures import NewCapture

_COUNT = 2000
VARIANTS = ("write WARC", "read WARC", "write plain gzip")
BASELINE = "write plain gzip"
UNIT = "pages"


def run(name: str) -> tuple[int, float]:
    """Write pages with an fsync at the end, or read them and verify their digests."""
    pages = [factsheet(number) for number in range(_COUNT)]
    with tempfile.TemporaryDirectory() as folder:
        begun = perf_counter()
        if name == "write plain gzip":
            with gzip.open(Path(folder) / "pages.gz", "wb") as file:
                file.writelines(pages)
            return _COUNT, perf_counter() - begun
        archive = Archive(Path(folder), 1 << 26)
        now = datetime(2026, 1, 1)  # noqa: DTZ001 because every time here is naive UTC
        with ArchiveWriter(archive, "bench", now, lambda _: None) as writer:
            for number, page in enumerate(pages):
                url = f"https://mptf.undp.org/factsheet/project/{number:08}"
                writer.add(NewCapture(url, now, "option", "saved", page))
        if name == "read WARC":
            begun = perf_counter()
            (file_name,) = archive.files()
            found = sum(isinstance(r, ArchivedRecord) for r in archive.records(file_name))
            assert found == _COUNT
    return _COUNT, perf_counter() - begun
