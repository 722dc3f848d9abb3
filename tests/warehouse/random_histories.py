"""Random histories: a few programmes, each with a few pages, seen again and again.

Each choice is one draw, and each absence is a choice of its own, so that few examples are rich.
"""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from extractors.records import Measure, Page
from tests.warehouse.histories import (
    MEASURES,
    NOT_MODIFIED,
    SENT,
    SITE,
    Row,
    Seen,
    Table,
    at,
    page,
    voucher,
)

# Around every 30 April that decides, and far from them.
TIMES = [
    at(time)
    for time in (
        "2013-06-15T12:00:00", "2014-01-01T00:00:00",
        "2014-04-30T00:00:00", "2014-04-30T23:59:59", "2014-05-01T00:00:00", "2014-12-31T23:59:59",
        "2015-04-30T23:59:58", "2015-04-30T23:59:59", "2015-05-01T00:00:00", "2015-05-01T00:00:01",
        "2015-12-01T08:30:00", "2016-04-30T23:59:59", "2016-05-01T00:00:00",
        "2017-04-30T23:59:59", "2017-05-01T00:00:00", "2019-02-28T10:00:00",
    )
]  # fmt: skip
YEARS: tuple[tuple[int, ...], ...] = ((2008, 2014), (2014, 2015), (2015, 2016), (2015,))
NAMED = ("FAO", "UN Women", "UNIFEM")
ADDRESSES = (
    SITE, "https://gateway.example/project/", "http://gateway.example/factsheet/project/",
)  # fmt: skip
_STATUSES = (None, "On Going", "Operationally Closed", "Financially Closed")
_STARTS = (None, "1 Jan 2008", "June 2010", "2 Jan 2015", "TBD")
_ENDS = (None, "31 Dec 2014", "April 2015", "1 Jan 2016", "TBD")
_FUNDS = ((None, None), ("MDG00", "MDG Fund"), ("JP000", None))
_VALUES = {"delivery_rate": ("-", "50.0", "87.5")}
_PRINTED = ("-", "100", "250")
# One number holds a row: per measure absent, one value or another.
_CELL = st.integers(-100, 3 ** len(MEASURES) - 1).map(lambda cell: max(cell, 0))


def _row(organization: str | None, year: int | None, cell: int) -> Row:
    printed: dict[Measure, str] = {}
    for measure in MEASURES:
        cell, choice = divmod(cell, 3)
        printed[measure] = _VALUES.get(measure, _PRINTED)[choice]
    return Row(organization, year, printed)


@st.composite
def _tables(draw: st.DrawFn, years: tuple[int | None, ...]) -> list[Table]:
    kind = draw(st.sampled_from(["named", "named", "named", "all", "none"]))
    if kind == "none":
        return []
    names: tuple[str | None, ...] = NAMED if kind == "named" else (None,)
    places = [(name, year) for name in names for year in years]
    cells = draw(
        st.lists(
            st.tuples(st.sampled_from(places), _CELL),
            max_size=3,
            # UNIFEM is UN Women's former name: a page shows one of the two.
            unique_by=lambda cell: (cell[0][0] == "FAO", cell[0][1]),
        )
    )
    rows = [_row(name, year, cell) for (name, year), cell in cells]
    return [
        Table(rows, years != (None,), kind == "named", draw(st.sampled_from([True, True, False])))
    ]


