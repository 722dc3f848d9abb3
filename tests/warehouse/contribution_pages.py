"""Pages and answers of the API that show contributions, for tests."""

import json
from collections.abc import Sequence

from extractors.parse.pages import parse_page
from extractors.records import Page
from tests.warehouse.histories import Seen, at

Said = Sequence[tuple[str, ...]]
FUND = "https://gateway.example/factsheet/fund/SMP00"
DONORS = "https://gateway.example/portfolio/donor"
ANSWERS = "https://gateway.example/answers"  # of the API
SINCE_START = ("Contributor", "Commitments (US$)", "Deposits (US$)")
BY_YEAR = ("Contributor", "Year", "Commitments", "Deposits")


def table(headings: tuple[str, ...], said: Said) -> str:
    lines = [headings, *said]
    body = "".join(f"<tr><td>{'</td><td>'.join(line)}</td></tr>" for line in lines)
    return f"<table>{body}</table>"


def fund_page(*tables: str, title: str = "Trust Fund Factsheet", more: str = "") -> Page:
    page = f"<html><body><h1>{title}</h1><p>Tools for » Sample Fund</p>{''.join(tables)}{more}"
    return parse_page(f"{page}</body></html>".encode())


def seen(day: str, said: Said, headings: tuple[str, ...] = SINCE_START, url: str = FUND) -> Seen:
    """Return a fund's page with one table of contributors."""
    return Seen(at(day), fund_page(table(headings, said)), url)


def listed(day: str, said: Said, *headings: str) -> Seen:
    page = f"<html><body><h1>Portfolio of Contributors</h1>{table(headings, said)}</body></html>"
    return Seen(at(day), parse_page(page.encode()), DONORS)


def answered(day: str, *said: tuple[str, str, str], years: str = "year:2015") -> Seen:
    """Return an answer of the API: contributors with commitments and deposits to a fund."""
    named = ("CONTRIBUTOR", "COMMITMENTS", "DEPOSITS")
    data = [dict(zip(named, one, strict=True)) | {"FUND_CODE": "SMP00"} for one in said]
    body = json.dumps({"data": data}).encode()
    return Seen(at(day), parse_page(body, f"getDonors/,a,/{years}"), ANSWERS)
