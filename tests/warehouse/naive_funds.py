"""What core says of funds, worked out naively: one page after the other."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from extractors.page_kinds import PageKind, Representation
from extractors.records import Page, PrintedFund, PrintedStatementLine
from tests.warehouse.histories import Seen
from tests.warehouse.naive_model import Record, amount

# Lines of a statement that the model knows, by label; their amounts are plain digits.
LINES = {
    "Contributions from Donors": "contributions",
    "Interest and Investment Income (from Fund)": "interest_fund",
    "Total source of funds": "total_source",
}


def fund_page(
    fund_code: str,
    name: str | None,
    fund_type: str | None,
    status: str | None,
    amounts: Sequence[str],
) -> Page:
    """A fund's page with these amounts in its statement, as many as there are."""
    return Page(
        PageKind.FUND_FACTSHEET,
        Representation.HTML,
        fund_code=fund_code,
        fund=PrintedFund(name, fund_type, None, None, "fund", str(name), status),
        currency="US$",
        statement=[
            PrintedStatementLine("administrative_agent", label, None, text, "statement", label)
            for label, text in zip(LINES, amounts, strict=False)
        ],
    )


def funds(seen: Sequence[Seen]) -> list[Record]:
    """core.fund, less capture_id and dates."""
    return [record for code, own in _by_fund(seen).items() for record in _identities(code, own)]


def fund_status_current(seen: Sequence[Seen]) -> list[Record]:
    """mart.fund_status_current: the lines, with the fund's name now and since when they stand."""
    found = []
    for code, own in _by_fund(seen).items():
        name = _identities(code, own)[-1]["name"]
        known: list[tuple[Any, ...]] = []
        known_from: datetime | None = None
        for at, pages in own:
            statements = [page.statement for page in pages if page.statement]
            if statements:
                said = [(LINES[p.label], p.label, amount(p.amount)) for p in statements[-1]]
                if said != known:
                    known, known_from = said, at
        for line, label, value in known:
            told = {"fund_code": code, "name": name, "known_from": known_from}
            found.append(told | {"line": line, "label": label, "amount_usd": value})
    return found


def _by_fund(seen: Sequence[Seen]) -> dict[str, list[tuple[datetime, list[Page]]]]:
    """Each fund's pages, second by second, the one that counts most last."""
    found: dict[str, list[tuple[datetime, list[Page]]]] = {}
    ordered = sorted({(s.at, s.sha256): s for s in seen}.values(), key=attrgetter("at", "sha256"))
    for at, at_once in groupby(ordered, attrgetter("at")):
        for one in at_once:
            page = one.page
            if isinstance(page, Page) and page.fund is not None:
                assert page.fund_code is not None
                own = found.setdefault(page.fund_code, [])
                if not own or own[-1][0] != at:
                    own.append((at, []))
                own[-1][1].append(page)
    return found


def _identities(code: str, own: list[tuple[datetime, list[Page]]]) -> list[Record]:
    """Vintages of one fund's identity; what a page does not show is carried forward."""
    found: list[Record] = []
    known: Record = {"name": None, "fund_type": None, "status": None}
    for at, pages in own:
        after = dict(known)
        for page in pages:
            after |= {n: v for n in known if (v := getattr(page.fund, n)) is not None}
        if not found or after != known:
            found.append({"fund_code": code, "known_from": at, **after})
        known = after
    return found
