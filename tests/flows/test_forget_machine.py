"""Loads, orders to forget, to erase and to restore, and rebuilds, in any sequence.

After it the home equals one that never had the forgotten captures, and one that is rebuilt; what
was erased is nowhere in its archive.
"""

import gzip
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from extractors.captures import NewCapture, RevisitCapture
from extractors.ledger import ForgetAction
from flows.forget import finish_erasing, forget
from flows.pipeline.home import Home
from flows.pipeline.intake import Intake
from flows.pipeline.run import open_run, utc_now
from flows.rebuilding.rebuild import rebuild_all
from flows.rebuilding.verify import verify
from flows.settings import Settings
from tests.flows.pages import factsheet
from tests.flows.tables import ask, dump
from tests.homes import with_warehouse
from tests.statements import FORMS, PB000, SIGNS

SITE = "https://gateway.example"
ROWS = [
    {"projectId": f"9000{n}", "ORGANIZATION": name, "EXPENDITURE": f"{n}00.370"}
    for n in (1, 2)
    for name in ("FAO", "UNICEF")
]
PAGES: list[tuple[str, bytes]] = [
    *(
        (
            f"{SITE}/factsheet/project/9000{n}",
            factsheet(f"0009000{n}", figures={("FAO", 2015): spent}, status=status).encode(),
        )
        for n in (1, 2)
        for spent, status in (("100", "On Going"), ("250", "Financially Closed"), ("1,2,3", "On"))
    ),
    *(
        (
            f"{SITE}/mptf_rest_api/getProjects/,projectId,ORGANIZATION,EXPENDITURE,/year:2015",
            json.dumps({"data": rows}).encode(),
        )
        for rows in (ROWS, ROWS[:2], ROWS[2:], ROWS[:1])
    ),
    (f"{SITE}/factsheet/project/90001", b"<html><body><h1>Down for maintenance</h1></body></html>"),
    *(
        (f"{SITE}/factsheet/fund/PB000{query}", FORMS["two tables"](lines, SIGNS["no sign"]))
        for query in ("", "?fund_status_month_to=12&fund_status_year_to=2014")
        for lines in (PB000, PB000[:3])
    ),
]
CUT = (0, 1, len(PAGES) - 1, len(PAGES) - 4)  # pages of which a copy breaks off, too
PAGES += [(PAGES[number][0], PAGES[number][1]) for number in CUT]
DAYS = [datetime(2015 + n // 4, 1 + 3 * (n % 4), 1) for n in range(8)]  # noqa: DTZ001 because times are naive UTC throughout
Seen = tuple[int, datetime]


def capture_of(seen: Seen) -> NewCapture:
    number, day = seen
    cut_short = "length" if number >= len(PAGES) - len(CUT) else None
    return NewCapture(
        PAGES[number][0], day, "fetch", "gateway", PAGES[number][1], 200, cut_short=cut_short
    )


def load(home: Home, seen: Iterable[Seen], *, unchanged: bool = False) -> None:
    captures: list[NewCapture | RevisitCapture] = [capture_of(one) for one in seen]
    if unchanged:
        captures = [
            RevisitCapture(*one[:4], one.body_sha256, one.body_bytes, 304, cut_short=one.cut_short)
            for one in captures
        ]
    with open_run(home, "ingest", utc_now()) as run, closing(Intake(run)) as intake:
        intake.add(captures)
        intake.load_all()


class Forgetting(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.home = Home(Settings(home=with_warehouse(self.folder / "home")))
        self.archived: dict[str, tuple[Seen, bool]] = {}  # by capture, with whether it was a 304
        self.forgotten: set[str] = set()
        self.erased: set[str] = set()  # SHA-256 of bodies

    def teardown(self) -> None:
        try:
            self.is_as_if_the_forgotten_had_never_been()
        finally:
            shutil.rmtree(self.folder)

    def _load(self, seen: list[Seen], *, unchanged: bool) -> None:
        new = [
            one
            for one in seen
            if capture_of(one).capture_id not in self.archived and not self._is_erased(one)
        ]
        load(self.home, new, unchanged=unchanged)
        self.archived |= {capture_of(one).capture_id: (one, unchanged) for one in new}

    @initialize(seen=st.lists(st.tuples(st.sampled_from(range(len(PAGES))), st.sampled_from(DAYS)),
                              min_size=3, max_size=8))  # fmt: skip
    def pages_there_are(self, seen: list[Seen]) -> None:
        self._load(seen, unchanged=False)

    @rule(number=st.sampled_from(range(len(PAGES))), day=st.sampled_from(DAYS))
    def a_page_is_loaded(self, number: int, day: datetime) -> None:
        self._load([(number, day)], unchanged=False)

    @rule(data=st.data(), day=st.sampled_from(DAYS))
    def a_known_page_is_unchanged(self, data: Any, day: datetime) -> None:
        """Also one of which only a forgotten capture has the body."""
        (number, _), _ = data.draw(st.sampled_from(list(self.archived.values())))
        self._load([(number, day)], unchanged=True)

    @rule(data=st.data())
    def a_forgotten_page_is_loaded_again(self, data: Any) -> None:
        seen, unchanged = data.draw(st.sampled_from(list(self.archived.values())))
        load(self.home, [seen], unchanged=unchanged)

    @rule(data=st.data())
    def some_are_forgotten(self, data: Any) -> None:
        chosen = data.draw(st.lists(st.sampled_from(list(self.archived)), min_size=1, max_size=4))
        self._order(chosen, "forget")
        self.forgotten |= set(chosen)

    @rule(data=st.data())
    def some_are_erased(self, data: Any) -> None:
        """With all captures of the same bytes, 304s too."""
        chosen = data.draw(st.lists(st.sampled_from(list(self.archived)), min_size=1, max_size=2))
        self._order(chosen, "erase")
        finish_erasing(self.home, utc_now())
        self.erased |= {capture_of(self.archived[key][0]).body_sha256 for key in chosen}
        self.forgotten |= {key for key, (one, _) in self.archived.items() if self._is_erased(one)}

    def _is_erased(self, seen: Seen) -> bool:
        return capture_of(seen).body_sha256 in self.erased

    @precondition(lambda self: self._restorable())
    @rule(data=st.data())
    def some_are_restored(self, data: Any) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self._restorable()), min_size=1))
        self._order(chosen, "restore")
        self.forgotten -= set(chosen)

    def _restorable(self) -> list[str]:
        return sorted(key for key in self.forgotten if not self._is_erased(self.archived[key][0]))

    def _order(self, captures: list[str], action: ForgetAction) -> None:
        with open_run(self.home, "forget", utc_now()) as run:
            forget(run, captures, action)

    @rule(reread=st.booleans())
    def it_is_rebuilt(self, reread: bool) -> None:
        before = dump(self.home.warehouse)
        with rebuild_all(self.home, utc_now(), reread=reread):
            pass
        assert dump(self.home.warehouse) == before

    def is_as_if_the_forgotten_had_never_been(self) -> None:
        counting = {key: one for key, one in self.archived.items() if key not in self.forgotten}
        listed = ask(self.home.warehouse, "SELECT capture_id FROM raw.capture")
        assert {key for (key,) in listed} == counting.keys()
        assert verify(self.home, utc_now()) == []
        archive = b"".join(
            gzip.decompress(file.read_bytes()) for file in self.home.archive.folder.glob("*.gz")
        )
        erased = {body for _, body in PAGES if hashlib.sha256(body).hexdigest() in self.erased}
        assert [body for body in erased if body in archive] == []
        if not counting:
            assert not any(dump(self.home.warehouse).values())
            return
        other = Home(Settings(home=with_warehouse(self.folder / "other")))
        first = {number for (number, _), unchanged in counting.values() if not unchanged}
        if first >= {number for (number, _), _ in counting.values()}:
            for unchanged in (False, True):
                seen = [one for one, again in counting.values() if again == unchanged]
                load(other, seen, unchanged=unchanged)
            assert dump(self.home.warehouse) == dump(other.warehouse)
            for table in ("meta.quarantine", "meta.finding", "observed.body", "observed.part"):
                query = f"SELECT * {{}} FROM {table} ORDER BY ALL"  # noqa: S608 because the names are above
                left_out = "EXCLUDE (capture_id)" if table == "meta.quarantine" else ""
                query = query.format(left_out)
                assert ask(self.home.warehouse, query) == ask(other.warehouse, query), table


@pytest.mark.parametrize(
    ("histories", "steps"), [(1, 6), pytest.param(100, 15, marks=pytest.mark.proof)]
)
def test_forgotten_captures_are_as_if_they_had_never_been(histories: int, steps: int) -> None:
    run_state_machine_as_test(
        Forgetting,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
