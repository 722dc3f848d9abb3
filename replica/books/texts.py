"""A programme's texts through time: titles, narrative, documents, contacts."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from replica.books.dice import Dice
from replica.books.moments import DAY, NEW_YEAR, History, date_of, in_working_hours, midnight
from replica.books.portfolio import Outline
from replica.books.shown import Contact, Document, Passage
from replica.books.words import Words

FIRST_DOCUMENT, DOCUMENTS_EACH = 1000, 40  # documents' numbers
People = History[tuple[Contact, ...]]


def titles_of(outline: Outline, words: Words, dice: Dice) -> History[str]:
    """Return the title, which changes for some programmes."""
    history = History([outline.approved], [_phrase(outline, words, "titles", dice)])
    if dice.chance(0.04):
        changed = outline.approved + dice.whole(30, 1200) * DAY
        history.report(changed, _phrase(outline, words, "titles", dice))
    return history


def description_of(outline: Outline, words: Words, dice: Dice) -> str:
    """Return the accounting system's description, cut at 30 characters."""
    return _phrase(outline, words, "descriptions", dice)[:30].strip()


def _phrase(outline: Outline, words: Words, kind: str, dice: Dice) -> str:
    language = words.languages[outline.language]
    patterns: tuple[str, ...] = getattr(language, kind)
    topics, places = language.topics, language.places
    which, topic, place, number = dice.numbers(len(patterns), len(topics), len(places), 4798)
    return patterns[which].format(
        country=outline.country.name,
        topic=topics[topic],
        place=places[place],
        number=number + 3,
        year=outline.start.year,
    )


def passages_of(
    outline: Outline, ended: date, words: Words, dice: Dice
) -> Iterable[tuple[int, Passage]]:
    """Yield the narrative in the page's order, each passage with the moment it appears."""
    said: set[str] = set()

    def new(kind: str) -> str | None:
        text = _phrase(outline, words, kind, dice)
        if text in said:
            return None
        said.add(text)
        return text

    for _ in range(dice.whole(1, 5)):
        if text := new("overview"):
            yield outline.approved, Passage("overview", 0, text)
    days = max((ended - outline.start).days, 300)
    for outcome in range(1, dice.whole(0, 4) + 1):
        told = outline.approved + dice.whole(0, 60) * DAY
        if not (text := new("outcomes")):
            continue
        yield told, Passage("outcome", outcome, text)
        for _ in range(dice.whole(0, 6)):
            if text := new("achievements"):
                yield (
                    told + dice.whole(100, days + 400) * DAY,
                    Passage("achievement", outcome, text),
                )
    lessons = midnight(ended) + dice.whole(30, 400) * DAY
    for _ in range(dice.whole(0, 6)):
        if text := new("lessons"):
            yield max(lessons, outline.approved), Passage("lesson", 0, text)


def documents_of(
    outline: Outline, ended: date, words: Words, dice: Dice
) -> Iterable[tuple[int, Document]]:
    """Yield the documents, each with the moment from which it is listed."""
    number = FIRST_DOCUMENT + outline.number * DOCUMENTS_EACH
    language = words.languages[outline.language]
    patterns, topics = language.documents, language.topics
    for at, year in enumerate(range(outline.start.year, ended.year + 2)):
        if dice.chance(0.3):
            continue
        day = NEW_YEAR[year] + dice.whole(151, 191)
        title = dice.pick(patterns).format(
            year=year, country=outline.country.name,
            topic=topics[at % len(topics)], place="", number=year,
        )  # fmt: skip
        shown = max(in_working_hours(day, number), outline.approved)
        yield shown, Document(number + at, title, date_of(day) if dice.chance(0.8) else None)


def people_of(outline: Outline, ended: date, words: Words, dice: Dice) -> tuple[People, People]:
    """Return the portfolio manager, and the persons with access rights."""

    def someone() -> Contact:
        given_names, family_names, roles = words.given_names, words.family_names, words.roles
        sizes = len(given_names), len(family_names), len(roles), 79, 90, 9_000_000
        given_no, family_no, role, land, town, line = dice.numbers(*sizes)
        given, family = given_names[given_no], family_names[family_no]
        name, telephone = f"{given} {family}", f"+{land + 20} {town + 10} {line + 100_000}"
        mailbox, account = _plain(given), _plain(family)
        return Contact(name, roles[role], telephone, f"{mailbox}.{account}@example.org",
                       mailbox + account)  # fmt: skip

    managers = People([outline.approved], [(someone(),)])
    persons = People([outline.approved], [tuple(someone() for _ in range(dice.whole(0, 3)))])
    if dice.chance(0.5):
        days = max((ended - outline.start).days, 100)
        changed = outline.approved + dice.whole(90, days) * DAY
        persons.report(changed, tuple(someone() for _ in range(dice.whole(1, 3))))
    return managers, persons


@cache
def _plain(name: str) -> str:
    """Reduce a name to the letters that an email address can hold."""
    return "".join(c for c in name.lower() if c.isascii() and c.isalpha())
