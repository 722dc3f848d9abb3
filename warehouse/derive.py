"""Everything in core, and the checks, of what a load changed."""

from warehouse.connection import Connection, quoted, sql, sql_names


def derive(con: Connection) -> None:
    """Derive core and the checks anew for the programmes and funds in `changed_subject`."""
    for step in sql_names("derive"):
        con.execute(sql(step))
    con.execute(
        "DELETE FROM meta.check_result"
        " WHERE coalesce(programme_id, fund_code) IN (FROM changed_subject)"
    )
    for name in sql_names("checks"):
        check = name.partition("/")[2]
        results = f"SELECT {quoted(check)} AS check_name, * FROM ({sql(name)})"  # noqa: S608 because a check is a file of ours
        con.execute(f"INSERT INTO meta.check_result BY NAME {results}")


def derive_sources(con: Connection) -> None:
    """Derive what the API says of organizations and contributors anew for `changed_source`."""
    for step in sql_names("sources"):
        con.execute(sql(step))
