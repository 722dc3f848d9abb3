"""A warehouse that lives through anything: after every step, every view is what the model says.

Pages are seen in any order, again, under several addresses, changed, without tables, said to be
unchanged; programmes close and open again; another version of the parser reads some of the bodies
otherwise; loads are killed. The file on the disk is what the warehouse is throughout.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from extractors.page_kinds import PageRefusedError
from extractors.records import PARSER_VERSION, Page
from tests.warehouse import naive_funds, naive_marts, naive_model, naive_sums
from tests.warehouse.histories import NOT_MODIFIED, SENT, Seen, load_seen, rows
from tests.warehouse.naive_model import Record
from tests.warehouse.random_histories import ADDRESSES, TIMES, YEARS, pages
from warehouse.connection import Connection, open_writer
from warehouse.schema import prepare

PROGRAMMES = ("00091000", "00091001")
FUND_ADDRESS = "https://gateway.example/factsheet/fund/MDG00"
REFUSED = PageRefusedError("maintenance_page", "the site says that it is closed", "closed")
# What the model leaves to the checks below, or to tests of their own.
_OF_FIGURE = (
    "programme_id", "organization", "fiscal_year", "basis", "approved_budget_usd", "net_funded_usd",
    "transfers_usd", "refunds_usd", "expenditure_usd", "delivery_rate_pct", "known_from",
    "capture_id",
)  # fmt: skip
_NOT_COMPARED = {
    "capture_id", "source_url", "captured_at", "interim_source_url", "year_end_source_url",
    "difference_pct", "interim_share_pct", "programmes_interim_share_pct", "failed_checks",
}  # fmt: skip


def _without_rates(page: Page) -> Page:
    """A parser that did not know the delivery rate, and thought no table read in full."""
    figures = [
        f._replace(measures={m: v for m, v in f.measures.items() if m != "delivery_rate"})
        for f in page.figures
    ]
    tables = [t._replace(read_in_full=False) for t in page.tables]
    return replace(page, figures=figures, tables=tables)


def _with_other_digits(page: Page) -> Page:
    """A parser that takes 250 for 205."""
    figures = [
        f._replace(measures={m: v.replace("250", "205") for m, v in f.measures.items()})
        for f in page.figures
    ]
    return replace(page, figures=figures)


# How this version of the parser, and each of two to come, reads a page.
PARSERS: dict[str, Callable[[Page], Page]] = {
    str(int(PARSER_VERSION) + later): reads
    for later, reads in enumerate((lambda page: page, _without_rates, _with_other_digits))
}


@cache
def _prepared() -> bytes:
    """An empty warehouse, to be copied: preparing one takes half a second."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "warehouse.duckdb"
        con = open_writer(file)
        prepare(con)
        con.close()
        return file.read_bytes()


class _Watched:
    """A connection that copies the file, as a kill leaves it, before a statement of some number."""

    def __init__(self, con: Connection, number: int, take: Callable[[], None]) -> None:
        self._con = con
        self._left = number
        self._take = take

    def execute(self, *arguments: Any) -> Any:
        if self._left == 0:
            self._take()
        self._left -= 1
        return self._con.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


