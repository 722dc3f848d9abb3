"""What addresses answer: both schemes, lists, conditional requests, faults, the same bytes."""

import gzip
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replica.books.layouts import Habit
from replica.books.moments import moment, time_of
from replica.books.portfolio import Outline
from replica.books.words import load
from replica.http import Answer, ContentFault
from replica.pages.site import Gateway, open_site
from tests.processes import PATIENCE
from tests.replica.reading import pages
from tests.replica.reading.visits import (
    ask,
    fetch,
    fund_path,
    programme_path,
    visit_fund,
    visit_list,  # fmt: skip
)
from tests.replica.some_world import CLOCK, END, NEW_SCHEME, VIEWS, outlines, sent_back, world

# Addresses


def test_the_old_addresses_lead_to_the_new_ones_which_are_not_there_before_mid_2022() -> None:
    """From the very second on; a query is kept, and a fund's code becomes lower case."""
    before = NEW_SCHEME - timedelta(seconds=1)
    outline = next(o for o in outlines() if o.approved < moment(before))
    code = outline.fund.code
    addresses = [
        *((f"/project/{outline.programme_id}{view}",) * 2 for view in VIEWS),
        (f"/project/{outline.programme_id}?report=year",) * 2,
        (f"/fund/{code}?page=2", f"/fund/{code.lower()}?page=2"),
        (f"/fund/{code}/status/excel", f"/fund/{code.lower()}/status/excel"),
    ]
    for old, new in addresses:
        assert ask(world(), f"/factsheet{old}", before).status == 200
        assert ask(world(), new, before).status == 404
        moved = ask(world(), f"/factsheet{old}", NEW_SCHEME)
        assert (moved.status, dict(moved.headers)["Location"]) == (301, new)
        assert ask(world(), new, NEW_SCHEME).status == 200


@pytest.mark.parametrize(
    "day", ["2005-01-01", "2009-06-01", "2022-06-30", "2022-07-01", "2026-12-31"]
)
def test_every_address_listed_is_answered_and_no_programme_is_left_out(day: str) -> None:
    now = datetime.fromisoformat(day)
    addresses = world().addresses(now)
    visible = sum(outline.approved <= moment(now) for outline in outlines())
    funds = len(world().records.portfolio.open_funds(moment(now)))
    statuses = Counter(ask(world(), address, now).status for address in addresses)
    assert statuses.keys() == ({200, 301} if now >= NEW_SCHEME else {200})
    assert statuses[200] == 3 + visible + funds
    assert len(addresses) == len(set(addresses))


