"""Five questions about a release, answered in a marimo notebook.

marimo edit docs/notebook.py -- --release releases/latest.duckdb
python docs/notebook.py --release releases/latest.duckdb
"""

import marimo

app = marimo.App(width="medium", app_title="UN pooled funds")


@app.cell
def _():
    import altair as alt
    import duckdb
    import marimo as mo
    import polars as pl

    return alt, duckdb, mo, pl


@app.cell
def _(duckdb, mo, pl):
    release = mo.cli_args().get("release") or "releases/latest.duckdb"
    con = duckdb.connect(str(release), read_only=True)
    con.execute("SET streaming_buffer_size = '16GB'")  # DuckDB 1.5 may hang on a large result

    def ask(query, *parameters):
        """Return a query's result as a polars frame; money stays decimal, NULL stays null."""
        return pl.DataFrame(con.sql(query, params=list(parameters)))

    return ask, release


@app.cell
def _(ask, mo, release):
    newest = ask("SELECT max(captured_at) AS newest FROM raw.capture").item()
    mo.md(
        f"""
        # UN pooled funds, vintage by vintage

        From `{release}`; its newest capture is of {newest:%d %B %Y} (UTC).

        A figure is **interim** until the organizations' final reports are due, on 30 April of the
        following year, and **year-end** after that. Quote the basis with the figure. An empty
        figure means that the page shows none; it is not zero.
        """
    )
    return


@app.cell
def _(ask, mo):
    programmes = ask(
        """
        SELECT programme_id, any_value(title) AS title, count(*) AS figures
        FROM mart.expenditure_current GROUP BY programme_id ORDER BY figures DESC, programme_id
        """
    )
    chosen = mo.ui.dropdown(
        {f"{row[0]} {row[1] or ''}".strip(): row[0] for row in programmes.rows()},
        value=f"{programmes['programme_id'][0]} {programmes['title'][0] or ''}".strip(),
        label="Programme",
    )
    mo.vstack([mo.md("## 1. What figure do I quote today for a programme?"), chosen])
    return (chosen,)


@app.cell
def _(ask, chosen):
    to_quote = ask(
        """
        SELECT organization, fiscal_year, basis, expenditure_usd, known_from, failed_checks,
            source_url
        FROM mart.expenditure_current WHERE programme_id = ? ORDER BY organization, fiscal_year
        """,
        chosen.value,
    )
    to_quote
    return (to_quote,)


@app.cell
def _(alt, ask, mo, pl):
    by_basis = ask(
        """
        SELECT fiscal_year, basis, count(*) AS figures, sum(expenditure_usd) AS expenditure_usd
        FROM mart.expenditure_current WHERE expenditure_usd IS NOT NULL
        GROUP BY ALL ORDER BY ALL
        """
    )
    bars = (
        alt.Chart(by_basis.with_columns(pl.col("expenditure_usd").cast(pl.Float64)))
        .mark_bar()
        .encode(
            x=alt.X("fiscal_year:O", title="fiscal year"),
            y=alt.Y("expenditure_usd:Q", title="expenditure, US$"),
            color=alt.Color("basis:N", scale=alt.Scale(domain=["year_end", "interim"])),
            tooltip=["fiscal_year", "basis", "figures", "expenditure_usd"],
        )
    )
    mo.vstack([mo.md("## 2. How much of each year is still interim?"), bars, by_basis])
    return (by_basis,)


@app.cell
def _(ask, mo):
    off_by = ask(
        """
        SELECT organization, count(*) AS figures, sum(interim_usd) AS interim_usd,
            sum(year_end_usd) AS year_end_usd, sum(difference_usd) AS difference_usd
        FROM mart.interim_vs_year_end GROUP BY organization
        ORDER BY abs(sum(difference_usd)) DESC, organization
        """
    )
    mo.vstack([mo.md("## 3. How far off were interim figures?"), off_by])
    return (off_by,)


@app.cell
def _(ask, mo):
    restated = ask(
        """
        SELECT programme_id, organization, fiscal_year, measure, old_value, new_value, change,
            restated_at, source_url
        FROM mart.restatement ORDER BY abs(change) DESC, programme_id, organization, measure
        """
    )
    mo.vstack([mo.md("## 4. Which final figures were changed afterwards?"), restated])
    return (restated,)


@app.cell
def _(ask, mo):
    late = ask(
        """
        SELECT programme_id, organization, fiscal_year, deadline, days_late, last_interim_usd
        FROM mart.missing_year_end ORDER BY days_late DESC, programme_id, organization
        """
    )
    mo.vstack([mo.md("## 5. Whose year-end report is late?"), late])
    return (late,)


if __name__ == "__main__":
    app.run()