class Warehouse(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.file = self.folder / "0.duckdb"
        self.file.write_bytes(_prepared())
        self.con = self._opened()
        self.pool: list[Page] = []
        self.seen: dict[str, Seen] = {}  # as the archive holds them
        self.sent: dict[str, Seen] = {}  # by address, as the site sent them last
        self.visited_at = TIMES[0]
        self.parser = next(iter(PARSERS))
        self.read_by: dict[str, str] = {}  # the parser that read each body
        self.moment = datetime(2018, 1, 1)  # noqa: DTZ001 because times are naive UTC throughout

    def teardown(self) -> None:
        self.con.close()
        shutil.rmtree(self.folder)

    def _opened(self) -> Connection:
        con = open_writer(self.file)
        con.execute("SET VARIABLE as_of = TIMESTAMP '2018-01-01'")
        return con

    # What happens to it.

    @initialize(data=st.data())
    def pages_there_are(self, data: st.DataObject) -> None:
        years = data.draw(st.sampled_from(YEARS))
        for programme_id in PROGRAMMES:
            self.pool += data.draw(st.lists(pages(programme_id, years), min_size=2, max_size=4))
        self._load(data.draw(st.lists(self._sights(), min_size=4, max_size=10)))

    @rule(data=st.data())
    def pages_are_seen(self, data: st.DataObject) -> None:
        self._load(data.draw(st.lists(self._sights(), min_size=1, max_size=5)))

    @rule(data=st.data())
    def the_load_is_killed_and_done_again(self, data: st.DataObject) -> None:
        seen = _once(data.draw(st.lists(self._sights(), min_size=1, max_size=4)))
        left = self.folder / f"{len(list(self.folder.iterdir()))}.duckdb"

        def take() -> None:
            shutil.copy(self.file, left)
            log = self.file.with_name(f"{self.file.name}.wal")
            if log.exists():
                shutil.copy(log, left.with_name(f"{left.name}.wal"))

        watched = _Watched(self.con, data.draw(st.integers(0, 90)), take)
        load_seen(cast(Connection, watched), self._as_read(seen), parser=self.parser)
        if not left.exists():
            take()
        self.con.close()
        self.file = left
        self.con = self._opened()
        self._load(seen)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def some_are_loaded_again(self, data: st.DataObject) -> None:
        self._load(data.draw(st.lists(st.sampled_from(list(self.seen.values())), max_size=5)))

    @rule(data=st.data())
    def the_site_is_visited(self, data: st.DataObject) -> None:
        """In time after all that was sent before; some pages are said to be unchanged.

        At seconds at which nobody saves a page: one capture is either sent or saved.
        """
        later = [time for time in TIMES if time > self.visited_at]
        if not later:
            return
        time = data.draw(st.sampled_from(later[:4])) + timedelta(seconds=7)
        self.visited_at = time
        night = []
        for programme_id in PROGRAMMES:
            own = [page for page in self.pool if page.programme_id == programme_id]
            for address in ADDRESSES[:2]:
                url = address + programme_id
                choice = data.draw(st.integers(0, 5))
                if url in self.sent and choice < 3:
                    night.append(self.sent[url]._replace(at=time, status=NOT_MODIFIED))
                elif choice < 5:
                    page = data.draw(st.sampled_from(own))
                    self.sent[url] = Seen(time, page, url, SENT)
                    night.append(self.sent[url])
        self._load(night)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def a_parser_reads_some_bodies_again(self, data: st.DataObject) -> None:
        self.parser = data.draw(st.sampled_from(list(PARSERS)))
        bodies = sorted({s.sha256 for s in self.seen.values()})
        chosen = set(data.draw(st.lists(st.sampled_from(bodies), min_size=1, unique=True)))
        self._load([s for s in self.seen.values() if s.sha256 in chosen], again=True)

    @rule(moment=st.sampled_from(TIMES))
    def another_moment_is_asked_for(self, moment: datetime) -> None:
        self.moment = moment

    # How.

    def _sights(self) -> st.SearchStrategy[Seen]:
        """A page of a programme, of the fund or of nobody, at any time, saved by anyone."""
        of_programmes = st.builds(
            lambda at, page, address: Seen(at, page, address + (page.programme_id or "")),
            st.sampled_from(TIMES), st.sampled_from(self.pool), st.sampled_from(ADDRESSES),
        )  # fmt: skip
        of_funds = st.builds(
            lambda at, name, kind, status, amounts: Seen(
                at, naive_funds.fund_page("MDG00", name, kind, status, amounts), FUND_ADDRESS
            ),
            st.sampled_from(TIMES),
            st.sampled_from([None, "MDG Fund", "Fund"]),
            st.sampled_from([None, "MDTF"]),
            st.sampled_from([None, "Active"]),
            st.lists(st.sampled_from(["100", "250"]), max_size=3),
        )
        refused = st.builds(
            lambda at, address: Seen(at, REFUSED, address + PROGRAMMES[0]),
            st.sampled_from(TIMES), st.sampled_from(ADDRESSES),
        )  # fmt: skip
        return st.one_of(of_programmes, of_programmes, of_programmes, of_funds, refused)

    def _as_read(self, seen: Iterable[Seen]) -> list[Seen]:
        """The captures with what the parser that read each body, or reads it now, says."""
        return [
            s._replace(page=_read(s.page, self.read_by.get(s.sha256, self.parser)), body=s.sha256)
            for s in seen
        ]

    def _load(self, seen: Sequence[Seen], *, again: bool = False) -> None:
        seen = _once(seen)
        for one in seen:
            if again or one.sha256 not in self.read_by:
                self.read_by[one.sha256] = self.parser
        load_seen(self.con, self._as_read(seen), again=again, parser=self.parser)
        self.seen |= {s.capture_id: s for s in seen}

    # What must hold.

    @invariant()
    def every_view_is_what_the_model_says(self) -> None:
        loaded = [s for s in self._as_read(self.seen.values()) if isinstance(s.page, Page)]
        of_programmes = [s for s in loaded if cast(Page, s.page).programme_id]
        told = naive_marts.known(of_programmes, self.read_by, loaded)
        by_id = {s.capture_id: s for s in self.seen.values()}
        for table, expected in (
            ("core.expenditure_snapshot", told.annual),
            ("core.cumulative_snapshot", told.cumulative),
            ("core.programme", naive_model.programme(of_programmes)),
            ("core.voucher", naive_model.vouchers(of_programmes)),
            *(
                (view, model(told))
                for view, model in (naive_marts.VIEWS | naive_sums.VIEWS).items()
            ),
        ):
            found = rows(self.con, f"FROM {table}")
            assert _compared(found) == _compared(expected), table
            for record in found:
                if "source_url" in record and record.get("capture_id"):
                    source = by_id[record["capture_id"]]
                    assert record["source_url"] == source.url, table
                    assert record.get("captured_at", source.at) == source.at, table
        found = rows(
            self.con, "SELECT COLUMNS(lambda name: NOT contains(name, '_date')) FROM core.fund"
        )
        assert _compared(found) == _compared(naive_funds.funds(loaded))
        statement = "SELECT fund_code, name, known_from, line, label, amount_usd"
        found = rows(self.con, f"{statement} FROM mart.fund_status_current")
        assert _compared(found) == _compared(naive_funds.fund_status_current(loaded))
        self.con.execute("SET VARIABLE as_of = ?::TIMESTAMP", [self.moment])
        found = rows(self.con, "FROM mart.expenditure_as_of")
        assert _compared(found) == _compared(naive_marts.as_of(told, self.moment))
        spans = rows(
            self.con,
            "FROM mart.figure_span WHERE shown_from <= $1 AND coalesce(shown_until > $1, true)",
            self.moment,
        )
        assert _values(spans) == _values(found)
        found = rows(self.con, "FROM mart.missing_year_end")
        assert _compared(found) == _compared(naive_marts.missing_year_end(told, self.moment))

    @invariant()
    def nothing_is_lost_and_nothing_is_in_two_places(self) -> None:
        ledger = self.con.execute("SELECT capture_id, state FROM raw.capture").fetchall()
        states = {
            s.capture_id: "loaded" if isinstance(s.page, Page) else "quarantined"
            for s in self.seen.values()
        }
        assert dict(ledger) == states
        assert len(ledger) == len(states)
        waiting = self.con.execute(
            "SELECT capture_id FROM meta.quarantine WHERE resolved_at IS NULL"
        ).fetchall()
        assert {key for (key,) in waiting} == {
            key for key, state in states.items() if state == "quarantined"
        }

    @invariant()
    def flags_are_the_checks_that_fail(self) -> None:
        failed = rows(self.con, "FROM meta.check_result")
        for record in rows(self.con, "FROM mart.expenditure_current"):
            names = {
                f["check_name"]
                for f in failed
                if f["programme_id"] == record["programme_id"]
                and f["organization"] in {None, record["organization"]}
                and f["fiscal_year"] in {None, record["fiscal_year"]}
            }
            assert record["failed_checks"] == (", ".join(sorted(names)) or None)


def _read(page: Page | PageRefusedError, parser: str) -> Page | PageRefusedError:
    return PARSERS[parser](page) if isinstance(page, Page) else page


def _once(seen: Iterable[Seen]) -> list[Seen]:
    return list({s.capture_id: s for s in seen}.values())


def _values(records: Iterable[Record]) -> Counter[frozenset[tuple[str, Any]]]:
    """The figures of records, without the names that programmes and funds had at some time."""
    return _compared({name: record[name] for name in _OF_FIGURE} for record in records)


def _compared(records: Iterable[Record]) -> Counter[frozenset[tuple[str, Any]]]:
    """Records as they count, whatever their order."""
    return Counter(
        frozenset((name, value) for name, value in record.items() if name not in _NOT_COMPARED)
        for record in records
    )


@pytest.mark.parametrize(
    ("histories", "steps"), [(2, 8), pytest.param(300, 20, marks=pytest.mark.proof)]
)
def test_whatever_happens_every_view_is_what_the_model_says(histories: int, steps: int) -> None:
    run_state_machine_as_test(
        Warehouse,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )
