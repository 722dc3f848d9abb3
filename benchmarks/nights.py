"""The requests that a night needs of the site, computed by the rule that a sync goes by.

Nothing is fetched. The site has as many funds and open programmes in proportion as the real one;
all pages were seen the night before or in their turn, and the lists tell of nothing new. What they
tell of comes on top, and so do the further pages of a programme's vouchers.
"""

from datetime import datetime, timedelta

from benchmarks.table import Row, Table
from extractors.profiles.profile import Profile
from extractors.profiles.read import load_profile
from flows.crawl.due import Due, Turns
from flows.crawl.selection import Selection
from flows.settings import Settings
from replica.today.names import names_of
from tests.flows.todays_profile import profile_for
from warehouse.visits import KnownSubject, ListNews

_SIZES = (1_000, 5_000, 20_000)
_FUNDS = 220 / 20_000  # for each programme
_OPEN = 9_000 / 20_000  # of the programmes
_SITE = "https://mptf.undp.org"
_NIGHTS = 7  # whose average is taken
_SEEN = datetime(2025, 11, 20, 2)  # noqa: DTZ001 because every time here is naive UTC


def nights(table: Table, divided_by: int) -> None:
    """Compute a night at each size, for the classic site and for one whose API has figures."""
    for size in (size // divided_by for size in _SIZES):
        for variant, profile, prints_figures in (
            ("the API's figures and lists", profile_for(names_of(1)), False),
            ("classic pages", load_profile("classic"), True),
        ):
            found = _requests(profile, size, prints_figures=prints_figures)
            table.add(
                Row(
                    "requests of a night", variant, False, size, sum(found.values()), "requests",
                    details=found,
                )
            )  # fmt: skip


def _requests(profile: Profile, programmes: int, *, prints_figures: bool) -> dict[str, int]:
    """Return what is requested in a night, on the average of some."""
    turns = Turns.of(Settings())
    calls = sum(len(query.urls(_SITE, _SEEN.year)) for query in profile.queries)
    found = {"calls": calls * _NIGHTS, "lists": len(profile.lists) * _NIGHTS}
    for kind, count in (("programmes", programmes), ("funds", round(programmes * _FUNDS))):
        subjects = [
            _subject(f"{60_001 + 4 * number:08}", number / count < _OPEN or kind == "funds",
                     prints_figures=prints_figures)
            for number in range(count)
        ]  # fmt: skip
        found[kind] = sum(_due(turns, subjects, night) for night in range(1, _NIGHTS + 1))
        if kind == "funds" and prints_figures:  # their pages are the lists of programmes
            found[kind] = count * _NIGHTS
    return {name: round(total / _NIGHTS) for name, total in found.items()}


def _due(turns: Turns, subjects: list[KnownSubject], night: int) -> int:
    """Count the pages that are due on a night, all of which were seen the night before."""
    seen_at = _SEEN + timedelta(days=night - 1)
    rule = Due(seen_at + timedelta(days=1), turns, ListNews())
    return sum(rule.selects(one._replace(seen_at=seen_at), Selection()) for one in subjects)


def _subject(key: str, is_open: bool, *, prints_figures: bool) -> KnownSubject:
    status = "On Going" if is_open else "Financially Closed"
    return KnownSubject(key, None, None, _SEEN, None, None, status, False, prints_figures)
