"""Parsing takes time in proportion to a page's length, whatever stands where how often.

Each text stands, 50,000 characters long, in every place of a page that has rules of its own. A step
for each pair of its characters would take half a minute; 15 seconds of CPU is the limit. Lines,
tables and rows are repeated some thousands of times, and compared with an eighth of them.
"""

from time import thread_time

import pytest

from extractors.records import Page
from tests.extractors.parse.apart import parser_apart
from tests.extractors.parse.expectations import parse as read
from transforms.observe import observe

_LENGTH, _SECONDS = 50_000, 15
# Beginnings of what the patterns look for, to be repeated; a mark at the end breaks the match.
PUMPS = ["- ", "Start Date *"]
MORE_PUMPS = [
    "1,",
    "1 ", "FY 2013 ", "1.", "a ", "(", "US$ ", "total ", "2013-", "a.",
    " a", "-", "1", "((1", ")", "%", "$", "USD ", "a:", ": ", ":", "Total-", "sub-total ", "f-",
    "Outcome ", "Page 1 of ", "Showing 1 to ", "*", "* ", "|", "| a", "\\|", "a@", "a@a.", "a-",
    "+1 ", "Name: ", "Email: ", "Year ", "by ", "Funds with ", "Tools for » ", "Project ID: ",
    "End Date*", "<b", "<a ", "&lt;", "<!--", "-->", "</td>", "<td>", "<tr>", "<p>", "1/", "Jan ",
    "1 Jan ", "º ", "%)", "( -", "É", "\u00a0", "\u2009\u202f", "\u200b ", "\u0301", "\"", "’",
    ",", ";", "\t", "a total ", "(in US$)", "of which ", "Less: ", "UN ", "transfers-",
    "in ", "in thousands of ", "<sup>", "<span hidden>", "href=", "(%) ",
]  # fmt: skip


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def pages(text: str) -> list[str]:
    """Return pages of each kind and representation with a text in every place."""
    figures = ["Organization", "Year", "Expenditure", "Delivery Rate"]
    vouchers = ["Voucher", "Date", "Organization", "Amount", "Status"]
    return [
        f"<head><title>{text}</title></head><div><p>Project ID: 00067193</p><p>Description: x</p>"
        f"<p>Start Date *: {text}</p><p>Fund {text}: x</p><p>{text}</p>"
        f"<h2>About</h2><p>Outcome 1 {text}</p>"
        f"<h2>Recent Documents</h2><p><a href='/d/{text[:900]}'>{text}</a></p>"
        f"<h2>Key Figures</h2>{table(figures, ['FAO', '2013', text, text])}"
        f"{table(figures, [text, text, '1', '1'])}{table([*figures, text], ['FAO'] * 5)}"
        f"<h2>Latest Vouchers</h2>{table(vouchers, [text] * 5)}"
        f"<h2>Contacts</h2><p>Name: {text}</p><p>Email: {text}</p></div>",
        f"<h1>Trust Fund Factsheet</h1><p>Fund Code: MDG00</p>"
        f"<p>Funds with Administrative Agent</p>"
        f"{table(['Contributions from Donors', text], [text, '1'])}<p>{text}</p>",
        f"<h1>Portfolio of Funds</h1>{table(['Fund', 'Code'], [text, text])}<p>Showing {text}</p>",
        f"Project ID: 00067193\nDescription: x\n{text}\nKey Figures\n"
        f"| Organization | Year | Expenditure |\n| {text} | {text} | {text} |\n",
        f"Trust Fund Factsheet\nFunds with Administrative Agent\n"
        f"Contributions from Donors {text}\n{text}\n",
        f"Organization,Year,Expenditure\n{text},{text},{text}\n",
    ]


@pytest.mark.parametrize(
    "pumps",
    [PUMPS, *(pytest.param([pump], marks=pytest.mark.proof) for pump in [*PUMPS, *MORE_PUMPS])],
    ids=["worst", *map(ascii, [*PUMPS, *MORE_PUMPS])],
)
def test_no_repeated_text_makes_parsing_slow(pumps: list[str]) -> None:
    texts = [
        begun + pump * (_LENGTH // len(pump)) + "ø" for pump in pumps for begun in ("", "a total ")
    ]
    bodies = [page.encode() for text in texts for page in pages(text)]
    with parser_apart() as parse:
        outcomes, _ = parse(bodies, observed=True, seconds=_SECONDS, memory=None)
    if pumps is PUMPS:
        assert sum(line.startswith("parsed") for line in outcomes) > len(outcomes) / 2


_TIMES, _TIMES_MORE = 500, 8
_MOST_GROWTH = 2 * _TIMES_MORE  # a step for each pair grows by its square


def fund(content: str) -> bytes:
    return f"<html><h1>Trust Fund Factsheet</h1><h2>Contributors</h2>{content}</html>".encode()


def programme(narrative: str) -> bytes:
    identity = "<p>Project ID: 00067193</p><p>Description: x</p><h2>About</h2>"
    return f"<html>{identity}{narrative}<h2>Key Figures</h2></html>".encode()


def repeated(times: int) -> list[bytes]:
    """Return pages of many lines, tables, rows, pieces of a cell, and mentions of programmes."""
    numbers = range(times)
    totals = [[name, "5"] for at in numbers for name in (f"Country {at}", f"Country {at} Total")]
    mention = "<p>Project ID: {}</p><p>a</p><p>b</p><p>c</p><p>d</p>"
    return [
        fund("".join(f"<p>Donors Deposits {at}</p>" for at in numbers)),
        fund(table(["Contributor", "Deposits"], ["Country A", "5"]) * times),
        fund(table(["Contributor", "Deposits"], *totals)),
        programme(table(["Year", "Expenditure"], ["2013", "<small>a</small>b" * times])),
        programme("".join(mention.format(f"{at:08}") for at in numbers)),
    ]


def seconds_of(body: bytes) -> float:
    begun = thread_time()
    one = read(body)
    observe([one])
    assert isinstance(one.page, Page)
    return thread_time() - begun


def test_time_grows_in_proportion_to_the_number_of_lines_tables_and_rows() -> None:
    """A busy machine can double a measurement, but hardly three in a row."""
    for few, many in zip(repeated(_TIMES), repeated(_TIMES * _TIMES_MORE), strict=True):
        seconds = min(seconds_of(few) for _ in range(2))
        assert any(seconds_of(many) < _MOST_GROWTH * seconds for _ in range(3))
