"""Pages of the site since 2022: what shows that a page is one, and what is no record of it."""

import pytest

from extractors.page_kinds import PageKind, PageRefusedError
from extractors.parse.pages import parse_page
from extractors.records import Page

STATUS = "<p>Status: Active</p>"
FUND = f"{STATUS}<p>Latest reports:</p><p>Fund established:</p>"
TITLE = "<title>Sample Fund | MPTF Office</title>"


def html(head: str, body: str) -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def canonical(path: str) -> str:
    return f'<link rel="canonical" href="https://gateway.example{path}">'


def settings(json: str) -> str:
    return f'<script data-drupal-selector="drupal-settings-json">{json}</script>'


@pytest.mark.parametrize(
    ("page", "kind", "subject"),
    [
        (html("", FUND), PageKind.FUND_PAGE, None),
        (html(TITLE, "<p>Fund established:</p>"), PageKind.FUND_PAGE, None),
        (html(TITLE + canonical("/fund/smp00"), "<p>Wells</p>"), PageKind.FUND_PAGE, "SMP00"),
        (html(canonical("/fund/smp00"), FUND), PageKind.FUND_PAGE, "SMP00"),
        (html(TITLE + canonical("/project/67193"), ""), PageKind.PROGRAMME_PAGE, "00067193"),
        (
            html(TITLE, settings('{"path":{"currentPath":"project/00067193"}}')),
            PageKind.PROGRAMME_PAGE,
            "00067193",
        ),
        (b"Project ID: 67193Status: A\nLatest reports:\n", PageKind.PROGRAMME_PAGE, "00067193"),
        (b"| Status: | Active |\n| Fund established: | |\nHome\n", PageKind.FUND_PAGE, None),
    ],
)  # fmt: skip
def test_labels_or_the_office_s_address_show_that_a_page_is_one_of_today(
    page: bytes, kind: PageKind, subject: str | None
) -> None:
    parsed = parse_page(page)
    assert parsed.kind is kind
    assert (parsed.fund_code or parsed.programme_id) == subject
    assert [f.kind for f in parsed.findings] == ["figures_filled_in_by_scripts"]


@pytest.mark.parametrize(
    "page",
    [
        html(canonical("/fund/smp00"), STATUS),
        html("<title>Fund | Village News</title>" + canonical("/fund/smp00"), STATUS),
        html(canonical("/stories/wells"), FUND),
        html(TITLE + canonical("/page/about-us"), STATUS),
        html(TITLE + canonical("/funds/smp00"), STATUS),
        html(TITLE + settings('{"path": ["fund/smp00"]}'), STATUS),
        html(TITLE + settings("{" * 10_000 + canonical("http://[")), STATUS),
        html("<title>Access denied | MPTF Office</title>" + canonical("/fund/smp00"), ""),
        b"Status: Active\nThe fund was established: long ago.\nLatest reports are here.",
    ],
)
def test_a_page_that_shows_only_part_of_this_stays_refused(page: bytes) -> None:
    with pytest.raises(PageRefusedError):
        parse_page(page)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Trust Fund Factsheet", PageKind.FUND_FACTSHEET),
        ("Project Factsheet", PageKind.PROGRAMME_FACTSHEET),
        ("Portfolio of Funds", PageKind.PORTFOLIO_LIST),
    ],
)
def test_a_page_with_a_heading_of_before_2022_is_none_of_today(
    heading: str, kind: PageKind
) -> None:
    """It is parsed as before, whatever its head says of its address."""
    page = html(TITLE + canonical("/fund/smp00"), f"<h1>{heading}</h1>{FUND}")
    try:
        found = parse_page(page).kind
    except PageRefusedError as refusal:
        found = refusal.kind
    assert found is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (TITLE, "Sample Fund"),
        ("<title>MPTF Office</title>", "In the heading"),
        ("<title>Fund | MPTF Office</title>", "In the heading"),
        ('<meta property="og:title" content="Of a graph"><title>MPTF Office</title>', "Of a graph"),
    ],
)
def test_a_fund_s_name_is_the_title_without_the_site_s(head: str, name: str) -> None:
    page = parse_page(html(head, f"<h1>In the heading</h1>{FUND}"))
    assert page.fund is not None
    assert page.fund.name == name


@pytest.mark.parametrize(
    ("labels", "fields"),
    [
        ("<p>Status:</p><p>Closed</p><p>Fund established:</p><p>Reports</p>", ("Closed", None)),
        ("<p>Status: A</p><p>Fund established: 3 May 2006</p>", ("A", "3 May 2006")),
        ("<p>Status: A</p><p>Fund established:</p><p>2006-05-03</p>", ("A", "2006-05-03")),
        ("<p>Status: A</p><p>Fund established: in spring</p>", ("A", None)),
        ("<p>Status:</p><p>Fund established:</p>", (None, None)),
    ],
)
def test_what_stands_behind_a_label_is_its_value_only_if_it_can_be(
    labels: str, fields: tuple[str | None, str | None]
) -> None:
    page = parse_page(html(TITLE, labels))
    assert page.fund is not None
    assert (page.fund.status, page.fund.start_date) == fields


def test_sentences_with_holes_menus_and_persons_are_no_narrative() -> None:
    whole = "The fund pays for wells where rain is rare."
    holes = ("It is possible thanks to the efforts of .", "In , the fund paid US$ for wells.",
             "The fund ( ) has paid for many wells.")  # fmt: skip
    menu = "<nav><p>Choose a fund or a country to begin.</p></nav>"
    person = "<p>Ask Leak Person of this fund at leak@example.org, please.</p>"
    told = "".join(f"<p>{text}</p>" for text in (whole, *holes))
    page: Page = parse_page(html(TITLE, menu + FUND + told + person))
    assert [passage.text for passage in page.passages] == [whole]
    assert "Leak" not in repr(page)
