"""Everything in core, and the checks, of what a load changed."""

from warehouse.connection import Connection, one, quoted, sql, sql_names


def derive(con: Connection) -> None:
    """Derive core and the checks anew for what has changed.

    That is the programmes and funds in `changed_subject`, and what sources say of the organizations
    and funds in `changed_source`.
    """
    if one(con, "SELECT count(*) FROM changed_subject"):
        for step in sql_names("derive"):
            con.execute(sql(step))
        con.execute(
            "DELETE FROM meta.check_result"
            " WHERE coalesce(programme_id, fund_code) IN (FROM changed_subject)"
        )
        for name in sql_names("checks"):
            _check(con, name)
    if one(con, "SELECT count(*) FROM changed_source"):
        for step in sql_names("sources"):
            con.execute(sql(step))
    _check_funds(con)


def _check_funds(con: Connection) -> None:
    """Check the contributions of changed funds anew, and those of lists of all funds, `(all)`."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE changed_fund AS"
        " SELECT about AS fund_code FROM changed_subject WHERE length(about) = 5"
        " UNION SELECT unnest([code, '(all)']) FROM changed_source WHERE kind = 'contribution'"
    )
    if not one(con, "SELECT count(*) FROM changed_fund"):
        return
    for name in sql_names("fund_checks"):
        con.execute(
            "DELETE FROM meta.check_result"
            " WHERE check_name = ? AND fund_code IN (FROM changed_fund)",
            [name.partition("/")[2]],
        )
        _check(con, name)


def _check(con: Connection, name: str) -> None:
    check = name.partition("/")[2]
    results = f"SELECT {quoted(check)} AS check_name, * FROM ({sql(name)})"  # noqa: S608 because a check is a file of ours
    con.execute(f"INSERT INTO meta.check_result BY NAME {results}")
