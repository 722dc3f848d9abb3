"""Whatever the stand-in shows, in whatever form, is read as its books have it: no more, no less."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

import pytest

from extractors.page_kinds import PageKind, PageRefusedError, Representation
from extractors.parse.pages import parse_page
from replica.books.layouts import LAYOUTS
from replica.pages.site import Gateway, open_site
from tests.extractors.parse.said import READABLE_GLUED, Facts, said_by
from tests.extractors.parse.stand_in_pages import StandInPage, pages_of

SMALL = [datetime.fromisoformat(day) for day in ("2011-03-07", "2016-04-20", "2024-11-05")]
# One day or two in each of the site's eras.
ERAS = [
    datetime.fromisoformat(day)
    for day in ("2009-06-15", "2012-08-01", "2016-04-20", "2020-02-29", "2025-06-30")
]
_MOST_SHOWN = 8  # differences


class Compared:
    """What was compared, counted; and what differed, of which the first few are kept."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.differences: list[str] = []
        self.differing: Counter[str] = Counter()

    def note(self, page: StandInPage) -> None:
        for name, value in (
            ("kind", page.kind.value),
            ("representation", page.representation.value),
            ("kind and representation", f"{page.kind} {page.representation}"),
            ("layout", page.layout),
            ("charset", page.charset),
        ):
            self.counts[name][value] += 1
        for fact, count in page.facts.items():
            self.counts[f"facts ({page.reads})"][str(fact[0])] += count

    def differ(self, page: StandInPage, what: str) -> None:
        self.differing[f"{page.kind} {page.representation} {page.layout}: {what[:28]}"] += 1
        if len(self.differences) < _MOST_SHOWN:
            self.differences.append(f"{page.address}, {page.layout}: {what}")

    def assert_equal(self) -> None:
        found = "\n".join([*self.differences, *map(str, self.differing.most_common(40))])
        assert not self.differing, f"{self.differing.total()} differences\n{found}"


def compare(page: StandInPage, compared: Compared) -> None:
    """Read one page, and note whatever is missing, and whatever is said beyond what is there."""
    compared.note(page)
    try:
        read = parse_page(page.body)
    except PageRefusedError as refusal:
        compared.differ(page, f"refused: {refusal.rule} {refusal.text}")
        return
    if (read.kind, read.representation) != (page.kind, page.representation):
        compared.differ(page, f"taken for {read.kind} {read.representation}")
    said = said_by(read)
    missing, more = page.facts - said, said - page.facts
    if page.reads == "glued":
        missing, more = _readable(page, missing), _wrong_where_glued(page, more)
    for fact in missing:
        compared.differ(page, f"missing {fact}")
    for fact in more:
        compared.differ(page, f"said more {fact}")


def _readable(page: StandInPage, facts: Facts) -> Facts:
    """What can be read though cells are glued: titles that are glued to dates cannot."""
    kinds = READABLE_GLUED - ({"document"} if page.dated_documents else set())
    return Counter({fact: count for fact, count in facts.items() if fact[0] in kinds})


def _wrong_where_glued(page: StandInPage, facts: Facts) -> Facts:
    """What is said though it is not so; to find that something was not understood is right."""
    allowed = {"finding", "rejected", "statement"} | (
        {"document"} if page.dated_documents else set()
    )
    return Counter({fact: count for fact, count in facts.items() if fact[0] not in allowed})


def compare_all(site: Gateway, times: Iterable[datetime]) -> Compared:
    compared = Compared()
    for now in times:
        for page in pages_of(site, now, site.records.portfolio.outlines):
            compare(page, compared)
    return compared


def test_every_page_of_a_small_world_says_what_its_books_say() -> None:
    """Forty programmes, all funds and all lists at three dates, in every representation."""
    compared = compare_all(open_site(7, 40), SMALL)
    compared.assert_equal()
    assert compared.counts["representation"].keys() == {
        form.value
        for form in Representation
        if form not in {Representation.UNKNOWN, Representation.JSON, Representation.SPREADSHEETML}
    }
    assert compared.counts["kind"].keys() == {
        PageKind.PROGRAMME_FACTSHEET, PageKind.FUND_FACTSHEET, PageKind.PORTFOLIO_LIST,
        PageKind.PRINT_VIEW, PageKind.FIGURES_EXCEL, PageKind.VOUCHERS_EXCEL,
        PageKind.STATEMENT_EXCEL, PageKind.CONTRIBUTORS_VIEW,
    }  # fmt: skip
    assert len(compared.counts["charset"]) == 3


@pytest.mark.proof
def test_every_page_of_two_thousand_programmes_says_what_its_books_say() -> None:
    """All programmes and all funds, in all five eras, in all layouts and all representations."""
    compared = compare_all(open_site(1, 2000), ERAS)
    for name, counts in sorted(compared.counts.items()):
        print(f"{name}: {sum(counts.values()):,}")
        for value, count in counts.most_common():
            print(f"  {value:<40} {count:>10,}")
    print(f"differences: {compared.differing.total()}")
    compared.assert_equal()
    assert compared.counts["layout"].keys() >= {layout.name for layout in LAYOUTS}
