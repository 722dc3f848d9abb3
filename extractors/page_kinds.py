"""The kinds and formats of pages, and the refusal of a page that has no record."""

from enum import StrEnum

from extractors.errors import MptfError
from extractors.ids import Subject


class PageKind(StrEnum):
    """The kind of a page, which follows from its content."""

    PROGRAMME_FACTSHEET = "programme_factsheet"
    FUND_FACTSHEET = "fund_factsheet"
    FACTSHEET = "factsheet"  # a programme's or a fund's: its text does not say which, its URL does
    PORTFOLIO_LIST = "portfolio_list"
    VOUCHERS = "vouchers"
    PRINT_VIEW = "print_view"
    FIGURES_EXCEL = "figures_excel"
    VOUCHERS_EXCEL = "vouchers_excel"
    STATEMENT_EXCEL = "statement_excel"
    CONTRIBUTORS_VIEW = "contributors_view"  # of a fund or of all: its URL says which
    FUND_PAGE = "fund_page"  # of the site since 2022, without figures
    PROGRAMME_PAGE = "programme_page"  # of the site since 2022, without figures
    API_ANSWER = "api_answer"
    MAINTENANCE = "maintenance"
    LOGIN = "login"
    OTHER = "other"


# The subject of a page of each kind. That of a bare factsheet or view of contributors is its URL's;
# others have no records.
SUBJECTS: dict[PageKind, Subject] = {
    PageKind.PROGRAMME_FACTSHEET: "programme",
    PageKind.VOUCHERS: "programme",
    PageKind.PRINT_VIEW: "programme",
    PageKind.FIGURES_EXCEL: "programme",
    PageKind.VOUCHERS_EXCEL: "programme",
    PageKind.FUND_FACTSHEET: "fund",
    PageKind.STATEMENT_EXCEL: "fund",
    PageKind.FUND_PAGE: "fund",
    PageKind.PROGRAMME_PAGE: "programme",
    PageKind.PORTFOLIO_LIST: "list",
    PageKind.API_ANSWER: "list",
}


class Representation(StrEnum):
    """The format of a page, which follows from its content."""

    HTML = "html"
    NEW_HTML = "new_html"  # HTML with links to the site's URLs since 2022
    HTML_XLS = "html_xls"  # an HTML table made for a spreadsheet, usually named .xls
    XLSX = "xlsx"
    SPREADSHEETML = "spreadsheetml"  # a workbook of Excel 2003 as XML, usually named .xls
    CSV = "csv"
    TEXT = "text"
    PIPED_TEXT = "piped_text"
    JSON = "json"  # an answer of the site's API
    UNKNOWN = "unknown"  # the page was refused


# What a spreadsheet program opens: IDs are numbers there, which have lost their leading zeros.
SPREADSHEETS = frozenset(
    {
        Representation.HTML_XLS,
        Representation.XLSX,
        Representation.SPREADSHEETML,
        Representation.CSV,
    }
)


class PageRefusedError(MptfError):
    """A page without any record that can be parsed; a retry changes nothing.

    Attributes:
        rule: the broken rule, one word of snake_case, as listed in docs/operators.md.
        text: the offending text as printed, or "" if there is none.
        kind: the kind of the page, as far as it is known.
    """

    def __init__(
        self, rule: str, message: str, text: str = "", kind: PageKind = PageKind.OTHER
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.rule = rule
        self.message = message
        self.text = text
