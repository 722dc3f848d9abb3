"""What a visitor reads on the stand-in's pages is its exported truth as of that time, exactly."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import NamedTuple, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replica.books.contributor_layouts import CONTRIBUTOR_LAYOUTS
from replica.books.facts import Value
from replica.books.layouts import LAYOUTS, Spreadsheet, Typesetting
from replica.books.moments import day_of, moment, time_of
from replica.books.portfolio import FundOutline, Outline
from replica.books.truth import truth, truth_of_programme
from replica.books.words import load
from replica.pages.contributor_pages import setting_of
from replica.pages.fund_pages import fund_style
from replica.pages.lists import SignStyle
from replica.pages.site import Gateway, open_site
from tests.replica.reading.figures import RATES, Table, Voucher
from tests.replica.reading.grids import decode
from tests.replica.reading.pages import Line
from tests.replica.reading.visits import (
    Visited,
    ask,
    fund_path,
    programme_path,
    visit_fund,
    visit_programme,
)

Fact = dict[str, Value]
BEGIN, END = datetime.fromisoformat("2005-01-01"), datetime.fromisoformat("2026-12-31")
CHARSETS = ("utf8", "utf8_declaring_latin1", "windows1252_undeclared")
SPREADSHEETS = get_args(Spreadsheet)
RICH = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CANONICAL = {
    form: organization.name
    for organization in load().organizations
    for form in (*organization.forms, *organization.earlier)
}


class Seen:
    """What the pages that were read showed of everything that there is to show, and how often."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, Counter[Hashable]] = defaultdict(Counter)

    def note(self, **what: Hashable) -> None:
        for name, value in what.items():
            self.counts[name][value] += 1

    def assert_all(self) -> None:
        """Every layout, skin, charset, spreadsheet form, sign style and report choice was seen."""
        everything = {
            "layout": {layout.name for layout in LAYOUTS},
            "skin": {layout.skin for layout in LAYOUTS},
            "charset": set(CHARSETS),
            "spreadsheet": set(SPREADSHEETS),
            "signs": set(get_args(SignStyle)),
            "contributors": {one.layout.name for one in CONTRIBUTOR_LAYOUTS},
            "scheme": {"old", "new"},
            "report": {"by participating organization", "by year"},
        }
        for name, values in everything.items():
            assert self.counts[name].keys() == values, name
        assert self.counts["voucher_pages"].keys() > {1, 2, 3}


class World(NamedTuple):
    """A seed, a number of programmes and times of visit: what an example is drawn as."""

    seed: int
    programmes: int
    times: list[datetime]


@st.composite
def worlds(draw: st.DrawFn, most_programmes: int = 12, most_times: int = 3) -> World:
    """Worlds; every other time is that of a change, or a second before or after it."""
    seed, programmes = draw(st.integers(0, 2**32)), draw(st.integers(1, most_programmes))
    records = open_site(seed, programmes).records
    times = []
    for _ in range(draw(st.integers(1, most_times))):
        if draw(st.booleans()):
            outline = draw(st.sampled_from(records.portfolio.outlines))
            at_change = time_of(draw(st.sampled_from(list(records.card(outline).changes))))
            time = at_change + timedelta(seconds=draw(st.integers(-1, 1)))
        else:
            time = draw(st.datetimes(BEGIN, END)).replace(microsecond=0)
        times.append(min(time, END))
    return World(seed, programmes, times)


def check_world(world: World, seen: Seen) -> None:
    """Every page of a world, at every time, says exactly what its truth says."""
    site = open_site(world.seed, world.programmes)
    facts: defaultdict[Value, list[Fact]] = defaultdict(list)
    for fact in truth(site.records, END):
        facts[fact.get("programme_id") or fact.get("fund_code")].append(fact)
    for now in world.times:
        shown = [o for o in site.records.portfolio.outlines if moment(now) >= o.approved]
        for outline in shown:
            check_programme(site, outline, now, facts[outline.programme_id], seen)
        for fund in site.records.portfolio.funds:
            check_fund(site, fund, now, facts, seen)
        hidden = {o.programme_id for o in site.records.portfolio.outlines}
        hidden -= {outline.programme_id for outline in shown}
        for programme_id in hidden:
            assert not as_of(facts[programme_id], now)
            assert ask(site, programme_path(programme_id, now), now).status == 404


def as_of(facts: Iterable[Fact], now: datetime) -> list[Fact]:
    """The facts shown at a time, without their spells."""
    spell = ("shown_from", "shown_until")
    return [
        {name: value for name, value in fact.items() if name not in spell}
        for fact in facts
        if str(fact["shown_from"]) <= str(now) < str(fact["shown_until"] or "9")
    ]


