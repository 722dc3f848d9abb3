"""Everything in core, and the checks, of what a load touched: from observations and captures."""

from transforms.vintages import vintages
from warehouse.connection import Connection, quoted, registered, sql, sql_names


def derive_vintages(con: Connection) -> None:
    """Derive everything in core, and the checks, for the programmes and funds in `touched`."""
    _run(con, "evidence")
    derived = vintages(con.sql(sql("figures/shown")), con.sql(sql("figures/full_tables")))
    with registered(
        con,
        derived_figure=derived.figures,
        derived_absence=derived.absences,
        derived_restatement=derived.restatements,
    ):
        _run(con, "vintages")
        _check(con)


def _run(con: Connection, folder: str) -> None:
    for name in sql_names(folder):
        con.execute(sql(name))


def _check(con: Connection) -> None:
    con.execute(
        "DELETE FROM meta.check_result WHERE coalesce(programme_id, fund_code) IN (FROM touched)"
    )
    for name in sql_names("checks"):
        check = name.partition("/")[2]
        results = f"SELECT {quoted(check)} AS check_name, * FROM ({sql(name)})"  # noqa: S608 because a check is a file of ours
        con.execute(f"INSERT INTO meta.check_result BY NAME {results}")
