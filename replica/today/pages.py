"""HTML of today's pages: shells without figures, with holes where scripts put names."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from replica.books.shown import Passage

_HOST = "https://mptf.undp.org"
_LINKS = (
    ("/", "Home"),
    ("/partners/organizations", "Organizations"),
    ("/analyze-all-contributions", "Contributions"),
)
# The site's own pages of text: slug, title and paragraphs.
TEXT_PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "about-this-office": (
        "About this office",
        ("This office administers pooled funds for the organizations that take part in them.",
         "Contributors deposit into a fund, and its steering committee decides on programmes."),
    ),
    "how-to-read-the-data": (
        "How to read the data",
        ("Transfers are shown as they are paid. Expenditure is reported once a year.",
         "A year is open until its final reports are in."),
    ),
}  # fmt: skip


class Shell(NamedTuple):
    """What a page holds before its scripts run."""

    path: str
    title: str
    description: str
    body: str
    scripts: Sequence[str]


def shell_page(shell: Shell) -> bytes:
    """Return the whole page."""
    scripts = "".join(f'<script src="{path}"></script>\n' for path in shell.scripts)
    title = escape(shell.title, quote=False)
    links = "".join(f'<li><a href="{path}">{text}</a></li>' for path, text in _LINKS)
    return (
        '<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="description" content="{escape(shell.description)}">\n'
        f'<link rel="canonical" href="{_HOST}{shell.path}">\n'
        '<meta name="Generator" content="Drupal 9 (https://www.drupal.org)">\n'
        f"<title>{title} | MPTF Office</title>\n</head>\n"
        f'<body>\n<header><nav><ul>{links}</ul></nav></header>\n<main role="main">\n'
        f"<h1>{title}</h1>\n{shell.body}</main>\n"
        '<footer><a href="/page/about-this-office">About</a> '
        '<a href="/page/how-to-read-the-data">Data</a></footer>\n'
        f"{scripts}</body>\n</html>\n"
    ).encode()


def fund_body(name: str, status: str, overview: str, documents: Iterable[tuple[str, str]]) -> str:
    """Return a fund's body; `documents` are paths and titles."""
    return (
        f"<div class='field field--status'>Status: {status}</div>\n"
        f"{_labels('Latest reports:', 'Fund established:')}"
        f"<section id='about'>{_paragraph(overview)}"
        f"<p>The work of {escape(name, quote=False)} is possible thanks to the efforts of "
        "<span class='js-contributors'></span>.</p>\n</section>\n"
        f"{_placeholders('key-figures', 'contributions', 'projects')}{_documents(documents)}"
    )


def programme_body(
    title: str, status: str, passages: Iterable[Passage], documents: Iterable[tuple[str, str]]
) -> str:
    """Return a programme's body; `documents` are paths and titles."""
    about = "".join(_paragraph(passage.text) for passage in passages)
    return (
        f"<div class='field field--status'>Status: {escape(status)}</div>\n"
        f"{_labels('Latest reports:', 'Project dates:')}<section id='about'>{about}"
        f"<p>{escape(title, quote=False)} is carried out by "
        "<span class='js-organizations'></span> with funds from "
        "<span class='js-fund'></span>.</p>\n</section>\n"
        f"{_placeholders('key-figures', 'vouchers')}{_documents(documents)}"
    )


def home_body(funds: Iterable[tuple[str, str]]) -> str:
    """Return the home page's body with links to some funds; `funds` are paths and names."""
    return (
        "<p>The funds of this office are possible thanks to the efforts of "
        f"<span class='js-contributors'></span>.</p>\n{_placeholders('totals', 'map')}"
        f"<section id='featured'><h2>Funds</h2>\n{_list(funds)}</section>\n"
    )


def table_body(*names: str) -> str:
    """Return the body of a page that its scripts fill with tables."""
    return (
        "<p>Choose a year. The table shows <span class='js-count'></span> rows.</p>\n"
        f"{_placeholders(*names)}"
    )


def text_body(paragraphs: Iterable[str]) -> str:
    """Return the body of a page of text."""
    return "".join(map(_paragraph, paragraphs))


def _labels(*labels: str) -> str:
    return "".join(
        f"<div class='field'>{label} <span class='js-value'></span></div>\n" for label in labels
    )


def _placeholders(*names: str) -> str:
    return "".join(
        f'<div id="{name}" class="js-table" data-state="loading"></div>\n' for name in names
    )


def _documents(documents: Iterable[tuple[str, str]]) -> str:
    return f"<section id='documents'><h2>Documents</h2>\n{_list(documents)}</section>\n"


def _list(links: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><a href="{path}">{escape(text, quote=False)}</a></li>\n' for path, text in links
    )
    return f"<ul>\n{items}</ul>\n"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>\n"
