"""What pages say, as columns that observed and core share; none of these is a table by itself."""

from transforms.schemas.parts import CONTRIBUTORS, FIGURES, FUND_CODE, FUND_CODE_OR_ALL, IDENTITY
from transforms.schemas.table import Day, Integer, Percent, TableModel, Text, Usd, column

_API = "the site's API"
_STATEMENT = "fund factsheet, Funding Status"


class DatePrecision(TableModel):
    start_date_precision: Text = column(
        "How exactly the start is printed: day or month; NULL without one",
        source=IDENTITY,
        nullable=True,
        isin=["day", "month"],
    )
    end_date_precision: Text = column(
        "How exactly the end is printed: day or month; NULL without one",
        source=IDENTITY,
        nullable=True,
        isin=["day", "month"],
    )


class Identity(TableModel):
    title: Text = column("Title as printed", source=IDENTITY, nullable=True)
    description: Text = column(
        "The accounting system's description, cut at 30 characters", source=IDENTITY, nullable=True
    )
    fund_code: Text = column(
        "Code of the fund, from the link to its factsheet",
        source=IDENTITY,
        nullable=True,
        str_matches=FUND_CODE,
    )
    fund_name: Text = column("Name of the fund as printed", source=IDENTITY, nullable=True)
    theme: Text = column("Theme as printed", source=IDENTITY, nullable=True)
    start_date: Day = column(
        "Start date; of one printed to the month, its first day", source=IDENTITY, nullable=True
    )
    end_date: Day = column(
        "End date; of one printed to the month, its last day", source=IDENTITY, nullable=True
    )
    country: Text = column("Country as printed", source=IDENTITY, nullable=True)
    country_code: Text = column(
        "ISO 3166-1 alpha-3 code of the country; NULL, in observed `(none)`, if it is none or not "
        "known",
        source=IDENTITY,
        nullable=True,
    )
    country_name: Text = column(
        "Name of the country in ISO 3166-1; as printed if it has no code",
        source=IDENTITY,
        nullable=True,
    )
    status: Text = column(
        "On Going, Operationally Closed or Financially Closed; as printed if another",
        source=IDENTITY,
        nullable=True,
    )
    participating_organization: Text = column(
        "Participating organization as printed; `Multiple` where there are several",
        source=IDENTITY,
        nullable=True,
    )


class Measures(TableModel):
    approved_budget_usd: Usd = column("Approved budget", unit="US$", source=FIGURES, nullable=True)
    net_funded_usd: Usd = column(
        "Net funded amount: transfers less refunds", unit="US$", source=FIGURES, nullable=True
    )
    transfers_usd: Usd = column(
        "Transfers to the organization", unit="US$", source=FIGURES, nullable=True
    )
    refunds_usd: Usd = column(
        "Refunds by the organization", unit="US$", source=FIGURES, nullable=True
    )
    expenditure_usd: Usd = column(
        "Expenditure reported by the organization; negative where it corrects an earlier year",
        unit="US$",
        source=FIGURES,
        nullable=True,
    )
    delivery_rate_pct: Percent = column(
        "Delivery rate as printed: expenditure over net funded amount",
        unit="percent",
        source=FIGURES,
        nullable=True,
    )


class OrganizationPrinted(TableModel):
    organization_printed: Text = column(
        "Organization as printed; NULL where none is named", source=FIGURES, nullable=True
    )


class Passage(TableModel):
    section: Text = column(
        "`overview`, `outcome`, `achievement`, `lesson` or `other`",
        source="factsheet, About",
        isin=["overview", "outcome", "achievement", "lesson", "other"],
    )
    outcome_no: Integer = column("Number of the outcome; 0 outside outcomes", ge=0)
    seq: Integer = column("Place within the section and outcome, from 1", ge=1)
    text: Text = column("The passage as printed", source="factsheet, About")


class Document(TableModel):
    url: Text = column(
        "URL as printed; `title:` and the title where there is none",
        source="factsheet, Recent Documents",
    )
    title: Text = column("Title as printed", source="factsheet, Recent Documents")
    document_date: Day = column(
        "Date as printed", source="factsheet, Recent Documents", nullable=True
    )


class Person(TableModel):
    seq: Integer = column("Place in the list, from 1", ge=1)
    name: Text = column("Name as printed", source="factsheet, Contacts")
    role: Text = column("Role as printed", source="factsheet, Contacts", nullable=True)
    telephone: Text = column("Telephone as printed", source="factsheet, Contacts", nullable=True)
    email: Text = column("E-mail as printed", source="factsheet, Contacts", nullable=True)
    skype: Text = column("Skype name as printed", source="factsheet, Contacts", nullable=True)


