"""raw and meta: where it came from, and how it went."""

from transforms.schemas.parts import (
    FUND_CODE_OR_ALL,
    PROGRAMME_ID,
    SHA256,
    OfCapture,
    OfPage,
    OfParse,
    Unchanged,
)
from transforms.schemas.table import Flag, Integer, TableModel, Text, Time, Usd, column, table


class CaptureRow(OfCapture, OfParse, Unchanged, OfPage):
    statement_month: Text = column(
        "Month of which the URL asks for a fund's statement (2017-12); `(unknown)` where that"
        " is not understood; NULL where it asks for none",
        nullable=True,
    )
    representation: Text = column(
        "How the page came: html, text, xlsx, csv and so on; unknown if refused"
    )
    source: Text = column("Where the capture came from: saved, warc, gateway or wayback")
    captured_at: Time = column("When the page was seen", unit="UTC")
    captured_at_source: Text = column(
        "How that is known: fetch, http_date, memento, index, option, warc, sidecar, page_clock,"
        " file_time, or the program that saved the page: mhtml, singlefile, httrack and so on"
    )
    given_at: Time = column(
        "Capture time as given, where that of the page's clock or Date header counts instead",
        unit="UTC",
        nullable=True,
    )
    shown_at: Time = column(
        "Time of the page's clock or Date header, more than a day from the capture time, where it"
        " does not count",
        unit="UTC",
        nullable=True,
    )
    fetched_at: Time = column("When it came into the archive", unit="UTC")
    http_status: Integer = column("Status of the answer; NULL for a saved file", nullable=True)
    body_sha256: Text = column("SHA-256 of the page's bytes", str_matches=SHA256)
    body_bytes: Integer = column("Size of the body", unit="bytes", ge=0)
    cut_short: Text = column(
        "Why bytes are known to be missing behind the body, in one word; NULL if none are",
        nullable=True,
    )
    etag: Text = column("ETag that came with it, as sent", nullable=True)
    last_modified: Text = column("Last-Modified that came with it, as sent", nullable=True)
    run_id: Text = column("Run that archived it")
    warc_file: Text = column("Archive file that holds it")
    warc_offset: Integer = column("Where its record begins in that file", unit="bytes", ge=0)
    state: Text = column(
        "`loaded`, or `quarantined`: whether its content counts", isin=["loaded", "quarantined"]
    )

    class Config(TableModel.Config):
        metadata = table("one page as seen at one time", "capture_id")


class ForgetOrderRow(OfCapture):
    body_sha256: Text = column("SHA-256 of its page's bytes", str_matches=SHA256)
    action: Text = column(
        "`forget`, `restore` or `erase`: what was ordered last", isin=["forget", "restore", "erase"]
    )
    ordered_at: Time = column("When it was ordered", unit="UTC")
    run_id: Text = column("Run that ordered it")

    class Config(TableModel.Config):
        metadata = table(
            "the newest order of `mptf forget` about one capture", "capture_id", private=True
        )


class ForgottenRow(OfCapture, OfParse, Unchanged):
    url: Text = column("URL of the page; `file:` and a name for a saved page without one")
    source: Text = column("Where the capture came from: saved, warc, gateway or wayback")
    captured_at: Time = column("When the page was seen", unit="UTC")
    captured_at_source: Text = column("How that is known, as in raw.capture")
    body_sha256: Text = column("SHA-256 of the page's bytes", str_matches=SHA256)
    body_bytes: Integer = column("Size of the body", unit="bytes", ge=0)
    cut_short: Text = column("Why bytes are known to be missing, as in raw.capture", nullable=True)
    run_id: Text = column("Run that archived it")
    warc_file: Text = column("Archive file that holds it")
    warc_offset: Integer = column("Where its record begins in that file", unit="bytes", ge=0)

    class Config(TableModel.Config):
        metadata = table(
            "one capture in the archive that counts for nothing, because it was forgotten",
            "capture_id",
            private=True,
        )


class ArchiveFile(TableModel):
    warc_file: Text = column("Name of the archive file")
    indexed_bytes: Integer = column("How far it is in the ledger", unit="bytes", ge=0)

    class Config(TableModel.Config):
        metadata = table("one archive file, and how far it has been read", "warc_file")