def assert_same(read: Iterable[Fact], true: Iterable[Fact]) -> None:
    """Each fact that was read is true, each that is true was read, and as often."""
    read_counts, true_counts = (
        Counter(tuple(sorted(fact.items())) for fact in facts) for facts in (read, true)
    )
    assert list((true_counts - read_counts).elements()) == [], "true, and not on the pages"
    assert list((read_counts - true_counts).elements()) == [], "on the pages, and not true"


def check_programme(
    site: Gateway, outline: Outline, now: datetime, facts: Iterable[Fact], seen: Seen
) -> None:
    """A programme's factsheet, voucher pages and figures in Excel and print say its truth."""
    visited = visit_programme(site, outline.programme_id, now)
    true = as_of(facts, now)
    assert_same(facts_read(visited), true)
    printed = visited.views["figures/print"]
    assert printed.tables == visited.views["figures/excel"].tables
    check_vouchers(site, outline, now, visited)
    check_other_texts(site, outline, now, visited)
    check_sums(visited)
    setting = site.records.card(outline).typesetting
    layout = setting.at(moment(now))
    clock = f"{now:%-d %b %Y %-I:%M %p} GMT" if layout.clock else ""
    assert visited.factsheet.clock == clock
    assert visited.voucher_pages == max(1, -(-len(visited.vouchers or []) // 20))
    assert (visited.media_type == "text/html; charset=utf-8") == (setting.charset == "utf8")
    seen.note(
        layout=layout.name,
        skin=layout.skin,
        charset=charset_of(visited.body),
        spreadsheet=spreadsheet_of(visited.excel_bodies[0]),
        with_tables=visited.vouchers is not None,
        voucher_pages=visited.voucher_pages,
        combination=(
            layout.name,
            charset_of(visited.body),
            spreadsheet_of(visited.excel_bodies[0]),
        ),
        facts=len(true),
    )
    for name, tables in visited.reports.items():
        if tables:
            seen.note(report=name)


def facts_read(visited: Visited) -> Iterator[Fact]:
    """The pages' facts in the truth's words."""
    sheet = visited.factsheet
    programme_id = sheet.identity["programme_id"]
    of_programme: Fact = {"programme_id": programme_id}
    for field, value in sheet.identity.items():
        yield of_programme | {"kind": "identity", "field": field, "value": value}
    for section, outcome_no, text in sheet.passages:
        yield of_programme | {"kind": section, "text": text, "value": outcome_no}
    for url, title, _ in sheet.documents:
        yield of_programme | {"kind": "document", "url": url, "value": title}
    of_excel = visited.views["figures/excel"].tables
    for page, tables in (("factsheet", sheet.tables), ("excel", of_excel)):
        for figure in (figure for table in tables for figure in table.figures):
            organization = figure.organization and CANONICAL[figure.organization]
            yield of_programme | figure._asdict() | {
                "kind": "figure", "page": page, "organization": organization,
            }  # fmt: skip
    of_views = visited.views["vouchers/excel"].vouchers
    for page, vouchers in (("factsheet", visited.vouchers or []), ("excel", of_views)):
        repeats: Counter[Voucher] = Counter()
        for voucher in vouchers:
            repeats[voucher] += 1
            yield of_programme | {
                "kind": "voucher", "page": page, "number": voucher.number,
                "date": str(voucher.voucher_date), "cents": voucher.cents,
                "organization": CANONICAL[voucher.organization],
                "repeat": repeats[voucher], "value": voucher.cents,
            }  # fmt: skip


def check_vouchers(site: Gateway, outline: Outline, now: datetime, visited: Visited) -> None:
    """The Excel and print views list all vouchers, also while the factsheet has no tables."""
    shown = site.records.programme(outline, moment(now)).vouchers
    true = [(v.number, v.voucher_date, v.organization_printed, v.cents, v.status) for v in shown]
    assert [tuple(line) for line in visited.views["vouchers/excel"].vouchers] == true
    assert [tuple(line) for line in visited.views["vouchers/print"].vouchers] == true
    if visited.vouchers is not None:
        assert [tuple(line) for line in visited.vouchers] == true
    views = visited.views.values()
    assert {view.programme_id for view in views} == {outline.programme_id}
    first = visited.factsheet.vouchers
    assert first is None or first.total in {None, sum(line.cents for line in first.lines)}


def check_other_texts(site: Gateway, outline: Outline, now: datetime, visited: Visited) -> None:
    """Contacts, and the documents' dates where the page has them, which the truth leaves out."""
    shown, sheet = site.records.programme(outline, moment(now)), visited.factsheet
    for read, people in ((sheet.managers, shown.managers), (sheet.persons, shown.persons)):
        assert read == [
            f"{name}, {role}; Telephone: {telephone}; Email: {email}; Skype: {skype}"
            for name, role, telephone, email, skype in people
        ]
    dated = site.records.card(outline).typesetting.at(moment(now)).skin == "new"
    true = [document.document_date if dated else None for document in shown.documents]
    assert [document.document_date for document in sheet.documents] == true


def check_sums(visited: Visited) -> None:
    """Sub-totals are exact, and totals and reports hold within half a dollar a figure."""
    excel = visited.views["figures/excel"].tables
    for table in (
        *visited.factsheet.tables,
        *excel,
        *(t for r in visited.reports.values() for t in r),
    ):
        check_totals(table)
    for name, tables in visited.reports.items():
        by_organization = name == "by participating organization"
        assert len(tables) == len(visited.factsheet.tables and excel)
        for table, fine in zip(tables, excel, strict=False):
            parts: defaultdict[tuple[str | int | None, str], list[int]] = defaultdict(list)
            for _, organization, year, measure, value in fine.figures:
                parts[organization if by_organization else year, measure].append(value)
            sums = {
                (figure.organization if by_organization else figure.fiscal_year, figure.measure):
                figure.value for figure in table.figures
            }  # fmt: skip
            in_dollars = {key for key in parts if key[1] != "delivery_rate"}
            assert {key for key in sums if key[1] != "delivery_rate"} == in_dollars
            for key in in_dollars:
                assert abs(sums[key] - sum(parts[key])) <= (len(parts[key]) + 1) / 2


def check_totals(table: Table) -> None:
    by_measure: defaultdict[str, list[int]] = defaultdict(list)
    by_group: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for figure in table.figures:
        if figure.measure not in RATES:
            by_measure[figure.measure].append(figure.value)
            by_group[figure.organization or ""][figure.measure] += figure.value
    if table.total is not None:
        assert table.total.keys() - RATES == by_measure.keys()
        for measure, values in by_measure.items():
            assert abs(table.total[measure] - sum(values)) <= (len(values) + 1) / 2
    for organization, sub_total in table.sub_totals.items():
        assert sub_total == by_group[organization]


def check_fund(
    site: Gateway,
    fund: FundOutline,
    now: datetime,
    facts: dict[Value, list[Fact]],
    seen: Seen,
) -> None:
    """A fund's factsheet says its truth and lists its programmes; before it opens there is none."""
    true = as_of(facts[fund.code], now)
    if not true:
        assert ask(site, fund_path(fund.code, now), now).status == 404
        return
    visited = visit_fund(site, fund.code, now)
    statement = [fact for fact in true if fact["kind"] == "statement"]
    for lines in (visited.first.statement, visited.excel):
        assert_same((statement_fact(fund.code, line) for line in lines), statement)
    contributions = [fact for fact in true if fact["kind"] == "contribution"]
    assert_same(contributions_read(fund.code, visited.contributors), contributions)
    for table in (table for tables in visited.contributors.values() for table in tables):
        check_totals(table)
    assert visited.first.heading == f"{fund.fund_type} Factsheet"
    assert visited.first.name == fund.name
    opened = site.records.portfolio.opened(fund)
    assert opened
    assert visited.first.start_date == day_of(opened)
    titles: dict[Value, Value] = {}
    for programme in site.records.portfolio.in_fund[fund.number]:
        shown = as_of(facts[programme.programme_id], now)
        titles.update((f["programme_id"], f["value"]) for f in shown if f.get("field") == "title")
    assert [(number, title) for number, title, _ in visited.programmes] == [
        (number, " ".join(str(title).split())) for number, title in titles.items()
    ]
    assert [address for *_, address in visited.programmes] == [
        programme_path(str(programme_id), now) for programme_id in titles
    ]
    seen.note(
        contributors=setting_of(site.records, fund).at(moment(now)).layout.name,
        contributors_with_tables=bool(visited.first.contributors),
        signs=fund_style(site.records.seed, fund).signs,
        scheme="old" if fund_path(fund.code, now).startswith("/factsheet") else "new",
        list_pages=visited.list_pages,
    )


def contributions_read(fund_code: str, tables: dict[str, list[Table]]) -> Iterator[Fact]:
    """A fund's contributions in the truth's words."""
    for page, own in tables.items():
        for figure in (figure for table in own for figure in table.figures):
            yield {
                "kind": "contribution", "page": page, "fund_code": fund_code,
                "contributor": figure.organization, "fiscal_year": figure.fiscal_year,
                "measure": figure.measure, "value": figure.value,
            }  # fmt: skip


def statement_fact(fund_code: str, line: Line) -> Fact:
    block, number, label, role, value = line
    return {
        "kind": "statement", "fund_code": fund_code, "block": block, "line": number,
        "label": label, "role": role, "value": value,
    }  # fmt: skip


def charset_of(body: bytes) -> str:
    head = body[: body.index(b"</head>")].lower()
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        assert b"charset" not in head
        return "windows1252_undeclared"
    if b"iso-8859-1" in head:
        return "utf8_declaring_latin1"
    assert b"utf-8" in head
    return "utf8"


def spreadsheet_of(body: bytes) -> str:
    if body.startswith(b"PK"):
        return "xlsx"
    return "xls" if "<table" in decode(body) else "csv"


@settings(RICH, max_examples=20, derandomize=True)
@given(worlds())
def test_pages_say_their_truth(world: World) -> None:
    """For any seed and any dates, what the pages show equals the truth as of that date."""
    check_world(world, Seen())


def in_layout(
    records_site: Gateway, wanted: Callable[[Outline, Typesetting], bool], layout: str
) -> tuple[Outline, datetime] | None:
    """A programme that has a layout, and the last second at which it has."""
    records = records_site.records
    for outline in records.portfolio.outlines:
        setting = records.card(outline).typesetting
        ends = [begin - 1 for begin in setting.begins[1:]] + [moment(END)]
        for own, last in zip(setting.layouts, ends, strict=True):
            if own.name == layout and last >= outline.approved and wanted(outline, setting):
                return outline, time_of(last)
    return None


def check_combinations(combinations: Iterable[tuple[str, str, str]]) -> Seen:
    """Visit a programme of each layout, charset and form of the Excel view."""
    site, seen = open_site(20, 1500), Seen()
    for layout, charset, form in combinations:

        def wanted(outline: Outline, setting: Typesetting) -> bool:
            writable = outline.language != "ar"
            return writable and (setting.charset, setting.spreadsheet) == (charset, form)  # noqa: B023 because it is asked at once

        found = in_layout(site, wanted, layout)
        assert found, (layout, charset, form)
        outline, now = found
        check_programme(site, outline, now, truth_of_programme(site.records, outline, END), seen)
    return seen


def test_each_layout_says_its_truth_in_each_charset_and_each_form_of_excel() -> None:
    """Each of the 16 layouts is read in all charsets, and in all forms of the Excel view."""
    names = [layout.name for layout in LAYOUTS]
    combinations = {
        (name, CHARSETS[turn], SPREADSHEETS[(at + turn) % 3])
        for at, name in enumerate(names)
        for turn in range(3)
    }
    seen = check_combinations(sorted(combinations))
    assert seen.counts["combination"].keys() == combinations
    assert len(combinations) == 3 * len(LAYOUTS) == 48


def test_while_a_factsheet_has_no_tables_its_excel_views_have_them() -> None:
    """From the second on which the tables go to the last without them: absent is not zero."""
    site, seen = open_site(20, 300), Seen()
    for outline in site.records.portfolio.outlines:
        begin, end = site.records.books(outline).without_tables
        if end < moment(END):
            facts = list(truth_of_programme(site.records, outline, END))
            for at in (begin - 1, begin, end - 1, end):
                check_programme(site, outline, time_of(at), facts, seen)
    assert seen.counts["with_tables"][False] == seen.counts["with_tables"][True] > 10


@pytest.mark.proof
def test_every_combination_of_layout_charset_and_form_of_excel_says_its_truth() -> None:
    names = [layout.name for layout in LAYOUTS]
    combinations = set(product(names, CHARSETS, SPREADSHEETS))
    seen = check_combinations(sorted(combinations))
    assert seen.counts["combination"].keys() == combinations
    assert len(combinations) == 144


@pytest.mark.proof
def test_pages_say_their_truth_at_length() -> None:
    """The same over many worlds, in which everything that there is to see has been seen."""
    seen = Seen()

    @settings(RICH, max_examples=600)
    @given(worlds(most_times=6))
    def visit(world: World) -> None:
        check_world(world, seen)

    visit()
    for name, counts in seen.counts.items():
        print(name, dict(counts.most_common(20)))
    seen.assert_all()
