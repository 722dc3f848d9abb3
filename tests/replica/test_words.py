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
# By list: the placeholders that it may hold, and how many entries it has at least.
LISTS: dict[str, tuple[set[str], int]] = {
    "titles": ({"country", "place", "topic"}, 30),
    "topics": (set(), 30),
    "places": (set(), 20),
    "overview": (PROSE, 25),
    "outcomes": (PROSE, 20),
    "achievements": (PROSE, 30),
    "lessons": (PROSE, 20),
    "documents": ({"year", "country", "topic"}, 12),
    "descriptions": ({"year", "number"}, 15),
}
SENTENCES = ("overview", "outcomes", "achievements", "lessons")
VALUES = {"country": "Chad", "place": "Kasoro", "topic": "justice", "number": 48, "year": 2012}
# What opens a heading, a note or a footer of a page, however it is spelled.
HEADING = re.compile(
    r"(?:tools for|about|overview|outcome\W+\d|(?:outcome )?achievements?\b|lessons? learned"
    r"|recent documents|key figures|latest vouchers|contacts?\b|contact us|report by|by year"
    r"|by participating|all amounts in|view as excel|print friendly|page \d|this screen shows"
    r"|participating organizations are|(?:grand |sub-?)?total\b|no data|n/a\b|multiple\b"
    r"|portfolio manager|persons with|project factsheet|[-–*•·▪‣●◦|#])",
    re.IGNORECASE,
)
# What is a label of a page, or a contact's, wherever it stands.
LABEL = re.compile(
    r"(?:project id|description|fund|start date|theme|end date|country|project status|status"
    r"|participating organi[sz]ations?|tel|telephone|phone|mobile|cell|fax|e-?mail|mail|skype)"
    r"\W{0,3}:|start date|end date|project id|access rights|portfolio manager|@|\|",
    re.IGNORECASE,
)


def placeholders(pattern: str) -> set[str]:
    parsed = list(Formatter().parse(pattern))
    assert not any(spec or conversion for _, _, spec, conversion in parsed), pattern
    return {name for _, name, _, _ in parsed if name is not None}


def texts(words: LanguageWords, *kinds: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind in kinds or LISTS for text in getattr(words, kind)]


def common_texts() -> list[str]:
    words = load()
    return [
        *words.donors,
        *words.themes,
        *words.code_words,
        *(country.name for country in words.countries),
        *words.given_names,
        *words.family_names,
        *words.roles,
        *chain.from_iterable(words.funds.values()),
        *chain.from_iterable((o.name, *o.forms, *o.earlier) for o in words.organizations),
    ]


def test_every_list_is_tested() -> None:
    assert set(LISTS) == set(LanguageWords._fields)
    assert set(load().languages) == set(LANGUAGES)
    assert set(load().funds) == set(get_args(FundType))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_is_long_enough_and_its_patterns_fill_in(language: Language, kind: str) -> None:
    allowed, least = LISTS[kind]
    entries: tuple[str, ...] = getattr(load().languages[language], kind)
    assert len(entries) >= least
    assert len(set(entries)) == len(entries)
    for entry in entries:
        assert placeholders(entry) <= allowed, entry
        assert "{" not in entry.format(**VALUES), entry
        if kind == "documents":
            assert "year" in placeholders(entry), entry


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_one_clean_line(language: Language) -> None:
    for _, text in texts(load().languages[language]):
        assert text.replace("\u00a0", " ").isprintable(), text
        assert " ".join(text.split()) == text.replace("\u00a0", " "), text


def test_common_texts_are_one_clean_line() -> None:
    for text in common_texts():
        assert text.isprintable(), text
        assert " ".join(text.split()) == text, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_passes_for_a_heading_or_label(language: Language) -> None:
    for _, text in texts(load().languages[language]):
        filled = text.format(**VALUES)
        assert not HEADING.match(filled), text
        assert not LABEL.search(filled), text


