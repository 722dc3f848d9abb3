"""Where factsheets are: under `/factsheet`, and from the new scheme on without it."""

from replica.books.layouts import NEW_SCHEME
from replica.books.moments import midnight
from replica.books.portfolio import FundOutline


def in_new_scheme(now: int) -> bool:
    """Whether the site has its new addresses at a moment."""
    return now >= midnight(NEW_SCHEME)


def programme_address(programme_id: str, now: int) -> str:
    """Where a programme's factsheet is, in the scheme of the time."""
    return f"{'' if in_new_scheme(now) else '/factsheet'}/project/{programme_id}"


def fund_address(fund: FundOutline, now: int) -> str:
    """Where a fund's factsheet is; its code is in lower case in the new scheme."""
    return f"/fund/{fund.code.lower()}" if in_new_scheme(now) else f"/factsheet/fund/{fund.code}"
