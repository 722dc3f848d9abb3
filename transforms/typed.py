"""One printed record to one typed row, or a rejection that names the rule. One function a table."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from extractors.records import (
    LAID_OVER,
    Measure,
    PrintedDocument,
    PrintedFigure,
    PrintedFinding,
    PrintedFund,
    PrintedListing,
    PrintedProgramme,
    PrintedVoucher,
)
from transforms.amounts import is_no_value, parse_amount, parse_rate
from transforms.countries import NO_CODE, country_of
from transforms.dates import TermDate, parse_date, parse_fiscal_year, parse_term_date
from transforms.organizations import ALL_ORGANIZATIONS, canonical_organization
from transforms.quarantine import RejectedError

Row = dict[str, Any]

LARGEST_SUM = Decimal(10) ** 16  # what a column of amounts, DECIMAL(18,2), holds
KNOWN_STATUSES = ("On Going", "Operationally Closed", "Financially Closed")
_STATUS = {status.casefold().replace(" ", ""): status for status in KNOWN_STATUSES}
# An amount, a year, or the number of a note; a currency alone.
_NO_NAME = re.compile(r"(?:US\s?\$|USD|EUR|GBP|CHF|FY|[\W\d_])*", re.IGNORECASE)

MEASURE_COLUMNS: dict[Measure, str] = {
    "approved_budget": "approved_budget_usd",
    "net_funded": "net_funded_usd",
    "transfers": "transfers_usd",
    "refunds": "refunds_usd",
    "expenditure": "expenditure_usd",
    "delivery_rate": "delivery_rate_pct",
}


def programme_row(printed: PrintedProgramme) -> tuple[Row, list[PrintedFinding]]:
    """Return the identity block with dates parsed, a known status and the country's code.

    A date that cannot be read is None with a finding, and an unknown country has no code and a
    finding; neither costs anything else.
    """
    row: Row = printed._asdict()
    del row["where"], row["text"]
    row["status"] = known_status(printed.status) or printed.status
    term, findings = _term(printed)
    country, unknown = _country(printed)
    return row | term | country, findings + unknown


def _country(printed: PrintedProgramme) -> tuple[Row, list[PrintedFinding]]:
    """Return the country's code and name, both set if any is printed, so that they stay together.

    Each column of an identity is carried forward by itself: without a code of its own, `Global`
    would get that of the country before.
    """
    if not printed.country:
        return {"country_code": None, "country_name": None}, []
    country = country_of(printed.country)
    row = {"country_code": country.code or NO_CODE, "country_name": country.name}
    if country.known:
        return row, []
    return row, [PrintedFinding("unknown_country", "Country", printed.country)]


def fund_row(printed: PrintedFund) -> tuple[Row, list[PrintedFinding]]:
    """Return the identity of a fund with dates parsed; one that cannot be read is a finding."""
    row = {"name": printed.name, "fund_type": printed.fund_type, "status": printed.status}
    term, findings = _term(printed)
    return row | term, findings


def _term(printed: PrintedProgramme | PrintedFund) -> tuple[Row, list[PrintedFinding]]:
    """Return start and end; an end before the start is a finding, and both stay as printed."""
    findings: list[PrintedFinding] = []
    start = _term_date("start date", printed.start_date, findings)
    end = _term_date("end date", printed.end_date, findings)
    if start.day and end.day and end.day < start.day:
        findings.append(
            PrintedFinding(
                "end_before_start",
                "end date",
                f"the end date {printed.end_date!r} is before the start date"
                f" {printed.start_date!r}; it decides no basis",
            )
        )
    return {
        "start_date": start.day,
        "start_date_precision": start.precision,
        "end_date": end.day,
        "end_date_precision": end.precision,
    }, findings


def _term_date(label: str, printed: str | None, findings: list[PrintedFinding]) -> TermDate:
    try:
        return parse_term_date(printed, ends=label == "end date")
    except RejectedError as error:
        findings.append(PrintedFinding("unreadable_date", label, str(error)))
        return TermDate()


def readable_date(subject: str, printed: str | None, findings: list[PrintedFinding]) -> date | None:
    """Return a printed date; one that cannot be read is None, and is added to the findings."""
    try:
        return parse_date(printed)
    except RejectedError as error:
        findings.append(PrintedFinding("unreadable_date", subject, str(error)))
        return None


def listing_row(printed: PrintedListing) -> Row:
    """Return one row of a list; its other cells are one text, each with its heading."""
    row = {
        name: getattr(printed, name)
        for name in ("listed", "name", "url", "programme_id", "fund_code")
    }
    row["fund_code"] = printed.fund_code.upper() if printed.fund_code else None
    row["details"] = " | ".join(f"{heading}: {value}" for heading, value in printed.details)
    return row


def known_status(printed: str | None) -> str | None:
    """Return the known status that is printed, in any case and spacing; None for another."""
    return _STATUS.get((printed or "").casefold().replace(" ", "").replace("-", ""))


def figure_row(
    printed: PrintedFigure, currency: str | None
) -> tuple[Row, dict[Measure, RejectedError]]:
    """Return one row of figures in US$, and why some of its measures cannot be read.

    Such a measure is None in the row, as is one that is not printed; it is never 0.

    Raises:
        RejectedError: its year or organization is none, or the page's currency is not US$.
    """
    check_currency(currency)
    row: Row = dict.fromkeys(MEASURE_COLUMNS.values())
    rejected: dict[Measure, RejectedError] = {}
    for measure, text in printed.measures.items():
        parse = parse_rate if measure == "delivery_rate" else parse_amount
        try:
            row[MEASURE_COLUMNS[measure]] = parse(text)
        except RejectedError as error:
            rejected[measure] = error
    row["fiscal_year"] = (
        None if printed.fiscal_year is None else parse_fiscal_year(printed.fiscal_year)
    )
    if printed.organization is not None:
        check_name(printed.organization, of_sum=printed.total)
    row["organization_printed"] = printed.organization
    row["organization"] = (
        canonical_organization(printed.organization)[0]
        if printed.organization
        else ALL_ORGANIZATIONS
    )
    return row, rejected


def voucher_row(
    printed: PrintedVoucher, currency: str | None, findings: list[PrintedFinding]
) -> Row:
    """Return one voucher with its amount in US$; add a date that cannot be read to the findings.

    Raises:
        RejectedError: it has no number or no amount, or the amount cannot be read.
    """
    check_currency(currency)
    if printed.voucher_number is None:
        raise RejectedError("voucher_number_missing", "the voucher has no number")
    check_text(printed.voucher_number)
    organization = None if names_none(printed.organization or "") else printed.organization
    if organization is not None:
        check_name(organization)
    amount = parse_amount(printed.amount)
    if amount is None:
        raise RejectedError("voucher_amount_missing", "the voucher has no amount")
    return {
        "voucher_number": printed.voucher_number,
        "organization": None if organization is None else canonical_organization(organization)[0],
        "voucher_date": readable_date(printed.where, printed.voucher_date, findings),
        "amount_usd": amount,
        "status": printed.status,
    }


def voucher_key(number: str) -> str:
    """Return a voucher number without the leading zeros that a spreadsheet loses."""
    return number.lstrip("0") if number.isdecimal() and number.isascii() else number


def document_row(printed: PrintedDocument, findings: list[PrintedFinding]) -> Row:
    """Return one document; without a URL, its key is made of its title.

    A date that cannot be read is None, and is added to the findings.
    """
    return {
        "url": printed.url or f"title:{printed.title}",
        "title": printed.title,
        "document_date": readable_date(printed.where, printed.document_date, findings),
    }


def check_name(text: str, *, of_sum: bool = False) -> None:
    """Accept any name but a formula, the texts of several cells, and what is written for none.

    An amount or a year in its place says that the others are displaced, unless it is the name of a
    sum (`2014 Total`).

    Raises:
        RejectedError: it is one of these.
    """
    check_text(text)
    if names_none(text):
        raise RejectedError("name_missing", f"{text!r} stands for no name")
    if not of_sum and _NO_NAME.fullmatch(text):
        raise RejectedError("not_a_name", f"{text!r} is no name")


def names_none(text: str) -> bool:
    """Return whether a text says that there is no name: `-`, `*`, `N/A`."""
    return is_no_value(text) or not any(map(str.isalnum, text))


def is_name(text: str) -> bool:
    """Return whether a text is accepted as a name."""
    try:
        check_name(text)
    except RejectedError:
        return False
    return True


def check_text(text: str) -> None:
    """Accept any text of a cell but a formula in its place, or the texts of several cells.

    Raises:
        RejectedError: it is one of these.
    """
    if text.startswith("="):
        raise RejectedError("formula", f"{text!r} is a formula, whose result is not known")
    if text.endswith(LAID_OVER):
        raise RejectedError("cells_over_each_other", f"{text!r} is not the name of one")


def check_currency(currency: str | None) -> None:
    """Accept US$, which amounts are in where the page says nothing.

    Raises:
        RejectedError: the page says another currency.
    """
    if currency not in {None, "US$", "USD"}:
        raise RejectedError("currency", f"amounts are in {currency!r}, not in US$")
