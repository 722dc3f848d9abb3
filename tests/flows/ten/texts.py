"""Questions of what pages say and which documents they list."""

import re
import unicodedata
from urllib.parse import quote, unquote

import pandas as pd
from playwright.sync_api import Page

from tests.flows.ten.forms import Question, Release, Row, document, of_programmes, picked

_WORDS = ("steering", "committ")  # the last one begins a word

# 9. Where do pages and documents speak of a subject?
_HIT = ["kind", "programme_id", "text"]


def _has_words(text: str) -> bool:
    """Whether all words occur, without accents and case; the last as the beginning of one."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", plain.lower())
    *whole, begun = _WORDS
    return set(whole) <= set(words) and any(word.startswith(begun) for word in words)


def _found_by_pandas(release: Release) -> pd.DataFrame:
    passages = release.csv("mart.narrative_current").assign(kind="passage")
    documents = release.csv("mart.document_current").assign(kind="document")
    texts = pd.concat([passages, documents.rename(columns={"document_title": "text"})[_HIT]])
    return texts[texts["text"].map(_has_words).astype(bool)][_HIT]


def _found_in_workbook(release: Release) -> list[Row]:
    texts = [
        *({**row, "kind": "passage"} for row in release.sheet("narrative_current")),
        *({**row, "kind": "document", "text": row["document_title"]}
          for row in release.sheet("document_current")),
    ]  # fmt: skip
    return picked((row for row in texts if _has_words(row["text"])), *_HIT)


def _found_on_page(release: Release, browser: Page) -> list[Row]:
    """What the search page lists; a passage in full where its link leads."""
    folder = release.folder / "page"
    browser.goto(f"{(folder / 'search.html').as_uri()}?q={quote(' '.join(_WORDS))}*")
    more = browser.locator("#more-texts")
    browser.locator("#texts-found", has_text="found").wait_for()
    while more.is_visible():
        count = browser.locator("#texts > li").count()
        more.click()
        browser.locator("#texts > li").nth(count).wait_for()
    rows: list[Row] = []
    for item in browser.locator("#texts > li").all():
        file, _, place = str(item.locator("a").first.get_attribute("href")).partition("#")
        kind, _, name = file.removesuffix(".html").partition("/")
        programme_id = name if kind == "programme" else None
        if place:
            (told,) = document(folder / file).xpath(f"//h3[@id='{unquote(place)}']/following::p[1]")
            rows.append(("passage", programme_id, told.text_content()))
        else:
            rows.append(("document", programme_id, item.locator(".quoted bdi").inner_text()))
    return rows


FOUND = Question(_found_by_pandas, _found_in_workbook, _found_on_page)


# 10. Which documents are there on a programme or fund?
_LISTED = ["programme_id", "fund_code", "document_title", "document_date", "url"]


def _listed_by_pandas(release: Release) -> pd.DataFrame:
    return release.csv("mart.document_current")[_LISTED]


def _listed_in_workbook(release: Release) -> list[Row]:
    rows = release.sheet("document_current")
    for row in rows:
        row["document_date"] = row["document_date"] and row["document_date"].date()
    return picked(rows, *_LISTED)


def _listed_on_page(release: Release, _: Page) -> list[Row]:
    """By programme and by fund: the page of a fund lists its programmes."""
    funds = {row["programme_id"]: code for code, row in release.page("fund/*.html", "programmes")}
    rows = [
        {**row, "fund_code": funds[row["programme_id"]]}
        for row in of_programmes(release, "documents")
    ]
    for code, row in release.page("fund/*.html", "documents"):
        rows.append({**row, "programme_id": None, "fund_code": code})
    return picked(rows, *_LISTED)


LISTED = Question(_listed_by_pandas, _listed_in_workbook, _listed_on_page)
