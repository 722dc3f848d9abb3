"""Generated frames of typed rows, as the transforms return them.

Each programme is seen five times, with ten figure rows that change each time: every row is a
vintage, and four in five are restatements. Each programme has an identity and two vouchers.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import polars as pl

from extractors.ledger import Capture
from extractors.records import PARSER_VERSION
from transforms.schemas import OBSERVED_TABLES
from transforms.validate import frame_schema

VISITS = 5
_ORGANIZATIONS = ("UNDP", "FAO")
_YEARS = range(2012, 2017)
ROWS = len(_ORGANIZATIONS) * len(_YEARS)  # of one page
FIGURE = "observed.figure"
_FUNDS = 200
_BASE = 1_000 * pl.col("number") + 7 * pl.col("fiscal_year")  # of a line's amounts
_FIRST = datetime(2016, 1, 10, 2)  # noqa: DTZ001 because every time here is naive UTC


def _sha256(number: int, visit: int) -> str:
    return f"{number:08x}{visit:08x}" * 4


def _seen(numbers: range, visits: range) -> Iterator[tuple[int, int, str, datetime]]:
    for number in numbers:
        for visit in visits:
            yield number, visit, _sha256(number, visit), _FIRST + timedelta(days=30 * visit)


def drawn(numbers: range, visits: range) -> dict[str, pl.DataFrame]:
    """Return the typed frames, by table, of some programmes on some visits."""
    seen = list(_seen(numbers, visits))
    pages = pl.DataFrame(
        {
            "parse_key": [sha256 for _, _, sha256, _ in seen],
            "number": [number for number, *_ in seen],
            "visit": [visit for _, visit, *_ in seen],
        }
    )
    lines = pl.DataFrame(
        [(name, year) for name in _ORGANIZATIONS for year in _YEARS],
        schema=["organization", "fiscal_year"],
        orient="row",
    )
    paid = lines.filter(pl.col("fiscal_year") == _YEARS[0])
    found = {
        "observed.body": _bodies(pages),
        "observed.programme": _programmes(pages),
        FIGURE: _figures(pages.join(lines, how="cross")),
        "observed.figure_table": pages.select(
            "parse_key",
            by_year=pl.lit(value=True),
            by_organization=pl.lit(value=True),
            read_in_full=pl.lit(value=True),
        ),
        "observed.voucher": _vouchers(pages.join(paid, how="cross")),
    }
    return {name: _typed(name, frame) for name, frame in found.items()}


def _bodies(pages: pl.DataFrame) -> pl.DataFrame:
    return pages.select(
        "parse_key",
        programme_id=pl.col("number").cast(pl.String).str.zfill(8),
        parser_version=pl.lit(PARSER_VERSION),
        page_kind=pl.lit("programme_factsheet"),
        representation=pl.lit("html"),
        subject=pl.lit("programme"),
        figures_digest=pl.col("parse_key"),
        content_digest=pl.col("parse_key"),
        status=pl.lit("On Going"),
        layout=pl.lit("one"),
        known=pl.lit(10),
        unknown=pl.lit(0),
        tables_read=pl.lit(1),
        tables_unread=pl.lit(0),
    )


def _programmes(pages: pl.DataFrame) -> pl.DataFrame:
    fund = pl.col("number") % _FUNDS
    return pages.select(
        "parse_key",
        title=pl.format("Programme {}", "number"),
        fund_code=pl.format("F{}", fund.cast(pl.String).str.zfill(4)),
        fund_name=pl.format("Fund {}", fund),
        start_date=pl.lit(date(2012, 1, 1)),
        end_date=pl.lit(date(2017, 12, 31)),
        country=pl.format("Country {}", pl.col("number") % 90),
        status=pl.lit("On Going"),
    )


def _figures(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(
        "parse_key",
        "organization",
        "fiscal_year",
        organization_printed=pl.col("organization"),
        approved_budget_usd=_BASE + 900,
        net_funded_usd=_BASE + 500,
        transfers_usd=_BASE + 500,
        refunds_usd=pl.lit(0),
        expenditure_usd=_BASE + pl.col("visit"),
    )


def _vouchers(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(
        "parse_key",
        "organization",
        voucher_number=pl.format("{}-{}", "number", "fiscal_year"),
        voucher_date=pl.date("fiscal_year", 6, 30),
        amount_usd=_BASE + 500,
        status=pl.lit("Paid"),
    )


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Cast a frame to the table's columns and types; missing columns are NULL."""
    return frame.select(
        pl.col(column).cast(kind) if column in frame.columns else pl.lit(None, kind).alias(column)
        for column, kind in frame_schema(OBSERVED_TABLES[name]).items()
    )


def captures(numbers: range, visits: range) -> list[Capture]:
    """Return the captures of some programmes on some visits."""
    return [
        Capture(
            capture_id=f"{number:08x}{visit:08x}",
            url=f"https://gateway.example/project/{number:08}",
            source="gateway",
            captured_at=time,
            captured_at_source="header",
            fetched_at=time,
            http_status=200,
            body_sha256=sha256,
            body_bytes=1,
            unchanged=False,
            etag=None,
            last_modified=None,
            run_id="run",
            warc_file="run.warc.gz",
            warc_offset=0,
        )
        for number, visit, sha256, time in _seen(numbers, visits)
    ]
