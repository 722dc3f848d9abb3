"""What each statement of a connection costs: its CPU time, and the rows that it reads of tables."""

import json
import sys
from collections import Counter, defaultdict
from time import process_time
from typing import Any

from warehouse.connection import Connection


class Watched:
    """A connection that notes what its statements cost.

    Attributes:
        scanned: rows that were read of each table.
        seconds: CPU seconds by statement; a query may go on until its rows are fetched.
        times: how often each statement was executed.
    """

    def __init__(self, con: Connection) -> None:
        self.scanned: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.times: Counter[str] = Counter()
        self._con = con
        self._query = ""
        self._noted: Counter[str] = Counter()  # rows read by the last statement, so far
        con.execute("PRAGMA enable_profiling = 'no_output'")

    def execute(self, query: str, parameters: Any = None) -> "Watched":
        """Execute statements one by one, since a profile is that of the last."""
        for statement in self._con.extract_statements(query):
            self._query = statement.query
            self.times[self._query] += 1
            given = parameters if statement.named_parameters else None
            self._noted.clear()
            self._timed(self._con.execute, statement, given)
            self._note()
        return self

    def fetchall(self) -> Any:
        """Return the rows."""
        return self._fetched(self._con.fetchall)

    def fetchone(self) -> Any:
        """Return the next row."""
        return self._fetched(self._con.fetchone)

    def commit(self) -> Any:
        """Commit."""
        self._query = "COMMIT"
        return self._timed(self._con.commit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def show(self) -> None:
        """Print the statements that cost most, and the rows read of each table."""
        dearest = sorted(self.seconds.items(), key=lambda item: -item[1])
        for query, seconds in dearest[:40]:
            lines = (line for line in query.splitlines() if not line.startswith("--"))
            head = " ".join(" ".join(lines).split())[:110]
            print(f"{1000 * seconds:8.1f} ms {self.times[query]:5} x  {head}", file=sys.stderr)
        for table, rows in self.scanned.most_common():
            print(f"{rows:14,} rows of {table}", file=sys.stderr)

    def _timed(self, call: Any, *arguments: Any) -> Any:
        begun = process_time()
        try:
            return call(*arguments)
        finally:
            self.seconds[self._query] += process_time() - begun

    def _fetched(self, fetch: Any) -> Any:
        try:
            return self._timed(fetch)
        finally:
            self._note()

    def _note(self) -> None:
        """Count what the last statement has read since it was noted; DuckDB 2 reads on demand."""
        told = self._con.get_profiling_information(format="json")
        read: Counter[str] = Counter()
        pending = [json.loads(told)] if told else []
        for operator in pending:  # the list grows in the loop
            # DuckDB 2 has another name for what is below the root, and for the rows.
            pending += operator.get("children") or operator.get("operator", [])
            table = (operator.get("extra_info") or {}).get("Table")
            rows = operator.get("operator_rows_scanned") or operator.get("rows_scanned", 0)
            if table and rows:
                schema, name = table.split(".")[-2:]
                read[f"{schema}.{name}"] += rows
        self.scanned += read - self._noted
        self._noted = read
