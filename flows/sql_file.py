"""Answers to untrusted SQL as files: whole or not at all, in the format that the suffix names."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from extractors.errors import UsageError
from flows.sql import Source, only, opened, parsed
from warehouse.query import keep_result, write_csv, write_json
from warehouse.result_files import write_parquet, write_sheet

_TEXT = {".csv": write_csv, ".json": write_json}
_TYPED = {".parquet": write_parquet, ".xlsx": write_sheet}


def answer_to_file(source: Source, text: str, file: Path) -> int:
    """Write the whole result of one statement to a file, and return the number of rows.

    The file is replaced once the result is whole; after an error it is what it was.

    Args:
        source: what is queried.
        text: one statement.
        file: `.csv`, `.json`, `.parquet` or `.xlsx`.

    Raises:
        UsageError: the suffix names no format, there is no such folder, or the text has several
            statements.
    """
    kind = file.suffix.lower()
    if kind not in {*_TEXT, *_TYPED}:
        known = ", ".join([*_TEXT, *_TYPED])
        raise UsageError(f"{file}: the suffix chooses the format: {known}")
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}")
    with TemporaryDirectory(dir=file.parent, prefix=f".{file.name}-") as folder:
        written = Path(folder) / f"whole{kind}"
        rows = _write(source, text, written)
        with written.open("rb") as whole:
            os.fsync(whole.fileno())
        written.replace(file)
    return rows


def _write(source: Source, text: str, file: Path) -> int:
    kind = file.suffix
    kept = file.with_name("kept.duckdb") if kind in _TYPED else None
    with opened(source, kept) as con:
        statement = only(parsed(con, text), "-o")
        if kept is None:
            with file.open("w", encoding="utf-8", newline="") as out:
                return _TEXT[kind](con, statement.text, out)
        keep_result(con, statement)
    return _TYPED[kind](kept, file, source.places.settings.sql_memory)