@st.composite
def pages(draw: st.DrawFn, programme_id: str, years: tuple[int, ...]) -> Page:
    numbers = draw(st.lists(st.integers(0, 11), max_size=2, unique_by=lambda n: n % 4))
    fund_code, fund_name = draw(st.sampled_from(_FUNDS))
    return page(
        *draw(_tables(years)),
        *draw(_tables((None,))),
        programme_id=programme_id,
        title=draw(st.sampled_from([None, "Water", "Water for all"])),
        fund_code=fund_code,
        fund_name=fund_name,
        start_date=draw(st.sampled_from(_STARTS)),
        country=draw(st.sampled_from([None, "Chad", "Global"])),
        status=draw(st.sampled_from(_STATUSES)),
        end_date=draw(st.sampled_from(_ENDS)),
        narrative=draw(st.sampled_from([(), ("Wells.",), ("Wells.", "Pumps.")])),
        documents=draw(st.sampled_from([(), ("Report",)])),
        contacts=draw(st.sampled_from([(), ("Contact A",), ("Contact B",)])),
        vouchers=[
            voucher(
                ("12", "0012")[n % 3 % 2], date=(None, "2 Nov 2015")[n % 2],
                amount=("100", "250")[n // 2 % 2], status=(None, "Pending", "Paid")[n // 4],
            )
            for n in numbers
        ],
    )  # fmt: skip


@st.composite
def _programme(draw: st.DrawFn, programme_id: str, most: int) -> list[Seen]:
    years = draw(st.sampled_from(YEARS))
    shown = draw(st.lists(pages(programme_id, years), min_size=2, max_size=5))
    sights = st.builds(
        Seen,
        st.sampled_from(TIMES),
        st.sampled_from(shown),
        st.sampled_from([address + programme_id for address in ADDRESSES]),
        st.none(),
        st.none(),
    )
    return draw(st.lists(sights, min_size=most // 3, max_size=most))


@st.composite
def histories(draw: st.DrawFn, *, programmes: int = 4, most: int = 15) -> list[Seen]:
    """Captures of a few programmes, in any order, some of them twice."""
    count = draw(st.integers(1, programmes))
    seen = [s for n in range(count) for s in draw(_programme(f"0009100{n}", most))]
    return draw(shuffled(seen))


@st.composite
def nights(draw: st.DrawFn) -> list[list[Seen]]:
    """Visit after visit to three pages of one programme that seldom change, oldest first.

    What was sent in full may be said to be unchanged the next time, truly or not.
    """
    programme_id = "00091000"
    years = draw(st.sampled_from(YEARS))
    drawn = draw(st.lists(pages(programme_id, years), min_size=1, max_size=3))
    drawn.append(page(programme_id=programme_id, vouchers=[voucher("V1"), voucher("V2")]))
    drawn += [page(programme_id=programme_id, status=status) for status in _STATUSES[1:]]
    shows = [draw(st.integers(0, len(drawn) - 1)) for _ in ADDRESSES]
    sent: dict[str, Page] = {}
    asked: dict[str, datetime] = {}
    times = sorted(draw(st.sets(st.sampled_from(TIMES), min_size=4)))
    found = []
    for time in times:
        night = []
        for number, address in enumerate(ADDRESSES):
            if draw(st.integers(0, 3)) == 0:
                shows[number] = draw(st.integers(0, len(drawn) - 1))
            url = address + programme_id
            when = time + timedelta(seconds=draw(st.integers(0, number)))
            if draw(st.integers(0, 4)) == 0 or (url in asked and asked[url] >= when):
                continue
            asked[url] = when
            unchanged = url in sent and draw(st.booleans())
            if not unchanged:
                sent[url] = drawn[shows[number]]
            night.append(Seen(when, sent[url], url, NOT_MODIFIED if unchanged else SENT))
        found.append(night)
    return [night for night in found if night]


def shuffled(seen: list[Seen]) -> st.SearchStrategy[list[Seen]]:
    """The captures in any order."""
    return st.permutations(seen)


@st.composite
def batches(draw: st.DrawFn, seen: list[Seen]) -> list[list[Seen]]:
    """The captures, cut into up to four batches; no capture is twice in a batch."""
    cuts = draw(st.lists(st.integers(0, len(seen)), max_size=3).map(sorted))
    parts = [seen[a:b] for a, b in zip([0, *cuts], [*cuts, len(seen)], strict=True)]
    return [list({s.capture_id: s for s in part}.values()) for part in parts]
