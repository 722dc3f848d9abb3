"""Pages of the stand-in cut anywhere: what may be read of them, by what the whole page says."""

from collections.abc import Iterator
from typing import Any

from extractors.page_kinds import PageRefusedError
from extractors.parse.pages import parse_page
from transforms.observe import ReadBody, observe

_KEYS = {
    "observed.figure": ("organization", "fiscal_year"),
    "observed.voucher": ("voucher_number", "voucher_date", "organization", "amount_usd"),
    "observed.statement_line": ("block", "line", "label"),
    "observed.programme": (),
    "observed.fund": (),
}


def said_by(body: bytes) -> dict[str, list[dict[str, Any]]] | None:
    """Return the typed rows of a body by table; None if it is refused."""
    try:
        page = parse_page(body)
    except PageRefusedError:
        return None
    frames = observe([ReadBody("0" * 64, page)]).frames
    return {name: frame.drop("parse_key").to_dicts() for name, frame in frames.items()}


def wrong_in(cut: bytes, whole: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield what a page that was cut says and the whole one does not."""
    said = said_by(cut)
    if said is None:
        return
    for table, keys in _KEYS.items():
        known = {tuple(row[key] for key in keys): row for row in whole[table]}
        for row in said[table]:
            of_whole = known.get(tuple(row[key] for key in keys))
            if of_whole is None and any(value is not None for value in row.values()):
                yield f"{table}: {row}"
            for name, value in row.items():
                if of_whole and value is not None and value != of_whole[name]:
                    yield f"{table}, {name}: {value!r} in place of {of_whole[name]!r}"
    is_cut = said["observed.body"][0]["cut_short"] is not None
    if any(table["read_in_full"] for table in said["observed.figure_table"]) and (
        is_cut or len(said["observed.figure"]) < len(whole["observed.figure"])
    ):
        yield "a table counts as read in full"
    if not is_cut and 0 < len(said["observed.statement_line"]) < len(
        whole["observed.statement_line"]
    ):
        yield "a statement lacks lines"
