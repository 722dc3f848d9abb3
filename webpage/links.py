"""The files of the pages of subjects, and cells that link to them."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from webpage.cells import ABSENT, CACHED_CELLS, Cell, safe_text

_KEY = re.compile(r"[A-Za-z0-9]+")
_COUNTRY_CODE = re.compile(r"[A-Z]{3}")
_NAME_CHARACTERS = 40  # of a contributor, organization or country in the name of its file
_ALL = "(all)"  # as a fund: the source names none


def file_name(key: str) -> str:
    """Return the file name, without extension, of a programme's or fund's page: its key.

    Raises:
        ValueError: the key has other characters than letters and digits.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot be the name of a file")
    return key


def contributor_file_name(name: str) -> str:
    """Return the file name, without extension, of a contributor's page: words and a hash."""
    return _words_and_hash(name, "contributor")


def organization_file_name(name: str) -> str:
    """Return the file name, without extension, of an organization's page: words and a hash."""
    return _words_and_hash(name, "organization")


def country_file_name(key: str) -> str:
    """Return the file name, without extension, of a country's page: its code, or as above.

    `key` is that of `core.country_key`.
    """
    return key if _COUNTRY_CODE.fullmatch(key) else _words_and_hash(key, "no-country")


def _words_and_hash(name: str, otherwise: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:_NAME_CHARACTERS]
    return f"{words or otherwise}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def title_link(root: str, kind: str) -> Cell:
    """Return a cell function that links a name to the page of the key beside it.

    Where there is no name, the key itself is the link; `(all)` is no fund, and has no link.

    Args:
        root: the path to the first page.
        kind: "programme" or "fund".
    """

    def cell(value: str | None, key: str | None) -> str:
        absent = "" if value else ' data-value=""'
        if key in {None, _ALL}:
            shown: str = safe_text(value or key)
        elif value:
            shown = f'<a href="{root}{kind}/{file_name(key)}.html">{safe_text(value)}</a>'
        else:
            shown = _page_link(root, kind, key)
        return f'<th scope="row"{absent}>{shown}</th>'

    return cell


def fund_link(root: str) -> Cell:
    """Return a cell function that links to a fund; `root` is the path to the first page.

    `(all)` is no fund, and stays text; the cell is empty where there is none.
    """

    def cell(value: str | None, _basis: str | None) -> str:
        shown = (value or "") if value in {None, _ALL} else _page_link(root, "fund", value)
        return f"<td>{shown}</td>"

    return cell


def contributor_link(root: str) -> Cell:
    """Return a cell function that links to a contributor; `root` is the path to the first page."""
    return _named_link(f"{root}contributor/", contributor_file_name, "th")


def organization_link(root: str, tag: str = "td") -> Cell:
    """Return a cell function that links to an organization; `root` is the path to the first page.

    A cell without an organization is marked as absent.
    """
    return _named_link(f"{root}organization/", organization_file_name, tag)


def country_link(root: str, tag: str = "td") -> Cell:
    """Return a cell function that links to a country; `root` is the path to the first page.

    The second argument of the cell is not a basis but the country's key.
    """
    start = _start(tag)

    @lru_cache(CACHED_CELLS)
    def cell(value: str | None, key: str | None) -> str:
        file = f"{root}country/{country_file_name(key or '')}.html"
        return f'{start}<a href="{file}">{safe_text(value)}</a></{tag}>'

    return cell


def _named_link(folder: str, named: Callable[[str], str], tag: str) -> Cell:
    start = _start(tag)

    @lru_cache(CACHED_CELLS)
    def cell(value: str | None, _basis: str | None) -> str:
        if value is None:
            return f"{start}{ABSENT}</{tag}>"
        return f'{start}<a href="{folder}{named(value)}.html">{safe_text(value)}</a></{tag}>'

    return cell


def _start(tag: str) -> str:
    return '<th scope="row">' if tag == "th" else f"<{tag}>"


def _page_link(root: str, kind: str, key: str) -> str:
    return f'<a class="id" href="{root}{kind}/{file_name(key)}.html">{key}</a>'