def test_no_name_passes_for_a_heading_or_label() -> None:
    for text in common_texts():
        filled = text.format(country="Chad", theme="Education")
        assert not HEADING.match(filled), text
        assert not LABEL.search(filled), text


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"ar"}))
def test_latin_texts_fit_windows_1252(language: Language) -> None:
    for _, text in texts(load().languages[language]):
        assert text.encode("cp1252")


def test_common_texts_fit_windows_1252() -> None:
    # A page in any language shows them.
    assert "".join(common_texts()).encode("cp1252")


def test_arabic_texts_are_arabic() -> None:
    for kind, text in texts(load().languages["ar"]):
        if kind != "descriptions":
            assert re.search("[\u0621-\u064a]{2}", text), text


def test_arabic_prose_has_both_kinds_of_digits() -> None:
    prose = "".join(text for _, text in texts(load().languages["ar"], *SENTENCES))
    assert re.search("[\u0660-\u0669]", prose)
    assert re.search("[0-9]", prose)


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_are_ascii_and_some_are_cut(language: Language) -> None:
    descriptions = [d.format(**VALUES) for d in load().languages[language].descriptions]
    assert all(d.isascii() for d in descriptions)
    assert 2 <= sum(len(d) > 30 for d in descriptions) < len(descriptions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_sentences_are_paragraphs(language: Language) -> None:
    for _, text in texts(load().languages[language], "overview"):
        assert 80 <= len(text) <= 350, (len(text), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_prose_is_awkward_now_and_then(language: Language) -> None:
    prose = "".join(text for _, text in texts(load().languages[language], *SENTENCES))
    for awkward in ("<", ">", "&", "%", "–", "(", ":"):
        assert awkward in prose, awkward
    assert set(prose) & set("“«")
    assert set(prose) & set(";؛")


def test_names_are_many_and_unique() -> None:
    words = load()
    least = {
        "organizations": 30,
        "donors": 35,
        "themes": 25,
        "code_words": 20,
        "countries": 80,
        "given_names": 60,
        "family_names": 60,
        "roles": 12,
    }
    for field, count in least.items():
        entries = getattr(words, field)
        names = [entry if isinstance(entry, str) else entry.name for entry in entries]
        assert len(names) >= count, field
        assert len(set(names)) == len(names), field
    assert all(re.fullmatch(r"[A-Z]{3}", word) for word in words.code_words)
    assert {country.language for country in words.countries} == set(LANGUAGES)


@pytest.mark.parametrize("fund_type", get_args(FundType))
def test_fund_names_fill_in(fund_type: FundType) -> None:
    patterns = load().funds[fund_type]
    assert len(patterns) >= 20
    assert len(set(patterns)) == len(patterns)
    for pattern in patterns:
        assert placeholders(pattern)
        assert placeholders(pattern) <= {"country", "theme"}


def test_people_can_be_told_from_what_stands_beside_them() -> None:
    words = load()
    for name in (*words.given_names, *words.family_names, *words.roles):
        assert not set(name) & set(",;:/|<>@"), name


def test_printed_organizations_are_known_under_their_one_name() -> None:
    organizations = load().organizations
    for organization in organizations:
        known = canonical_organization(organization.name)[1]
        assert organization.name in organization.forms
        assert len(organization.forms) in ({2, 3} if known else {1})
        for form in (*organization.forms, *organization.earlier):
            assert canonical_organization(form) == (organization.name, known), form
    assert sum(not canonical_organization(o.name)[1] for o in organizations) == 4


def test_renamed_organizations_have_a_date_and_others_none() -> None:
    for organization in load().organizations:
        assert bool(organization.earlier) == (organization.renamed_on is not None)
    renamed = {o.name: str(o.renamed_on) for o in load().organizations if o.earlier}
    assert renamed["UN Women"] == "2010-07-02"
    assert renamed["UNDRR"] == "2019-05-01"
    assert renamed["DPO"] == renamed["DPPA"] == renamed["UNDCO"] == "2019-01-01"


def test_words_are_read_once() -> None:
    assert load() is load()
