"""The one real page: what it says, less whom it names."""

from collections import Counter
from pathlib import Path

import pytest

from extractors.page_kinds import Representation
from extractors.parse.pages import parse_page
from extractors.records import Page, PrintedFinding

SEED = Path(__file__).parents[3] / "../shared/seed/000_af1168570ffe4a53.txt"


@pytest.fixture(scope="module")
def seed() -> Page:
    if not SEED.is_file():
        pytest.skip("the real page is not kept in the repository, and not beside it here")
    return parse_page(SEED.read_bytes())


def test_the_real_page_s_identity_is_whole_though_labels_are_glued_and_missing(seed: Page) -> None:
    assert seed.programme_id == "00067193"
    assert seed.representation is Representation.TEXT
    assert seed.programme is not None
    assert seed.programme._replace(text="") == (
        "Creative Industries Support Programme",
        "MDGF-1838-G-KHM Creative Indus",
        "MDG Achievement Fund",
        None,
        "MDGF Culture & Development",
        "2 Nov 2007",
        "30 Nov 2011",
        "Cambodia",
        "Financially Closed",
        "Multiple",
        "identity block",
        "",
    )


def test_the_real_page_has_its_outcomes_achievements_and_lessons(seed: Page) -> None:
    assert Counter((p.section, p.outcome_no) for p in seed.passages) == {
        ("overview", 0): 4,
        ("outcome", 1): 1,
        ("achievement", 1): 6,
        ("outcome", 2): 1,
        ("achievement", 2): 4,
        ("outcome", 3): 1,
        ("achievement", 3): 4,
        ("lesson", 0): 6,
        ("other", 0): 1,
    }


def test_the_real_page_s_passages_are_numbered_within_section_and_outcome(seed: Page) -> None:
    numbered: dict[tuple[str, int], list[int]] = {}
    for passage in seed.passages:
        numbered.setdefault((passage.section, passage.outcome_no), []).append(passage.seq)
    assert len(numbered) == 9
    assert [n for n in numbered.values() if n != list(range(1, len(n) + 1))] == []


def test_the_real_page_s_contacts_stand_among_contacts_only(seed: Page) -> None:
    assert len(seed.contacts) == 2
    private = {value for contact in seed.contacts for value in contact if value}
    elsewhere = str([seed.programme, seed.passages, seed.documents, seed.findings])
    assert sum(value in elsewhere for value in private) == 0


def test_the_real_page_has_no_figures_and_says_so(seed: Page) -> None:
    assert (seed.tables, seed.figures, seed.vouchers, seed.documents) == ([], [], [], [])
    assert seed.currency == "US$"
    assert seed.findings == [
        PrintedFinding("no_figures", "00067193", "the factsheet shows no figure of any year")
    ]