class VoucherContent(TableModel):
    voucher_number: Text = column(
        "Voucher number as printed",
        source="factsheet, Latest Vouchers",
        str_length={"min_value": 1},
    )
    organization: Text = column(
        "Participating organization paid, under its one name over time",
        source="factsheet, Latest Vouchers",
        nullable=True,
    )
    voucher_date: Day = column("Date", source="factsheet, Latest Vouchers", nullable=True)
    amount_usd: Usd = column("Amount", unit="US$", source="factsheet, Latest Vouchers")


class VoucherStatus(TableModel):
    status: Text = column("Status as printed", source="factsheet, Latest Vouchers", nullable=True)


class FundIdentity(TableModel):
    name: Text = column("Name as printed", source="fund factsheet", nullable=True)
    fund_type: Text = column(
        "Trust Fund, Joint Programme or Other Fund", source="fund factsheet", nullable=True
    )
    start_date: Day = column(
        "Start date; of one printed to the month, its first day",
        source="fund factsheet",
        nullable=True,
    )
    end_date: Day = column(
        "End date; of one printed to the month, its last day",
        source="fund factsheet",
        nullable=True,
    )
    status: Text = column(
        "Status as printed, on pages since 2022 only; NULL if none was seen",
        source="fund page since 2022",
        nullable=True,
    )


class StatementLine(TableModel):
    block: Text = column(
        "`administrative_agent` or `participating_organizations`",
        source=_STATEMENT,
        isin=["administrative_agent", "participating_organizations"],
    )
    line: Text = column("The line, as a name that stays", source=_STATEMENT)
    label: Text = column("The label as printed", source=_STATEMENT)
    amount_usd: Usd = column(
        "Magnitude; a balance keeps its sign", unit="US$", source=_STATEMENT, nullable=True
    )
    pct: Percent = column("Percentage", unit="percent", source=_STATEMENT, nullable=True)
    role: Text = column(
        "How the line enters the sum: adds, subtracts, total, balance or percentage",
        isin=["adds", "subtracts", "total", "balance", "percentage"],
    )
    seq: Integer = column("Place in the statement, from 1", ge=1)


class OrganizationFigures(TableModel):
    """An organization's figures over all funds; agency_code, organization and years are the key."""

    agency_code: Text = column(
        "The organization's code in the API; `(none)` where none is shown", source=_API
    )
    organization: Text = column(
        "Organization under its one name over time; its group's where the row has no name",
        source=_API,
        str_length={"min_value": 1},
    )
    organization_printed: Text = column("Organization as printed", source=_API)
    organization_group: Text = column(
        "The group that the organization belongs to, as printed", source=_API, nullable=True
    )
    approved_budget_usd: Usd = column("Approved budget", unit="US$", source=_API, nullable=True)
    net_funded_usd: Usd = column("Net funded amount", unit="US$", source=_API, nullable=True)
    expenditure_usd: Usd = column(
        "Expenditure; negative where it corrects an earlier year",
        unit="US$",
        source=_API,
        nullable=True,
    )
    delivery_rate_pct: Percent = column(
        "Delivery rate as printed", unit="percent", source=_API, nullable=True
    )
    fund_count: Integer = column(
        "Funds in which the organization takes part", unit="funds", source=_API, nullable=True, ge=0
    )


class Contribution(TableModel):
    """What a contributor gave to a fund; fund_code, contributor and years are the key."""

    fund_code: Text = column(
        "Fund; `(all)` where a list or an answer names none",
        source=CONTRIBUTORS,
        str_matches=FUND_CODE_OR_ALL,
    )
    contributor: Text = column(
        "Contributor under its one name over time: as printed, white space folded, unless an alias"
        " is known",
        source=CONTRIBUTORS,
        str_length={"min_value": 1},
    )
    contributor_printed: Text = column("Contributor as printed", source=CONTRIBUTORS)
    contributor_fund_code: Text = column(
        "Fund that the contributor is, from the link of its row; NULL where no page links to one",
        source=CONTRIBUTORS,
        nullable=True,
        str_matches=FUND_CODE,
    )
    commitments_usd: Usd = column(
        "Commitments that the contributor has signed",
        unit="US$",
        source=CONTRIBUTORS,
        nullable=True,
    )
    deposits_usd: Usd = column(
        "Deposits that have arrived", unit="US$", source=CONTRIBUTORS, nullable=True
    )


class PrintedTotal(TableModel):
    printed_usd: Usd = column("The total as printed", unit="US$")
    summed_usd: Usd = column("The sum of what it covers, as printed", unit="US$")
    figures: Integer = column(
        "Printed figures that enter the comparison, the total too", unit="figures", ge=1
    )