def test_lists_show_everything_over_their_pages() -> None:
    """Funds with their addresses, organizations with their programmes, contributors with money."""
    site, now = open_site(3, 4000), END
    records = site.records
    funds, fund_pages = visit_list(site, "fund", now)
    shown = records.portfolio.open_funds(moment(now))
    assert [(row[0].text, row[0].href, row[1].text) for row in funds] == [
        (" ".join(fund.name.split()), fund_path(fund.code, now), fund.fund_type) for fund in shown
    ]
    assert fund_pages == -(-len(shown) // 50) > 1
    agencies, _ = visit_list(site, "agency", now)
    counts = Counter(
        load().organizations[number].forms[0]
        for outline in records.portfolio.outlines if outline.approved <= moment(now)
        for number in outline.organizations
    )  # fmt: skip
    assert {row[0].text: int(row[1].text.replace(",", "")) for row in agencies} == counts
    donors, _ = visit_list(site, "donor", now)
    assert records.gifts
    assert {row[0].text for row in donors} == {*load().donors, records.gifts.giver.name}
    by_fund, by_donor = (
        sum(int(row[-1].text.replace(",", "")) for row in rows) for rows in (funds, donors)
    )
    assert abs(by_fund - by_donor) <= len(funds) + len(donors)
    assert by_fund > 1_000_000_000


# Conditional requests


def body_without_clock(answer: Answer) -> bytes:
    assert answer.status == 200
    return CLOCK.sub(b"", answer.body)


def habit_of(outline: Outline) -> Habit:
    return world().records.card(outline).typesetting.validator


def test_each_habit_of_validators_occurs_and_sends_what_its_name_says() -> None:
    sends: dict[Habit, Callable[[dict[str, str]], object]] = {
        "strong": lambda h: set(h) == {"ETag"} and re.fullmatch('"[^"]+"', h["ETag"]),
        "weak": lambda h: set(h) == {"ETag"} and re.fullmatch('W/"[^"]+"', h["ETag"]),
        "last_modified": lambda h: set(h) == {"Last-Modified"},
        "both": lambda h: set(h) == {"ETag", "Last-Modified"},
        "none": lambda h: not h,
        "unquoted": lambda h: set(h) == {"ETag"} and '"' not in h["ETag"],
        "restless": lambda h: set(h) == {"ETag"},
        "wrong_date": lambda h: set(h) == {"Last-Modified"},
    }
    assert sends.keys() == set(get_args(Habit))
    habits = Counter(map(habit_of, outlines()))
    assert habits.keys() == sends.keys()
    for outline in outlines():
        if outline.approved < moment(END):
            headers = dict(ask(world(), programme_path(outline.programme_id, END), END).headers)
            del headers["Content-Type"]
            assert sends[habit_of(outline)](headers), (habit_of(outline), headers)


def test_what_a_page_sent_is_answered_304_at_the_same_time() -> None:
    """But where it sent nothing or a wrong date; each view has a tag of its own."""
    answered: defaultdict[Habit, set[int]] = defaultdict(set)
    for outline in outlines():
        if outline.approved > moment(END):
            continue
        tags: set[str | None] = set()
        for view in VIEWS:
            address = programme_path(outline.programme_id, END) + view
            answer = ask(world(), address, END)
            again = ask(world(), address, END, headers=sent_back(answer))
            assert (again.body == b"") == (again.status == 304)
            answered[habit_of(outline)].add(again.status)
            tags.add(dict(answer.headers).get("ETag"))
        assert tags == {None} or len(tags) == len(VIEWS)
    assert answered == {
        habit: {200} if habit in {"none", "wrong_date"} else {304} for habit in get_args(Habit)
    }


@st.composite
def two_times(draw: st.DrawFn) -> tuple[str, datetime, datetime]:
    """An address and two times in one scheme: any, or both near changes of that programme."""
    outline = draw(st.sampled_from([o for o in outlines() if o.approved < moment(END)]))
    changes = [at for at in world().records.card(outline).changes if at <= moment(END)]
    near = st.tuples(st.sampled_from(changes), st.integers(-1, 1)).map(sum)
    anytime = st.integers(outline.approved, moment(END))
    first, second = sorted(max(outline.approved, draw(near | anytime)) for _ in range(2))
    if first < moment(NEW_SCHEME) <= second:
        second = moment(NEW_SCHEME) - 1
    view = draw(st.sampled_from([*VIEWS, "?report=year", "?vouchers=2"]))
    times = time_of(first), time_of(second)
    return programme_path(outline.programme_id, times[0]) + view, *times


def test_304_is_never_said_of_a_page_that_says_something_else() -> None:
    """For any page and two times, with what it sent at the first; both answers are met."""
    statuses: Counter[int] = Counter()

    @settings(max_examples=400, derandomize=True)
    @given(two_times())
    def ask_twice(asked: tuple[str, datetime, datetime]) -> None:
        address, before, after = asked
        first = ask(world(), address, before)
        again = ask(world(), address, after, headers=sent_back(first))
        statuses[again.status] += 1
        if again.status == 304:
            now = ask(world(), address, after)
            assert body_without_clock(now) == body_without_clock(first)

    ask_twice()
    assert statuses.keys() == {200, 304}
    assert min(statuses.values()) > 50


def changes_of_the_body(outline: Outline) -> Iterator[tuple[str, datetime, datetime]]:
    """An address, and two times between which its body changed, within one scheme."""
    changes = world().records.card(outline).changes
    for change in changes[1 :: max(1, len(changes) // 4)]:
        before, after = time_of(change - 1), time_of(change)
        address = programme_path(outline.programme_id, before)
        if after < END and address == programme_path(outline.programme_id, after):
            bodies = [body_without_clock(ask(world(), address, now)) for now in (before, after)]
            if bodies[0] != bodies[1]:
                yield address, before, after


def test_once_a_page_has_changed_it_is_answered_200_but_under_a_lying_validator() -> None:
    """The lie is told by every habit that keeps its word otherwise."""
    lies: defaultdict[Habit, Counter[int]] = defaultdict(Counter)
    fresh = 0
    for outline in outlines()[:150]:
        for address, before, after in changes_of_the_body(outline):
            known = sent_back(ask(world(), address, before))
            assert ask(world(), address, after, headers=known).status == 200
            fresh += 1
            known = sent_back(ask(world(), address, before, "lying_validator"))
            lie = ask(world(), address, after, "lying_validator", headers=known)
            lies[habit_of(outline)][lie.status] += 1
    assert fresh > 300
    assert {habit for habit, statuses in lies.items() if statuses[304]} == set(get_args(Habit)) - {
        "none", "wrong_date"
    }  # fmt: skip
    for habit in ("strong", "weak", "last_modified", "both", "unquoted"):
        assert lies[habit].keys() == {304}


# Faults of content


def test_other_programme_shows_another_programme_under_the_address() -> None:
    shown: set[bool] = set()
    for outline in outlines()[:50]:
        if outline.approved < moment(END):
            address = programme_path(outline.programme_id, END)
            sheet = pages.factsheet(fetch(world(), address, END, "other_programme"))
            other = str(sheet.identity["programme_id"])
            assert other != outline.programme_id
            assert sheet == pages.factsheet(fetch(world(), programme_path(other, END), END))
            shown.add(True)
    assert shown


def test_no_tables_takes_the_tables_and_nothing_else() -> None:
    taken = 0
    for outline in outlines()[:50]:
        if outline.approved < moment(END):
            address = programme_path(outline.programme_id, END)
            whole = pages.factsheet(fetch(world(), address, END))
            bare = pages.factsheet(fetch(world(), address, END, "no_tables"))
            assert (bare.tables, bare.vouchers, bare.pager) == ([], None, None)
            taken += bool(whole.tables) and whole.vouchers is not None
            links = {key: href for key, href in whole.links.items() if key[1] not in {"Next"}}
            without = whole._replace(tables=[], vouchers=None, pager=None, links=links)
            assert bare == without
    assert taken > 30


def test_short_list_ends_early_as_if_that_were_all() -> None:
    """On a fund's page and on a list: consistent in itself, and shorter than the truth."""
    shorter = 0
    for fund in world().records.portfolio.funds:
        whole, short = (visit_fund(world(), fund.code, END, fault) for fault in (None, SHORT))
        assert short.list_pages == 1
        assert short.programmes == whole.programmes[: len(short.programmes)]
        if len(whole.programmes) > 1:
            assert 0 < len(short.programmes) < len(whole.programmes)
            shorter += 1
        assert short.first.statement == whole.first.statement
    assert shorter > 3
    for what in ("fund", "agency", "donor"):
        all_rows, _ = visit_list(world(), what, END)
        rows, list_pages = visit_list(world(), what, END, SHORT)
        assert list_pages == 1
        assert rows == all_rows[: len(rows)]
        assert 0 < len(rows) < len(all_rows)


SHORT: ContentFault = "short_list"

# Determinism


def digest_of_pages(site: Gateway, order: Random | None = None) -> dict[str, str]:
    """A digest of every page at some times, asked for in the given order or the addresses' own."""
    asked = []
    for time in ("2008-05-01T10:00:00", "2016-04-20T09:58:00", "2024-11-30T23:59:59"):
        now = datetime.fromisoformat(time)
        for address in site.addresses(now):
            views = VIEWS if "/project/" in address else ("",)
            asked += [(address + view, now) for view in views]
    if order:
        order.shuffle(asked)
    digests = {}
    for address, now in asked:
        status, headers, body = ask(site, address, now)
        digests[f"{address} {now}"] = sha256(repr((status, headers)).encode() + body).hexdigest()
    return digests


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    """In the addresses' order and shuffled, each on a site of its own, with its caches."""
    first = digest_of_pages(open_site(4, 300))
    assert digest_of_pages(open_site(4, 300), Random(1)) == first  # noqa: S311 because it is a shuffle
    assert len(first) > 2000


def test_pages_in_gzip_are_the_pages_whatever_is_kept_of_them() -> None:
    """Asked for twice in gzip at each of two times, with a fault and plainly in between."""
    site, untouched, headers = open_site(4, 60), open_site(4, 60), {"accept-encoding": "gzip"}
    faults: tuple[ContentFault | None, ...] = (None, None, "no_tables", None)
    in_gzip = 0
    for time in ("2016-04-20T09:58:00", "2016-04-20T09:59:00"):
        now = datetime.fromisoformat(time)
        for address in (a for a in site.addresses(now) if "/project/" in a):
            for view in (*VIEWS, "?report=year"):
                for fault in faults:
                    plain = ask(untouched, address + view, now, fault)
                    zipped = ask(site, address + view, now, fault, headers)
                    given = dict(zipped.headers)
                    assert given.pop("Content-Encoding") == "gzip"
                    assert given == dict(plain.headers)
                    assert gzip.decompress(zipped.body) == plain.body
                    in_gzip += 1
                assert ask(site, address + view, now) == plain
    assert in_gzip > 500


def test_answers_do_not_depend_on_the_process() -> None:
    """Same arguments, same bytes, with different hash seeds."""
    told = [
        subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONHASHSEED": str(hash_seed),
                 "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True, text=True, check=True, timeout=PATIENCE,
        ).stdout
        for hash_seed in (1, 2)
    ]  # fmt: skip
    digests = digest_of_pages(open_site(4, 40))
    assert told == [f"{sorted(digests.items())}\n"] * 2
    assert len(digests) > 300


if __name__ == "__main__":
    print(sorted(digest_of_pages(open_site(4, 40)).items()))
