"""The word lists: no text that a parser could mistake for a part of the page around it."""

import re
from itertools import chain
from string import Formatter
from typing import get_args

import pytest

from replica.books.shown import FundType, Language
from replica.books.words import LanguageWords, load
from transforms.organizations import canonical_organization

LANGUAGES: tuple[Language, ...] = get_args(Language)
PROSE = {"country", "place", "topic", "number"}
# The placeholders that each list may hold.
LISTS: dict[str, set[str]] = {
    "titles": {"country", "place", "topic"},
    "topics": set(),
    "places": set(),
    "overview": PROSE,
    "outcomes": PROSE,
    "achievements": PROSE,
    "lessons": PROSE,
    "documents": {"year", "country", "topic"},
    "descriptions": {"year", "number"},
}
VALUES = {"country": "Chad", "place": "Kasoro", "topic": "justice", "number": 48, "year": 2012}
# The beginning of a heading, a note or a footer of a page, however it is spelled.
HEADING = re.compile(
    r"(?:tools for|about|overview|outcome\W+\d|(?:outcome )?achievements?\b|lessons? learned"
    r"|recent documents|key figures|latest vouchers|contacts?\b|contact us|report by|by year"
    r"|by participating|all amounts in|view as excel|print friendly|page \d|this screen shows"
    r"|participating organizations are|(?:grand |sub-?)?total\b|no data|n/a\b|multiple\b"
    r"|portfolio manager|persons with|project factsheet|[-–*•·▪‣●◦|#])",
    re.IGNORECASE,
)
# A label of a page or of a contact, wherever it stands.
LABEL = re.compile(
    r"(?:project id|description|fund|start date|theme|end date|country|project status|status"
    r"|participating organi[sz]ations?|tel|telephone|phone|mobile|cell|fax|e-?mail|mail|skype)"
    r"\W{0,3}:|start date|end date|project id|access rights|portfolio manager|@|\|",
    re.IGNORECASE,
)


def placeholders(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def texts(words: LanguageWords) -> list[str]:
    return [text for kind in LISTS for text in getattr(words, kind)]


def common_texts() -> list[str]:
    words = load()
    return [
        *words.donors, *words.themes, *words.code_words,
        *(country.name for country in words.countries),
        *words.given_names, *words.family_names, *words.roles,
        *chain.from_iterable(words.funds.values()),
        *chain.from_iterable((o.name, *o.forms, *o.earlier) for o in words.organizations),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LISTS)
def test_entries_differ_and_their_patterns_can_be_filled_in(language: Language, kind: str) -> None:
    entries: tuple[str, ...] = getattr(load().languages[language], kind)
    assert len(set(entries)) == len(entries) > 1
    for entry in entries:
        assert placeholders(entry) <= LISTS[kind], entry
        assert kind != "documents" or "year" in placeholders(entry), entry


@pytest.mark.parametrize("fund_type", get_args(FundType))
def test_fund_names_can_be_filled_in(fund_type: FundType) -> None:
    for pattern in load().funds[fund_type]:
        assert set() < placeholders(pattern) <= {"country", "theme"}


def test_no_text_could_be_a_heading_or_label_or_more_than_one_line() -> None:
    for text in [*common_texts(), *chain.from_iterable(map(texts, load().languages.values()))]:
        filled = text.format(**VALUES, theme="Education")
        assert not HEADING.match(filled), text
        assert not LABEL.search(filled), text
        assert text.replace("\u00a0", " ").isprintable(), text
        assert " ".join(text.split()) == text.replace("\u00a0", " "), text


def test_only_arabic_does_not_fit_windows_1252() -> None:
    fit = [text for each in LANGUAGES if each != "ar" for text in texts(load().languages[each])]
    assert "".join(common_texts() + fit).encode("cp1252")
    for title in load().languages["ar"].titles:
        assert re.search("[\u0621-\u064a]{2}", title), title


def test_texts_hold_the_characters_that_parsers_stumble_over() -> None:
    prose = "".join(chain.from_iterable(map(texts, load().languages.values())))
    for awkward in "<&%–(:;“«’\u00a0éœãñ؛٤":
        assert awkward in prose, awkward


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_are_ascii(language: Language) -> None:
    assert all(text.isascii() for text in load().languages[language].descriptions)


def test_people_can_be_told_from_their_roles_and_addresses() -> None:
    words = load()
    for name in (*words.given_names, *words.family_names, *words.roles):
        assert not set(name) & set(",;:/|<>@"), name


def test_every_printed_form_of_an_organization_leads_to_its_name() -> None:
    for organization in load().organizations:
        known = canonical_organization(organization.name)[1]
        assert organization.name in organization.forms
        assert bool(organization.earlier) == (organization.renamed_on is not None)
        for form in (*organization.forms, *organization.earlier):
            assert canonical_organization(form) == (organization.name, known), form
    unknown = [o for o in load().organizations if not canonical_organization(o.name)[1]]
    assert len(unknown) == 4