class Run(TableModel):
    run_id: Text = column("When it started, and a random suffix")
    command: Text = column("The command that ran")
    started_at: Time = column("When it started", unit="UTC")
    ended_at: Time = column(
        "When it ended; NULL while it runs or if it was killed", unit="UTC", nullable=True
    )
    outcome: Text = column(
        "`running`, `done`, `incomplete`, `interrupted` or `failed`",
        isin=["running", "done", "incomplete", "interrupted", "failed"],
    )
    captures: Integer = column(
        "Captures that it met: loaded, unchanged, quarantined and failed", unit="captures", ge=0
    )
    loaded: Integer = column("Captures whose content was loaded", unit="captures", ge=0)
    unchanged: Integer = column("Captures that said nothing new", unit="captures", ge=0)
    quarantined: Integer = column("Captures set aside whole", unit="captures", ge=0)
    failed: Integer = column("Captures that could not be loaded at all", unit="captures", ge=0)
    rows_quarantined: Integer = column(
        "Rows set aside of captures that were loaded", unit="rows", ge=0
    )
    resumes: Text = column("The run whose unfinished work it went on with", nullable=True)
    incomplete_because: Text = column(
        "Why it did not see all that it should have; NULL if it did", nullable=True
    )
    programmes_due: Integer = column(
        "Programmes that a sync found due; NULL if it chose none",
        unit="programmes", nullable=True, ge=0,
    )  # fmt: skip
    programmes_visited: Integer = column(
        "Programmes that a sync visited, failed ones included", unit="programmes", nullable=True,
        ge=0,
    )  # fmt: skip
    programmes_left: Integer = column(
        "Programmes that it left for their turn, or for the next nights; NULL if it chose none",
        unit="programmes", nullable=True, ge=0,
    )  # fmt: skip

    class Config(TableModel.Config):
        metadata = table("one run of a command that writes", "run_id")


class RunFailure(TableModel):
    run_id: Text = column("The run")
    subject: Text = column("What could not be taken: a URL, a file, a part of the archive")
    kind: Text = column("What went wrong, as listed in docs/operators.md")
    detail: Text = column("The same in words")
    programme_id: Text = column(
        "Programme that the URL names", nullable=True, str_matches=PROGRAMME_ID
    )

    class Config(TableModel.Config):
        metadata = table("one thing that a run could not take", "run_id", "subject", "kind")


class Quarantine(TableModel):
    quarantine_id: Text = column("Identifier, derived from what was set aside and why")
    capture_id: Text = column("A capture that shows it")
    parse_key: Text = column("Key of the parse that holds it")
    table_name: Text = column("Table that it would have been a row of; raw.capture for a page")
    stood_at: Text = column("Where it stood on the page")
    row_text: Text = column("The row as printed")
    rule: Text = column("The broken rule, as listed in docs/operators.md")
    message: Text = column("The rule in words, with the offending text")
    parser_version: Text = column("Version of the parser that read it")
    resolved_at: Time = column(
        "When a later reading took it; NULL while open", unit="UTC", nullable=True
    )

    class Config(TableModel.Config):
        metadata = table(
            "one thing that could not be loaded; it quotes pages", "quarantine_id", private=True
        )


class CheckResult(TableModel):
    check_name: Text = column("Name of the check, as in warehouse/sql/checks and fund_checks")
    subject: Text = column("What was checked")
    capture_id: Text = column("The capture whose figures were checked")
    passed: Flag = column("Whether it holds: false in every row")
    expected: Usd = column("What it should be", unit="US$, percent or year", nullable=True)
    actual: Usd = column("What it is", unit="US$, percent or year", nullable=True)
    tolerance: Usd = column("How far it may miss and still hold", unit="US$, percent or year")
    programme_id: Text = column(
        "Programme that it concerns", nullable=True, str_matches=PROGRAMME_ID
    )
    organization: Text = column("Organization that it concerns; NULL for all", nullable=True)
    fiscal_year: Integer = column("Year that it concerns; NULL for all", nullable=True)
    by_year: Flag = column(
        "Whether it concerns figures by year, or since the start; NULL for both",
        nullable=True,
    )
    fund_code: Text = column(
        "Fund that it concerns; `(all)` for a list of all",
        nullable=True,
        str_matches=FUND_CODE_OR_ALL,
    )

    class Config(TableModel.Config):
        metadata = table(
            "one check that fails of one subject, of the warehouse as it stands",
            "check_name", "subject",
        )  # fmt: skip


class DataDictionary(TableModel):
    table_name: Text = column("Schema and table or view")
    column_name: Text = column("Column; empty for the table itself")
    type: Text = column("SQL type; TABLE or VIEW for the table itself")
    unit: Text = column("Unit", nullable=True)
    description: Text = column("What it means")
    source: Text = column("Where on the pages it comes from", nullable=True)
    private: Flag = column("Whether it is left out of releases")

    class Config(TableModel.Config):
        metadata = table("one table, view or column", "table_name", "column_name")


LEDGER_TABLES: dict[str, type[TableModel]] = {
    "raw.capture": CaptureRow,
    "raw.forget_order": ForgetOrderRow,
    "raw.forgotten": ForgottenRow,
    "raw.archive_file": ArchiveFile,
    "meta.run": Run,
    "meta.failure": RunFailure,
    "meta.quarantine": Quarantine,
    "meta.check_result": CheckResult,
    "meta.data_dictionary": DataDictionary,
}
