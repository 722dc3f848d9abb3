"""The whole pipeline on sample pages of three dates, ending with interim beside year-end."""

from importlib.resources import as_file, files
from time import monotonic
from typing import TextIO

from extractors.saved import Given
from flows.home import Home
from flows.ingest import ingest
from flows.report import problem_lines, summary_line
from flows.run import open_run, utc_now
from warehouse.connection import open_reader
from warehouse.query import write_table

_SHOWN = """
SELECT programme_id, organization, fiscal_year, interim_usd, year_end_usd, difference_usd,
    difference_pct, interim_known_from::DATE AS interim_seen,
    year_end_known_from::DATE AS final_seen
FROM mart.interim_vs_year_end
ORDER BY ALL
"""
_QUESTIONS = {
    'sql "FROM mart.expenditure_current"': "the figure to quote today, with its basis",
    'sql "FROM mart.programme_current"': "the programmes",
    'sql "FROM meta.finding"': "what is worth knowing of the pages",
    "status": "runs, coverage, quarantine, checks",
}


def demonstrate(home: Home, out: TextIO, progress: TextIO) -> None:
    """Ingest the sample pages date by date, then show what an analyst would ask first."""
    with as_file(files("flows").joinpath("samples")) as samples:
        for date in sorted(path for path in samples.iterdir() if path.is_dir()):
            begun = monotonic()
            with open_run(home, "demo", utc_now()) as run:
                ingest(run, [date], Given())
                progress.writelines(f"{line}\n" for line in problem_lines(run))
                progress.write(f"{date.name}: {summary_line(run.counts(), monotonic() - begun)}\n")
    con = open_reader(home.warehouse)
    try:
        out.write("\nThe last interim figure beside the first year-end one, in US$:\n")
        write_table(con, _SHOWN, out)
    finally:
        con.close()
    out.write("Ask on:\n")
    for question, meaning in _QUESTIONS.items():
        out.write(f"  mptf --home {home.folder} {question:<40}  {meaning}\n")
